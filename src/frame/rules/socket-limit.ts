/**
 * `limits.sockets`: Socket.IO sockets, EventSources, WebSockets and streams of services, of one
 * page, counted together.
 */
import { HadokenError } from '../../rpc/errors.ts';

/** @default of `limits.sockets` */
export const MAX_SOCKETS = 100;

/**
 * Takes one of the page's slots. Returns what gives it back; calling that again does nothing.
 * Throws LIMIT_EXCEEDED.
 */
export type TakeSocket = () => () => void;

export function createSocketLimit(max = MAX_SOCKETS): TakeSocket {
  const taken = new Set<object>();
  return () => {
    if (taken.size >= max)
      throw new HadokenError(
        'LIMIT_EXCEEDED',
        `This page has ${max} sockets and streams open, which is the limit. Close one, ` +
          'or raise limits.sockets in host.js.',
      );
    const slot = {};
    taken.add(slot);
    return () => void taken.delete(slot);
  };
}
