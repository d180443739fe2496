/** A `Response` as data and back: the head, and as much of the body as is there at once. */

import { isCount } from '../rpc/is-count.ts';
import { isPlatformObject } from '../rpc/is-platform-object.ts';
import type { WireHeader, WireResponse } from '../rpc/wire/fetch.ts';
import { ownBuffer, type Source } from './body.ts';

/** A body up to this size that is there at once rides in the head's message, in bytes. */
const INLINE = 65_536;
/**
 * How long the head waits for the rest of such a body, in ms: where its length is known, and where
 * it may be longer.
 */
const GRACE_KNOWN = 10;
const GRACE = 2;

/** The platform's, also where a test puts timers of its own in its place later. */
const { setTimeout, clearTimeout } = globalThis;
/** Statuses with which the constructor takes no body. */
const NULL_BODY = [204, 205, 304];

/** The head of a response as data. */
export type WireHead = Omit<WireResponse, 'bytes' | 'done' | 'downloaded' | 'timing'>;

/**
 * What `toWireResponse` makes of a response: its head and, unless the body came along whole, where
 * the rest comes from.
 */
export type Incoming = { wire: WireResponse; rest?: Source };

/**
 * What only the platform sets, as the page is to see it: a Response that a hook made has none, or
 * another's.
 */
export type Provenance = Pick<Response, 'url' | 'type' | 'redirected'>;

/**
 * A header that ends with empty values, "a, ", as the several that it was made of: a Headers takes
 * blanks off the end of a value, and joins values of one name by ", ".
 */
function splitEmpty([name, value]: WireHeader): WireHeader[] {
  const kept = value.replace(/(, )+$/, '');
  const empty: WireHeader[] = Array((value.length - kept.length) / 2).fill([name, '']);
  return [[name, kept], ...empty];
}

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

/** A body's reader, which is told how many bytes are wanted at most, where it can keep to it. */
type Reader = {
  read(size: number): Promise<ReadableStreamReadResult<unknown>>;
  cancel(reason?: unknown): Promise<void>;
};

/**
 * Of a short body whose length is known, a reader that fills a buffer of that length: Chromium
 * 156 reads it in a quarter of the time that chunks take.
 */
function readerOf(body: ReadableStream<Uint8Array>, length: number | undefined): Reader {
  if (length !== undefined && length <= INLINE)
    try {
      const reader = body.getReader({ mode: 'byob' });
      return {
        read: (size) => reader.read(new Uint8Array(size)),
        cancel: (reason) => reader.cancel(reason),
      };
    } catch {
      // An engine whose bodies are no byte streams.
    }
  return body.getReader();
}

