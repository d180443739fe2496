/** A request's body on the frame's side: how large it is, and how large it may be. */
import { byteLengthOf } from '../../../ajax/body.ts';
import { HadokenError } from '../../../rpc/errors.ts';
import type { FormEntry, WireRequest } from '../../../rpc/wire/fetch.ts';
import type { Exchange } from '../exchange.ts';

/**
 * What each entry of a form counts for at least, in bytes: its boundary and its
 * Content-Disposition, about. Else a million empty entries would be a body of no size.
 */
const ENTRY = 100;

/** The error for a body of more than `limit` bytes. */
export function tooLarge(limit: number, { method, url }: WireRequest): HadokenError {
  return new HadokenError(
    'LIMIT_EXCEEDED',
    `${method} ${url}: the body is larger than ${limit} bytes. Raise limits.bodyBytes in host.js.`,
    { retryable: false },
  );
}

/**
 * The error for one of a keepalive request. Firefox does not hold a worker to the standard's limit.
 */
export function tooLargeForKeepalive(limit: number, { method, url }: WireRequest): TypeError {
  return new TypeError(`${method} ${url}: a keepalive body is at most ${limit} bytes.`);
}

const LINE_BREAK = /\r\n?|\n/g;

/**
 * The bytes of an entry that its page chooses, escaped as the form is when it is sent: a line break
 * in a name becomes six bytes.
 *
 * @see https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data
 */
function sizeOfEntry([name, value]: FormEntry): number {
  const nameSize = byteLengthOf(name.replace(LINE_BREAK, '%0D%0A').replaceAll('"', '%22'));
  if (typeof value === 'string') return nameSize + byteLengthOf(value.replace(LINE_BREAK, '\r\n'));
  const fileName = value.name.replace(/[\r\n"]/g, '%22');
  return nameSize + byteLengthOf(fileName) + byteLengthOf(value.type) + value.size;
}

/** In bytes. Of a stream, 0: its size shows as it comes. */
export function sizeOf({ body }: WireRequest): number {
  if (body == null) return 0;
  if (!Array.isArray(body)) return byteLengthOf(body);
  return Math.max(
    body.reduce((sum, entry) => sum + sizeOfEntry(entry), 0),
    body.length * ENTRY,
  );
}

/**
 * The body that is uploaded in chunks; fails with what `toError` makes once it has given more than
 * `limit` bytes.
 */
export function limitUpload(
  exchange: Exchange,
  limit: number,
  toError: (limit: number) => Error,
): ReadableStream {
  let bytes = 0;
  const transform = (chunk: Uint8Array, controller: TransformStreamDefaultController): void => {
    bytes += chunk.byteLength;
    if (bytes > limit) {
      const error = toError(limit);
      exchange.refusal = error;
      throw error;
    }
    controller.enqueue(chunk);
  };
  return exchange.upload().pipeThrough(new TransformStream({ transform }));
}
