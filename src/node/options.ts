/** What a Node client is told: the options of `connect()` that a page has no use for. */
import { withOwn } from '../ajax/request.ts';
import { ORIGIN_HEADER } from '../frame/ajax/prepare.ts';
import { ANY, type Kind, whyUnreadable } from '../frame/rules/check-options.ts';
import type { FetchInit } from '../parent/ajax/fetch.ts';
import { type ConnectOptions, invalidArgument } from '../parent/options.ts';
import { attempt, HadokenError, toText } from '../rpc/errors.ts';
import { isPlatformObject } from '../rpc/is-platform-object.ts';
import { isAllowedOrigin, parseOriginPattern } from '../rpc/origins.ts';

/** Which server a client speaks to, and as whom. */
export type Target = {
  /** The frame's page, without a fragment. */
  url: URL;
  /** Sent with everything, `Hadoken-Origin` among them; the names in lower case. */
  headers: Record<string, string>;
  /** Who the host takes its page for. */
  origin: string;
};

function readUrl(frame: string | URL): URL {
  const url = attempt(() => new URL(frame));
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalidArgument(
      `${toText(frame)} is no http(s) URL of a frame's page. In Node it has to be a whole one`,
    );
  if (url.username || url.password)
    throw invalidArgument("the frame's URL has a user or a password. Send them in headers");
  url.hash = '';
  return url;
}

function readOrigin(origin: unknown): string | undefined {
  if (origin === undefined) return undefined;
  let isOne = false;
  try {
    const pattern = parseOriginPattern(origin, 'connect(): origin');
    isOne = !pattern.anyLabel && isAllowedOrigin(origin as string, [pattern]);
  } catch {}
  if (!isOne)
    throw invalidArgument(
      `origin can't be ${toText(origin)}. Use such as 'https://app.example.com', without a path`,
    );
  return origin as string;
}

function readHeaders(headers: HeadersInit | undefined): Record<string, string> {
  const read = (given: HeadersInit | undefined) => attempt(() => new Headers(given));
  const all = read(headers);
  if (all) return Object.fromEntries(all);
  const pairs = attempt(() =>
    Symbol.iterator in Object(headers)
      ? [...(headers as [string, string][])]
      : Object.entries(headers as Record<string, string>),
  );
  const wrong = pairs?.find((pair) => !read([pair]));
  // Not its value: that may be a secret.
  const which = wrong ? `: ${toText(Object(wrong)[0])} is no header, or has no value of one` : '';
  throw invalidArgument(`headers can't be read${which}`);
}

/** What there is. Its values are looked at where they are used. */
const OPTIONS: Record<keyof Required<ConnectOptions>, Kind> = {
  headers: ANY,
  origin: ANY,
  config: ANY,
  services: ANY,
  io: ANY,
  timeout: ANY,
  reconnectionAttempts: ANY,
  reconnectionDelay: ANY,
  reconnectionDelayMax: ANY,
  heartbeat: ANY,
  log: ANY,
};
const IO: Record<keyof Required<NonNullable<ConnectOptions['io']>>, Kind> = {
  url: ANY,
  path: ANY,
  transports: ANY,
  parser: ANY,
};

/** Throws INVALID_ARGUMENT for members of another name: a misspelt one would do nothing. */
function checkNames(what: string, given: object, kinds: Record<string, Kind>): void {
  if (Object(given) !== given) throw invalidArgument(`${what} can't be ${toText(given)}`);
  const why = whyUnreadable(given, kinds);
  if (why) throw invalidArgument(`${what} can't be read: ${why}`);
}

function checkIo(io: NonNullable<ConnectOptions['io']>): void {
  checkNames('io', io, IO);
  if ([io.transports].flat().includes('webtransport') && !('WebTransport' in globalThis))
    throw invalidArgument("io.transports can't have 'webtransport': Node has none");
}

/** Throws INVALID_ARGUMENT for what can't be read. */
export function readTarget(frame: string | URL, options: ConnectOptions): Target {
  checkNames('its options', options, OPTIONS);
  const { headers: given, origin: asked, io } = options;
  if (io !== undefined) checkIo(io);
  const url = readUrl(frame);
  const origin = readOrigin(asked);
  const headers = readHeaders(given);
  const originHeader = ORIGIN_HEADER.toLowerCase();
  delete headers[originHeader];
  if (origin !== undefined) headers[originHeader] = origin;
  return { url, headers, origin: origin ?? url.origin };
}

/** `body` as a stream of bytes. Node takes texts too, and buffers of what is no stream. */
function toStream(body: AsyncIterable<unknown>): ReadableStream {
  const isStream = isPlatformObject(body, 'ReadableStream');
  const { from } = ReadableStream as unknown as { from(body: unknown): ReadableStream };
  // At once: who gives it is told where nothing is sent.
  const reader = (isStream ? body : from.call(ReadableStream, body)).getReader();
  const encoder = new TextEncoder();
  const toChunk = (value: unknown): unknown => {
    if (typeof value === 'string') return encoder.encode(value);
    const isBuffer = !isStream && isPlatformObject(value, 'ArrayBuffer');
    return isBuffer ? new Uint8Array(value) : value;
  };
  return new ReadableStream(
    {
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(toChunk(value));
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** Node has a Request's signal follow the caller's only for as long as the Request is there. */
const owners = new WeakMap<AbortSignal, Request>();

/**
 * What Node's `fetch` takes and a page's does not: an async iterable as a body, which a Readable
 * is. With the signal of a Request, which is held with its Request. Throws UNSUPPORTED for a
 * dispatcher, without which a request may take a way that it must not.
 */
export function readInit(
  input: RequestInfo | URL,
  init: FetchInit | undefined,
): FetchInit | undefined {
  const { body, dispatcher, signal } = Object(init) as FetchInit & { dispatcher?: unknown };
  if (dispatcher !== undefined)
    throw new HadokenError(
      'UNSUPPORTED',
      "fetch(): a dispatcher does not cross. Use undici's setGlobalDispatcher().",
    );
  const own: FetchInit = {};
  if (isPlatformObject(input, 'Request') && signal === undefined) {
    owners.set(input.signal, input);
    own.signal = input.signal;
  }
  if (Symbol.asyncIterator in Object(body)) own.body = toStream(body as never);
  return Object.keys(own).length ? withOwn(Object(init), own) : init;
}
