/**
 * The generation of what is shared: another one after each `endShared()`. It is in the seal of
 * every session, so that none from before is found again: not by a page that slept meanwhile, and
 * not in another hub of the frame.
 */
import type { SessionStore } from '../frame/effects.ts';
import { randomName, STORE_TIMEOUT } from '../frame/push/recovery.ts';
import { inTime } from '../rpc/time/in-time.ts';

const KEY = 'generation of what is shared';

export type Generation = {
  current(): Promise<string>;
  /** Begins another; resolves with its name once it counts. */
  renew(): Promise<string>;
  /** Another hub of the frame has begun it. */
  adopt(name: string): void;
};

/** Without a store, or one that does not answer in time, it is this hub's own. */
export function createGeneration(store: SessionStore | undefined): Generation {
  let own = '';
  return {
    current: async () => (await inTime(store?.get(KEY), STORE_TIMEOUT)) ?? own,
    async renew() {
      own = randomName();
      await inTime(store?.set(KEY, own), STORE_TIMEOUT);
      return own;
    },
    adopt(name) {
      own = name;
    },
  };
}
