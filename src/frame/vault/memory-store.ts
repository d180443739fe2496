/** The vault's record in memory, for one scope alone. */
import { EMPTY, type VaultStore } from './record.ts';
import type { VaultParts } from './vault.ts';

export function createMemoryStore(): VaultStore {
  let record = EMPTY;
  return {
    read: async () => record,
    async update(change) {
      record = change(record) ?? record;
      return record;
    },
  };
}

/** For one scope alone, as a test is. */
export const createMemoryParts = (): VaultParts => ({
  store: createMemoryStore(),
  lock: (_, work) => work(),
  openChannel: () => undefined,
});
