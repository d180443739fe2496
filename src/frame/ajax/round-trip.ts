/**
 * A request's way through the site's own code and back: `onRequest`, the vault's token, the real
 * request, the rules' word on where it has led, and `onResponse`, which may send it again.
 */
import { isSafeMethod } from '../../ajax/request.ts';
import { HadokenError, toWireError } from '../../rpc/errors.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';
import type { Effects } from '../effects.ts';
import { runHook, unavailable } from '../hook.ts';
import type { Context, RequestContext, ResponseContext } from '../options/hooks.ts';
import type { ServeOptions } from '../options.ts';
import type { Policy } from '../rules/policy.ts';
import type { Vault } from '../vault/contract.ts';
import { checkRequest, type Prepared, prepare } from './prepare.ts';
import { whyWithheld, withheld } from './redirects.ts';
import type { Sharing } from './request-init.ts';

/**
 * How many attempts `retry()` may make in all. The vault's repetition after a 401 is not counted.
 */
const MAX_ATTEMPTS = 10;

/** What fetch and event streams have each in their own way. */
export type Trip = {
  context: Context;
  kind: RequestContext['kind'];
  /** The request, as the page is told of it. */
  what: string;
  /** Aborts when the page wants nothing of the request any more. */
  signal: AbortSignal;
  sharing: Sharing;
  /** The rules, and the page's own headers: for where redirects lead. */
  policy: Policy;
  headers: [name: string, value: string][];
  priority?: RequestPriority | undefined;
  /** The page's body; given with each request that is made. @default null */
  body?: BodyInit | null;
  /** The body was a stream: nobody has it a second time. */
  isOnce?: boolean;
  /** The request that the rules allow and the hook gets, made anew for each attempt. */
  create(): Request;
  send(prepared: Prepared): Promise<Response>;
  /** The vault's token or the cookies can't be had for now. */
  onUnavailable?(error: unknown): void;
};

/** `since`: when it began. */
type Begun = Trip & { since: number };

/** `shown`: what the page sees of `answered`. */
export type Result = { asked: Request; sent: Request; answered: Response; shown: Response };

export type RoundTrip = (trip: Trip) => Promise<Result>;

/** Whoever does not get it shall not keep the server busy with it either. */
export function letGo(response: Response): void {
  if (!response.body?.locked) response.body?.cancel().catch(() => {});
}

/** `sent` for a hook to look at, and to make another of: without its body, which is read. */
function withoutBody(sent: Request): Request {
  const { url, method, headers, credentials, cache, redirect, integrity, keepalive } = sent;
  const { referrer, referrerPolicy, signal } = sent;
  return new Request(url, {
    method,
    headers,
    credentials,
    cache,
    redirect,
    integrity,
    keepalive,
    mode: 'same-origin',
    referrer,
    referrerPolicy,
    signal,
  });
}

/** `replacement`, which a hook made, with the page's body where it has none of its own. */
async function withBody(
  replacement: Request,
  body: BodyInit | null,
): Promise<[replaced: Request, hasOwnBody: boolean]> {
  if (body === null || isSafeMethod(replacement.method)) return [replacement, true];
  // Firefox has no Request.body that would tell.
  const { byteLength } = await replacement.clone().arrayBuffer();
  if (byteLength) return [replacement, true];
  const headers = new Headers(replacement.headers);
  // A form gets a boundary of its own each time that it is sent.
  if (body instanceof FormData) headers.delete('content-type');
  const { referrer, referrerPolicy } = replacement;
  return [new Request(replacement, { body, headers, referrer, referrerPolicy }), false];
}

/** To see whether a hook has changed any. */
const headersText = ({ headers }: Request): string => JSON.stringify([...headers]);

/**
 * What is answered with where `onResponse` has been given `answered` and returned `value`. Throws
 * where that can't be.
 */
function checkResponse(value: unknown, answered: Response): Response {
  const shown = value || answered;
  if (!isPlatformObject(shown, 'Response')) throw new TypeError('it returned what is no Response');
  if (!shown.bodyUsed) return shown;
  const what = value ? 'returned a Response whose body is read' : 'read the body of the answer';
  throw new TypeError(`it ${what}: read response.clone(), or return a new Response`);
}

