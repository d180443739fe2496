/** One HTTP exchange on the page's side: the request goes out, the head comes back, and the bodies go on after it. */
import { BodyReceiver, ownBuffer, type Post, type Source } from '../ajax/body.ts';
import type { Outgoing } from '../ajax/request.ts';
import { fromWireResponse } from '../ajax/response.ts';
import type { FetchMessage, Progress } from '../rpc/contract.ts';
import type { Session } from './session.ts';

export type ExchangeOptions = {
  signal: AbortSignal;
  onUploadProgress?: ((progress: Progress) => void) | undefined;
  onDownloadProgress?: ((progress: Progress) => void) | undefined;
};

/** Ends the exchange of a Response that was dropped unread, as the platform ends its own. */
const dropped = new FinalizationRegistry<() => void>((cancel) => cancel());

/** Resolves with the Response. Rejects with what the frame says, the signal's reason, or what lost the session. */
export async function exchange(
  session: Session,
  { wire, transfer, source }: Outgoing,
  { signal, onUploadProgress, onDownloadProgress }: ExchangeOptions,
): Promise<Response> {
  const { port1: port, port2 } = new MessageChannel();
  const post: Post = (message, transfers = []) => port.postMessage(message, transfers);
  const over = AbortSignal.any([session.lost, signal]);
  // Nothing here may hold the receiver while no reader waits, or a Response that was dropped is never collected.
  let receiver: WeakRef<BodyReceiver> | undefined;
  let waiting: BodyReceiver | undefined;
  let uploaded = 0;
  let loaded = 0;
  let total: number | undefined;
  let stop!: (reason: unknown) => void;
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });

  const end = (reason?: unknown): void => {
    if (reason !== undefined) stop(reason);
    over.removeEventListener('abort', onOver);
    source?.cancel(reason).catch(() => {});
    dropped.unregister(port);
    port.close();
  };
  const fail = (reason?: unknown): void => {
    post({ type: 'abort' });
    end(reason);
    receiver?.deref()?.fail(reason);
  };
  const onOver = (): void => fail(over.reason);
  /** The frame wants the next chunk of the request's body. */
  const pull = async (from: Source): Promise<void> => {
    const { done, value } = await from.read();
    if (done) return post({ type: 'end' });
    if (!(value instanceof Uint8Array)) throw new TypeError('A chunk of the body is no Uint8Array');
    // A copy: the caller's buffer is never detached.
    const bytes = ownBuffer(value);
    post({ type: 'chunk', bytes }, [bytes]);
  };
  const onUploaded = (progress: Progress): void => {
    if (progress.loaded > uploaded && onUploadProgress) queueMicrotask(() => onUploadProgress(progress));
    uploaded = progress.loaded;
  };
  const count = ({ byteLength }: ArrayBuffer): void => {
    loaded += byteLength;
    const progress = { loaded, total };
    // A listener that throws is no concern of the body's.
    if (byteLength && onDownloadProgress) queueMicrotask(() => onDownloadProgress(progress));
  };
  port.onmessage = ({ data }: MessageEvent<FetchMessage>) => {
    if (data.type === 'progress') onUploaded(data);
    else if (data.type === 'pull') source && pull(source).catch(fail);
    else if (data.type === 'cancel') source?.cancel().catch(() => {});
    else {
      if (data.type === 'chunk') count(data.bytes);
      (waiting ?? receiver?.deref())?.handle(data);
    }
  };
  over.addEventListener('abort', onOver);

  const answer = session.call('fetch', [wire, port2], [port2, ...transfer]);
  answer.catch(fail);
  const head = await Promise.race([answer, stopped]);
  // It may have ended in the turn in which the head came: a body made now would never be told.
  over.throwIfAborted();
  const { body, headers } = head;
  if (head.uploaded) onUploaded(head.uploaded);
  total = Number(headers.find(([name]) => name === 'content-length')?.[1]) || undefined;
  if (body) count(body.bytes);
  if (!body || body.done) {
    end();
    return fromWireResponse(head, body?.bytes);
  }
  const made = new BodyReceiver(post, end, body.bytes, (isWaiting) => {
    waiting = isWaiting ? receiver?.deref() : undefined;
  });
  receiver = new WeakRef(made);
  dropped.register(made, fail, port);
  return fromWireResponse(head, made.stream, stopped);
}
