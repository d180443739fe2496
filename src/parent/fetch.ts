/** `hadoken.fetch`: the platform's `fetch`, done by the frame. */
import { toWireRequest } from '../ajax/request.ts';
import type { Progress } from '../rpc/contract.ts';
import { exchange } from './exchange.ts';
import type { Lease } from './lease.ts';
import { signalsOf } from './signals.ts';

export interface FetchInit extends RequestInit {
  /** In ms, for the whole exchange; rejects with a TimeoutError DOMException. @default none */
  timeout?: number;
  onUploadProgress?(progress: Progress): void;
  onDownloadProgress?(progress: Progress): void;
}

/** Resolves relative URLs against `base`, the frame's origin. Bound: may be passed around. */
export function createFetch(lease: Lease, base: string) {
  return async (input: RequestInfo | URL, init?: FetchInit): Promise<Response> => {
    const given = init ?? {};
    const outgoing = await toWireRequest(input, given, base);
    const { wire, signal: asked } = outgoing;
    const signals = signalsOf(asked, given.timeout);
    wire.progress = !!given.onUploadProgress;
    const attempt = async (mayRetry: boolean): Promise<Response> => {
      let lost: AbortSignal | undefined;
      try {
        return await lease.withSession((session, signal) => {
          lost = session.lost;
          return exchange(session, { ...outgoing, signal }, given);
        }, signals);
      } catch (error) {
        if (!mayRetry || lost?.reason !== error) throw error;
        return attempt(false);
      }
    };
    // A request that changes nothing, and was not answered when its frame was lost, is sent again once.
    return attempt(/^(GET|HEAD)$/.test(wire.method));
  };
}
