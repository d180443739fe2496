import { expect } from '@esm-bundle/chai';
import { connect, HadokenError } from '../../src/parent/index.ts';
import { catchRejections, next } from '../compliance/push/both.ts';
import { frameUrl, uniqueId, until } from '../support/env.ts';

type Hadoken = ReturnType<typeof connect>;

/** A client of hosts/fallen-messages, and what makes its frame speak. `say`: instead of HELLO or of ACCEPT. */
function openFallen(say: { gate?: object; answer?: object } = {}): {
  hadoken: Hadoken;
  tell(message: object): void;
} {
  const url = `${frameUrl('fallen-messages')}?id=${uniqueId()}&say=${encodeURIComponent(JSON.stringify(say))}`;
  const hadoken = connect(url, { log: 'silent', reconnectionAttempts: 0 });
  return {
    hadoken,
    tell(message) {
      const [frame] = hiddenFrames(`[src^="${url}"]`);
      frame?.contentWindow?.postMessage(message, '*');
    },
  };
}

/** Values that clone, and that are not what is looked for: what they do when they are made a text, a list or a number. */
const odd: unknown[] = [
  undefined,
  null,
  0,
  -1,
  Number.NaN,
  '',
  'text',
  '__proto__',
  true,
  1n,
  [],
  [[]],
  {},
  { toString: 1, valueOf: 1 },
  { length: 1e9 },
  new Map([['name', 'open']]),
  new Date(Number.NaN),
  new ArrayBuffer(1),
];
const circle: Record<string, unknown> = { name: 'error' };
Object.assign(circle, {
  self: circle,
  context: circle,
  description: circle,
  error: circle,
  data: circle,
});
odd.push(circle);

const show = (value: unknown): string => {
  if (value === circle) return 'a circle';
  return `${Object.prototype.toString.call(value)} ${JSON.stringify(value, (_key, inner) => (typeof inner === 'bigint' ? `${inner}n` : inner))}`;
};

describe('a frame that has fallen, at the handshake,', () => {
  for (const where of ['gate', 'answer'] as const) {
    const codes: unknown[] = [
      null,
      1,
      true,
      [],
      ['HOST_FAILED'],
      {},
      { toString: 1, valueOf: 1 },
      'FRAME_LOST',
      'CLOSED',
    ];
    for (const code of codes)
      it(`settles ready with a REFUSE of the ${where} whose code is ${JSON.stringify(code)}`, async () => {
        const { hadoken } = openFallen({ [where]: { hadoken: 'REFUSE', code, message: code } });
        const error = await hadoken.ready.catch((reason) => reason);
        expect(error).to.be.instanceOf(HadokenError);
        expect(error.code).to.equal('HOST_FAILED');
        expect(error.message).to.be.a('string');
        expect(hadoken.state).to.equal('failed');
        hadoken.close();
      });

    it(`is believed in what else the ${where} refuses with`, async () => {
      for (const code of ['ORIGIN_REFUSED', 'VERSION_MISMATCH']) {
        const { hadoken } = openFallen({ [where]: { hadoken: 'REFUSE', code, message: 'why' } });
        expect(await hadoken.ready.catch((reason) => reason)).to.include({ code, message: 'why' });
        hadoken.close();
      }
    });
  }
});

describe('a frame that has fallen, in its answers,', () => {
  for (const value of odd)
    it(`settles every call, with ${show(value)} for an outcome or for an error`, async () => {
      const { hadoken, tell } = openFallen();
      await hadoken.ready;
      const service = hadoken.service<Record<string, () => void>>('any');
      const answers = [
        { type: 'RAW', value },
        { type: 'RAW', value: { error: value } },
        { type: 'HANDLER', name: 'throw', value },
        ...['name', 'message', 'code', 'data', 'dom', 'bare'].map((field) => ({
          type: 'RAW',
          value: { error: { name: 'HadokenError', message: 'why', [field]: value } },
        })),
      ];
      for (const answer of answers) {
        tell({ answer: 'call', with: answer });
        const settled = await service.method?.().then(
          () => undefined,
          (error) => error,
        );
        // The runner can't report a BigInt.
        expect(settled === undefined || settled instanceof Error).to.equal(true);
      }
      hadoken.close();
    });
});

