import { expect } from '@esm-bundle/chai';
import { connect } from '../../src/parent/index.ts';
import { control, env, frameUrl, until } from '../support/env.ts';
import { next, sseUrl, wsUrl } from '../support/streams.ts';

/** `npm run test:long` does five times as much. */
const SCALE = env.isLong ? 1 : 0.2;

/** Counts what the page has open: patched in before anything is connected, taken out at the end. */
const open = { ports: 0, listeners: 0, timers: 0 };

/** Waits for what is open to be no more than it was: what ends is told of by a message or two. */
async function expectNoMoreThan(before: typeof open): Promise<void> {
  const isMore = () =>
    Object.keys(open).some((what) => open[what as 'ports'] > before[what as 'ports']);
  await until(() => !isMore(), 10_000).catch(() => {});
  if (isMore()) expect.fail(`${JSON.stringify(open)} is open, after ${JSON.stringify(before)}`);
}
const restore: (() => void)[] = [];

function patch<T extends object, K extends keyof T>(
  target: T,
  key: K,
  make: (original: T[K]) => T[K],
): void {
  const original = target[key];
  target[key] = make(original);
  restore.push(() => {
    target[key] = original;
  });
}

// biome-ignore lint/suspicious/noExplicitAny: passed on as they come
type Any = any;

function countEverything(): void {
  const closed = new WeakSet<MessagePort>();
  patch(
    globalThis as Any,
    'MessageChannel',
    (Original) =>
      class extends Original {
        constructor() {
          super();
          // One end is transferred: what is closed here is the other.
          open.ports += 1;
        }
      },
  );
  patch(
    MessagePort.prototype,
    'close',
    (original) =>
      function (this: MessagePort) {
        if (!closed.has(this)) open.ports -= 1;
        closed.add(this);
        original.call(this);
      },
  );
  // One by one, as timers below: what removes a listener that there is none of ends nothing.
  let listening: [Any, string, Any][] = [];
  const remove = (...gone: [Any, string, Any]): void => {
    listening = listening.filter((one) => one.some((part, i) => part !== gone[i]));
    open.listeners = listening.length;
  };
  for (const target of [window, document] as Any[]) {
    patch(target, 'addEventListener', (original) => (type: string, listener: Any, options: Any) => {
      remove(target, type, listener);
      open.listeners = listening.push([target, type, listener]);
      options?.signal?.addEventListener('abort', () => remove(target, type, listener));
      original.call(target, type, listener, options);
    });
    patch(target, 'removeEventListener', (original) => (type: string, listener: Any) => {
      remove(target, type, listener);
      original.call(target, type, listener);
    });
  }
  // By their numbers: what clears a timer that there is none of closes nothing.
  const timers = new Set<number>();
  patch(window as Any, 'setInterval', (original) => (...args: unknown[]) => {
    const id = original(...args);
    open.timers = timers.add(id).size;
    return id;
  });
  patch(window as Any, 'clearInterval', (original) => (id: number) => {
    timers.delete(id);
    open.timers = timers.size;
    original(id);
  });
}

