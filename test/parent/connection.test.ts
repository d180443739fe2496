import { expect } from '@esm-bundle/chai';
import { createExchanges } from '../../src/parent/ajax/exchanges.ts';
import {
  type Connection,
  type ConnectionEffects,
  type ConnectionEvent,
  createConnection,
} from '../../src/parent/connection/connection.ts';
import type { Session, SessionOptions } from '../../src/parent/connection/session.ts';
import { createLease } from '../../src/parent/lease.ts';
import { type ConnectOptions, readOptions } from '../../src/parent/options.ts';
import { type ErrorCode, HadokenError } from '../../src/rpc/errors.ts';
import { rejection } from '../support/bare-host.ts';
import { until, wait } from '../support/env.ts';
import { reportedBy } from '../support/reported.ts';

const FRAME = new URL('https://push.test/frame.html');
/** An attempt at a session, to be opened or failed by the test. */
type Attempt = {
  options: SessionOptions;
  signal: AbortSignal;
  open(): void;
  fail(code?: unknown): void;
};

/** A connection without a page: the test opens its sessions and wakes it. */
function connectByHand(options: ConnectOptions = {}, effects: Partial<ConnectionEffects> = {}) {
  const attempts: Attempt[] = [];
  const events: ConnectionEvent[] = [];
  const calls: unknown[] = [];
  let wake = (): void => {};
  let asleep: AbortSignal | undefined;
  const connection: Connection = createConnection(
    FRAME,
    readOptions({ log: 'silent', reconnectionDelay: 0, ...options }),
    {
      openSession(sessionOptions, control, onOpen) {
        const { signal } = control;
        const call = (async (method: string) => calls.push(method)) as unknown as Session['call'];
        attempts.push({
          options: sessionOptions,
          signal,
          open: () =>
            onOpen({
              call,
              openExchange: createExchanges(call, signal),
              lost: signal,
              config: { attempt: attempts.length },
            }),
          fail: (code = 'FRAME_LOST') =>
            control.abort(new HadokenError(code as ErrorCode, `It failed with ${String(code)}.`)),
        });
      },
      listenForWakeUps(given, signal) {
        wake = given;
        asleep = signal;
      },
      ...effects,
    },
  );
  connection.watchers.add((...event) => events.push(event));
  const closing = new AbortController();
  const lease = createLease(connection, () => () => {}, closing.signal);
  const close = (): void => {
    const reason = new HadokenError('CLOSED', 'The test closed it.');
    closing.abort(reason);
    connection.close(reason);
  };
  const last = (): Attempt => attempts.at(-1) as Attempt;
  return {
    attempts,
    calls,
    close,
    connection,
    events,
    last,
    lease,
    wake: () => wake(),
    asleep: () => asleep,
  };
}

/** A use of the session that says so. */
const note =
  (seen: unknown[], what: unknown) =>
  async (session: Session): Promise<void> => {
    seen.push(what);
    await session.call('ping', []);
  };

describe('a connection', () => {
  it('opens a session by what it is given', () => {
    const { connection, events, last } = connectByHand({ timeout: 70, heartbeat: 80 });
    const { onNotify, ...given } = last().options;
    expect(given).to.deep.equal({ url: FRAME, timeout: 70, heartbeat: 80 });
    expect(onNotify).to.be.a('function');
    expect(connection.state).to.equal('connecting');
    last().open();
    expect(connection).to.include({ state: 'connected', error: undefined });
    expect(connection.config).to.deep.equal({ attempt: 1 });
    expect(events).to.deep.equal([['statechange', 'connected'], ['connect']]);
  });

  it('tries again when a session is lost, and at once when it is woken', async () => {
    const byHand = connectByHand({ reconnectionDelay: 300_000, reconnectionDelayMax: 300_000 });
    const { attempts, connection, last, wake } = byHand;
    wake();
    last().open();
    wake();
    expect(attempts, 'neither the first attempt nor a session is disturbed').to.have.length(1);
    last().fail();
    expect(connection.state).to.equal('reconnecting');
    await wait(50);
    expect(attempts).to.have.length(1);
    wake();
    wake();
    expect(attempts, 'woken once').to.have.length(2);
    last().open();
    expect(connection.state).to.equal('connected');
    byHand.close();
  });

  it('goes to sleep for good at its close, and leaves no retry behind', async () => {
    const { attempts, asleep, close, connection, last, wake } = connectByHand({
      reconnectionDelay: 20,
    });
    last().fail();
    expect(asleep()?.aborted).to.equal(false);
    close();
    expect(asleep()?.aborted).to.equal(true);
    wake();
    connection.reconnect();
    await wait(80);
    expect(attempts).to.have.length(1);
    expect(connection.state).to.equal('closed');
  });

  it('ends a session at its close, with the reason', () => {
    const { close, last } = connectByHand();
    last().open();
    close();
    expect(last().signal.reason).to.include({ code: 'CLOSED' });
  });

  it('tries no more where somebody has to change something first', async () => {
    for (const code of ['ORIGIN_REFUSED', 'HOST_FAILED', 'VERSION_MISMATCH', undefined, 7]) {
      const { attempts, connection, events, last, lease } = connectByHand();
      const call = rejection(lease.withSession(async () => {}));
      // A fallen frame may send anything for a code.
      last().fail(code ?? Object.create(null, { toString: { value: () => 'no code' } }));
      expect(connection.state).to.equal('failed');
      expect(await call).to.equal(connection.error);
      expect(events.map(([name]) => name)).to.deep.equal([
        'statechange',
        'error',
        'reconnect_failed',
      ]);
      await wait(30);
      expect(attempts).to.have.length(1);
    }
  });

  it('fails with FRAME_LOST where no session can be opened at all, and tries again', async () => {
    let opened = 0;
    const { close, connection } = connectByHand(
      {},
      {
        openSession() {
          opened++;
          throw new TypeError('there is no root element');
        },
      },
    );
    expect(connection).to.include({ state: 'reconnecting' });
    expect(connection.error).to.include({ code: 'FRAME_LOST' });
    expect(connection.error?.message).to.contain('there is no root element');
    await until(() => opened > 2);
    close();
  });

  it('waits no longer than it was told to, however long it is tried without a delay', async () => {
    const delays: number[] = [];
    const { attempts, close, connection, last } = connectByHand({ reconnectionDelayMax: 4 });
    connection.watchers.add((...event) => event[0] === 'reconnecting' && delays.push(event[2]));
    while (attempts.length < 20) {
      const { length } = attempts;
      last().fail();
      await until(() => attempts.length > length);
    }
    expect(delays.every((delay) => delay === 0)).to.equal(true);
    close();
  });

  it('reports a watcher that throws, and tells the others', async () => {
    const { connection, last } = connectByHand();
    const seen: string[] = [];
    connection.watchers.add(() => {
      throw new Error('the watcher threw');
    });
    connection.watchers.add((...[name]) => seen.push(name));
    const reported = await reportedBy(() => last().open());
    expect(seen).to.deep.equal(['statechange', 'connect']);
    expect(reported.map(String)).to.deep.equal(Array(2).fill('Error: the watcher threw'));
  });
});

