/**
 * The vault's record in the IndexedDB of the frame's origin, which all its places have in common.
 */
import { inTime } from '../../rpc/time/in-time.ts';
import { createMemoryStore, EMPTY, readRecord, type VaultStore } from './record.ts';

const DATABASE = 'hadoken-vault';
const STORE = 'vault';
const KEY = 'record';

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves once it is written. */
function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Some WebKit never answers. In ms. */
const PATIENCE = 2_000;

/** Closed again each time: an open database may keep a page out of the back/forward cache. */
async function inDatabase<T>(work: (database: IDBDatabase) => Promise<T>): Promise<T> {
  const run = async (): Promise<{ value: T }> => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    const database = await settled(opening);
    try {
      return { value: await work(database) };
    } finally {
      database.close();
    }
  };
  const answer = await inTime(run(), PATIENCE);
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
        return await inDatabase(async (database) => {
          const records = database.transaction(STORE).objectStore(STORE);
          return readRecord(await settled(records.get(KEY)));
        });
      } catch {
        return own.read();
      }
    },
    async update(change) {
      try {
        return await inDatabase(async (database) => {
          const transaction = database.transaction(STORE, 'readwrite');
          const done = completed(transaction);
          const records = transaction.objectStore(STORE);
          const getting = records.get(KEY);
          let record = EMPTY;
          getting.onsuccess = () => {
            const found = readRecord(getting.result);
            const changed = change(found);
            if (changed) records.put(changed, KEY);
            record = changed ?? found;
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
