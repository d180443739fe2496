/**
 * Who a page is to the server: what it is authenticated by, as text to be compared. Pages share a
 * connection only where all of it is the same.
 */
import { digestOf } from '../frame/digest.ts';

/** `value` with the members of its objects in one order. */
function sort(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sort);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, sort(inner)] as const);
  // Null-prototype: a member may be called __proto__.
  const sorted: Record<string, unknown> = Object.create(null);
  for (const [name, inner] of entries.sort(([a], [b]) => (a < b ? -1 : 1))) sorted[name] = inner;
  return sorted;
}

/** `value` as JSON, in which the order of members says nothing. */
export function identityOf(value: unknown): string {
  return JSON.stringify(sort(value)) ?? '';
}

/**
 * A digest of identities. There are tokens in them, and the digest is stored: it keeps a session
 * that can be recovered to the user who had it.
 */
export function sealOf(...identities: readonly string[]): Promise<string> {
  return digestOf(JSON.stringify(identities));
}
