/**
 * How a request is sent: mode, cache, credentials, redirect, referrer. Decided from what the page
 * asks and the rules say, and held to whatever `onRequest` returns, for a Request that a hook makes
 * anew has forgotten it.
 */
import { HadokenError } from '../../rpc/errors.ts';
import { parseOrigins } from '../../rpc/origins.ts';
import type { WireRequestInit } from '../../rpc/wire/fetch.ts';
import type { Allowed } from '../rules/policy.ts';

/**
 * Modes that read what the cache holds, however old it is and whoever it was answered to.
 *
 * @see https://fetch.spec.whatwg.org/#concept-request-cache-mode
 */
const READING: readonly RequestCache[] = ['force-cache', 'only-if-cached'];
/** Modes that ask the server, and store its answer over the one that is there. */
const WRITING: readonly RequestCache[] = ['reload', 'no-cache'];

/** What `referrer` is of a Request that says nothing about it. */
const DEFAULT_REFERRER = 'about:client';

/**
 * `isShared`: more than one origin may use the frame, and the browser's HTTP cache is one for all
 * of them.
 */
export type Sharing = { isShared: boolean };

/** Whether `origins` of `serve()` are more than one page's. */
export function sharingOf(origins: unknown): Sharing {
  const patterns = parseOrigins(origins);
  return { isShared: patterns.length > 1 || patterns.some(({ anyLabel }) => anyLabel) };
}

function refuseCache(what: string, mode: RequestCache, because: string): HadokenError {
  return new HadokenError(
    'POLICY_REFUSED',
    `${what}: cache: '${mode}' is refused, because ${because}. Leave cache out, ` +
      "or ask with 'no-store'.",
  );
}

/**
 * The cache mode that `asked` is sent with. Throws POLICY_REFUSED for one that reads other pages'
 * answers.
 */
function decideCache(
  asked: RequestCache,
  what: string,
  { isPrivate, isShared }: Sharing & { isPrivate: boolean },
): RequestCache {
  if (READING.includes(asked)) {
    if (isPrivate)
      throw refuseCache(what, asked, "the rules keep this path's answers out of the cache");
    if (isShared)
      throw refuseCache(what, asked, "the browser's cache is one for all pages of this frame");
  }
  if (isPrivate) return 'no-store';
  return isShared && WRITING.includes(asked) ? 'no-store' : asked;
}

/** Headers by which Chromium stores over what is there, as the mode `reload` does. */
const WRITING_HEADERS = ['cache-control', 'pragma'];

/** The cache mode that a page asks for, by `init` or by its headers' keys. */
export function cacheAsked(
  { cache = 'default' }: WireRequestInit,
  keys: readonly string[],
  { isShared }: Sharing,
): RequestCache {
  const writes =
    isShared && cache === 'default' && keys.some((key) => WRITING_HEADERS.includes(key));
  return writes ? 'reload' : cache;
}

/**
 * The members of the Request that the hook gets. `what` names the request in errors. Throws
 * POLICY_REFUSED for a cache mode that reads other pages' answers.
 */
export function decideInit(
  asked: WireRequestInit,
  { credentials = asked.credentials, redirect = 'follow', cache }: Allowed,
  what: string,
  { isShared }: Sharing,
): WireRequestInit {
  const init: WireRequestInit = {
    ...asked,
    // Neither headers nor body may follow a redirect to another origin; and 'no-cors' would drop
    // headers in silence.
    mode: 'same-origin',
    cache: decideCache(asked.cache ?? 'default', what, {
      isPrivate: cache === 'private',
      isShared,
    }),
    redirect: asked.redirect && asked.redirect !== 'follow' ? asked.redirect : redirect,
  };
  if (credentials) init.credentials = credentials;
  return init;
}

/**
 * The cache mode after a hook: it may choose one where the page left the default, and none that the
 * page could not have.
 */
function cacheAfterHook(
  decided: RequestCache,
  chosen: RequestCache,
  isShared: boolean,
): RequestCache {
  if (decided !== 'default' || chosen === 'default') return decided;
  if (!isShared) return chosen;
  return READING.includes(chosen) ? decided : 'no-store';
}

/**
 * The members of what is sent: of `decided`, the Request that the hook got, and of `returned`, the
 * one that it gave back. What was decided stays, and where the page left a default the hook may
 * choose. All of them are named, because the constructor sets referrer and its policy back as soon
 * as it is given any.
 *
 * @see https://fetch.spec.whatwg.org/#dom-request ("If init is not empty")
 */
export function initAfterHook(
  decided: Request,
  returned: Request,
  { isShared }: Sharing,
): RequestInit {
  return {
    mode: 'same-origin',
    credentials: decided.credentials === 'omit' ? 'omit' : returned.credentials,
    cache: cacheAfterHook(decided.cache, returned.cache, isShared),
    redirect: decided.redirect === 'follow' ? returned.redirect : decided.redirect,
    integrity: returned.integrity || decided.integrity,
    keepalive: returned.keepalive || decided.keepalive,
    referrer: returned.referrer === DEFAULT_REFERRER ? decided.referrer : returned.referrer,
    referrerPolicy: returned.referrerPolicy || decided.referrerPolicy,
  };
}
