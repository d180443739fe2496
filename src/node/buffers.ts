/** Bytes in an event's arguments, as Node has them. */
import { isPlatformObject } from '../rpc/is-platform-object.ts';

declare const Buffer: {
  from(data: ArrayBufferLike | string, at?: number, length?: number): Uint8Array;
};

/** Whether a test environment (jsdom) has put another ArrayBuffer in the place of Node's. */
export const isReplaced = (): boolean => !(Buffer.from('').buffer instanceof ArrayBuffer);

/** Whether there may be bytes in it: what is neither list nor plain object came whole. */
const isContainer = (value: unknown): value is object =>
  Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]';

function toBuffer(value: unknown): Uint8Array | undefined {
  if (isPlatformObject(value, 'ArrayBuffer')) return Buffer.from(value);
  return isPlatformObject(value, 'Uint8Array')
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : undefined;
}

/**
 * Puts a Buffer, as socket.io-client's in Node has it, in the place of all bytes: a port has none.
 * `args` are a copy already. No recursion: a server's data may be as deep as it likes.
 */
export function toBuffers(args: unknown[]): void {
  const left: object[] = [args];
  for (let container = left.pop(); container; container = left.pop())
    for (const [name, value] of Object.entries(container)) {
      if (isContainer(value)) left.push(value);
      const bytes = toBuffer(value);
      // Defined, for a member may be called __proto__.
      if (bytes) Object.defineProperty(container, name, { value: bytes });
    }
}
