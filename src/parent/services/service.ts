/** `hadoken.service(name)`: the methods that the site's own host.js exposes. */
import { itemsPortOf } from '../../rpc/calls.ts';
import { HadokenError } from '../../rpc/errors.ts';
import type { Method, Service } from '../../rpc/services.ts';
import { now } from '../../rpc/time/clock.ts';
import { transferablesOf } from '../../rpc/transfer.ts';
import { answerTo } from '../caller.ts';
import type { Lease } from '../lease.ts';
import { nameOf } from '../reports/reports.ts';
import { signalsOf } from '../signals.ts';
import { takeSignals } from './call-signals.ts';
import { createItems, type Items } from './receive-items.ts';

/**
 * What a method gives that returns a stream in the frame, as a promise of it and as itself: to be
 * read by `for await`, once. Leaving the loop ends the work in the frame.
 */
export type Streamed<Item> = Promise<AsyncIterableIterator<Item>> & AsyncIterable<Item>;

/** What the page gets for what a method returns. */
type Returned<R> =
  Awaited<R> extends { readonly 'hadoken.transferred': infer Moved }
    ? Promise<Moved>
    : Awaited<R> extends AsyncIterable<infer Item> | ReadableStream<infer Item>
      ? Streamed<Item>
      : Promise<Awaited<R>>;

/** `T`'s methods as the page calls them: each returns a promise, or what is one and a stream. */
export type Remote<T> = 0 extends 1 & T
  ? // biome-ignore lint/suspicious/noExplicitAny: whoever says `any` of a service may call anything
    any
  : T extends Service<infer Methods>
    ? Remote<Methods>
    : {
        readonly [K in keyof T as T[K] extends Method ? K : never]: T[K] extends (
          ...args: infer A
        ) => infer R
          ? (...args: A) => Returned<R>
          : never;
      };

/**
 * How long a service's methods are waited for. Neither option stops what the frame does for a call;
 * an AbortSignal among the arguments can.
 */
export interface ServiceOptions {
  /**
   * How long each call may take, in ms, from the call on: the wait for the frame is part of it, the
   * items of a stream are not. Then the call rejects with a TimeoutError DOMException, whose
   * `cause` is why there was no frame, where there was none; or at once with a TypeError for what
   * AbortSignal.timeout() does not take. 0, null, false and Infinity are no timeout. @default none
   */
  timeout?: number | null | false | undefined;
  /**
   * Rejects the calls that are not answered yet, and all later ones, with its reason, and ends
   * their streams with it. @default none
   */
  signal?: AbortSignal | undefined;
}

export function createService<T>(
  lease: Lease,
  name: string,
  { timeout, signal }: ServiceOptions = {},
): Remote<T> {
  const call = (key: string, args: unknown[]): Promise<unknown> => {
    const what = `service('${name}').${key}`;
    const caller = new Error();
    const start = now();
    const log = (came: string): void => lease.reports.log(`${what}()`, came, start);
    let isSent = false;
    const toError = (error: unknown): unknown =>
      error === signal?.reason ? error : answerTo(caller, error, {}, isSent);
    let items: Items | undefined;
    const ask = async () => {
      try {
        const value = await lease.withSession(
          async (session, { signal: over }) => {
            const { given, transfers, release } = takeSignals(what, args);
            isSent = true;
            let port: MessagePort | undefined;
            try {
              const answer = await session.call(
                'call',
                [name, key, ...given],
                [...transferablesOf(args), ...transfers],
              );
              port = itemsPortOf(answer);
              if (!port) return answer;
            } finally {
              if (!port) release();
            }
            const lost = AbortSignal.any([session.lost, lease.closed, ...signalsOf(signal)]);
            items ??= createItems();
            items.open({ port, lost, toError, onEnd: release });
            // Nobody waits for it any longer.
            if (over.aborted) items.fail(over.reason);
            return items.iterator;
          },
          signalsOf(signal, timeout),
        );
        log('done');
        return value;
      } catch (error) {
        const answer = toError(error);
        log(nameOf(answer));
        throw answer;
      }
    };
    const answered = ask();
    return Object.assign(answered, {
      [Symbol.asyncIterator]() {
        items ??= createItems();
        const { fail, iterator } = items;
        answered.then((answer) => {
          if (answer !== iterator)
            fail(new HadokenError('UNSUPPORTED', `${what} gives no stream: await it.`));
        }, fail);
        return iterator;
      },
    });
  };
  return new Proxy(Object.create(null) as Remote<T>, {
    get(_target, key) {
      // Not a thenable: `await hadoken.service('x')` must not call a method named then.
      if (typeof key === 'symbol' || key === 'then') return undefined;
      return (...args: unknown[]) => call(key, args);
    },
  });
}
