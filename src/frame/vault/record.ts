/**
 * What the scopes of a browser know in common of the vault: whether somebody is signed in, and
 * which tokens there are. The tokens themselves are in it only where they are to be kept.
 */
import { isCount } from '../../rpc/is-count.ts';
import { isObject } from '../../rpc/is-object.ts';

/** Of one page origin. */
export type OriginRecord = {
  /** Goes up with each token, so that a scope knows whether there is a newer one than its own. */
  count: number;
  /** When the token ends, as `Date.now()` counts. */
  until: number;
  token?: string;
  /** When `refresh` last gave none, and whether it failed. */
  miss?: { at: number; isFailure: boolean };
};

export type VaultRecord = {
  /**
   * Rises with `clear()` and `signIn()`: one more, or `Date.now()` if that is larger, so that it
   * also rises after the storage was emptied. What was begun before is thrown away.
   */
  generation: number;
  /** Nothing is refreshed until somebody signs in. */
  isCleared: boolean;
  origins: Record<string, OriginRecord>;
};

/** Of a browser that has not been here. */
export const EMPTY: VaultRecord = { generation: 0, isCleared: false, origins: {} };

/** `value`, as it was stored; what another release has made of it counts as nothing. */
export function readRecord(value: unknown): VaultRecord {
  const { generation, isCleared, origins } = Object(value) as Record<string, unknown>;
  if (!isCount(generation) || typeof isCleared !== 'boolean' || !isObject(origins)) return EMPTY;
  const isOriginRecord = (entry: unknown): boolean =>
    isObject(entry) && isCount(entry.count) && typeof entry.until === 'number';
  const entries = Object.entries(origins).filter(([, entry]) => isOriginRecord(entry));
  return { generation, isCleared, origins: Object.fromEntries(entries) as VaultRecord['origins'] };
}

export type VaultStore = {
  read(): Promise<VaultRecord>;
  /**
   * Puts what `change` makes of the record in its place, with nobody in between; undefined leaves
   * it. Resolves with what is there then.
   */
  update(change: (record: VaultRecord) => VaultRecord | undefined): Promise<VaultRecord>;
};
