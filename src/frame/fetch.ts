/** The frame's side of `hadoken.fetch`: policy, hooks, the real `fetch`, and the answer back. */
import { fromWireBody, fromWireRequest } from '../ajax/request.ts';
import type { HostContract, WireRequest, WireResponse } from '../rpc/contract.ts';
import { HadokenError, toWireError } from '../rpc/errors.ts';
import { Exchange } from './exchange.ts';
import type { Effects } from './host.ts';
import type { Context, ServeOptions } from './options.ts';
import { createPolicy, type Policy } from './policy.ts';
import { limitUpload, sizeOf, tooLarge } from './request-body.ts';
import { isUploadable } from './upload.ts';

const MAX_REQUESTS = 1_000;
const MAX_BODY = 1_073_741_824;
const MAX_KEEPALIVE = 65_536;

/**
 * How long a failed request waits before the page is told, in ms. WebKit fails the requests of a frame that is going
 * away before it ends its worker: the page would take for the server's what is the frame's, and not ask again.
 */
const LAST_BREATH = 100;

/** The header that tells the API which page a request is for: the frame removes what CSRF and CORS checks look at. */
export const ORIGIN_HEADER = 'Hadoken-Origin';

/**
 * Where redirects have led is judged as what was asked is. The method may have become GET on the way, and the
 * platform does not tell: either will do.
 */
function checkFinal({ url, redirected }: Response, method: string, origin: string, policy: Policy): void {
  if (!redirected) return;
  try {
    policy({ url, method, headers: [], origin });
  } catch (error) {
    if (method === 'GET' || method === 'HEAD') throw error;
    policy({ url, method: 'GET', headers: [], origin });
  }
}

/** A request to be sent, with its body beside it if that is a form. */
type Built = { request: Request; form: FormData | undefined };

/** By page: one exchange after another over ports of their own. Throws INVALID_ARGUMENT for rules that can't be read. */
export function createFetchHost(
  options: ServeOptions,
  effects: Effects,
): (context: Context) => HostContract['fetch'] {
  const policy = createPolicy(options.fetch, effects.origin);
  const { requests: maxRequests = MAX_REQUESTS, bodyBytes: maxBody = MAX_BODY } = options.limits ?? {};

  const takeBody = async (wire: WireRequest, exchange: Exchange): Promise<BodyInit | null> => {
    const size = sizeOf(wire);
    if (size > maxBody) throw tooLarge(maxBody, wire);
    // As the Fetch standard has it; Firefox does not hold a worker to it.
    if (wire.init.keepalive && size > MAX_KEEPALIVE)
      throw new TypeError(`${wire.method} ${wire.url}: a keepalive body is at most ${MAX_KEEPALIVE} bytes.`);
    if (wire.body !== null) return fromWireBody(wire.body);
    const stream = limitUpload(exchange, maxBody, wire);
    return effects.canStream?.() && !wire.progress ? stream : new Response(stream).blob();
  };

  /** The request as it will be sent. Rejects with what refuses it. */
  const build = async (wire: WireRequest, context: Context, exchange: Exchange): Promise<Built> => {
    const { url, method } = wire;
    const headers = wire.headers.filter(([name]) => name.toLowerCase() !== ORIGIN_HEADER.toLowerCase());
    const allowed = policy({ url, method, headers, origin: context.origin });
    const { credentials } = allowed;
    const init = credentials ? { ...wire.init, credentials } : wire.init;
    const body = await takeBody(wire, exchange);
    const request = fromWireRequest({ ...wire, url: allowed.url, headers, init }, body, exchange.signal);
    const final = (await options.onRequest?.(request, context)) || request;
    final.headers.set(ORIGIN_HEADER, context.origin);
    return { request: final, form: final === request && body instanceof FormData ? body : undefined };
  };

  const send = ({ request, form }: Built, wire: WireRequest, exchange: Exchange): Promise<Response> => {
    const signal = AbortSignal.any([exchange.signal, request.signal]);
    return wire.progress && effects.upload && isUploadable(request)
      ? effects.upload(request, form, signal, (loaded, total) => exchange.progress(loaded, total))
      : effects.fetch(request, { signal });
  };

  const serve = async (wire: WireRequest, context: Context, exchange: Exchange): Promise<WireResponse> => {
    const built = await build(wire, context, exchange);
    const answered = await send(built, wire, exchange);
    try {
      checkFinal(answered, built.request.method, context.origin, policy);
      const shown = (await options.onResponse?.(answered, context)) || answered;
      return await exchange.answer(shown, answered);
    } catch (error) {
      // Whoever does not get it shall not keep the server busy with it either.
      if (!answered.body?.locked) void answered.body?.cancel();
      throw error;
    }
  };

  return (context) => {
    let underWay = 0;
    return async (wire, port) => {
      underWay += 1;
      const exchange = new Exchange(port, () => {
        underWay -= 1;
      });
      try {
        if (underWay > maxRequests)
          throw new HadokenError(
            'LIMIT_EXCEEDED',
            `${wire.method} ${wire.url}: ${maxRequests} requests are under way already. Raise limits.requests in host.js.`,
          );
        return { value: await serve(wire, context, exchange) };
      } catch (error) {
        if (!(error instanceof HadokenError))
          await new Promise((resolve) => setTimeout(resolve, LAST_BREATH));
        exchange.end();
        return { error: toWireError(exchange.refusal ?? error) };
      }
    };
  };
}
