import { expect } from '@esm-bundle/chai';
import { createHost } from '../../src/frame/host.ts';
import type { Remote } from '../../src/parent/services/service.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import type { Services } from '../../src/rpc/services.ts';
import { transfer } from '../../src/rpc/transfer.ts';
import { API, bareHost, callByHand, PAGE, rejection } from '../support/bare-host.ts';
import { until, wait } from '../support/env.ts';

/** What the frame has done. */
const done: string[] = [];
let given = 0;

const streams = {
  async *count(to: number) {
    try {
      for (let i = 1; i <= to; i++) {
        given = i;
        yield i;
      }
    } finally {
      done.push('count');
    }
  },
  stream(to: number) {
    let i = 0;
    return new ReadableStream<number>(
      {
        pull(controller) {
          i += 1;
          if (i > to) controller.close();
          else controller.enqueue(i);
        },
        cancel(reason) {
          done.push(`stream ${String(reason)}`);
        },
      },
      { highWaterMark: 0 },
    );
  },
  async later() {
    await wait(20);
    return streams.count(3);
  },
  /** As an emitter's iterator: an object with next(), and no return(). */
  bare() {
    let i = 0;
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: i === 2, value: i++ }),
      }),
    } as AsyncIterable<number>;
  },
  async *fails() {
    yield 1;
    yield 2;
    throw Object.assign(new RangeError('too large'), { code: 'E_RANGE', data: { max: 2 } });
  },
  failsAtOnce: () =>
    ({
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          throw new HadokenError('LIMIT_EXCEEDED', 'not now');
        },
      }),
    }) as AsyncIterable<number>,
  async *unclonable() {
    try {
      yield 1;
      yield () => 2;
    } finally {
      done.push('unclonable');
    }
  },
  async *moves() {
    const bytes = new Uint8Array(8);
    yield transfer(bytes, [bytes.buffer]);
    yield bytes.byteLength;
  },
  async *waits() {
    try {
      yield 1;
      await new Promise(() => {});
    } finally {
      done.push('waits');
    }
  },
  ignoresReturn() {
    let i = 0;
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: i++ }),
        return: async () => {
          done.push('ignored');
          return { done: false, value: 0 };
        },
      }),
    } as AsyncIterable<number>;
  },
  async *failsAtLeaving() {
    try {
      for (let i = 0; ; i++) yield i;
    } finally {
      // biome-ignore lint/correctness/noUnsafeFinally: it is what is tested
      throw new Error('it burns');
    }
  },
  async *values() {
    yield undefined;
    yield null;
    yield { date: new Date(0), map: new Map([[1, 2]]) };
    yield Promise.resolve('awaited by the generator');
  },
  plain: (value: unknown) => value,
  never: () => new Promise<AsyncIterable<number>>(() => {}),
};

type Streams = typeof streams;
const serve = (options = {}) =>
  bareHost({ services: { streams } as unknown as Services, ...options });
const openStreams = (): Remote<Streams> => serve().service<Streams>('streams');
const remote = openStreams();

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
const failure = (items: AsyncIterable<unknown>) => rejection(collect(items));

beforeEach(() => {
  done.length = 0;
  given = 0;
});

