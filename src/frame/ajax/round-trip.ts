/**
 * A request's way through the site's own code and back: `onRequest`, the vault's token, the real
 * request, the rules' word on where it has led, and `onResponse`, which may send it again.
 */
import { HadokenError } from '../../rpc/errors.ts';
import type { Effects } from '../effects.ts';
import { checkShown, runHook } from '../hook.ts';
import type { Context, RequestContext, ResponseContext, ServeOptions } from '../options.ts';
import type { Vault } from '../vault/vault.ts';
import { type Prepared, prepare } from './prepare.ts';
import type { Sharing } from './request-init.ts';

/** How often a hook may send one request. A hook that never has enough is a loop. */
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
  priority?: RequestPriority | undefined;
  /** The page's body; given with each request that is made. @default null */
  body?: BodyInit | null;
  /** The body was a stream: nobody has it a second time. */
  isOnce?: boolean;
  /** The request that the rules allow and the hook gets, made anew for each attempt. */
  create(): Request;
  send(prepared: Prepared): Promise<Response>;
  /** Throws what the page may know, where it must not see the answer. */
  judge(answered: Response, sent: Request): void;
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
    ...{ method, headers, credentials, cache, redirect, integrity, keepalive },
    ...{ mode: 'same-origin', referrer, referrerPolicy, signal },
  });
}

/** `given`, which a hook made, with the page's body where it has none of its own. */
async function withBody(given: Request, body: BodyInit | null): Promise<[Request, isOwn: boolean]> {
  if (body === null) return [given, true];
  // Firefox has no Request.body that would tell.
  const own = await given.clone().arrayBuffer();
  if (own.byteLength) return [given, true];
  const headers = new Headers(given.headers);
  // A form gets a boundary of its own each time that it is sent.
  if (body instanceof FormData) headers.delete('content-type');
  const { referrer, referrerPolicy } = given;
  return [new Request(given, { body, headers, referrer, referrerPolicy }), false];
}

export function createRoundTrip(
  options: ServeOptions,
  effects: Effects,
  vault: Vault | undefined,
): RoundTrip {
  const { log } = effects;

  /** One request and its answer. `given`: what a hook has put in its place. */
  const sendOnce = async (
    trip: Begun,
    given: Request | undefined,
    told: RequestContext,
  ): Promise<Omit<Result, 'shown'> & { token: string | undefined }> => {
    const { body = null, what } = trip;
    const asked = trip.create();
    const [own, isOwn] = given ? await withBody(given, body) : [undefined, true];
    const { origin } = told;
    const token = own ? undefined : await vault?.tokenFor(origin, trip.since);
    const prepared = await prepare(asked, options, effects, {
      ...trip,
      context: told,
      given: own,
      attach:
        token === undefined
          ? undefined
          : (request) => runHook('vault.attach', what, log, () => vault?.attach(request, token)),
    });
    const { sent } = prepared;
    const change = own && !isOwn ? 'headers' : prepared.change;
    const answered = await trip.send({ ...prepared, change });
    try {
      trip.judge(answered, sent);
    } catch (error) {
      letGo(answered);
      throw error;
    }
    return { asked, sent, answered, token };
  };

  /** As {@link sendOnce}; once more where the vault has another token than the one refused. */
  const send = async (
    trip: Begun,
    given: Request | undefined,
    told: RequestContext,
  ): Promise<Omit<Result, 'shown'>> => {
    const first = await sendOnce(trip, given, told);
    const { answered, token } = first;
    if (!vault || token === undefined || answered.status !== 401) return first;
    vault.refuse(told.origin, token);
    if (trip.isOnce) return first;
    const next = await vault.tokenFor(told.origin, trip.since).catch((error) => {
      letGo(answered);
      throw error;
    });
    if (next === undefined || next === token) return first;
    letGo(answered);
    return sendOnce(trip, given, told);
  };

  return async (given) => {
    const trip = { ...given, since: Date.now() };
    const { context, kind, what, isOnce = false } = trip;
    /** What came of each attempt, for a hook may return any of the answers. */
    const results: Result[] = [];

    const attempt = async (number: number, replaced?: Request): Promise<Result> => {
      const cookies = options.cookies && (await effects.readCookies?.(options.cookies));
      const told: RequestContext = { ...context, kind, cookies: cookies ?? {} };
      const sent = await send(trip, replaced, told);
      const { answered } = sent;
      const retry: ResponseContext['retry'] = async (request) => {
        if (isOnce) return answered;
        if (number >= MAX_ATTEMPTS) throw tooOften(what);
        letGo(answered);
        return (await attempt(number + 1, request)).shown;
      };
      const { onResponse } = options;
      const ask = async (): Promise<Response> => {
        if (!onResponse) return answered;
        const request = withoutBody(sent.sent);
        const heard = { ...told, request, attempt: number, retry };
        return checkShown((await onResponse.call(options, answered, heard)) || answered);
      };
      try {
        const shown = await runHook('onResponse', what, log, ask);
        // What it returns of a later attempt has come from there.
        const result = results.find((later) => later.shown === shown) ?? { ...sent, shown };
        results.push(result);
        return result;
      } catch (error) {
        letGo(answered);
        throw error;
      }
    };

    try {
      const result = await attempt(1);
      for (const other of results)
        if (other !== result && other.answered !== result.answered) letGo(other.answered);
      return result;
    } catch (error) {
      for (const { answered } of results) letGo(answered);
      throw error;
    }
  };
}

function tooOften(what: string): HadokenError {
  return new HadokenError(
    'HOST_FAILED',
    `${what}: onResponse in host.js has sent it ${MAX_ATTEMPTS} times.`,
  );
}
