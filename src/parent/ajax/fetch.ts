/** `hadoken.fetch`: the platform's `fetch`, done by the frame. */
import { complete, isSafeMethod, toWireRequest } from '../../ajax/request.ts';
import { now } from '../../rpc/time/clock.ts';
import type { Progress } from '../../rpc/wire/fetch.ts';
import { answerTo } from '../caller.ts';
import type { Lease } from '../lease.ts';
import { watchRequest } from '../reports/watch-request.ts';
import { signalsOf } from '../signals.ts';
import { bindZone } from '../zone.ts';
import { exchange } from './exchange.ts';

/** What `hadoken.fetch` takes: what the platform's takes, and these. */
export interface FetchInit extends RequestInit {
  /**
   * How long the whole exchange may take, its body included, in ms. Then the call, or the reading
   * of the body, rejects with a TimeoutError DOMException; its `cause` is why there was no frame,
   * where there was none. 0, null, false and Infinity are no timeout. What else is no number of ms
   * rejects with a TypeError.
   * @default none: as long as it takes
   */
  timeout?: number | null | false | undefined;
  /**
   * Called with the bytes of the request's body that have left, each time that more have. Only an
   * XMLHttpRequest can count them, so it is not called for what that can't send: `cache`,
   * `keepalive` and others, see docs/fetch.md.
   * @default none
   */
  onUploadProgress?: ((progress: Progress) => void) | undefined;
  /**
   * Called with the bytes of the response's body that have come, each time that more have. `total`
   * is the response's Content-Length, undefined without one and under a Content-Encoding, where it
   * is another size.
   * @default none
   */
  onDownloadProgress?: ((progress: Progress) => void) | undefined;
}

/** Resolves relative URLs against `base`, the frame's origin. Bound: may be passed around. */
export function createFetch(lease: Lease, base: string) {
  const { reports } = lease;
  return async (input: RequestInfo | URL, init: FetchInit = {}): Promise<Response> => {
    const startTime = now();
    const caller = new Error();
    const inZone = bindZone();
    const given = init ?? {};
    const outgoing = await toWireRequest(input, given, base);
    const { wire, signal: asked, source } = outgoing;
    const { onUploadProgress, onDownloadProgress } = given;
    const listeners = { onUploadProgress, onDownloadProgress };
    wire.progress = !!onUploadProgress;
    if (reports.isWanted()) wire.timing = true;
    const watch = watchRequest(reports, startTime, wire);
    let isSent = false;
    /** `reason` as the caller gets it: of the call, or of reading the body. */
    const toAnswer = (reason: unknown): unknown => {
      const { method, url } = wire;
      return asked?.aborted && reason === asked.reason
        ? reason
        : answerTo(caller, reason, { method, url }, isSent);
    };
    try {
      const aborts = signalsOf(asked, given.timeout);
      const attempt = async (mayRetry: boolean): Promise<Response> => {
        let lost: AbortSignal | undefined;
        try {
          return await lease.withSession(async (session, ending) => {
            lost = session.lost;
            if (outgoing.reading) await complete(outgoing);
            ending.signal.throwIfAborted();
            // While the body was read.
            lost.throwIfAborted();
            isSent = true;
            const options = { ...listeners, aborts, inZone, watch, toAnswer };
            return exchange(session, outgoing, ending, options);
          }, aborts);
        } catch (error) {
          if (lost?.reason !== error || (isSent && !mayRetry)) throw error;
          return attempt(mayRetry && !isSent);
        }
      };
      // What had not left when its frame was lost is sent by the next one. A request that changes
      // nothing, and was not answered, is sent again once.
      return await attempt(isSafeMethod(wire.method));
    } catch (error) {
      const answer = toAnswer(error);
      watch.failed(answer);
      // Who gives the body shall not wait for a request that never leaves.
      source?.cancel(answer).catch(() => {});
      throw answer;
    }
  };
}
