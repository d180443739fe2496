/** What comes over a request's own port, from a page: looked at before anything is done with it. */
import type { FetchMessage } from '../rpc/contract.ts';

/** A message that a page may send, or undefined: the rest go the other way, and anything else is nothing. */
export function readFetchMessage(data: unknown): FetchMessage | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { type, bytes, loaded } = data as Record<string, unknown>;
  const valid =
    type === 'end' ||
    type === 'abort' ||
    (type === 'chunk' && bytes instanceof ArrayBuffer) ||
    (type === 'taken' && Number.isSafeInteger(loaded) && (loaded as number) >= 0);
  return valid ? (data as FetchMessage) : undefined;
}
