import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { frameUrl } from '../support/env.ts';
import { next, sseUrl, wsUrl } from '../support/streams.ts';

type Any = Record<string, unknown>;

/** What Prototype.js puts on arrays, with what was there. */
function replaceArrayMethods(): () => void {
  const { from } = Array;
  const entries = Object.getOwnPropertyDescriptor(Array.prototype, 'entries');
  Object.assign(Array, { from: (given: Iterable<unknown>) => [...given] });
  // biome-ignore lint/suspicious/noExplicitAny: as that library does
  (Array.prototype as any).entries = function (this: unknown[]) {
    return [...this];
  };
  return () => {
    Object.assign(Array, { from });
    Object.defineProperty(Array.prototype, 'entries', entries as PropertyDescriptor);
  };
}

const { WebSocket: OwnWebSocket, EventSource: OwnEventSource } = globalThis;

/** What agents, test tools and polyfills put in the place of a class, by who does. */
const REPLACEMENTS: Record<
  string,
  (Class: typeof OwnWebSocket | typeof OwnEventSource) => unknown
> = {
  'a subclass, as an agent makes it': (Class) => class extends (Class as typeof OwnWebSocket) {},
  'a subclass with another name and members of its own': (Class) =>
    class Spy extends (Class as typeof OwnWebSocket) {
      static override readonly CLOSED = 3;
      spied = true;
      override send(): void {
        throw new Error('spied upon');
      }
    },
  'a plain function that calls the original': (Class) =>
    function Wrapped(...args: [string]) {
      return new Class(...args);
    },
  'an arrow function': (Class) => (url: string) => new Class(url),
  'a Proxy': (Class) => new Proxy(Class, { get: () => undefined, construct: () => ({}) }),
  'a class of its own on an emitter, as mock-socket has it': () => {
    class Emitter {
      listeners = {};
      addEventListener(): void {}
      removeEventListener(): void {}
      dispatchEvent(): void {}
    }
    return class extends Emitter {
      static CONNECTING = 0;
      static OPEN = 1;
      static CLOSING = 2;
      static CLOSED = 3;
      constructor() {
        super();
        throw new TypeError('there is no such mock server');
      }
      get readyState(): number {
        return 0;
      }
    };
  },
  'an object': () => ({ CLOSED: 3, prototype: {} }),
  'a class whose members throw': () =>
    new Proxy(class {}, {
      get() {
        throw new Error('do not look');
      },
    }),
  null: () => null,
  nothing: () => undefined,
};

describe('hadoken.EventSource and hadoken.WebSocket, where the page has', () => {
  let hadoken: Hadoken | undefined;
  const restore = (): void => {
    for (const [name, value] of Object.entries({
      WebSocket: OwnWebSocket,
      EventSource: OwnEventSource,
    }))
      Object.defineProperty(globalThis, name, {
        value,
        writable: true,
        enumerable: false,
        configurable: true,
      });
  };
  afterEach(() => {
    hadoken?.close();
    restore();
  });

  const expectToWork = async ({ EventSource: ES, WebSocket: WS }: Hadoken): Promise<void> => {
    for (const [Class, Own, states] of [
      [ES, OwnEventSource, [0, 1, undefined, 2]],
      [WS, OwnWebSocket, [0, 1, 2, 3]],
    ] as const) {
      expect(Reflect.ownKeys(Class.prototype)).to.have.members(Reflect.ownKeys(Own.prototype));
      expect(Class.name).to.equal(Own.name);
      const { CONNECTING, OPEN, CLOSED } = Class;
      expect([CONNECTING, OPEN, (Class as unknown as Any).CLOSING, CLOSED]).to.deep.equal(states);
    }
    const source = new ES(sseUrl({ body: 'id: 1\ndata: from the frame\n\n' }));
    expect(source).to.be.instanceOf(EventTarget);
    expect((await next(source)).data).to.equal('from the frame');
    expect(source.readyState).to.equal(1);
    source.close();
    expect(source.readyState).to.equal(2);

    const socket = new WS(wsUrl('echo'), 'v1');
    const opened = new Promise((resolve) => {
      socket.onopen = resolve;
    });
    await opened;
    socket.send('hello');
    expect((await next(socket)).data).to.equal('hello');
    expect([socket.protocol, socket.readyState]).to.deep.equal(['v1', 1]);
    socket.close(4_000, 'bye');
    const { code, reason } = await next<CloseEvent>(socket, 'close');
    expect([code, reason, socket.readyState]).to.deep.equal([4_000, 'bye', 3]);
  };

  for (const [what, replace] of Object.entries(REPLACEMENTS))
    for (const names of [['WebSocket'], ['EventSource'], ['WebSocket', 'EventSource']] as const)
      it(`${what} for its ${names.join(' and ')}`, async () => {
        for (const name of names)
          Object.assign(globalThis, {
            [name]: replace(name === 'WebSocket' ? OwnWebSocket : OwnEventSource),
          });
        hadoken = connect(frameUrl());
        await expectToWork(hadoken);
      });

  it('array methods as Prototype.js has them', async () => {
    const undo = replaceArrayMethods();
    try {
      hadoken = connect(frameUrl());
      await expectToWork(hadoken);
      const response = await hadoken.fetch('/api/echo', { headers: [['X-Mine', 'a']] });
      expect((await response.json()).headers['x-mine']).to.equal('a');
    } finally {
      undo();
    }
  });

  it('deleted both', async () => {
    for (const name of ['WebSocket', 'EventSource']) Reflect.deleteProperty(globalThis, name);
    expect('WebSocket' in globalThis || 'EventSource' in globalThis).to.equal(false);
    hadoken = connect(frameUrl());
    await expectToWork(hadoken);
  });

  it('made reading them throw', async () => {
    for (const name of ['WebSocket', 'EventSource'])
      Object.defineProperty(globalThis, name, {
        configurable: true,
        get() {
          throw new Error('do not look');
        },
      });
    hadoken = connect(frameUrl());
    await expectToWork(hadoken);
  });

  it('replaced them after it connected', async () => {
    hadoken = connect(frameUrl());
    for (const name of ['WebSocket', 'EventSource'])
      Object.assign(globalThis, { [name]: undefined });
    await expectToWork(hadoken);
  });

  it('ours in their place, for everything on the page', async () => {
    hadoken = connect(frameUrl());
    const { WebSocket: WS, EventSource: ES } = hadoken;
    Object.assign(globalThis, { WebSocket: WS, EventSource: ES });
    const socket = new WebSocket(wsUrl('echo'));
    expect(socket).to.be.instanceOf(WebSocket);
    await next(socket, 'open');
    socket.close();
    // A client that is made now does not get into the way of the first.
    const other = connect(frameUrl('streams'));
    const source = new other.EventSource(sseUrl({ body: 'data: 1\n\n' }));
    expect((await next(source)).data).to.equal('1');
    source.close();
    other.close();
  });

  for (const [what, pollute] of Object.entries({
    'Object.prototype': () => Object.assign(Object.prototype, { extended: () => 'me', extra: 7 }),
    'Array.prototype': () => Object.assign(Array.prototype, { extended: () => 'me', extra: 7 }),
    'EventTarget.prototype': () =>
      Object.assign(EventTarget.prototype, { extended: () => 'me', extra: 7 }),
  }))
    it(`put enumerable members on ${what}`, async () => {
      pollute();
      try {
        hadoken = connect(frameUrl());
        await expectToWork(hadoken);
      } finally {
        for (const owner of [Object.prototype, Array.prototype, EventTarget.prototype])
          for (const name of ['extended', 'extra']) Reflect.deleteProperty(owner, name);
      }
    });
});
