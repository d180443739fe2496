/** A `Response` as data and back: the head, and as much of the body as is there at once. */
import type { WireResponse } from '../rpc/contract.ts';
import { ownBuffer, type Source } from './body.ts';

/** A body up to this size that is there at once rides in the head's message, in bytes. */
const INLINE = 65_536;
/** How long the head waits for the rest of such a body, in ms. */
const GRACE = 2;

/** What `toWireResponse` makes of a response: its head and, unless the body came along whole, where the rest comes from. */
export type Incoming = { wire: WireResponse; rest?: Source };

/** What only the platform sets, and a Response that a hook made lacks. */
export type Provenance = Pick<Response, 'url' | 'type' | 'redirected'>;

function concat(chunks: Uint8Array[]): ArrayBuffer {
  const [first] = chunks;
  if (first && chunks.length === 1) return ownBuffer(first, true);
  const all = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.byteLength;
  }
  return all.buffer;
}

/** The head of `response` with its first bytes. Takes the body over. `from`: the answer that it was made of. */
export async function toWireResponse(
  response: Response,
  from: Provenance = response,
  grace = GRACE,
): Promise<Incoming> {
  const { status, statusText, headers, ok, body } = response;
  const { url, type, redirected } = response.url ? response : from;
  const head = { status, statusText, headers: [...headers], ok, url, type, redirected };
  const wire: WireResponse = { ...head, body: null };
  const reader = body?.getReader();
  if (!reader) return { wire };

  const chunks: Uint8Array[] = [];
  let size = 0;
  let done = false;
  let pending: ReturnType<Source['read']> | undefined;
  const late = new Promise<undefined>((resolve) => setTimeout(resolve, grace));
  while (!done && size < INLINE) {
    pending = reader.read();
    // A read that failed is told in its turn, after the bytes that did come.
    const result = await Promise.race([pending, late]).catch(() => undefined);
    if (!result) break;
    pending = undefined;
    done = result.done;
    if (!result.value) continue;
    chunks.push(result.value);
    size += result.value.byteLength;
  }
  pending?.catch(() => {});
  wire.body = { bytes: concat(chunks), done };
  if (done) return { wire };
  const rest: Source = {
    read() {
      const next = pending ?? reader.read();
      pending = undefined;
      // Firefox calls a connection that broke an AbortError here; the platform's own text() tells a TypeError.
      return next.catch((error: unknown) => {
        throw error instanceof DOMException ? new TypeError(error.message) : error;
      });
    },
    cancel: (reason) => reader.cancel(reason),
  };
  return { wire, rest };
}

function define(target: object, values: object): void {
  for (const [key, value] of Object.entries(values))
    Object.defineProperty(target, key, { value, configurable: true });
}

function immutable(): never {
  throw new TypeError('Headers are immutable');
}

const READS = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const;

/** Gives a response made here what only the platform sets, and its clones too. */
function dress(response: Response, own: object, stopped: Promise<never> | undefined): Response {
  const { clone } = response;
  define(response, { ...own, clone: () => dress(clone.call(response), own, stopped) });
  define(response.headers, { append: immutable, set: immutable, delete: immutable });
  // The engines tell errors of their own, whatever it was that the stream failed with.
  if (stopped)
    for (const name of READS) {
      const read = response[name];
      if (read) define(response, { [name]: () => Promise.race([read.call(response), stopped]) });
    }
  return response;
}

/**
 * A real `Response` of the head and its body: `bytes` that are all of it, or a stream. `stopped` rejects with the
 * reason when the stream fails.
 */
export function fromWireResponse(
  { status, statusText, headers, ok, url, type, redirected }: WireResponse,
  body?: BodyInit | null,
  stopped?: Promise<never>,
): Response {
  const own = { url, type, redirected };
  try {
    return dress(new Response(body, { status, statusText, headers }), own, stopped);
  } catch {
    // An opaque redirect's 0, the 999 that some servers answer, and the 204 that has an empty body in Chromium.
    return dress(new Response(body, { statusText, headers }), { ...own, status, ok }, stopped);
  }
}
