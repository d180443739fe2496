/** `hadoken.service(name)`: the methods that the site's own host.js exposes. */
import { transferablesOf } from '../rpc/transfer.ts';
import type { Connection } from './connection.ts';

// biome-ignore lint/suspicious/noExplicitAny: matches any function
type Method = (...args: any[]) => unknown;

/** `T`'s methods as the page calls them: each returns a promise. */
export type Remote<T> = {
  readonly [K in keyof T as T[K] extends Method ? K : never]: T[K] extends (...args: infer A) => infer R
    ? (...args: A) => Promise<Awaited<R>>
    : never;
};

export function createService<T>(connection: Connection, name: string): Remote<T> {
  return new Proxy(Object.create(null) as Remote<T>, {
    get(_target, key) {
      // Not a thenable: `await hadoken.service('x')` must not call a method named then.
      if (typeof key === 'symbol' || key === 'then') return undefined;
      return async (...args: unknown[]) => {
        const session = connection.session ?? (await connection.whenConnected());
        return session.call('call', [name, key, args], transferablesOf(args));
      };
    },
  });
}
