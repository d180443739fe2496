/** A `Request` as data and back. The page's own `Request` normalises; the frame's builds the one that is sent. */
import type { WireBody, WireRequest, WireRequestInit } from '../rpc/contract.ts';

/** What `toWireRequest` makes of an input. */
export type Outgoing = {
  wire: WireRequest;
  /** Follows `init.signal`, or the signal of a Request given as input. */
  signal: AbortSignal;
  /** To be transferred with it. */
  transfer: Transferable[];
  /** A body that follows in chunks, where `wire.body` says so. */
  stream?: ReadableStream<Uint8Array>;
};

type BodyParts = {
  wire?: WireBody;
  stand?: BodyInit;
  transfer?: Transferable[];
  stream?: ReadableStream<Uint8Array>;
};

/**
 * `body` as data, and an empty stand-in of the same kind: the stand-in goes through the platform's checks and gives
 * the right Content-Type without a copy of the bytes.
 */
function takeBody(body: BodyInit): BodyParts {
  if (body instanceof Blob)
    return { wire: { type: 'data', data: body }, stand: new Blob([], { type: body.type }) };
  if (body instanceof FormData) return { wire: { type: 'form', entries: [...body] }, stand: new FormData() };
  if (body instanceof URLSearchParams)
    return { wire: { type: 'data', data: String(body) }, stand: new URLSearchParams() };
  if (body instanceof ReadableStream) {
    if (body.locked) throw new TypeError('The body is a ReadableStream that is locked');
    return { wire: { type: 'stream' }, stand: new Uint8Array(), stream: body as ReadableStream<Uint8Array> };
  }
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) {
    // A copy: the caller's buffer is never detached, and a later write to it does not get through.
    const view = ArrayBuffer.isView(body) ? body : new Uint8Array(body);
    const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) as ArrayBuffer;
    return { wire: { type: 'data', data: bytes }, stand: new Uint8Array(), transfer: [bytes] };
  }
  return { wire: { type: 'data', data: String(body) }, stand: '' };
}

function differs<T>(value: T, usual: T): T | undefined {
  return value === usual ? undefined : value;
}

/** What of `request` is not the default. Left out: a referrer, which is the frame's own or none. */
function toWireInit(request: Request, init: RequestInit): WireRequestInit {
  const wire: Record<string, unknown> = {
    mode: differs(request.mode, 'cors'),
    credentials: differs(request.credentials, 'same-origin'),
    cache: differs(request.cache, 'default'),
    redirect: differs(request.redirect, 'follow'),
    referrer: differs(request.referrer === '' ? '' : undefined, undefined),
    referrerPolicy: differs(request.referrerPolicy, ''),
    integrity: differs(request.integrity, ''),
    keepalive: request.keepalive || undefined,
    priority: init.priority,
  };
  for (const key of Object.keys(wire)) if (wire[key] === undefined) delete wire[key];
  return wire;
}

/**
 * Takes what `fetch` takes. Throws (rejects with) what the platform's `Request` throws, before anything crosses.
 * `base` resolves a relative URL.
 */
export async function toWireRequest(
  input: RequestInfo | URL,
  init: RequestInit = {},
  base: string,
): Promise<Outgoing> {
  const given = init.body === null || init.body === undefined ? undefined : takeBody(init.body);
  const resolved = input instanceof Request ? input : new URL(input, base);
  const request = new Request(resolved, given ? { ...init, body: given.stand ?? null } : init);
  const wire: WireRequest = {
    url: request.url,
    method: request.method,
    headers: [...request.headers],
    init: toWireInit(request, init),
  };
  const outgoing: Outgoing = { wire, signal: request.signal, transfer: given?.transfer ?? [] };
  if (given) {
    wire.body = given.wire as WireBody;
    if (given.stream) outgoing.stream = given.stream;
    // The frame's FormData gets a boundary of its own.
    if (wire.body.type === 'form' && !new Headers(init.headers).has('content-type'))
      wire.headers = wire.headers.filter(([name]) => name !== 'content-type');
  } else if (input instanceof Request && request.method !== 'GET' && request.method !== 'HEAD') {
    // A Request's body is read here; its Content-Type, boundary and all, is among the headers already.
    const data = await request.arrayBuffer();
    if (data.byteLength > 0) {
      wire.body = { type: 'data', data };
      outgoing.transfer = [data];
    }
  }
  return outgoing;
}

/** The body for the frame's own `Request`, of what `toWireRequest` made of it. A stream's chunks come as `stream`. */
export function fromWireBody(body: WireBody | undefined, stream: () => BodyInit): BodyInit | null {
  if (!body) return null;
  if (body.type === 'data') return body.data;
  if (body.type === 'stream') return stream();
  const form = new FormData();
  for (const [name, value] of body.entries) {
    if (typeof value === 'string') form.append(name, value);
    else form.append(name, value, value.name);
  }
  return form;
}

/** The request that is sent. Throws what the platform throws for what it does not take. */
export function fromWireRequest(wire: WireRequest, body: BodyInit | null): Request {
  const { url, method, headers, init } = wire;
  return new Request(url, { ...init, method, headers, body });
}

const INIT_KEYS: ReadonlyMap<string, string> = new Map([
  ['mode', 'string'],
  ['credentials', 'string'],
  ['cache', 'string'],
  ['redirect', 'string'],
  ['referrer', 'string'],
  ['referrerPolicy', 'string'],
  ['integrity', 'string'],
  ['keepalive', 'boolean'],
  ['priority', 'string'],
]);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isPair(value: unknown, isSecond: (second: unknown) => boolean): boolean {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && isSecond(value[1]);
}

function isBody(body: unknown): boolean {
  if (body === undefined) return true;
  if (!isObject(body)) return false;
  const { type, data, entries } = body;
  if (type === 'stream') return true;
  if (type === 'data') return typeof data === 'string' || data instanceof ArrayBuffer || data instanceof Blob;
  const isValue = (value: unknown): boolean => typeof value === 'string' || value instanceof File;
  return type === 'form' && Array.isArray(entries) && entries.every((entry) => isPair(entry, isValue));
}

/** Whether a peer's value has the shape of a {@link WireRequest}. What the values mean is the policy's business. */
export function isWireRequest(value: unknown): value is WireRequest {
  if (!isObject(value)) return false;
  const { url, method, headers, init, body, progress } = value;
  return (
    typeof url === 'string' &&
    typeof method === 'string' &&
    Array.isArray(headers) &&
    headers.every((header) => isPair(header, (text) => typeof text === 'string')) &&
    isObject(init) &&
    Object.entries(init).every(([key, entry]) => typeof entry === INIT_KEYS.get(key)) &&
    isBody(body) &&
    (progress === undefined || typeof progress === 'boolean')
  );
}
