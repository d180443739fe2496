/**
 * The names that a page has for ids which are keys: whoever has the id of an engine or the `pid` of
 * a recoverable session takes that session over by a WebSocket of their own, from anywhere, past
 * `auth` and past every rule.
 */

import { inTime } from '../../rpc/time/in-time.ts';
import type { SessionStore } from '../effects.ts';

/** Marks a name as one of ours. An application's own `auth` may have a `pid` of another meaning. */
const PREFIX = 'hadoken-';
/**
 * How long a store may take to find a session that another frame was in, in ms; then a new session
 * begins.
 */
export const STORE_TIMEOUT = 1_000;

/** A session that can be recovered: its name on the page, and the server's `pid`. */
export type Recoverable = { name: string; pid: string };

/** The recoverable sessions of one page. */
export type Recovery = {
  /** Gives `pid` a name, under which the page may ask for it on `nsp`. */
  hide(nsp: string, pid: string): Recoverable;
  /** The session that the page calls `name`, or undefined where there is none on `nsp`. */
  find(nsp: string, name: string): Promise<Recoverable | undefined>;
  /** The session is over. */
  forget(nsp: string, session: Recoverable | undefined): void;
};

/** 160 random bits. */
export function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return PREFIX + Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Whether a page means one of ours by it. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(PREFIX);
}

/**
 * `scope`: page and server. A name is good for those it was given to, and for no one else who has
 * heard of it.
 */
export function createRecovery(scope: string, store: SessionStore | undefined): Recovery {
  const known = new Map<string, string>();
  const keyOf = (nsp: string, name: string): string => JSON.stringify([scope, nsp, name]);
  return {
    hide(nsp, pid) {
      const name = randomName();
      const key = keyOf(nsp, name);
      known.set(key, pid);
      store?.set(key, pid);
      return { name, pid };
    },
    async find(nsp, name) {
      const key = keyOf(nsp, name);
      const pid = known.get(key) ?? (await inTime(store?.get(key), STORE_TIMEOUT));
      return pid === undefined ? undefined : { name, pid };
    },
    forget(nsp, session) {
      if (!session) return;
      const key = keyOf(nsp, session.name);
      known.delete(key);
      store?.delete(key);
    },
  };
}