describe('a frame that has fallen, answering a fetch,', () => {
  const head = {
    status: 200,
    statusText: '',
    headers: [],
    url: 'https://api.test/',
    type: 'basic',
    redirected: false,
    bytes: null,
    done: true,
    downloaded: { loaded: 0 },
  };
  const methods = ['arrayBuffer', 'blob', 'clone', 'formData', 'json', 'text'] as const;

  for (const value of odd)
    it(`settles it with ${show(value)}, as its head or as any field of it`, async () => {
      const { hadoken, tell } = openFallen();
      await hadoken.ready;
      for (const field of ['', ...Object.keys(head), 'own', 'ok', 'body']) {
        tell({
          answer: 'fetch',
          with: { type: 'head', head: field ? { ...head, [field]: value } : value },
        });
        const answer: unknown = await hadoken.fetch('/').catch((error) => error);
        if (answer instanceof Error) continue;
        const response = answer as Response;
        expect(response).to.be.instanceOf(Response);
        for (const name of methods) expect(response[name]).to.be.a('function');
        expect(response.url).to.be.a('string');
        expect(response.type).to.be.a('string');
        expect(response.redirected).to.be.a('boolean');
        expect(response.ok).to.be.a('boolean');
        if (response.body) void response.body.cancel();
      }
      hadoken.close();
    });

  it('gives a response no method and no name of its own choice', async () => {
    const { hadoken, tell } = openFallen();
    await hadoken.ready;
    const forged = { value: { value: 'forged' }, writable: true };
    const names = [...methods, 'headers', 'then', 'ok'];
    const own = Object.fromEntries(names.map((name) => [name, forged]));
    const more = Object.fromEntries(
      names.map((name) => [name, name === 'headers' ? [] : 'forged']),
    );
    tell({ answer: 'fetch', with: { type: 'head', head: { ...head, own, ...more } } });
    const response = await hadoken.fetch('/');
    for (const name of methods) expect(response[name]).to.be.a('function');
    expect(response.headers).to.be.instanceOf(Headers);
    expect(response.ok).to.equal(true);
    expect(response).not.to.have.property('then');
    hadoken.close();
  });

  for (const value of odd)
    it(`reads the body past ${show(value)}, as a message or as any field of one`, async () => {
      const { hadoken, tell } = openFallen();
      await hadoken.ready;
      tell({ answer: 'fetch', with: { type: 'head', head: { ...head, done: false } } });
      const said: (object | undefined)[] = [];
      const onDownloadProgress = (progress: object | undefined): void => void said.push(progress);
      const response = await hadoken.fetch('/', { onDownloadProgress });
      const bytes = new TextEncoder().encode('alive').buffer;
      const progress = { loaded: 5 };
      tell({
        request: [
          value,
          { type: value },
          { id: value, type: 'end' },
          { type: 'head', head: value },
          { type: 'pull', bytes: value },
          { type: 'progress', progress: value },
          // The last of odd bytes are right ones.
          ...(value instanceof ArrayBuffer ? [] : [{ type: 'chunk', bytes: value, progress }]),
          { type: 'chunk', bytes: new ArrayBuffer(0), progress },
          { type: 'chunk', bytes, progress: value },
          { type: 'chunk', bytes, progress: { loaded: value, total: value } },
          { type: 'end' },
          { type: 'end' },
          { type: 'chunk', bytes, progress },
        ],
      });
      expect(await response.text()).to.equal('alivealive');
      for (const one of said)
        expect(Object.values(one ?? {}).every((entry) => typeof entry === 'number')).to.equal(true);
      hadoken.close();
    });

  for (const [what, broken] of [
    [
      'a class that throws',
      class {
        constructor() {
          throw new Error('of the page');
        }
      },
    ],
    ['a number', 7],
    ['a function that makes nothing', () => {}],
  ] as const)
    it(`settles it with an error whose class the page has replaced: by ${what}`, async () => {
      const { hadoken, tell } = openFallen();
      await hadoken.ready;
      const { EvalError: own } = globalThis;
      const error = { name: 'EvalError', message: 'of the frame' };
      Object.assign(globalThis, { EvalError: broken });
      try {
        tell({ answer: 'fetch', with: { type: 'error', error } });
        const before: unknown = await hadoken.fetch('/').catch((reason) => reason);
        tell({ answer: 'fetch', with: { type: 'head', head: { ...head, done: false } } });
        const response = await hadoken.fetch('/');
        tell({ request: [{ type: 'error', error }] });
        const after: unknown = await response.text().catch((reason) => reason);
        for (const reason of [before, after]) expect(reason).to.be.instanceOf(Error);
      } finally {
        globalThis.EvalError = own;
      }
      hadoken.close();
    });

  it('settles it, also where the end comes before the head', async () => {
    const { hadoken, tell } = openFallen();
    await hadoken.ready;
    tell({ answer: 'fetch', with: { type: 'end' } });
    const answer = hadoken.fetch('/');
    await until(async () => {
      tell({ request: [{ type: 'head', head }] });
      return Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50))]);
    });
    expect((await answer).status).to.equal(200);
    hadoken.close();
  });

  it('fails the body with an error of the page’s making', async () => {
    const { hadoken, tell } = openFallen();
    await hadoken.ready;
    tell({ answer: 'fetch', with: { type: 'head', head: { ...head, done: false } } });
    const response = await hadoken.fetch('/');
    tell({
      request: [{ type: 'error', error: { name: { toString: 1 }, message: [], stack: 'forged' } }],
    });
    const error = await response.text().catch((reason) => reason);
    expect(error).to.be.instanceOf(Error);
    expect(error.stack).not.to.equal('forged');
    hadoken.close();
  });
});