/** Reads of `reader`, each in bytes of its own: a hook may give the same ones again. */
function copying(reader: Reader): Reader {
  return {
    async read(size) {
      const { done, value } = await reader.read(size);
      if (done) return { done, value };
      return {
        done,
        value: isPlatformObject(value, 'Uint8Array') ? new Uint8Array(ownBuffer(value)) : value,
      };
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/**
 * The next bytes. Anything else, of a stream that a hook made, is the TypeError that the platform's
 * own reading gives.
 */
async function readBytes(
  reader: Reader,
  size = INLINE,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  const { done, value } = await reader.read(size);
  if (done) return { done, value: undefined };
  if (isPlatformObject(value, 'Uint8Array')) return { done, value };
  throw new TypeError('A body is a stream of Uint8Arrays.');
}

/**
 * The head of `response` with its first bytes. Takes the body over. `from`: what the page sees of
 * where it comes from. `isHooks`: a hook has made it.
 */
export async function toWireResponse(
  response: Response,
  from: Provenance = response,
  grace?: number,
  isHooks = false,
): Promise<Incoming> {
  const { status, statusText, body } = response;
  const { url, type, redirected } = from;
  const headers = [...response.headers].flatMap(splitEmpty);
  const head: WireHead = { status, statusText, headers, url, type, redirected };
  const told = Number(response.headers.get('content-length'));
  const length = isCount(told) && told > 0 ? told : undefined;
  // The length of a compressed body is not the number of bytes that are counted.
  const total = response.headers.has('content-encoding') ? undefined : length;
  const wire: WireResponse = { ...head, bytes: null, done: true, downloaded: { loaded: 0, total } };
  if (!body) return { wire };

  // The network ends such a body at that length, and says so a message later: it is not waited for.
  // A Response that a hook or a service worker made may have any header, and where there is a
  // Transfer-Encoding, that says where the body ends.
  const isFramed = response.type === 'basic' && !response.headers.has('transfer-encoding');
  const framed = isFramed ? total : undefined;
  const made = readerOf(body, framed);
  const reader = isHooks ? copying(made) : made;
  const chunks: Uint8Array[] = [];
  let size = 0;
  let done = false;
  // Before the timer, which counts what the body takes, and no stall before it is asked for.
  let pending: ReturnType<Source['read']> | undefined = readBytes(reader, framed);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, grace ?? (length && length <= INLINE ? GRACE_KNOWN : GRACE));
  });
  while (!done && size < INLINE) {
    pending ??= readBytes(reader, framed && framed - size);
    // A read that failed is told in its turn, after the bytes that did come.
    const result = await Promise.race([pending, late]).catch(() => undefined);
    if (!result) break;
    pending = undefined;
    done = result.done;
    if (!result.value) continue;
    chunks.push(result.value);
    size += result.value.byteLength;
    done = size === framed;
  }
  clearTimeout(timer);
  pending?.catch(() => {});
  if (done || size) wire.bytes = concat(chunks);
  wire.done = done;
  wire.downloaded.loaded = size;
  if (done) {
    // For the engine, which times a request by the end of its body, and lets it go there.
    readBytes(reader, 1).catch(() => {});
    return { wire };
  }
  const rest: Source = {
    read() {
      const next = pending ?? readBytes(reader);
      pending = undefined;
      // Firefox calls a connection that broke an AbortError here; the platform's own text() tells a
      // TypeError.
      return next.catch((error: unknown) => {
        throw error instanceof DOMException ? new TypeError(error.message) : error;
      });
    },
    cancel: (reason) => reader.cancel(reason),
  };
  return { wire, rest };
}

function immutable(): never {
  throw new TypeError('Headers are immutable');
}

const READERS = ['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const;

/** Gives a response made here what only the platform sets, and its clones too. */
function setPlatformMembers(
  response: Response,
  own: PropertyDescriptorMap,
  stopped?: Promise<never>,
): Response {
  // As the platform's: a page may put its own in their place, and sees none of them as its own.
  const define = (target: object, name: string, value: unknown): void => {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  };
  for (const name of ['append', 'set', 'delete']) define(response.headers, name, immutable);
  const { clone } = response;
  define(response, 'clone', () => setPlatformMembers(clone.call(response), own, stopped));
  for (const name of stopped ? READERS : []) {
    const method = response[name] as (() => Promise<never>) | undefined;
    // The engines tell errors of their own, whatever it was that the stream failed with.
    if (method) define(response, name, () => Promise.race([method.call(response), stopped]));
  }
  return Object.defineProperties(response, own);
}

/**
 * A real `Response` of the head and its body. `stopped` rejects with the reason when the body
 * fails, if it can. Throws what the constructor throws, for a head that no server can have sent.
 */
export function fromWireResponse(
  {
    status = 0,
    statusText = '',
    headers,
    url = '',
    type = 'default',
    redirected = false,
  }: Partial<WireHead>,
  body: BodyInit | null,
  stopped?: Promise<never>,
): Response {
  // The constructor refuses an opaque redirect's 0, the 999 that some servers answer, and the 204
  // that has an empty body in Chromium.
  const isAccepted =
    status >= 200 && status < 600 && !(body !== null && NULL_BODY.includes(status));
  const init = { status: isAccepted ? status : 200, headers: headers as HeadersInit };
  const ok = status >= 200 && status < 300;
  // The constructor of Node refuses texts that its own fetch gives.
  const own = { url, type, redirected, status, statusText, ok };
  const descriptors = Object.entries(own).map(([key, value]) => [
    key,
    { value, configurable: true },
  ]);
  return setPlatformMembers(new Response(body, init), Object.fromEntries(descriptors), stopped);
}
