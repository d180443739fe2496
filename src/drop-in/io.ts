/** The page's `io`, of whichever Socket.IO client, with the frame's server behind the frame. */
import type { Hadoken, Io } from '../parent/index.ts';

/** Whether `uri` names no server, or the frame's. */
function isOfFrame(uri: unknown, frame: string): boolean {
  if (typeof uri !== 'string' || !/^((http|ws)s?:)?\/\//i.test(uri)) return true;
  try {
    const { protocol, host } = new URL(uri, frame);
    return `${protocol.replace(/^ws/, 'http')}//${host}` === frame;
  } catch {
    return false;
  }
}

/** `native`: what the page has by the name of io, if anything. `frame`: the frame's origin. */
export function createIo(native: unknown, { io }: Hadoken, frame: string): Io {
  const choose = (uri: unknown): unknown =>
    typeof native === 'function' && !isOfFrame(uri, frame) ? native : io;
  function taking(this: unknown, ...args: unknown[]): unknown {
    return Reflect.apply(choose(args[0]) as Io, this, args);
  }
  return Object.assign(taking, { ...io, connect: taking }) as unknown as Io;
}
