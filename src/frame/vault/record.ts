/**
 * What the places of a browser know in common of the vault: whether somebody is signed in, and
 * which tokens there are. The tokens themselves are in it only where they are to be kept.
 */
import { isCount } from '../../rpc/is-count.ts';

/** Of one page origin. */
export type Kept = {
  /** Goes up with each token, so that a place knows whether there is a newer one than its own. */
  count: number;
  /** When the token ends, as `Date.now()` counts. */
  until: number;
  token?: string;
  /** When `refresh` last gave none, and whether it failed. */
  without?: { at: number; isFailure: boolean };
};

export type VaultRecord = {
  /** Goes up with `clear()` and `signIn()`: what was begun before is thrown away. */
  generation: number;
  /** Nothing is refreshed until somebody signs in. */
  isCleared: boolean;
  origins: Record<string, Kept>;
};

/** Of a browser that has not been here. */
export const EMPTY: VaultRecord = { generation: 0, isCleared: false, origins: {} };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** `value`, as it was stored; what another release has made of it counts as nothing. */
export function readRecord(value: unknown): VaultRecord {
  const { generation, isCleared, origins } = Object(value) as Record<string, unknown>;
  if (!isCount(generation) || typeof isCleared !== 'boolean' || !isObject(origins)) return EMPTY;
  const isKept = (kept: unknown): boolean =>
    isObject(kept) && isCount(kept.count) && typeof kept.until === 'number';
  const own = Object.entries(origins).filter(([, kept]) => isKept(kept));
  return { generation, isCleared, origins: Object.fromEntries(own) as VaultRecord['origins'] };
}

export type VaultStore = {
  read(): Promise<VaultRecord>;
  /**
   * Puts what `change` makes of the record in its place, with nobody in between; undefined leaves
   * it. Resolves with what is there then.
   */
  update(change: (record: VaultRecord) => VaultRecord | undefined): Promise<VaultRecord>;
};

/** What the vault is with others of its origin by; see chunk.ts. */
export type VaultParts = {
  store: VaultStore;
  /** Runs `work` while nobody else of that name does. */
  lock<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Hears and tells the other places. Opened once the vault is used. */
  openChannel(): BroadcastChannel | undefined;
};

/** For one place alone. */
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

/** For one place alone, as a test is. */
export const createMemoryParts = (): VaultParts => ({
  store: createMemoryStore(),
  lock: (_, work) => work(),
  openChannel: () => undefined,
});
