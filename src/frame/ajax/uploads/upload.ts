/** Ways to send a request that tell how much of its body has left. */
import { fromWireResponse } from '../../../ajax/response.ts';
import type { OnProgress, Upload } from '../../effects.ts';
import { FAILED } from '../prepare.ts';

/** Whether an XMLHttpRequest can send `request` as `fetch` would, but for its `mode`. */
export function isUploadable(request: Request): boolean {
  const { credentials, redirect, integrity, cache, keepalive, referrer, referrerPolicy } = request;
  return (
    credentials !== 'omit' &&
    redirect === 'follow' &&
    integrity === '' &&
    cache === 'default' &&
    !keepalive &&
    referrer === 'about:client' &&
    referrerPolicy === ''
  );
}

/**
 * `request` with a body that counts what the network takes of it: for `fetch` where it streams
 * bodies. Such a body has no Content-Length, and can't be sent twice, so that a redirect by 307 or
 * 308 fails.
 */
export async function countBody(request: Request, onProgress: OnProgress): Promise<Request> {
  const whole = await request.blob();
  let loaded = 0;
  const counter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      loaded += chunk.byteLength;
      onProgress(loaded, whole.size);
    },
  });
  // An empty body is sent as it is, for there is nothing to count.
  const body = whole.size ? whole.stream().pipeThrough(counter) : whole;
  // By itself the constructor sets the two back.
  const { referrer, referrerPolicy } = request;
  const init: RequestInit & { duplex: 'half' } = { body, duplex: 'half', referrer, referrerPolicy };
  return new Request(request, init);
}

function readHeaders(text: string): [name: string, value: string][] {
  const lines = text.split('\r\n').filter((line) => line !== '');
  return lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
}

/**
 * As which an XMLHttpRequest gives its answer while that comes: text of one character for each
 * byte, those above 0x7F from U+F780 on. An answer that begins with a byte order mark is text of
 * that encoding instead, whatever is asked for.
 *
 * @see https://encoding.spec.whatwg.org/#x-user-defined
 */
const AS_BYTES = 'text/plain; charset=x-user-defined';
const NOT_BYTES = /[^\0-\x7f\uf780-\uf7ff]/;
const UTF8_MARK = '\ufeff';

const toBytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (char) => char.charCodeAt(0) & 0xff);

/**
 * The bytes of a whole answer of `size` bytes that began with a byte order mark, or undefined where
 * they can't be had: where the mark is that of UTF-16, or may be.
 */
function encodeMarked(text: string, size: number): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new TextEncoder().encode(UTF8_MARK + text);
  // Of an odd byte at the end there is no text in Chromium.
  const isUtf16 = size >> 1 === text.length + 1;
  return size === bytes.byteLength && !isUtf16 ? bytes : undefined;
}

/** The body of the answer that `xhr` is getting, as it comes. */
function streamOf(xhr: XMLHttpRequest, signal: AbortSignal): ReadableStream<Uint8Array> {
  // Firefox counts what is compressed as it comes.
  const isCounted = xhr.getResponseHeader('content-encoding') === null;
  let taken = 0;
  let isMarked = false;
  return new ReadableStream({
    start(controller) {
      const take = (loaded: number, isLast = false): void => {
        const text = xhr.responseText;
        // As long as it may be the beginning of a mark there is no text.
        if (taken === 0 && (text || isLast))
          isMarked = (isCounted && text.length < loaded) || NOT_BYTES.test(text);
        if (isMarked || text.length === taken) return;
        controller.enqueue(toBytes(text.slice(taken)));
        taken = text.length;
      };
      const fail = (reason: unknown): void => {
        xhr.onprogress = xhr.onload = xhr.onerror = null;
        controller.error(reason);
      };
      xhr.onprogress = ({ loaded }) => take(loaded);
      xhr.onerror = () => fail(new TypeError(FAILED));
      xhr.onload = ({ loaded }) => {
        take(loaded, true);
        const marked = isMarked && encodeMarked(xhr.responseText, isCounted ? loaded : 0);
        if (marked === undefined) return fail(new TypeError(FAILED));
        if (marked) controller.enqueue(marked);
        controller.close();
      };
      signal.addEventListener('abort', () => fail(signal.reason));
    },
    cancel: () => xhr.abort(),
  });
}

/** The answer whose head `xhr` has got, as a Response. */
function toResponse(xhr: XMLHttpRequest, request: Request, signal: AbortSignal): Response {
  const { status, statusText, responseURL: url } = xhr;
  const headers = readHeaders(xhr.getAllResponseHeaders());
  const redirected = url !== request.url.split('#')[0];
  const hasNoBody = [204, 205, 304].includes(status);
  const head = { status, statusText, headers, url, type: 'basic' as const, redirected };
  // What fails the body fails its stream.
  return fromWireResponse(head, hasNoBody ? null : streamOf(xhr, signal), new Promise(() => {}));
}

/**
 * Sends `request` by XMLHttpRequest, which follows redirects to other origins, headers and body
 * included. The Response's body comes as the server sends it, is not held back where nobody reads
 * it, and is kept whole by the XMLHttpRequest.
 */
export const uploadByXhr: Upload = async (request, form, signal, onProgress) => {
  const body = form ?? (await request.blob());
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    const onAbort = (): void => {
      xhr.abort();
      reject(signal.reason);
    };
    xhr.open(request.method, request.url);
    for (const [name, value] of request.headers) {
      // A form gets a boundary of its own each time that it is sent.
      const ofForm = form && value.startsWith('multipart/form-data; boundary=');
      if (!ofForm) xhr.setRequestHeader(name, value);
    }
    xhr.overrideMimeType(AS_BYTES);
    xhr.upload.onprogress = ({ loaded, total, lengthComputable }) =>
      onProgress(loaded, lengthComputable ? total : undefined);
    xhr.onerror = () => reject(new TypeError(FAILED));
    xhr.onreadystatechange = () => {
      if (xhr.readyState === XMLHttpRequest.HEADERS_RECEIVED)
        resolve(toResponse(xhr, request, signal));
    };
    xhr.onloadend = () => signal.removeEventListener('abort', onAbort);
    signal.addEventListener('abort', onAbort);
    xhr.send(body);
  });
};
