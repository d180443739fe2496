/** The page's `fetch`, with what is taken sent through the frame. */
import type { Hadoken } from '../parent/index.ts';
import type { Resolve } from './urls.ts';

type Fetch = typeof fetch;

function isRequest(input: unknown): input is Request {
  return Object.prototype.toString.call(input) === '[object Request]';
}

/** What `request` is but for its URL and `mode`. Firefox has no `body` to read here. */
async function toInit(request: Request): Promise<RequestInit> {
  const { method, headers, credentials, cache, redirect, referrerPolicy } = request;
  const { integrity, keepalive, signal, referrer } = request;
  return {
    method,
    headers,
    credentials,
    cache,
    redirect,
    referrerPolicy,
    integrity,
    keepalive,
    signal,
    ...(referrer !== 'about:client' && { referrer }),
    ...(!/^(GET|HEAD)$/.test(method) && { body: await request.blob() }),
  };
}

/** `native`: what the page has by the name of fetch. */
export function createFetch(native: Fetch, hadoken: Hadoken, resolve: Resolve): Fetch {
  const taking = function fetch(this: unknown, ...args: Parameters<Fetch>): Promise<Response> {
    const pass = (): Promise<Response> => Reflect.apply(native, this, args);
    const [input, init] = args;
    if (!args.length) return pass();
    const request = isRequest(input) ? input : undefined;
    const target = resolve(
      request ? request.url : input,
      `${init?.method ?? request?.method ?? 'GET'}`,
    );
    if (target === undefined) return pass();
    if (!request || target === request.url) return hadoken.fetch(request ?? target, init);
    return toInit(request).then((own) => hadoken.fetch(target, { ...own, ...init }));
  };
  // A build shortens the names of functions.
  return Object.defineProperties(taking, { length: { value: 1 }, name: { value: 'fetch' } });
}
