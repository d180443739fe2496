/** `hadoken.service(name)`: the methods that the site's own host.js exposes. */
import { now } from '../rpc/clock.ts';
import { transferablesOf } from '../rpc/transfer.ts';
import { answerTo } from './caller.ts';
import type { Lease } from './lease.ts';
import { nameOf } from './reports/reports.ts';
import { signalsOf } from './signals.ts';

// biome-ignore lint/suspicious/noExplicitAny: matches any function
type Method = (...args: any[]) => unknown;

/** `T`'s methods as the page calls them: each returns a promise. */
export type Remote<T> = {
  readonly [K in keyof T as T[K] extends Method ? K : never]: T[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

/**
 * How long a service's methods are waited for. Neither option stops what the frame does for a call.
 */
export interface ServiceOptions {
  /**
   * How long each call may take, in ms, from the call on: the wait for the frame is part of it.
   * Then the call rejects with a TimeoutError DOMException, whose `cause` is why there was no
   * frame, where there was none; or at once with a TypeError for what AbortSignal.timeout() does
   * not take. 0, null, false and Infinity are no timeout. @default none
   */
  timeout?: number | null | false | undefined;
  /**
   * Rejects the calls that are not answered yet, and all later ones, with its reason. @default none
   */
  signal?: AbortSignal | undefined;
}

export function createService<T>(
  lease: Lease,
  name: string,
  { timeout, signal }: ServiceOptions = {},
): Remote<T> {
  return new Proxy(Object.create(null) as Remote<T>, {
    get(_target, key) {
      // Not a thenable: `await hadoken.service('x')` must not call a method named then.
      if (typeof key === 'symbol' || key === 'then') return undefined;
      return async (...args: unknown[]) => {
        const caller = new Error();
        const start = now();
        const log = (came: string): void =>
          lease.reports.log(`service('${name}').${key}()`, came, start);
        let isSent = false;
        try {
          const value = await lease.withSession(
            async (session) => {
              isSent = true;
              return session.call('call', [name, key, args], transferablesOf(args));
            },
            signalsOf(signal, timeout),
          );
          log('done');
          return value;
        } catch (error) {
          const answer = error === signal?.reason ? error : answerTo(caller, error, {}, isSent);
          log(nameOf(answer));
          throw answer;
        }
      };
    },
  });
}
