/** `hadoken.fetch`: the platform's `fetch`, done by the frame. */
import { toWireRequest } from '../ajax/request.ts';
import type { Progress } from '../rpc/contract.ts';
import type { Connection } from './connection.ts';
import { exchange } from './exchange.ts';
import type { Session } from './session.ts';

export interface FetchInit extends RequestInit {
  /** In ms, for the whole exchange; rejects with a TimeoutError DOMException. @default none */
  timeout?: number;
  onUploadProgress?(progress: Progress): void;
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
