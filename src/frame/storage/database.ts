/**
 * A database of the frame's origin with one store: a worker has no other place that outlives it. It
 * is opened for each piece of work, and closed again: an open one may keep a page out of the
 * back/forward cache.
 */

/** Settles as `request` does. */
export function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Resolves once `transaction` is written. */
export function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });
}

/** Runs `work` on the database. Rejects where storage is forbidden to the frame, and as it does. */
export async function inDatabase<T>(
  { name, store }: { name: string; store: string },
  work: (database: IDBDatabase) => Promise<T>,
): Promise<T> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(store);
  const database = await settled(opening);
  try {
    return await work(database);
  } finally {
    database.close();
  }
}
