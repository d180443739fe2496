/**
 * A `Request` as data and back. The page's own `Request` normalises; the frame's builds the one
 * that is sent.
 */
import { HadokenError } from '../rpc/errors.ts';
import { isList } from '../rpc/is-count.ts';
import { isRecord } from '../rpc/is-object.ts';
import { isPlatformObject } from '../rpc/is-platform-object.ts';
import {
  PLAIN_MEMBERS,
  REQUEST_MEMBERS,
  type WireBody,
  type WireRequest,
} from '../rpc/wire/fetch.ts';
import type { Source } from './body.ts';
import { isForbiddenName } from './forbidden-headers.ts';

/** What `toWireRequest` makes of an input. */
export type Outgoing = {
  wire: WireRequest;
  /** What `init.signal` is, else that of a Request given as input: nobody can abort another. */
  signal: AbortSignal | undefined;
  /** A body that follows in chunks, where `wire.body` says so. */
  source: Source | undefined;
  /** A body that is being read: see {@link complete}. */
  reading: Promise<Blob> | undefined;
};

/** Whether a request of that method has no body, and changes nothing. */
export function isSafeMethod(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Whether it is a Request, of this page or of an iframe. */
export function isRequest(input: unknown): input is Request {
  return isPlatformObject(input, 'Request');
}

/**
 * The names in `init.headers` as they were written, which go over HTTP/1 so: a Headers shows
 * lower case alone.
 */
function writtenNames({ headers = {} }: RequestInit): string[] {
  const given = Object(headers);
  return Symbol.iterator in given
    ? [...(given as Iterable<[string]>)].map(([name]) => `${name}`)
    : Object.keys(given);
}

/** Methods that a Request writes in capitals. */
const NORMALISED = /^(delete|get|head|options|post|put)$/i;

/**
 * What the platform's Request would make of it, in a page that has another class of that name: old
 * MooTools has. What this lets through and should not, the frame's Request refuses.
 */
function withoutRequest(input: RequestInfo | URL, init: RequestInit, base: string): Request {
  if (isRequest(input))
    throw new HadokenError(
      'UNSUPPORTED',
      "fetch(): this page's Request is not the platform's. Give the URL and the options instead.",
    );
  const { body = null, headers = {}, referrer = 'about:client' } = init;
  const written = `${init.method ?? 'GET'}`;
  const method = NORMALISED.test(written) ? written.toUpperCase() : written;
  if (body !== null && isSafeMethod(method)) throw new TypeError(`A ${method} has no body.`);
  // Finds the Content-Type of a body, as a Request does.
  const sending = new Response(body, { headers });
  for (const name of [...sending.headers.keys()])
    if (isForbiddenName(name)) sending.headers.delete(name);
  const members = Object.entries(PLAIN_MEMBERS).map(([name, type]) => {
    const value = init[name as keyof typeof PLAIN_MEMBERS];
    if (value === undefined) return [name, value];
    return [name, type === 'boolean' ? !!value : `${value}`];
  });
  return {
    ...Object.fromEntries(members),
    url: new URL(input, base).href,
    method,
    headers: sending.headers,
    referrer,
    blob: () => sending.blob(),
  } as unknown as Request;
}

/** A Request of this page. Throws what the platform's does. */
function makeRequest(input: RequestInfo | URL, init: RequestInit, base: string): Request {
  const made =
    typeof Request === 'function' &&
    new Request(isRequest(input) ? input : new URL(input, base), init);
  return isRequest(made) ? made : withoutRequest(input, init, base);
}

/**
 * `init` with `own` in the place of its members, which may be getters, and inherited: a Request has
 * none of its own.
 */
export function withOwn(init: RequestInit, own: RequestInit): RequestInit {
  // Its names, for a Request in a test environment's place that makes a copy.
  const names = [...Object.keys(init), ...Object.keys(own)].map((name) => [name]);
  return new Proxy(Object.fromEntries(names), {
    get: (_, key) => Reflect.get(key in own ? own : init, key),
  });
}

/**
 * Takes what `fetch` takes. Rejects with what the platform's `Request` throws, before anything
 * crosses. `base` resolves a relative URL.
 */
export async function toWireRequest(
  input: RequestInfo | URL,
  init: RequestInit,
  base: string,
): Promise<Outgoing> {
  const { body, priority, referrer } = init;
  // A stream goes in chunks and a form as its entries: an empty body stands in for them.
  const stream = isPlatformObject(body, 'ReadableStream') && body;
  const form = isPlatformObject(body, 'FormData') && body;
  const stand = (stream || form) && new Uint8Array();
  const request = makeRequest(input, stand ? withOwn(init, { body: stand }) : init, base);
  const { url, method, headers } = request;
  // WebKit's Request takes a signal that is none.
  const signal = init.signal ?? (isRequest(input) ? request.signal : undefined);
  const own: Record<string, unknown> = {};
  for (const key of Object.keys(PLAIN_MEMBERS) as (keyof typeof PLAIN_MEMBERS)[])
    if (request[key] !== undefined) own[key] = request[key];
  if (priority) own.priority = priority;
  // The page's Request drops a referrer on the frame's origin, which is the only one that the
  // frame's takes.
  if (referrer) own.referrer = new URL(referrer, base).href;
  else if (!request.referrer) own.referrer = '';
  const names = writtenNames(init);
  const wire: WireRequest = {
    url,
    method,
    headers: [...headers].map(([name, value]) => [
      names.find((written) => written.toLowerCase() === name) ?? name,
      value,
    ]),
    init: own,
  };
  if (stream) wire.body = null;
  else if (form) wire.body = [...form];
  // At once: a keepalive request may be the last thing that a page does.
  else if (typeof body === 'string') wire.body = body;
  const hasRest = !('body' in wire) && !isSafeMethod(method);
  // By reference where the engine can: a file stays where it is. Its Content-Type is a header
  // already.
  const reading = hasRest ? request.blob() : undefined;
  reading?.catch(() => {});
  return { wire, signal, source: stream ? stream.getReader() : undefined, reading };
}

/**
 * Puts the body that {@link toWireRequest} has begun to read into the wire. A Request may have
 * a stream which never ends: what ends the call shall not wait for it.
 */
export async function complete({ wire, reading }: Outgoing): Promise<void> {
  const blob = await reading;
  if (blob?.size) wire.body = blob;
}

/**
 * The body for the frame's own `Request`, of what `toWireRequest` made of it; not for a stream,
 * whose chunks follow.
 */
export function fromWireBody(body: WireBody | undefined): BodyInit | null {
  if (!Array.isArray(body)) return body ?? null;
  const form = new FormData();
  for (const [name, value] of body) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, value.name);
  }
  return form;
}

