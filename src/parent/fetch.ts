/** `hadoken.fetch`: the platform's `fetch`, done by the frame. */
import { toWireRequest } from '../ajax/request.ts';
import type { Progress } from '../rpc/wire/fetch.ts';
import type { Connection } from './connection.ts';
import { exchange } from './exchange.ts';
import type { Session } from './session.ts';

/** What `hadoken.fetch` takes: what the platform's takes, and these. */
export interface FetchInit extends RequestInit {
  /**
   * How long the whole exchange may take, its body included, in ms. Then the call, or the reading
   * of the body, rejects with a TimeoutError DOMException. What is no number of ms rejects with a
   * TypeError.
   * @default none: as long as it takes
   */
  timeout?: number;
  /**
   * Called with the bytes of the request's body that have left, each time that more have. Only an
   * XMLHttpRequest can count them, so it is not called for what that can't send: `cache`,
   * `keepalive` and others, see docs/fetch.md.
   * @default none
   */
  onUploadProgress?(progress: Progress): void;
  /**
   * Called with the bytes of the response's body that have come, each time that more have. `total`
   * is the response's Content-Length: of a compressed body the compressed size, and undefined
   * without one.
   * @default none
   */
  onDownloadProgress?(progress: Progress): void;
}

/** Resolves relative URLs against `base`, the frame's origin. Bound: may be passed around. */
export function createFetch(connection: Connection, base: string) {
  return async (input: RequestInfo | URL, init?: FetchInit): Promise<Response> => {
    const given = init ?? {};
    const outgoing = await toWireRequest(input, given, base);
    const { timeout } = given;
    const { wire, signal: asked } = outgoing;
    const signal = AbortSignal.any(timeout === undefined ? [asked] : [asked, AbortSignal.timeout(timeout)]);
    wire.progress = !!given.onUploadProgress;
    // A request that changes nothing, and was not answered when its frame was lost, is sent again once.
    for (let again = /^(GET|HEAD)$/.test(wire.method); ; again = false) {
      signal.throwIfAborted();
      const session =
        connection.session ??
        (await new Promise<Session>((resolve, reject) => {
          signal.onabort = () => reject(signal.reason);
          connection.whenConnected().then(resolve, reject);
        }));
      try {
        return await exchange(session, { ...outgoing, signal }, given);
      } catch (error) {
        if (!again || session.lost.reason !== error) throw error;
      }
    }
  };
}