describe('a frame that has fallen, on the push port,', () => {
  let hadoken: Hadoken;
  let socket: ReturnType<Hadoken['io']>;
  let push: (...messages: unknown[]) => void;
  let rejections: ReturnType<typeof catchRejections>;
  const state = { _readyState: 'open', _reconnecting: false, _connection: 1 };
  const packet = (of: object, error?: unknown): object => ({
    type: 'event',
    manager: 0,
    name: 'packet',
    args: error === undefined ? [of] : [of, { error }],
  });
  const event = (data: unknown, more: object = {}): object =>
    packet({ type: 2, nsp: '/', data, ...more });
  /** What comes behind everything that was pushed is still delivered. */
  const expectAlive = async (): Promise<void> => {
    const name = uniqueId();
    const heard = next(socket, name);
    push([event([name, 'alive'])]);
    expect((await heard)[0]).to.equal('alive');
  };

  beforeEach(async () => {
    rejections = catchRejections();
    const fallen = openFallen();
    hadoken = fallen.hadoken;
    push = (...messages) => fallen.tell({ push: messages });
    const ported = new Promise<void>((resolve) => {
      addEventListener('message', function onMessage({ data }) {
        if (data?.fallen !== 'push') return;
        removeEventListener('message', onMessage);
        resolve();
      });
    });
    socket = hadoken.io();
    await ported;
    const connected = next(socket, 'connect');
    push(
      [{ type: 'event', manager: 0, name: 'open', args: [], state }],
      [packet({ type: 0, nsp: '/', data: { sid: 'id' } })],
    );
    await connected;
  });
  afterEach(() => {
    hadoken.close();
    rejections.stop();
  });

  for (const value of odd)
    it(`stops nothing with ${show(value)}: as a message, an event, or any of its fields`, async () => {
      const right = {
        type: 'event',
        manager: 0,
        name: 'close',
        args: ['why'],
        state,
        engine: { readyState: 'open' },
      };
      push(value, [value], [[value]]);
      for (const field of Object.keys(right))
        push([{ ...right, name: 'ping', args: [], [field]: value }]);
      for (const name of ['error', 'reconnect_error', 'packet'])
        push([{ ...right, name, args: [value, value] }]);
      for (const field of ['type', 'nsp', 'id', 'data'])
        push([packet({ type: 2, nsp: '/', data: ['x'], [field]: value })]);
      for (const type of [0, 1, 3, 4, 5])
        push([packet({ type, nsp: '/other', id: 1, data: value }, value)]);
      push([{ ...right, name: 'ping', args: [], state: { ...state, _connection: 1 } }]);
      await expectAlive();
    });

  for (const text of [
    '',
    '[',
    '{}',
    '7',
    'null',
    '[null]',
    '[{"name":"packet"}]',
    '["__proto__"]',
    '[[]]',
  ])
    it(`stops nothing with the text ${text}`, async () => {
      push(text);
      await expectAlive();
      // WebKit tells of a rejection in a later task.
      await until(() => rejections.reasons.length > 0);
    });

  for (const number of [
    '__proto__',
    'constructor',
    'length',
    'push',
    1.5,
    -1,
    99,
    null,
    { toString: 1 },
  ])
    it(`stops nothing with ${JSON.stringify(number)} for a manager`, async () => {
      push([{ type: 'event', manager: number, name: 'close', args: ['forged'], state }]);
      await expectAlive();
      expect(socket.connected).to.equal(true);
    });

  it('is told to go on after a message that could not be read: nobody knows how many events were in it', async () => {
    let told = 0;
    const onMessage = ({ data }: MessageEvent): void => {
      if (data?.fallen === 'commands' && data.data.length === 0) told++;
    };
    addEventListener('message', onMessage);
    push('no JSON', 7, '{}');
    await expectAlive();
    await until(() => told === 3);
    removeEventListener('message', onMessage);
  });

  it('overwrites no method and no prototype of a Manager', async () => {
    const manager = socket.io;
    const before = { ...manager } as unknown as Record<string, unknown>;
    const prototype = Object.getPrototypeOf(manager);
    const overwrite = Object.fromEntries(Object.keys(before).map((name) => [name, 'overwritten']));
    const hostile = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":1,"toString":1,"then":1}',
    );
    push([
      {
        type: 'event',
        manager: 0,
        name: 'ping',
        args: [],
        state: { ...overwrite, ...hostile, ...state },
        engine: {
          emit: 1,
          on: 1,
          close: 1,
          ...hostile,
          readyState: 'open',
          id: 'e',
          transport: { name: 'websocket' },
        },
      },
    ]);
    await expectAlive();
    for (const name of Object.keys(before))
      if (!name.startsWith('_'))
        expect([name, (manager as never)[name]]).to.deep.equal([name, before[name]]);
    expect(Object.keys(manager).sort()).to.deep.equal(Object.keys(before).sort());
    expect(Object.getPrototypeOf(manager)).to.equal(prototype);
    expect(manager.engine.on).to.be.a('function');
    expect(manager.engine.close).to.be.a('function');
    expect(manager.engine).to.include({ id: 'e', readyState: 'open' });
    expect({}).not.to.have.property('polluted');
  });

  it('puts no name of its own choice to an error', async () => {
    const heard = next(socket.io, 'error');
    const names = [
      'toString',
      'stack',
      'cause',
      '__proto__',
      'constructor',
      'then',
      'extra',
      'details',
      'isTrusted',
    ];
    const hostile = JSON.parse(`{${names.map((name) => `"${name}":"x"`)}}`);
    const error = { name: 'Error', message: 'why', type: 'TransportError', ...hostile };
    push([
      {
        type: 'event',
        manager: 0,
        name: 'error',
        args: [{ error, extra: hostile, ...hostile }],
        state,
      },
    ]);
    const [told] = await heard;
    expect(told).to.be.instanceOf(Error);
    expect(told).to.include({ message: 'why', type: 'TransportError' });
    expect(String(told)).to.equal('Error: why');
    for (const name of ['extra', 'details', 'cause', 'then', 'isTrusted'])
      expect(told).not.to.have.property(name);
    await expectAlive();
  });

  for (const name of [
    'connect',
    'connect_error',
    'disconnect',
    'disconnecting',
    'newListener',
    'removeListener',
  ])
    it(`emits no event that is named ${name}`, async () => {
      let called = 0;
      socket.on(name as 'connect', () => called++);
      push([event([name, 'forged'])]);
      await expectAlive();
      expect(called).to.equal(0);
    });

  for (const name of ['packetCreate', 'listener', 'anything', '__proto__', 'constructor'])
    it(`emits no event of a Manager that is named ${name}`, async () => {
      let called = 0;
      socket.io.on(name as 'open', () => called++);
      push([{ type: 'event', manager: 0, name, args: ['forged'], state }]);
      await expectAlive();
      expect(called).to.equal(0);
    });

  it('tells the callback of open() once', async () => {
    const manager = new hadoken.Manager({ autoConnect: false });
    let called = 0;
    manager.open(() => called++);
    const opened = { type: 'event', manager: 1, name: 'opened', args: [], state };
    push([opened, opened], [opened]);
    await expectAlive();
    expect(called).to.equal(1);
  });

  it('finds the page’s listeners after one that throws', async () => {
    socket.once('bad', () => {
      throw new Error('of the page');
    });
    push([event(['bad'])]);
    await expectAlive();
    await until(() =>
      rejections.reasons.some((reason) => (reason as Error).message === 'of the page'),
    );
  });
});
