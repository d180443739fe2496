/** The vault's record in the IndexedDB of the frame's origin, which all its places have in common. */
import { createMemoryStore, EMPTY, type VaultRecord, type VaultStore } from './record.ts';

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

/** Closed again each time: an open database may keep a page out of the back/forward cache. */
async function inDatabase<T>(work: (database: IDBDatabase) => Promise<T>): Promise<T> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await settled(opening);
  try {
    return await work(database);
  } finally {
    database.close();
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
          return ((await settled(records.get(KEY))) as VaultRecord | undefined) ?? EMPTY;
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
            const found: VaultRecord = getting.result ?? EMPTY;
            const changed = change(found);
            if (changed) records.put(changed, KEY);
            record = changed ?? found;
          };
          await done;
          return record;
        });
      } catch {
        return own.update(change);
      }
    },
  };
}