// More of each, and the heap, which only the browser can collect: test/node/nothing-left.test.mjs; with frames that die: bench/soak.mjs.
describe('nothing is left behind', function () {
  this.timeout(110_000);
  before(countEverything);
  after(() => {
    for (const undo of restore.reverse()) undo();
  });

  it(`by ${60 * SCALE} times connect() and close(), some of them in the middle of the handshake`, async () => {
    const before = { ...open, frames: hiddenFrames().length };
    for (let i = 0; i < 60 * SCALE; i++) {
      const hadoken = connect(frameUrl(), { log: 'silent' });
      const call = hadoken
        .service<{ f(): void }>('none')
        .f()
        .catch(({ code }) => code);
      if (i % 4 === 0) await hadoken.ready;
      else if (i % 4 === 1) await new Promise((resolve) => setTimeout(resolve, i % 16));
      hadoken.close();
      expect(await call).to.be.oneOf(['CLOSED', 'METHOD_NOT_FOUND']);
    }
    expect({ ...open, frames: hiddenFrames().length }).to.deep.equal(before);
  });

  it(`by ${1_000 * SCALE} handles of one frame that is kept, each with a call, a socket and a listener`, async () => {
    const kept = connect(frameUrl(), { log: 'silent' });
    await kept.ready;
    const signal = new AbortController().signal;
    const frames = hiddenFrames().length;
    const use = async (i: number): Promise<void> => {
      const hadoken = connect(frameUrl());
      hadoken.on('disconnect', () => {}, { signal });
      const told = hadoken
        .service<{ f(): void }>('none', { signal, timeout: 60_000 })
        .f()
        .catch(({ code }) => code);
      // Sockets are dear, and a tenth of them shows as much.
      const socket = i % 10 ? undefined : hadoken.io('/');
      const source = i % 10 ? undefined : new hadoken.EventSource(sseUrl());
      if (i % 2) await hadoken.ready;
      if (i % 4 === 0) await told;
      if (socket && i % 20)
        await new Promise((resolve) => socket.on('connect', () => resolve(undefined)));
      hadoken.close();
      expect(await told).to.be.oneOf(['CLOSED', 'METHOD_NOT_FOUND']);
      expect(socket?.active ?? false).to.equal(false);
      await until(() => (source?.readyState ?? 2) === 2);
    };
    // The first socket opens the one port of all.
    await use(10);
    const before = { ...open };
    for (let i = 0; i < 1_000 * SCALE; i += 10)
      await Promise.all(Array.from({ length: 10 }, (_, j) => use(i + j)));
    await expectNoMoreThan(before);
    expect(hiddenFrames()).to.have.length(frames);
    expect(kept.state).to.equal('connected');
    // A connection whose goodbye was lost ends by the server's heartbeat: after 45 s.
    await until(async () => !(await control('io/clients')).clients['/']?.length, 60_000);
    expect((await kept.fetch('/api/status/200')).status).to.equal(200);
    kept.close();
  });

  it(`by ${2_000 * SCALE} requests`, async () => {
    const hadoken = connect(frameUrl(), { log: 'silent' });
    const ask = async (): Promise<void> => {
      const response = await hadoken.fetch('/api/status/200');
      if ((await response.text()) !== 'status 200') expect.fail('a wrong answer');
    };
    const all = async (count: number): Promise<void> => {
      let left = count;
      await Promise.all(
        Array.from({ length: 50 }, async () => {
          while (left-- > 0) await ask();
        }),
      );
    };
    await all(500 * SCALE);
    await until(() => open.ports <= 1, 5_000).catch(() => {});
    const before = { ...open };
    await all(1_500 * SCALE);
    await expectNoMoreThan(before);
    hadoken.close();
  });

  it(`by ${200 * SCALE} sockets opened and closed: Socket.IO, WebSocket, EventSource`, async () => {
    const hadoken = connect(frameUrl(), { log: 'silent' });
    const useOne = async (i: number): Promise<void> => {
      if (i % 2) {
        const socket = hadoken.io('/', { forceNew: i % 4 === 1 });
        expect(await socket.emitWithAck('echo', i)).to.equal(i);
        socket.disconnect();
      } else if (i % 4) {
        const socket = new hadoken.WebSocket(wsUrl('echo'));
        await next(socket, 'open');
        socket.close();
        await next(socket, 'close');
      } else {
        const source = new hadoken.EventSource(sseUrl({ body: 'data: 1\n\n' }));
        await next(source);
        source.close();
      }
    };
    const all = async (count: number): Promise<void> => {
      let left = count;
      await Promise.all(
        Array.from({ length: 10 }, async () => {
          while (left > 0) await useOne(left--);
        }),
      );
    };
    await all(40 * SCALE);
    const before = { ...open };
    await all(160 * SCALE);
    await expectNoMoreThan(before);
    hadoken.close();
  });

  it('in the frame: it counts nothing as under way, and its limit is not nearer', async () => {
    const hadoken = connect(frameUrl('border'), { log: 'silent' });
    for (let i = 0; i < 20; i++) {
      await (await hadoken.fetch('/api/echo')).text();
      await hadoken.fetch('/api/cookie').catch(() => {});
      const control = new AbortController();
      const aborted = hadoken
        .fetch('/api/slow?ms=2000', { signal: control.signal })
        .catch(({ name }) => name);
      control.abort();
      expect(await aborted).to.equal('AbortError');
    }
    // The last abort has a port of its own, and may come after these.
    await until(async () => {
      const statuses = await Promise.all(
        Array.from({ length: 3 }, () =>
          hadoken.fetch('/api/slow?ms=50').then(
            ({ status }) => status,
            () => 0,
          ),
        ),
      );
      return statuses.every((status) => status === 200);
    });
    hadoken.close();
  });
});
