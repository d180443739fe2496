/** A SessionStore in the IndexedDB of the frame's origin. */

import type { SessionStore } from '../effects.ts';
import { inDatabase, settled } from './database.ts';

const DATABASE = 'hadoken';
const STORE = 'sessions';
/**
 * After so many ms an entry is no longer believed. Servers keep a session for minutes once its
 * connection is lost.
 */
const MAX_AGE = 7 * 86_400_000;

type Entry = { pid: string; time: number };

/** Runs `work` on the entries. */
async function withEntries<T>(
  mode: IDBTransactionMode,
  work: (entries: IDBObjectStore) => IDBRequest<T>,
): Promise<T | undefined> {
  try {
    return await inDatabase({ name: DATABASE, store: STORE }, (database) =>
      settled(work(database.transaction(STORE, mode).objectStore(STORE))),
    );
  } catch {
    // Storage may be forbidden to a frame. Then a lost frame's sessions are not recovered, and
    // nothing else is missing.
    return undefined;
  }
}

/** Deletes the entries of pages that never said that they were done. */
function deleteOld(entries: IDBObjectStore): void {
  const cursors = entries.openCursor();
  cursors.onsuccess = () => {
    const cursor = cursors.result;
    if (!cursor) return;
    if ((cursor.value as Entry).time < Date.now() - MAX_AGE) cursor.delete();
    cursor.continue();
  };
}

export function createSessionStore(): SessionStore {
  return {
    async get(key) {
      const entry = await withEntries(
        'readonly',
        (entries) => entries.get(key) as IDBRequest<Entry>,
      );
      return entry && entry.time > Date.now() - MAX_AGE ? entry.pid : undefined;
    },
    async set(key, pid) {
      await withEntries('readwrite', (entries) => {
        deleteOld(entries);
        return entries.put({ pid, time: Date.now() } satisfies Entry, key);
      });
    },
    delete(key) {
      void withEntries('readwrite', (entries) => entries.delete(key));
    },
  };
}
