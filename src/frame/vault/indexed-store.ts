/**
 * The vault's record in the IndexedDB of the frame's origin, which all its places have in common.
 */
import { inTime } from '../../rpc/time/in-time.ts';
import { inDatabase, settled } from '../storage/database.ts';
import { createMemoryStore, EMPTY, readRecord, type VaultStore } from './record.ts';

const DATABASE = 'hadoken-vault';
const STORE = 'vault';
const KEY = 'record';

/** Resolves once it is written. */
function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Some WebKit never answers. In ms. */
const PATIENCE = 2_000;

/** Runs `work` on the record's database. Rejects where that takes too long, too. */
async function withRecord<T>(work: (database: IDBDatabase) => Promise<T>): Promise<T> {
  const working = inDatabase({ name: DATABASE, store: STORE }, work);
  const answer = await inTime(
    working.then((value) => ({ value })),
    PATIENCE,
  );
  if (!answer) throw new Error(`IndexedDB has not answered within ${PATIENCE} ms`);
  return answer.value;
}

/** Rather nothing than what was: the token of somebody who has signed out. */
async function removeAll(): Promise<void> {
  try {
    await inTime(settled(indexedDB.deleteDatabase(DATABASE)), PATIENCE);
  } catch {
    // Storage is forbidden to the frame, and so nothing is in it.
  }
}

/** Where storage is forbidden to the frame, each place has a record of its own. */
export function createIndexedStore(): VaultStore {
  const own = createMemoryStore();
  return {
    async read() {
      try {
        return await withRecord(async (database) => {
          const records = database.transaction(STORE).objectStore(STORE);
          return readRecord(await settled(records.get(KEY)));
        });
      } catch {
        return own.read();
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
              // Nobody would hear of it here.
              transaction.abort();
            }
          };
          await done;
          return record;
        });
      } catch {
        await removeAll();
        return own.update(change);
      }
    },
  };
}