describe('a stream of a service', () => {
  it('is read from the call itself, or from what its promise resolves with', async () => {
    expect(await collect(remote.count(20))).to.deep.equal(
      Array.from({ length: 20 }, (_, i) => i + 1),
    );
    expect(await collect(await remote.count(3))).to.deep.equal([1, 2, 3]);
    const called = remote.count(2);
    expect(await collect(await called), 'as its promise').to.deep.equal([1, 2]);
    expect(await collect(called), 'it is the same stream, and over').to.deep.equal([]);
  });

  it('comes of an async generator, an async function, a ReadableStream and an object with next()', async () => {
    expect(await collect(remote.later())).to.deep.equal([1, 2, 3]);
    expect(await collect(remote.stream(20))).to.have.length(20);
    expect(await collect(remote.bare())).to.deep.equal([0, 1]);
    expect(await collect(remote.count(0))).to.deep.equal([]);
  });

  it('gives each item as structured clone does', async () => {
    expect(await collect(remote.values())).to.deep.equal([
      undefined,
      null,
      { date: new Date(0), map: new Map([[1, 2]]) },
      'awaited by the generator',
    ]);
    const [bytes, left] = await collect(remote.moves());
    expect(bytes).to.be.instanceOf(Uint8Array).with.property('byteLength', 8);
    expect(left, 'transfer() moves an item').to.equal(0);
  });

  it('is called at once, and reads nothing before its reader does', async () => {
    const called = remote.count(1_000);
    const items = await called;
    await wait(30);
    expect(given).to.equal(0);
    expect(await items.next()).to.deep.equal({ done: false, value: 1 });
    await items.return?.();
  });

  it('is never more than 8 items ahead of its reader', async () => {
    const items = await remote.count(1_000);
    for (let read = 1; read <= 40; read++) {
      expect((await items.next()).value).to.equal(read);
      await wait(2);
      expect(given - read, `after ${read}`).to.be.within(0, 8);
    }
    await wait(50);
    expect(given).to.be.at.most(48);
    await items.return?.();
  });

  it('ends the work in the frame when the loop is left', async () => {
    for await (const item of remote.count(1_000)) if (item === 3) break;
    await until(() => done.includes('count'));
    for await (const item of remote.stream(1_000)) if (item === 3) break;
    await until(() => done.includes('stream undefined'));
    await rejection(
      (async () => {
        for await (const _ of remote.count(1_000)) throw new Error('of the page');
      })(),
    );
    await until(() => done.length === 3);
  });

  it('gives nothing more once it is left, to whoever waits', async () => {
    const items = await remote.waits();
    expect((await items.next()).value).to.equal(1);
    const waiting = [items.next(), items.next()];
    expect(await items.return?.('left')).to.deep.equal({ done: true, value: 'left' });
    expect(await Promise.all(waiting)).to.deep.equal([
      { done: true, value: undefined },
      { done: true, value: undefined },
    ]);
    expect(await items.next()).to.deep.equal({ done: true, value: undefined });
    await items.return?.();
  });

  it('is left before it is answered, and before its first item', async () => {
    const early = remote.later()[Symbol.asyncIterator]();
    expect((await early.return?.())?.done).to.equal(true);
    expect((await early.next()).done).to.equal(true);
    const never = remote.never()[Symbol.asyncIterator]();
    const waiting = never.next();
    await never.return?.();
    expect((await waiting).done).to.equal(true);
    await (await remote.count(3)).return?.();
    await wait(40);
    expect(given, 'no item was made').to.equal(0);
  });

  it('gives each item to one of its readers', async () => {
    const items = await remote.count(6);
    const [left, right] = await Promise.all([collect(items), collect(items)]);
    expect([...left, ...right].sort()).to.deep.equal([1, 2, 3, 4, 5, 6]);
    const next = await remote.count(3);
    const results = await Promise.all([next.next(), next.next(), next.next(), next.next()]);
    expect(results.map(({ value }) => value)).to.deep.equal([1, 2, 3, undefined]);
  });

  it('tells what it throws, after the items before it', async () => {
    const items = await remote.fails();
    expect([(await items.next()).value, (await items.next()).value]).to.deep.equal([1, 2]);
    const error = await rejection(items.next());
    expect(error)
      .to.be.instanceOf(RangeError)
      .and.to.deep.include({ message: 'too large', code: 'E_RANGE' });
    expect(error).to.have.deep.property('data', { max: 2 });
    expect(error.stack, 'the stack is that of the call').to.match(/\.test\.ts/);
    expect((await items.next()).done).to.equal(true);
    expect(await failure(remote.failsAtOnce()))
      .to.be.instanceOf(HadokenError)
      .with.property('code', 'LIMIT_EXCEEDED');
  });

  it('ends with UNSUPPORTED at an item that does not clone, and the work ends', async () => {
    const items = await remote.unclonable();
    expect((await items.next()).value).to.equal(1);
    const error = await rejection(items.next());
    expect(error).to.include({ code: 'UNSUPPORTED' });
    expect(error.message).to.include("service('streams').unclonable gave an item");
    expect(error.message, 'one full stop').to.match(/[^.]\. Give what structured clone takes\.$/);
    await until(() => done.includes('unclonable'));
  });

  it('is no stream where the method gives none: a loop over it says so', async () => {
    expect(await remote.plain(3)).to.equal(3);
    const items = remote.plain([1, 2]) as unknown as AsyncIterable<number>;
    const error = await failure(items);
    expect(error).to.include({ code: 'UNSUPPORTED' });
    expect(error.message).to.include("service('streams').plain gives no stream");
    const missing = openStreams() as unknown as { none(): AsyncIterable<number> };
    expect(await failure(missing.none())).to.include({ code: 'METHOD_NOT_FOUND' });
  });

  it('leaves no rejection unhandled where a loop has it', async () => {
    const seen: unknown[] = [];
    const listener = (event: PromiseRejectionEvent): void => void seen.push(event.reason);
    addEventListener('unhandledrejection', listener);
    const missing = openStreams() as unknown as { none(): AsyncIterable<number> };
    await failure(missing.none());
    await failure(remote.fails());
    await wait(50);
    removeEventListener('unhandledrejection', listener);
    expect(seen).to.deep.equal([]);
  });

  it('is over, with FRAME_LOST, when the frame is lost', async () => {
    const { service, lose } = serve();
    const items = await service<Streams>('streams').waits();
    expect((await items.next()).value).to.equal(1);
    const waiting = rejection(items.next());
    lose();
    expect(await waiting).to.include({ code: 'FRAME_LOST' });
    expect((await service<Streams>('streams').count(1)) !== undefined).to.equal(true);
  });

  it('is over, with CLOSED, at close(), and ends the work in the frame', async () => {
    const { service, close } = serve();
    const streamsOf = service<Streams>('streams');
    const items = await streamsOf.count(100);
    await items.next();
    const unread = await streamsOf.stream(100);
    const late = failure(streamsOf.later());
    close();
    expect(await rejection(items.next())).to.include({ code: 'CLOSED' });
    expect(await rejection(unread.next())).to.include({ code: 'CLOSED' });
    expect(await late).to.include({ code: 'CLOSED' });
    await until(() => done.includes('count') && done.includes('stream undefined'));
  });

  it('is over with the reason of `signal`; `timeout` is for the answer alone', async () => {
    const { service } = serve();
    const control = new AbortController();
    const reason = new Error('enough');
    const items = await service<Streams>('streams', { signal: control.signal }).waits();
    await items.next();
    control.abort(reason);
    expect(await rejection(items.next())).to.equal(reason);
    const timed = service<Streams>('streams', { timeout: 60 });
    const slow = await timed.count(3);
    await wait(120);
    expect(await collect(slow)).to.deep.equal([1, 2, 3]);
    expect((await failure(timed.never())).name).to.equal('TimeoutError');
  });

  it('is ended in the frame where nobody waits for it by the time of the answer', async () => {
    const { service } = serve({ limits: { sockets: 1 } });
    const impatient = service<Streams>('streams', { timeout: 1 });
    expect((await rejection(impatient.later())).name).to.equal('TimeoutError');
    await wait(60);
    const items = await service<Streams>('streams').count(2);
    expect(await collect(items), 'its place was given back').to.deep.equal([1, 2]);
  });

  it('counts for limits.sockets, until it is over in whichever way', async () => {
    const { service } = serve({ limits: { sockets: 2 } });
    const limited = service<Streams>('streams');
    const left = await limited.ignoresReturn();
    await limited.count(5);
    for (let i = 0; i < 3; i++) {
      const error = await rejection(limited.stream(5));
      expect(error).to.include({ code: 'LIMIT_EXCEEDED' });
    }
    expect(done, 'those that were refused were cancelled').to.deep.equal([
      'stream undefined',
      'stream undefined',
      'stream undefined',
    ]);
    await left.return?.();
    await until(() => done.includes('ignored'));
    expect(await collect(limited.count(2)), 'by the end').to.deep.equal([1, 2]);
    expect(await failure(limited.fails()), 'by an error').to.be.instanceOf(RangeError);
    expect(await failure(limited.unclonable())).to.include({ code: 'UNSUPPORTED' });
    expect(await collect(limited.stream(2))).to.deep.equal([1, 2]);
    expect(await limited.plain(1), 'a plain call takes no slot').to.equal(1);
  });

  it('logs what fails when it is left, in the frame', async () => {
    const { service, logged } = serve();
    const items = await service<Streams>('streams').failsAtLeaving();
    await items.next();
    await items.return?.();
    await until(() => logged.length);
    await wait(30);
    expect(logged).to.have.length(1);
    expect(logged[0]).to.contain('failsAtLeaving failed when its stream was left');
    expect(logged[0]).to.contain('it burns');
  });
});

