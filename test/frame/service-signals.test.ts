import { expect } from '@esm-bundle/chai';
import { createHost } from '../../src/frame/host.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import type { Services } from '../../src/rpc/services.ts';
import { readSignalMessage, readSignals } from '../../src/rpc/wire/service.ts';
import { API, bareHost, callByHand, PAGE, rejection } from '../support/bare-host.ts';
import { until, wait } from '../support/env.ts';

const reasons: unknown[] = [];
const seen: AbortSignal[] = [];

const slow = {
  wait(signal: AbortSignal) {
    seen.push(signal);
    return new Promise<never>((_, reject) => {
      const fail = (): void => {
        reasons.push(signal.reason);
        reject(signal.reason);
      };
      if (signal.aborted) fail();
      else signal.addEventListener('abort', fail);
    });
  },
  waitBy: ({ signal, name }: { signal: AbortSignal; name: string }) => {
    seen.push(signal);
    return name === 'now' ? [signal instanceof AbortSignal, signal.aborted] : slow.wait(signal);
  },
  both: (first: AbortSignal, between: number, second: AbortSignal) =>
    slow
      .wait(AbortSignal.any([first, second]))
      .catch(() => [first.aborted, between, second.aborted]),
  async *ticks(signal: AbortSignal) {
    yield 1;
    await slow.wait(signal);
  },
  quick: (signal: AbortSignal) => {
    seen.push(signal);
    return signal.aborted;
  },
  give: (value: unknown) => value,
};
type Slow = typeof slow;
const { service } = bareHost({ services: { slow } as unknown as Services });
const remote = service<Slow>('slow');

beforeEach(() => {
  reasons.length = 0;
  seen.length = 0;
});

/** An AbortSignal that counts who listens. */
function counted(): { control: AbortController; listeners: () => number } {
  const control = new AbortController();
  const { signal } = control;
  let count = 0;
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = (...[type, listener, options]: Parameters<typeof add>) => {
    count += 1;
    const { signal: until } = Object(options) as AddEventListenerOptions;
    until?.addEventListener('abort', () => {
      count -= 1;
    });
    add(type, listener, options);
  };
  return { control, listeners: () => count };
}

describe('an AbortSignal among the arguments of a service', () => {
  it('aborts in the frame, with its reason', async () => {
    for (const reason of [undefined, 'text', 7, { of: 'mine' }, new RangeError('too large')]) {
      const control = new AbortController();
      const waiting = rejection(remote.wait(control.signal));
      await until(() => seen.length);
      control.abort(reason);
      await waiting;
      const [heard] = reasons as [Error];
      if (reason === undefined)
        expect(heard).to.include({ name: 'AbortError' }).and.to.be.instanceOf(DOMException);
      else if (reason instanceof Error)
        expect(heard).to.include({ message: 'too large' }).and.to.be.instanceOf(RangeError);
      else expect(heard).to.deep.equal(reason);
      reasons.length = seen.length = 0;
    }
  });

  it('aborts there with an AbortError where its reason does not clone', async () => {
    const control = new AbortController();
    const waiting = rejection(remote.wait(control.signal));
    await until(() => seen.length);
    control.abort(() => 'mine');
    await waiting;
    expect(reasons[0]).to.include({ name: 'AbortError' });
  });

  it('is aborted in the frame where it was aborted before', async () => {
    const error = await rejection(remote.wait(AbortSignal.abort()));
    expect(error).to.include({ name: 'AbortError' });
    expect(await rejection(remote.wait(AbortSignal.timeout(1)))).to.include({
      name: 'TimeoutError',
    });
  });

  it('is aborted before the method runs where it was aborted before the call', async () => {
    expect(await remote.quick(AbortSignal.abort())).to.equal(true);
    expect(await remote.waitBy({ signal: AbortSignal.abort(), name: 'now' })).to.deep.equal([
      true,
      true,
    ]);
    // A reason that does not clone is an AbortError there.
    expect(await remote.quick(AbortSignal.abort(() => {}))).to.equal(true);
    expect(seen.at(-1)?.reason).to.include({ name: 'AbortError' });
  });

  it('crosses as a member of an argument as well, of which there are others', async () => {
    const control = new AbortController();
    const options = { signal: control.signal, name: 'now' };
    expect(await remote.waitBy(options)).to.deep.equal([true, false]);
    expect(options.signal, 'the argument is as it was').to.equal(control.signal);
    const waiting = rejection(
      remote.waitBy({ signal: control.signal, name: 'later' }) as Promise<unknown>,
    );
    await until(() => seen.length > 1);
    control.abort('done');
    await waiting;
    expect(reasons).to.deep.equal(['done']);
  });

  it('is one of several, each by itself', async () => {
    const controls = [new AbortController(), new AbortController()] as const;
    const waiting = remote.both(controls[0].signal, 5, controls[1].signal);
    await wait(20);
    controls[1].abort();
    expect(await waiting).to.deep.equal([false, 5, true]);
  });

  it('is let go when the call is answered, and aborts nothing in the frame from then on', async () => {
    const { control, listeners } = counted();
    expect(await remote.quick(control.signal)).to.equal(false);
    await until(() => listeners() === 0);
    control.abort();
    await wait(30);
    expect(seen[0]?.aborted).to.equal(false);
    await rejection(
      (remote as unknown as { none(s: AbortSignal): Promise<void> }).none(control.signal),
    );
  });

  it('is let go when a stream ends, and not before', async () => {
    const { control, listeners } = counted();
    const items = await remote.ticks(control.signal);
    expect((await items.next()).value).to.equal(1);
    expect(listeners()).to.equal(1);
    const waiting = rejection(items.next());
    control.abort('enough');
    expect(await waiting).to.include({ message: 'enough' });
    expect(listeners()).to.equal(0);
    const left = counted();
    const other = await remote.ticks(left.control.signal);
    await other.return?.();
    expect(left.listeners()).to.equal(0);
  });

  it('is let go when the frame is lost', async () => {
    const host = bareHost({ services: { slow } as unknown as Services });
    const { control, listeners } = counted();
    const waiting = rejection(host.service<Slow>('slow').wait(control.signal));
    await until(() => seen.length);
    host.lose();
    expect(await waiting).to.include({ code: 'FRAME_LOST' });
    await until(() => listeners() === 0);
  });
});

