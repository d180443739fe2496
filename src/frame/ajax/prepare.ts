/**
 * From the Request that the rules allow to the one that is sent, by way of the site's `onRequest`.
 */
import { isHadokenError, toWireError } from '../../rpc/errors.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';
import type { Effects } from '../effects.ts';
import { runHook } from '../hook.ts';
import type { RequestContext } from '../options/hooks.ts';
import type { ServeOptions } from '../options.ts';
import { isSameHeader } from '../rules/header-rules.ts';
import { dropOtherSpellings, namesThatDiffer, plainNames, recordNames } from './hook-headers.ts';
import { initAfterHook, type Sharing } from './request-init.ts';

/**
 * The header that tells the API which page a request is for: the frame removes what CSRF and CORS
 * checks look at.
 */
export const ORIGIN_HEADER = 'Hadoken-Origin';

/**
 * The message of a failed request, whatever the reason. The engines' own may tell more than the
 * page is to know: Chromium puts a host into it.
 *
 * @see https://github.com/sindresorhus/is-network-error/issues/11
 */
export const FAILED = 'Failed to fetch';

export type Prepared = {
  sent: Request;
  /**
   * What the hook has done: put other headers into the request, or another Request in its place.
   */
  change: 'none' | 'headers' | 'replaced';
};

export type PrepareOptions = {
  context: RequestContext;
  /** The request, as the page is told of it. */
  what: string;
  /** Aborts when the page wants nothing of the request any more. */
  signal: AbortSignal;
  sharing: Sharing;
  /** Given anew, because a Request does not show its own. */
  priority?: RequestPriority | undefined;
  /** What a hook has made in the place of what `onRequest` would be asked for. */
  given?: Request | undefined;
  /** Puts the vault's token into what `onRequest` has made. */
  attach?: ((request: Request) => Promise<void> | undefined) | undefined;
};

/** What `onRequest` made of a request, and the names of the headers that are its own. */
type Returned = { returned: Request; change: Prepared['change']; hooks: Set<string> };

/**
 * Throws unless a hook's `value` is a Request that the frame may send to its `origin`. `from`: how
 * the hook has given it.
 */
export function checkRequest(value: unknown, from: string, origin: string): Request {
  const instead = `Give a Request to ${origin}, or nothing.`;
  if (!isPlatformObject(value, 'Request'))
    throw new TypeError(`${from} what is no Request. ${instead}`);
  const to = new URL(value.url).origin;
  if (to !== origin) throw new TypeError(`${from} a Request to ${to}. ${instead}`);
  if (value.bodyUsed)
    throw new TypeError(`${from} a Request whose body is read. Read request.clone().`);
  return value;
}

/** What `onRequest` makes of `request`, or a hook before: with the vault's token in it. */
async function askHook(
  request: Request,
  options: ServeOptions,
  effects: Effects,
  { context, what, given, attach }: PrepareOptions,
): Promise<Returned> {
  const { onRequest } = options;
  if (!onRequest && !given && !attach)
    return { returned: request, change: 'none', hooks: new Set() };
  const recorded = recordNames(request.headers);
  const before = new Headers(request.headers);
  const returned =
    given ??
    (await runHook({ hook: 'onRequest', what, log: effects.log }, async () => {
      const value: unknown = await onRequest?.call(options, request, context);
      return checkRequest(value || request, value ? 'it returned' : 'it leaves', effects.origin);
    }));
  await attach?.(returned);
  const isReplaced = returned !== request;
  const differing = namesThatDiffer(before, returned.headers);
  // In a Request of its own the hook has chosen every header, and may have copied the page's. A
  // header that it changed is its own. One that it did not change counts as its own as well, unless
  // it changed another spelling of that header.
  const isOther = (name: string): boolean => differing.some((own) => isSameHeader(own, name));
  const plain = isReplaced ? plainNames(returned.headers) : [];
  const chosen = plain.filter((name) => !isOther(name));
  const changed = differing.length ? 'headers' : 'none';
  return {
    returned,
    change: isReplaced ? 'replaced' : changed,
    hooks: new Set([...recorded, ...differing, ...chosen]),
  };
}

/**
 * Aborts with `signal`, and does not tell more of its reason than whether the time was up: it is
 * the hook's own. A HadokenError is meant for the page.
 */
function withoutReason(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const abort = (): void => {
    const { reason } = signal;
    const name = toWireError(reason).name === 'TimeoutError' ? 'TimeoutError' : 'AbortError';
    controller.abort(isHadokenError(reason) ? reason : new DOMException(FAILED, name));
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort);
  return controller.signal;
}

/**
 * `request` after `onRequest`, as it is sent: to the frame's own origin only, redirects included,
 * and stamped.
 */
export async function prepare(
  request: Request,
  options: ServeOptions,
  effects: Effects,
  given: PrepareOptions,
): Promise<Prepared> {
  const { context, signal, sharing, priority } = given;
  const { returned, change, hooks } = await askHook(request, options, effects, given);
  const init = initAfterHook(request, returned, sharing);
  init.signal =
    returned === request ? signal : AbortSignal.any([signal, withoutReason(returned.signal)]);
  if (priority) init.priority = priority;
  const sent = new Request(returned, init);
  dropOtherSpellings(sent.headers, hooks);
  // Not before: the headers of a 'no-cors' Request would take the stamp and drop it.
  sent.headers.set(ORIGIN_HEADER, context.origin);
  return { sent, change };
}
