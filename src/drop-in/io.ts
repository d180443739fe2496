/** The page's `io`, of whichever Socket.IO client, with the frame's server behind the frame. */
import type { Hadoken, Io } from '../parent/index.ts';
import { httpOriginOf } from './urls.ts';

/** Whether `uri` names no server, or the frame's: what has no scheme is a host. */
function isOfFrame(uri: unknown, frame: string): boolean {
  const [server = ''] = typeof uri === 'string' ? (/^(\w*:?\/\/)?[^/?#]*/.exec(uri) ?? []) : [];
  if (server === '') return true;
  try {
    return httpOriginOf(new URL(/\/\//.test(server) ? server : `//${server}`, frame)) === frame;
  } catch {
    return false;
  }
}

/**
 * `native`: what the page has by the name of io, if anything: a function, or in releases before 1.0
 * an object with `connect`. `frame`: the frame's origin.
 */
export function createIo(
  native: unknown,
  { io }: Hadoken,
  frame: string,
  isReleased: () => boolean,
): Io {
  const theirs = typeof native === 'function' ? native : Object(native).connect;
  const isTheirs = (uri: unknown): boolean =>
    typeof theirs === 'function' && (isReleased() || !isOfFrame(uri, frame));
  function taking(this: unknown, ...args: unknown[]): unknown {
    return isTheirs(args[0]) ? Reflect.apply(theirs, native, args) : Reflect.apply(io, this, args);
  }
  return Object.assign(taking, { ...io, connect: taking }) as unknown as Io;
}