describe('the port of a stream', () => {
  type Outcome = { items: MessagePort };

  /** The port, as a page of its own making gets it. */
  async function openByHand(method: string, args: unknown[], limits = {}): Promise<MessagePort> {
    const host = createHost(
      { origins: [PAGE], services: { streams } as unknown as Services, limits },
      { origin: API, fetch, log() {} } as never,
    );
    const { items } = await callByHand<Outcome>(host, 'call', ['streams', method, args]);
    return items;
  }

  it('heeds what it can read and nothing else, and never gives more than 64 at once', async () => {
    const port = await openByHand('count', [100_000]);
    const got: unknown[] = [];
    port.onmessage = ({ data }) => got.push(data);
    const garbage = [
      ...[null, undefined, 0, '', 'pull', [], {}, new Map(), new Date(0)],
      ...[{ type: 'pull' }, { type: 'pull', count: -1 }, { type: 'pull', count: 0.5 }],
      ...[{ type: 'pull', count: '9' }, { type: 'pull', count: Number.NaN }, { type: ['pull'] }],
      ...[{ type: 'return' }, { type: 'item', value: 1 }, { type: 'error', error: {} }],
      { type: 'pull', count: Infinity },
    ];
    for (const message of garbage) port.postMessage(message);
    await wait(50);
    expect(got).to.deep.equal([]);
    expect(given).to.equal(0);
    port.postMessage({ type: 'pull', count: Number.MAX_SAFE_INTEGER });
    await until(() => got.length >= 64);
    await wait(50);
    expect(got).to.have.length(64);
    for (let i = 0; i < 100; i++) port.postMessage({ type: 'pull', count: 2 });
    await wait(50);
    expect(got, 'what was given is not given again').to.have.length(64);
    port.postMessage({ type: 'cancel' });
    await until(() => done.includes('count'));
    port.postMessage({ type: 'pull', count: 1_000 });
    port.postMessage({ type: 'cancel' });
    await wait(50);
    expect(got, 'and nothing after the end').to.have.length(64);
  });
});
