/**
 * The vault's record in the IndexedDB of the frame's origin, which all its scopes have in common.
 */
import { answerInTime, inTime } from '../../rpc/time/in-time.ts';
import { completed, inDatabase, settled } from '../storage/database.ts';
import { createMemoryStore } from './memory-store.ts';
import { EMPTY, readRecord, type VaultStore } from './record.ts';

const DATABASE = 'hadoken-vault';
const STORE = 'vault';
const KEY = 'record';

/** How long IndexedDB is waited for, in ms: some WebKit never answers. */
const INDEXED_DB_TIMEOUT = 2_000;

/** Runs `work` on the record's database. Rejects where that takes too long, too. */
function withRecord<T>(work: (database: IDBDatabase) => Promise<T>): Promise<T> {
  return answerInTime(
    inDatabase({ name: DATABASE, store: STORE }, work),
    INDEXED_DB_TIMEOUT,
    () => new Error(`IndexedDB has not answered within ${INDEXED_DB_TIMEOUT} ms`),
  );
}

/** Rather nothing than what was: the token of somebody who has signed out. */
async function removeAll(): Promise<void> {
  try {
    await inTime(settled(indexedDB.deleteDatabase(DATABASE)), INDEXED_DB_TIMEOUT);
  } catch {
    // Storage is forbidden to the frame, and so nothing is in it.
  }
}

/** Where storage is forbidden to the frame, each scope has a record of its own. */
export function createIndexedStore(): VaultStore {
  const memory = createMemoryStore();
  return {
    async read() {
      try {
        return await withRecord(async (database) => {
          const records = database.transaction(STORE).objectStore(STORE);
          return readRecord(await settled(records.get(KEY)));
        });
      } catch {
        return memory.read();
      }
    },
    async update(change) {
      try {
        return await withRecord(async (database) => {
          const transaction = database.transaction(STORE, 'readwrite');
          const done = completed(transaction);
          const records = transaction.objectStore(STORE);
          const getting = records.get(KEY);
          let record = EMPTY;
          getting.onsuccess = () => {
            try {
              const found = readRecord(getting.result);
              const changed = change(found);
              if (changed) records.put(changed, KEY);
              record = changed ?? found;
            } catch {
              // An error thrown here would reach nobody: abort, so that `done` rejects.
              transaction.abort();
            }
          };
          await done;
          return record;
        });
      } catch {
        await removeAll();
        return memory.update(change);
      }
    },
  };
}
