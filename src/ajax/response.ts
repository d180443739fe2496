/** A `Response` as data and back: the head, and as much of the body as is there at once. */
import type { WireResponse } from '../rpc/contract.ts';
import { ownBuffer, type Read } from './body.ts';

/** A body up to this size that is there at once rides in the head's message, in bytes. */
const INLINE = 65_536;
/** How long the head waits for the rest of such a body, in ms. */
const GRACE = 2;

/** What `toWireResponse` makes of a response: the head's message and, unless its body is done, how to read on. */
export type Incoming = {
  wire: WireResponse;
  transfer: Transferable[];
  read?: Read;
  cancel(reason?: unknown): void;
};

function concat(chunks: Uint8Array[], length: number): ArrayBuffer {
  if (chunks.length === 1 && chunks[0]) return ownBuffer(chunks[0], true);
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all.buffer;
}

/** The head of `response` with its first bytes; takes the body over. */
export async function toWireResponse(response: Response): Promise<Incoming> {
  const { url, status, statusText, headers, type, redirected } = response;
  const wire: WireResponse = { url, status, statusText, headers: [...headers], type, redirected, body: null };
  const reader = response.body?.getReader();
  if (!reader) return { wire, transfer: [], cancel() {} };
  const cancel = (reason?: unknown): void => void reader.cancel(reason).catch(() => {});

  const chunks: Uint8Array[] = [];
  let length = 0;
  let done = false;
  let pending: ReturnType<Read> | undefined;
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, GRACE));
  while (!done && length < INLINE) {
    const next: ReturnType<Read> = reader.read();
    // A failed read is told by the reader's own next read, after the bytes that did come.
    const result = await Promise.race([next, late]).catch(() => undefined);
    if (!result) {
      pending = next;
      break;
    }
    done = result.done;
    if (result.value) {
      chunks.push(result.value);
      length += result.value.byteLength;
    }
  }
  pending?.catch(() => {});
  const bytes = concat(chunks, length);
  wire.body = { bytes, done };
  const read: Read = () => {
    const next = pending ?? reader.read();
    pending = undefined;
    return next;
  };
  return done ? { wire, transfer: [bytes], cancel } : { wire, transfer: [bytes], cancel, read };
}

/** Gives a response made here the properties that only the platform sets, and its clones too. */
function dress(response: Response, { url, type, redirected, status }: WireResponse): Response {
  const own = { url, type, redirected, ...(response.status === status ? {} : { status }) };
  const clone = response.clone;
  for (const [key, value] of Object.entries(own)) Object.defineProperty(response, key, { value });
  Object.defineProperty(response, 'clone', {
    value: () => dress(clone.call(response), { url, type, redirected, status } as WireResponse),
    configurable: true,
    writable: true,
  });
  return response;
}

/** A real `Response` of the head and its body: `bytes` that are all of it, or a stream. */
export function fromWireResponse(
  wire: WireResponse,
  body: ArrayBuffer | ReadableStream<Uint8Array> | null,
): Response {
  const { status, statusText, headers } = wire;
  // An opaque redirect or an error has status 0, which the constructor refuses.
  const response = status === 0 ? Response.error() : new Response(body, { status, statusText, headers });
  return dress(response, wire);
}
