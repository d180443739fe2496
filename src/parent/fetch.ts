/** `hadoken.fetch`: the platform's `fetch`, done by the frame. */
import { toWireRequest } from '../ajax/request.ts';
import type { Progress } from '../rpc/contract.ts';
import type { Connection } from './connection.ts';
import { exchange } from './exchange.ts';

export interface FetchInit extends RequestInit {
  /** In ms, for the whole exchange; rejects with a TimeoutError DOMException. @default none */
  timeout?: number;
  onUploadProgress?(progress: Progress): void;
  onDownloadProgress?(progress: Progress): void;
}

/** Settles as `promise` does, or rejects with the signal's reason, whichever comes first. */
function orAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason));
    promise.then(resolve, reject);
  });
}

/** Resolves relative URLs against `base`, the frame's origin. Bound: may be passed around. */
export function createFetch(connection: Connection, base: string) {
  return async (input: RequestInfo | URL, init?: FetchInit): Promise<Response> => {
    const given = init ?? {};
    const outgoing = await toWireRequest(input, given, base);
    const { timeout, onUploadProgress, onDownloadProgress } = given;
    const { wire, signal: asked } = outgoing;
    const signals = asked ? [asked] : [];
    if (timeout !== undefined) signals.push(AbortSignal.timeout(timeout));
    const signal = AbortSignal.any(signals);
    const options = { signal, onUploadProgress, onDownloadProgress };
    if (onUploadProgress) wire.progress = true;
    // A request that changes nothing, and was not answered when its frame was lost, is sent again once.
    for (let again = /^(GET|HEAD)$/.test(wire.method); ; again = false) {
      signal.throwIfAborted();
      const session = connection.session ?? (await orAbort(connection.whenConnected(), signal));
      try {
        return await exchange(session, outgoing, options);
      } catch (error) {
        if (!again || session.lost.reason !== error) throw error;
      }
    }
  };
}
