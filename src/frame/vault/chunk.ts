/** frame.vault.js: the vault, loaded where host.js has one. */
import { attempt } from '../../rpc/errors.ts';
import type { VaultOptions } from '../options/vault.ts';
import type { Vault } from './contract.ts';
import { createIndexedStore } from './indexed-store.ts';
import { createVault as create } from './vault.ts';

/**
 * How long a scope waits for the lock, in ms. Its holder may be a sleeping page; then `refresh` is
 * asked without the lock.
 */
const LOCK_WAIT = 20_000;

/** Where there are no locks, as on plain http, each scope is for itself. */
async function lock<T>(name: string, work: () => Promise<T>): Promise<T> {
  let running: Promise<T> | undefined;
  const run = (): Promise<T> => {
    running ??= work();
    return running;
  };
  // Only the wait is bounded, and not the work. It rejects where locks are forbidden, and with the
  // work's error, which `run()` gives again.
  const signal = AbortSignal.timeout(LOCK_WAIT);
  await navigator.locks?.request(name, { signal }, run).catch(() => {});
  return run();
}

/**
 * The vault of this browser. A lock is held only while `refresh` is asked: one that is held keeps a
 * page out of Firefox's back/forward cache.
 */
export function createVault(options: VaultOptions, log: (message: string) => void): Vault {
  return create(
    options,
    {
      store: createIndexedStore(),
      lock,
      openChannel: () => attempt(() => new BroadcastChannel('hadoken vault')),
    },
    log,
  );
}