/** The request that is sent. Throws what the platform throws for what it does not take. */
export function fromWireRequest(
  wire: WireRequest,
  body: BodyInit | null = fromWireBody(wire.body),
  signal: AbortSignal | null = null,
): Request {
  const { url, method, headers, init } = wire;
  const half = isPlatformObject(body, 'ReadableStream') ? { duplex: 'half' } : {};
  return new Request(url, { ...init, ...half, method, headers, body, signal });
}

function isInit(value: unknown): boolean {
  const types: Record<string, string> = REQUEST_MEMBERS;
  const isMember = ([key, entry]: [string, unknown]): boolean =>
    Object.hasOwn(types, key) && typeof entry === types[key];
  return isRecord(value) && Object.entries(value).every(isMember);
}

function isPair(value: unknown, isSecond: (second: unknown) => boolean): boolean {
  return (
    Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isSecond(value[1])
  );
}

function isBody(body: unknown): boolean {
  const isText = (value: unknown): boolean => typeof value === 'string';
  const isFile = (value: unknown): boolean => isPlatformObject(value, 'File');
  if (isList(body))
    return body.every((entry) => isPair(entry, (value) => isText(value) || isFile(value)));
  return body == null || isText(body) || isPlatformObject(body, 'ArrayBuffer', 'Blob', 'File');
}

function isWireRequest(value: unknown): value is WireRequest {
  if (!isRecord(value)) return false;
  const { url, method, headers, init, body, progress, timing } = value;
  return (
    typeof url === 'string' &&
    typeof method === 'string' &&
    isList(headers) &&
    headers.every((header) => isPair(header, (text) => typeof text === 'string')) &&
    isInit(init) &&
    isBody(body) &&
    [progress, timing].every((flag) => flag === undefined || typeof flag === 'boolean')
  );
}

/**
 * A peer's value, or undefined where it has not the shape of a {@link WireRequest}. What the values
 * mean is the policy's business.
 */
export function readWireRequest(value: unknown): WireRequest | undefined {
  if (!isWireRequest(value)) return undefined;
  const { url, method, headers, init, body, progress, timing } = value;
  const read: WireRequest = { url, method, headers, init };
  if (body !== undefined) read.body = body;
  if (progress !== undefined) read.progress = progress;
  if (timing !== undefined) read.timing = timing;
  return read;
}
