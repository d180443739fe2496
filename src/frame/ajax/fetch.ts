/** The frame's side of `hadoken.fetch`: policy, hooks, the real `fetch`, and the answer back. */
import { fromWireBody, fromWireRequest } from '../../ajax/request.ts';
import { HadokenError, isHadokenError, toWireError } from '../../rpc/errors.ts';
import type { WireRequest } from '../../rpc/wire/fetch.ts';
import type { Effects } from '../effects.ts';
import { toHookFailure } from '../hook.ts';
import type { Context } from '../options/hooks.ts';
import type { ServeOptions } from '../options.ts';
import { headerKey, isSameHeader } from '../rules/header-rules.ts';
import { createPolicy } from '../rules/policy.ts';
import { refuseSecondPort } from '../rules/refusal.ts';
import { RequestTimer } from '../timing/request-timer.ts';
import type { Vault } from '../vault/contract.ts';
import type { Exchange } from './exchange.ts';
import { type ServeExchange, serveExchanges } from './exchanges.ts';
import { ORIGIN_HEADER } from './prepare.ts';
import { shownUrl } from './redirects.ts';
import { cacheAsked, decideInit, sharingOf } from './request-init.ts';
import { createRoundTrip, letGo } from './round-trip.ts';
import { createSend } from './send.ts';
import { limitUpload, sizeOf, tooLarge, tooLargeForKeepalive } from './uploads/request-body.ts';

const MAX_REQUESTS = 1_000;
const MAX_BODY = 1_073_741_824;
const MAX_KEEPALIVE = 65_536;

/**
 * How long a failed request waits before the page hears of it, in ms. WebKit fails the requests of
 * a frame that is going away before it ends its worker: the page would blame the server, and not
 * ask the next frame. In Node there is no frame.
 */
const FAILURE_DELAY = 100;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** The page's headers but for the stamp, which is the frame's to set. */
function headersOf({ headers }: WireRequest): [name: string, value: string][] {
  return headers.filter(([name]) => !isSameHeader(name, ORIGIN_HEADER));
}

/**
 * Takes a page's port for its exchanges; `onRefused` hears of what is none. Throws LIMIT_EXCEEDED
 * for a second port, because requests are counted by port.
 */
export type OpenExchanges = (port: MessagePort, onRefused: () => void) => void;

/** By page. Throws INVALID_ARGUMENT for rules that can't be read. */
export function createFetchHost(
  options: ServeOptions,
  effects: Effects,
  vault?: Vault,
): (context: Context) => OpenExchanges {
  const policy = createPolicy(options.fetch, effects.origin, {
    io: options.io,
    isTrusted: effects.isTrusted,
  });
  const sharing = sharingOf(options.origins);
  const send = createSend(effects);
  const roundTrip = createRoundTrip(options, effects, vault);
  const { requests: maxRequests = MAX_REQUESTS, bodyBytes: maxBody = MAX_BODY } =
    options.limits ?? {};

  const takeBody = async (wire: WireRequest, exchange: Exchange): Promise<BodyInit | null> => {
    const { keepalive } = wire.init;
    const toError = (limit: number): Error =>
      limit < maxBody ? tooLargeForKeepalive(limit, wire) : tooLarge(maxBody, wire);
    const limit = keepalive && !effects.isTrusted ? Math.min(MAX_KEEPALIVE, maxBody) : maxBody;
    if (sizeOf(wire) > limit) throw toError(limit);
    if (wire.body !== null) return fromWireBody(wire.body);
    const stream = limitUpload(exchange, limit, toError);
    return effects.canStream?.() && !wire.progress ? stream : new Response(stream).blob();
  };

  /**
   * How the request is made that the rules allow and the hook gets, with its body beside it.
   * Rejects with what refuses it.
   */
  const build = async (wire: WireRequest, { origin }: Context, exchange: Exchange) => {
    const { url, method } = wire;
    const headers = headersOf(wire);
    const allowed = policy({ url, method, headers, origin });
    const keys = headers.map(([name]) => headerKey(name));
    const asked = { ...wire.init, cache: cacheAsked(wire.init, keys, sharing) };
    const init = decideInit(asked, allowed, `${method} ${url}`, sharing);
    const body = await takeBody(wire, exchange);
    const outgoing = { ...wire, url: allowed.url, headers, init };
    return { create: () => fromWireRequest(outgoing, body, exchange.signal), body, headers };
  };

  const serve = async (
    wire: WireRequest,
    context: Context,
    exchange: Exchange,
    timer: RequestTimer | undefined,
  ): Promise<void> => {
    const { create, body, headers } = await build(wire, context, exchange);
    const { signal } = exchange;
    const { method } = wire;
    const what = `${method} ${wire.url}`;
    const onProgress = wire.progress
      ? (loaded: number, total: number | undefined) => exchange.progress(loaded, total)
      : undefined;
    const { asked, sent, answered, shown } = await roundTrip({
      context,
      kind: 'fetch',
      what,
      signal,
      sharing,
      priority: wire.init.priority,
      policy,
      headers,
      body,
      isOnce: wire.body === null,
      create,
      async send(prepared) {
        timer?.sending(prepared.sent.url, effects);
        const response = await send({ ...prepared, body, onProgress });
        timer?.answered();
        return response;
      },
    });
    try {
      const { type, redirected } = answered;
      // What fails in a body of the hook's is the hook's own.
      const toFailure = (error: unknown): unknown =>
        toHookFailure({ hook: 'onResponse', what, log: effects.log }, error);
      const isHooks = shown !== answered;
      if (isHooks) timer?.conceal();
      const from = { url: shownUrl(answered, asked, sent), type, redirected };
      const failure = isHooks ? toFailure : effects.toBodyFailure;
      const { done } = await exchange.answer(shown, from, isHooks, failure, timer);
      // Not before: the hook's body may be made of it.
      if (isHooks) void done.then(() => letGo(answered));
    } catch (error) {
      letGo(answered);
      throw error;
    }
  };

  return (context) => {
    const serveOne: ServeExchange = async (wire, exchange, underWay) => {
      const timer = wire.timing ? new RequestTimer() : undefined;
      try {
        if (underWay > maxRequests)
          throw new HadokenError(
            'LIMIT_EXCEEDED',
            `${wire.method} ${wire.url}: ${maxRequests} requests are under way already. ` +
              'Raise limits.requests in host.js.',
          );
        await serve(wire, context, exchange, timer);
      } catch (error) {
        timer?.conceal();
        if (!isHadokenError(error) && !effects.isTrusted) await wait(FAILURE_DELAY);
        exchange.end();
        // A hook that has failed may have left something running.
        exchange.abort();
        exchange.post({ type: 'error', error: toWireError(exchange.refusal ?? error) });
      }
    };
    let isOpen = false;
    return (port, onRefused) => {
      if (isOpen) throw refuseSecondPort('requests', 'Ask');
      isOpen = true;
      serveExchanges(port, serveOne, onRefused);
    };
  };
}
