/** How a Node client's host makes a request: Node's `fetch`, kept on the frame's origin. */

import { ORIGIN_HEADER } from '../../frame/ajax/prepare.ts';
import { BODY_HEADERS } from '../../frame/ajax/redirects.ts';
import type { Effects } from '../../frame/effects.ts';
import type { Target } from '../options.ts';
import { checkIntegrity } from './integrity.ts';

/** @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
const REDIRECTS = [301, 302, 303, 307, 308];
const MAX_REDIRECTS = 20;
const REDIRECTED = { value: true, configurable: true };

type Step = { request: Request; body: BodyInit | null };

/**
 * Looks `fetch` up at each request: msw and others replace `globalThis.fetch`. Node 24 reads the
 * referrer of an init alone.
 */
function ask(request: Request): Promise<Response> {
  const { referrer, referrerPolicy } = request;
  return referrer === 'about:client'
    ? globalThis.fetch(request)
    : globalThis.fetch(request, { referrer, referrerPolicy });
}

/**
 * The error of a request that was not answered. Node has the reason in its `cause`. Errors with a
 * `digest` are a framework's signs to itself (Next's bail-outs).
 */
function toFailure(error: unknown, what = 'Failed to fetch'): unknown {
  const { cause, digest } = Object(error) as Partial<Error> & {
    cause?: { message?: string; code?: string };
    digest?: unknown;
  };
  if (digest !== undefined) return error;
  // happy-dom's `fetch` rejects with what is no TypeError.
  if (!cause && error instanceof TypeError) return error;
  const { message, code } = cause ?? (error as Error & { code?: unknown });
  const why = message || code;
  const failure = new TypeError(why ? `${what}: ${why}` : what);
  return typeof code === 'string' ? Object.assign(failure, { code }) : failure;
}

/** The error of a body that was cut off: what Node says is `terminated`. */
export const toBodyFailure = (error: unknown): unknown =>
  error instanceof TypeError && error.cause ? toFailure(error, error.message) : error;

/** What undici refuses to send. */
const NO_HEADER = /[^\t\x20-\x7e\x80-\xff]/;

/** Where `response` redirects to, or undefined where it does not. */
function targetOf({ status, headers }: Response, { url }: Request): URL | undefined {
  const location = headers.get('location');
  if (!REDIRECTS.includes(status) || location === null) return undefined;
  // The bytes of a header are UTF-8 here, as to browsers and to Node's own.
  const bytes = Uint8Array.from(location, (character) => character.charCodeAt(0));
  const target = new URL(new TextDecoder().decode(bytes), url);
  target.hash ||= new URL(url).hash;
  return target;
}

/**
 * The request that follows on `status`. `signal`: the first one's, for Node drops that of a Request
 * with the Request. Throws a TypeError where the body is gone by now.
 */
function nextStep({ request, body }: Step, target: URL, status: number, signal: AbortSignal): Step {
  const { method, referrer, referrerPolicy } = request;
  const headers = new Headers(request.headers);
  const isPost = method === 'POST' && (status === 301 || status === 302);
  const isOther = method !== 'GET' && method !== 'HEAD' && status === 303;
  const init: RequestInit = { headers, signal, referrer, referrerPolicy, redirect: 'manual' };
  if (isPost || isOther) {
    for (const name of BODY_HEADERS) headers.delete(name);
    return { request: new Request(target, init), body: null };
  }
  if (body instanceof ReadableStream)
    throw new TypeError(`Failed to fetch: ${status} asks for a body again that was a stream`);
  // A form gets a boundary of its own each time that it is sent.
  if (body instanceof FormData) headers.delete('content-type');
  return { request: new Request(target, { ...init, method, body }), body };
}

/**
 * Adds the client's headers to each request. Redirects are followed here and not by Node, which
 * would take headers and body along to other origins.
 */
export function createFetch({ url, headers }: Target): Effects['fetch'] {
  const { origin } = url;

  const follow = async (first: Step, integrity: string): Promise<Response> => {
    let step = first;
    for (let count = 0; ; count++) {
      const { request } = step;
      const response = await ask(request);
      const target = targetOf(response, request);
      if (!target) {
        if (integrity) await checkIntegrity(response, integrity);
        return count ? Object.defineProperty(response, 'redirected', REDIRECTED) : response;
      }
      await response.body?.cancel();
      if (target.origin !== origin)
        throw new TypeError(`Failed to fetch: it was redirected to ${target.origin}`);
      if (count >= MAX_REDIRECTS) throw new TypeError('Failed to fetch: too many redirects');
      step = nextStep(step, target, response.status, first.request.signal);
    }
  };

  return async (asked, body = null) => {
    const { redirect, referrer, referrerPolicy, integrity } = asked;
    const isFollowed = redirect === 'follow';
    const request = new Request(asked, {
      mode: 'cors',
      redirect: isFollowed ? 'manual' : redirect,
      integrity: isFollowed ? '' : integrity,
      // `new Request(request, init)` resets the two that are not given.
      referrer,
      referrerPolicy,
    });
    // An id of the server's own, which would fail each connection from now on.
    if (NO_HEADER.test(request.headers.get('last-event-id') ?? ''))
      request.headers.delete('last-event-id');
    // The host names whom it serves. Here that goes only where `origin` was given.
    request.headers.delete(ORIGIN_HEADER);
    for (const [name, value] of Object.entries(headers))
      if (!request.headers.has(name)) request.headers.set(name, value);
    try {
      return await (isFollowed ? follow({ request, body }, integrity) : ask(request));
    } catch (error) {
      throw asked.signal.aborted ? error : toFailure(error);
    }
  };
}
