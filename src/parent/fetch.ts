/** `hadoken.fetch`: the platform's `fetch`, done by the frame. */
import { BodyReceiver, BodySender, type Post } from '../ajax/body.ts';
import { toWireRequest } from '../ajax/request.ts';
import { fromWireResponse } from '../ajax/response.ts';
import type { FetchMessage } from '../rpc/contract.ts';
import type { Connection } from './connection.ts';
import type { Session } from './session.ts';

/** In bytes; `total` undefined where nobody knows it. */
export type Progress = { loaded: number; total: number | undefined };

export interface FetchInit extends RequestInit {
  /** In ms, for the whole exchange; rejects with a TimeoutError DOMException. @default none */
  timeout?: number;
  onUploadProgress?(progress: Progress): void;
  onDownloadProgress?(progress: Progress): void;
}

type Settled = { signal: AbortSignal; release(): void };

/** `signal`, or a TimeoutError after `timeout` ms, whichever comes first. */
function withTimeout(signal: AbortSignal, timeout: number | undefined): Settled {
  if (timeout === undefined) return { signal, release() {} };
  const control = new AbortController();
  const onAbort = (): void => control.abort(signal.reason);
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) onAbort();
  const timer = setTimeout(
    () => control.abort(new DOMException(`No answer within ${timeout} ms`, 'TimeoutError')),
    timeout,
  );
  const release = (): void => {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  };
  return { signal: control.signal, release };
}

/** Resolves relative URLs against `base`, the frame's URL. Bound: may be passed around. */
export function createFetch(connection: Connection, base: string) {
  return async (input: RequestInfo | URL, init: FetchInit = {}): Promise<Response> => {
    const { timeout, onUploadProgress, onDownloadProgress, ...rest } = init;
    const { wire, signal: asked, transfer, stream } = await toWireRequest(input, rest, base);
    const { signal, release } = withTimeout(asked, timeout);
    if (onUploadProgress) wire.progress = true;

    return new Promise<Response>((resolve, reject) => {
      let port: MessagePort | undefined;
      let session: Session | undefined;
      let receiver: BodyReceiver | undefined;
      let sender: BodySender | undefined;
      /** Chunks that overtook the head: it comes on another port. */
      const early: FetchMessage[] = [];
      const post: Post = (message, transfers = []) => port?.postMessage(message, transfers);
      const end = (): void => {
        release();
        signal.removeEventListener('abort', onAbort);
        session?.lost.removeEventListener('abort', onLost);
        sender?.cancel();
        port?.close();
      };
      const fail = (reason: unknown): void => {
        reject(reason);
        if (receiver) receiver.end(reason, true);
        else end();
      };
      const onAbort = (): void => {
        post({ type: 'abort' });
        fail(signal.reason);
      };
      const onLost = (): void => fail(session?.lost.reason);
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort);

      const send = async (): Promise<void> => {
        session = connection.session ?? (await connection.whenConnected());
        if (signal.aborted) return;
        session.lost.addEventListener('abort', onLost);
        const channel = new MessageChannel();
        port = channel.port1;
        let loaded = 0;
        let total: number | undefined;
        const onChunk = (bytes: number): void => {
          loaded += bytes;
          onDownloadProgress?.({ loaded, total });
        };
        port.onmessage = ({ data }: MessageEvent<FetchMessage>) => {
          if (data.type === 'progress') onUploadProgress?.({ loaded: data.loaded, total: data.total });
          else if (data.type === 'credit') sender?.credit(data.bytes);
          else if (data.type === 'cancel') sender?.cancel();
          else {
            if (data.type === 'chunk') onChunk(data.bytes.byteLength);
            if (receiver) receiver.handle(data);
            else early.push(data);
          }
        };
        if (stream) {
          const reader = stream.getReader();
          sender = new BodySender(
            () => reader.read(),
            (reason) => void reader.cancel(reason).catch(() => {}),
            post,
            false,
          );
        }
        const answer = await session.call('fetch', [wire, channel.port2], [channel.port2, ...transfer]);
        if (signal.aborted) return;
        const length = Number(answer.headers.find(([name]) => name === 'content-length')?.[1]);
        total = Number.isNaN(length) ? undefined : length;
        const { body } = answer;
        if (body?.bytes.byteLength) onChunk(body.bytes.byteLength);
        if (body && !body.done) {
          receiver = new BodyReceiver(post, end, body.bytes);
          for (const message of early) receiver.handle(message);
          resolve(fromWireResponse(answer, receiver.stream));
        } else {
          end();
          resolve(fromWireResponse(answer, body?.bytes ?? null));
        }
      };
      send().catch(fail);
    });
  };
}