describe('calls that wait for a session', () => {
  it('are made in order, before what a listener of `connect` asks for', async () => {
    const { calls, connection, last, lease } = connectByHand();
    const seen: unknown[] = [];
    connection.watchers.add((...[name]) => {
      if (name === 'connect') void lease.withSession(note(seen, 'a listener'));
    });
    const waiting = [0, 1, 2, 3, 4].map((number) => lease.withSession(note(seen, number)));
    expect(seen).to.deep.equal([]);
    last().open();
    // Posted by now, whatever number of awaits is before and after it.
    expect(calls).to.have.length(6);
    expect(seen).to.deep.equal([0, 1, 2, 3, 4, 'a listener']);
    await Promise.all(waiting);
    expect(connection.waiters.size).to.equal(0);
  });

  it('are made at once where there is a session', async () => {
    const { calls, last, lease } = connectByHand();
    last().open();
    const call = lease.withSession((session) => session.call('ping', []));
    expect(calls).to.deep.equal(['ping']);
    await call;
  });

  it('are not made twice when the session is lost under them', async () => {
    const { connection, last, lease } = connectByHand();
    let uses = 0;
    let answer = (): void => {};
    const call = lease.withSession(() => {
      uses++;
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    });
    last().open();
    last().fail();
    await until(() => connection.state === 'reconnecting');
    await wait(30);
    last().open();
    expect(uses).to.equal(1);
    answer();
    await call;
  });

  it('reject at once where the page’s own policy keeps the frame out, and it is not tried again', async () => {
    const { close, connection, last, lease } = connectByHand({ reconnectionDelay: 1 });
    const waiting = rejection(lease.withSession(async () => {}));
    last().fail('FRAME_BLOCKED');
    expect(await waiting).to.include({ code: 'FRAME_BLOCKED' });
    expect(connection.state).to.equal('failed');
    close();
  });

  it('reject after `timeout` ms with the last error, or that nobody answered; others wait on', async () => {
    const { close, connection, last, lease } = connectByHand({
      timeout: 40,
      reconnectionDelay: 300_000,
      reconnectionDelayMax: 300_000,
    });
    const forEver = lease.withSession(async () => {}, [], false);
    expect(await rejection(lease.withSession(async () => {}))).to.include({
      code: 'FRAME_TIMEOUT',
    });
    last().fail('FRAME_LOST');
    expect(await rejection(lease.withSession(async () => {}))).to.equal(connection.error);
    expect(connection.waiters.size).to.equal(1);
    close();
    expect(await rejection(forEver)).to.include({ code: 'CLOSED' });
    expect(connection.waiters.size).to.equal(0);
  });

  it('reject as soon as one of their signals aborts, and are never made', async () => {
    const { connection, last, lease } = connectByHand();
    const [one, two] = [new AbortController(), new AbortController()];
    let uses = 0;
    const use = async (): Promise<number> => uses++;
    const call = rejection(lease.withSession(use, [one.signal, two.signal]));
    const reason = new Error('the second');
    two.abort(reason);
    expect(await call).to.equal(reason);
    expect(await rejection(lease.withSession(use, [two.signal]))).to.equal(reason);
    expect(connection.waiters.size).to.equal(0);
    last().open();
    expect(uses).to.equal(0);
  });

  it('reject at the close of their handle, waiting or under way', async () => {
    const { close, connection, last, lease } = connectByHand();
    last().open();
    let ended: AbortSignal | undefined;
    let told = 0;
    const call = lease.withSession((_session, { signal, onAbort }) => {
      ended = signal;
      onAbort(() => {
        told += 1;
      });
      onAbort(() => {
        told += 10;
      })();
      return new Promise(() => {});
    });
    close();
    expect(await rejection(call)).to.include({ code: 'CLOSED' });
    expect(ended?.reason).to.include({ code: 'CLOSED' });
    expect(told, 'who listens is told, and who has left is not').to.equal(1);
    expect(await rejection(lease.withSession(async () => {}))).to.include({ code: 'CLOSED' });
    expect(connection.waiters.size).to.equal(0);
  });
});