export function createRoundTrip(
  options: ServeOptions,
  effects: Effects,
  vault: Vault | undefined,
): RoundTrip {
  const { log } = effects;

  /** The token that `ask` gets of the vault. Says so to `trip` where there is none to be had. */
  const askVault = async (
    trip: Begun,
    ask: () => Promise<string | undefined> | undefined,
  ): Promise<string | undefined> => {
    try {
      return await ask();
    } catch (error) {
      trip.onUnavailable?.(error);
      throw error;
    }
  };

  const readCookies = async ({ what, onUnavailable }: Begun): Promise<Record<string, string>> => {
    try {
      return (options.cookies && (await effects.readCookies?.(options.cookies))) ?? {};
    } catch (cause) {
      const message = `${what}: ${toWireError(cause).message}`;
      log(message);
      const error = unavailable(message, { cause });
      onUnavailable?.(error);
      throw error;
    }
  };

  /**
   * One request and its answer. `replacement`: what a hook has put in its place. `refused`: the
   * token that it has been sent with before.
   */
  const sendOnce = async (
    trip: Begun,
    replacement: Request | undefined,
    requestContext: RequestContext,
    refused?: string,
  ): Promise<Omit<Result, 'shown'> & { token: string | undefined }> => {
    const { body = null, what } = trip;
    const { origin } = requestContext;
    const asked = trip.create();
    const checked =
      replacement &&
      (await runHook({ hook: 'onResponse', what, log }, () =>
        checkRequest(replacement, 'retry() was given', effects.origin),
      ));
    const [replaced, hasOwnBody] = checked ? await withBody(checked, body) : [undefined, true];
    let used: string | undefined;
    // Asked as late as here: somebody may have signed out while onRequest took its time.
    const attach = async (request: Request): Promise<void> => {
      const token = await askVault(trip, () =>
        refused === undefined
          ? vault?.tokenFor(origin, trip.since)
          : vault?.renew(origin, refused, trip.since),
      );
      if (token === undefined) return;
      const before = headersText(request);
      await runHook({ hook: 'vault.attach', what, log }, () => vault?.attach(request, token));
      // What attach has left alone is not refused for its token.
      if (headersText(request) !== before) used = token;
    };
    const prepared = await prepare(asked, options, effects, {
      ...trip,
      context: requestContext,
      given: replaced,
      attach: replaced || !vault ? undefined : attach,
    });
    const { sent } = prepared;
    const change = replaced && !hasOwnBody ? 'headers' : prepared.change;
    const answered = await trip.send({ ...prepared, change });
    const followed = { origin, method: sent.method, headers: trip.headers, sent };
    const why = whyWithheld(answered, followed, trip.policy);
    if (why !== undefined) {
      letGo(answered);
      log(`${what}: a redirect led outside the rules. ${why}`);
      throw withheld(what, sent.integrity);
    }
    return { asked, sent, answered, token: used };
  };

  /** As {@link sendOnce}; once more where the vault has another token than the one refused. */
  const send = async (
    trip: Begun,
    replacement: Request | undefined,
    requestContext: RequestContext,
  ): Promise<Omit<Result, 'shown'>> => {
    const first = await sendOnce(trip, replacement, requestContext);
    const { answered, token } = first;
    if (!vault || token === undefined || answered.status !== 401) return first;
    const { origin } = requestContext;
    if (trip.isOnce) {
      vault.markRefused(origin, token);
      return first;
    }
    const next = await askVault(trip, () => vault.renew(origin, token, trip.since)).catch(
      (error) => {
        letGo(answered);
        throw error;
      },
    );
    // Nobody else's request: what one user has asked for is not sent as the next.
    if (next === undefined || next === token) return first;
    letGo(answered);
    return sendOnce(trip, replacement, requestContext, token);
  };

  return async (planned) => {
    const trip = { ...planned, since: Date.now() };
    const { context, kind, what, isOnce = false } = trip;
    /** What came of each attempt, for a hook may return any of the answers. */
    const results: Result[] = [];
    let attempts = 0;
    let isOver = false;
    /** What an attempt of `retry()` failed with: not the hook's own failure. */
    const failures = new Set<unknown>();

    const attempt = async (replacement?: Request): Promise<Result> => {
      attempts += 1;
      const number = attempts;
      const cookies = await readCookies(trip);
      const requestContext: RequestContext = { ...context, kind, cookies };
      const sent = await send(trip, replacement, requestContext);
      const { answered } = sent;
      let hasRetried = false;
      const again = async (request?: Request): Promise<Response> => {
        if (isOver || attempts >= MAX_ATTEMPTS) throw tooOften(what);
        if (isOnce) {
          // Counts as well: else a hook that waits for another answer would never end.
          attempts += 1;
          return answered;
        }
        letGo(answered);
        try {
          return (await attempt(request)).shown;
        } catch (error) {
          failures.add(error);
          throw error;
        }
      };
      const retry: ResponseContext['retry'] = (request) => {
        hasRetried = true;
        const made = again(request);
        // The hook may let it go.
        made.catch(() => {});
        return made;
      };
      const { onResponse } = options;
      const ask = async (): Promise<Response> => {
        if (!onResponse) return answered;
        const request = withoutBody(sent.sent);
        const responseContext = { ...requestContext, request, attempt: number, retry };
        const value = await onResponse.call(options, answered, responseContext);
        if (!value && hasRetried && !isOnce)
          throw new TypeError('it called retry() and did not return it: return retry()');
        return checkResponse(value, answered);
      };
      try {
        const isOther = (error: unknown): boolean => failures.has(error);
        const shown = await runHook({ hook: 'onResponse', what, log, isOther }, ask);
        // When a hook returns what `retry()` gave, that attempt's request and answer go with it.
        const result = results.find((later) => later.shown === shown) ?? { ...sent, shown };
        results.push(result);
        return result;
      } catch (error) {
        letGo(answered);
        throw error;
      }
    };

    try {
      const result = await attempt();
      for (const other of results)
        if (other !== result && other.answered !== result.answered) letGo(other.answered);
      return result;
    } catch (error) {
      for (const { answered } of results) letGo(answered);
      throw error;
    } finally {
      isOver = true;
    }
  };
}

function tooOften(what: string): HadokenError {
  return new HadokenError(
    'HOST_FAILED',
    `${what}: onResponse in host.js has sent it ${MAX_ATTEMPTS} times.`,
  );
}