describe('a function among the arguments of a service', () => {
  it('never crosses: INVALID_ARGUMENT names the method and the argument', async () => {
    const error = await rejection(remote.give(() => 1));
    expect(error).to.be.instanceOf(HadokenError).with.property('code', 'INVALID_ARGUMENT');
    expect(error.message).to.include("service('slow').give: argument 1 is a function");
    const give = remote.give as unknown as (...args: unknown[]) => Promise<unknown>;
    expect((await rejection(give(1, { a: 1, onTick() {} }))).message).to.include(
      'argument 2, its onTick, is a function',
    );
    expect((await rejection(give(class {}))).message).to.include('argument 1 is a function');
    expect(await rejection(give([[() => 1]])), 'deeper ones the platform names').to.have.property(
      'name',
      'DataCloneError',
    );
    expect(await remote.give('next'), 'and goes on').to.equal('next');
  });
});

describe('the reader of signals', () => {
  const { port1: port } = new MessageChannel();
  const args = [{}, 1, [], new Map(), null, undefined, port];

  it('takes positions that there are', () => {
    for (const positions of [[], [[0]], [[0, 'a']], [[6]], [[0, '__proto__']], [[5], [4]]])
      expect(
        readSignals({ positions, port, more: 1 }, args),
        JSON.stringify(positions),
      ).to.deep.equal({
        positions,
        port,
        aborted: [],
      });
    const messages = [{ index: 0, reason: 1, more: 2 }, { index: 'x' }, null, 1];
    expect(readSignals({ positions: [[0]], port, aborted: messages }, args)).to.deep.equal({
      positions: [[0]],
      port,
      aborted: [{ index: 0, reason: 1 }],
    });
    // No more than there are signals: the second list is a few bytes on the wire.
    const many = [{ index: 0 }, { index: 0 }];
    for (const aborted of [many, Object.assign(new Array(2 ** 32 - 1), { 0: { index: 0 } })])
      expect(readSignals({ positions: [[0]], port, aborted }, args)?.aborted).to.have.length(1);
    for (const aborted of [1, 'a', {}, null, { length: 1, 0: { index: 0 } }])
      expect(readSignals({ positions: [], port, aborted }, args)?.aborted).to.deep.equal([]);
  });

  it('takes nothing else', () => {
    for (const positions of [
      ...[undefined, null, 1, 'a', {}, [0], [[]], [['0']], [[-1]], [[7]], [[0.5]], [[0, 1]]],
      ...[[[1, 'a']], [[2, 'a']], [[3, 'a']], [[4, 'a']], [[5, 'a']], [[6, 'postMessage']]],
      ...[[[0, null]], [[0], [99]], { length: 1, 0: [0] }],
      // One that is a signal itself has no member that is one.
      ...[
        [[0], [0, 'a']],
        [[0, 'addEventListener'], [0]],
        [
          [0, 'a'],
          [0, undefined],
        ],
      ],
    ])
      expect(readSignals({ positions, port }, args), JSON.stringify(positions)).to.equal(undefined);
    for (const other of [undefined, null, {}, 1, 'port', [port]])
      expect(readSignals({ positions: [[0]], port: other }, args)).to.equal(undefined);
    for (const other of [undefined, null, 1, '', []])
      expect(readSignals(other, args)).to.equal(undefined);
  });

  it('takes a message of a signal', () => {
    expect(readSignalMessage({ index: 1, reason: 'a', more: 2 })).to.deep.equal({
      index: 1,
      reason: 'a',
    });
    for (const other of [undefined, null, 1, '', {}, { index: '1' }, { index: -1 }, { index: 0.5 }])
      expect(readSignalMessage(other)).to.equal(undefined);
  });
});

describe('signals that a page makes by hand', () => {
  /** What the host answers to a call with these signals. */
  function call(method: string, args: unknown[], signals: unknown, transfers: Transferable[]) {
    const host = createHost({ origins: [PAGE], services: { slow } as unknown as Services }, {
      origin: API,
      fetch,
      log() {},
    } as never);
    return callByHand<{ value?: unknown; error?: { code?: string } }>(
      host,
      'call',
      ['slow', method, args, signals],
      transfers,
    );
  }

  it('are refused where they can’t be read', async () => {
    for (const signals of [1, {}, { positions: [[0]] }, { positions: [[0]], port: {} }, null])
      expect((await call('give', [1], signals, [])).error, JSON.stringify(signals)).to.include({
        code: 'INVALID_ARGUMENT',
      });
  });

  it('change no prototype, and what they post besides changes nothing', async () => {
    const { port1, port2 } = new MessageChannel();
    const signals = { positions: [[0, '__proto__'], [1]], port: port2 };
    for (const message of [null, 1, {}, { index: 9 }, { index: 'x' }, { index: -1 }])
      port1.postMessage(message);
    const answer = await call('quick', [{}, 1], signals, [port2]);
    // What it was given as a signal is a plain object with a member of that name.
    expect(answer.error ?? answer.value).to.equal(undefined);
    expect(Object.getPrototypeOf(seen[0])).to.equal(Object.prototype);
    expect(({} as { aborted?: boolean }).aborted).to.equal(undefined);
  });
});
