/**
 * One HTTP exchange on the page's side: the request goes out, the head comes back, and the bodies
 * go on after it.
 */
import { type Body, createBody, ownBuffer, type Source } from '../../ajax/body.ts';
import type { Outgoing } from '../../ajax/request.ts';
import { fromWireResponse } from '../../ajax/response.ts';
import { fromWireError } from '../../rpc/errors.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';
import { type Progress, readWireResponse, type WireResponse } from '../../rpc/wire/fetch.ts';
import type { Session } from '../connection/session.ts';
import { callSoon } from '../emitter.ts';
import type { Ending } from '../lease.ts';
import type { RequestWatch } from '../reports/watch-request.ts';
import type { ExchangeListener } from './exchanges.ts';

export type ExchangeOptions = {
  onUploadProgress?: ((progress: Progress) => void) | undefined;
  onDownloadProgress?: ((progress: Progress) => void) | undefined;
  /** What fails the body even where all of it has come: signals that the caller may hold. */
  aborts: AbortSignal[];
  /** Runs the listeners where the call was made. */
  inZone(run: () => void): void;
  watch: RequestWatch;
  /** What the reader of the body gets for `reason`. */
  toAnswer(reason: unknown): unknown;
};

/**
 * From so many bytes on, a stream of what came along whole: Chromium 156 reads it in 0.6 of the
 * time that the buffer takes.
 */
const STREAM_FROM = 16_384;

/** What to do once a body was collected: to end its exchange, as the platform does, for one. */
const dropped = new FinalizationRegistry<() => void>((cancel) => cancel());

/**
 * Fails `body`, all of which has come, when `signal` aborts. Holds it no longer than its Response
 * does.
 */
function failWhenAborted(body: Body, signal: AbortSignal, stop: (reason: unknown) => void): void {
  const held = new WeakRef(body);
  signal.onabort = () => {
    stop(signal.reason);
    held.deref()?.controller.error(signal.reason);
  };
  dropped.register(body, () => {
    signal.onabort = null;
  });
}

/**
 * Ends `body` once its reader has taken all of it and not before: a stream that is closed lets go
 * of its Body, which is what an abort fails.
 */
function close({ controller }: Body): void {
  controller.close();
  // A pending BYOB read is answered by hand: see the Streams standard,
  // ReadableByteStreamController.close().
  (controller as ReadableByteStreamController).byobRequest?.respond(0);
}

/**
 * Resolves with the Response. Rejects with what the frame says, the reason of `ending`, or what
 * lost the session.
 */
export async function exchange(
  session: Session,
  { wire, source }: Outgoing,
  ending: Ending,
  { onUploadProgress, onDownloadProgress, aborts, inZone, watch, toAnswer }: ExchangeOptions,
): Promise<Response> {
  /** A listener that throws is no concern of the exchange's. */
  const report = (
    listener: ExchangeOptions['onUploadProgress'],
    progress: Progress | undefined,
  ): void => {
    if (listener && progress?.loaded) callSoon(() => inZone(() => listener(progress)));
  };
  // Nothing here may hold the body while no reader waits, or a Response that was dropped is never
  // collected.
  let body: WeakRef<Body> | undefined;
  let waiting: Body | undefined;
  let isOver = false;
  let hasHead = false;
  let loaded = 0;
  let stop!: (reason: unknown) => void;
  const stopped = new Promise<never>((_, reject) => {
    stop = reject;
  });
  let onHead!: (head: Partial<WireResponse>) => void;
  const answered = new Promise<Partial<WireResponse>>((resolve, reject) => {
    onHead = resolve;
    stopped.catch(reject);
  });

  const end = (reason?: unknown): void => {
    isOver = true;
    leave();
    source?.cancel(reason).catch(() => {});
    dropped.unregister(line);
  };
  /** Ends it on both sides. `error`: what the report says of it. */
  const abandon = (reason?: unknown, error?: unknown): void => {
    line.send({ type: 'abort' });
    stop(reason);
    end(reason);
    line.close();
    body?.deref()?.controller.error(reason);
    // Before the head, fetch.ts reports it, because it may send the request again.
    if (hasHead) watch.failed(error);
  };
  const fail = (cause: unknown): void => {
    if (isOver) return;
    const reason = hasHead ? toAnswer(cause) : cause;
    abandon(reason, reason);
  };
  /** All of the body has come. */
  const onEnd = (ended: Body | undefined): void => {
    end();
    if (ended && aborts[0]) failWhenAborted(ended, AbortSignal.any(aborts), stop);
    if (waiting) close(waiting);
    // Last: a report may throw at the times that a frame sends, and the body has to settle.
    watch.ended(line.close);
  };

  const sendChunk = async (from: Source): Promise<void> => {
    const { done, value } = await from.read();
    if (isOver) return;
    if (done) return line.send({ type: 'end' });
    if (!isPlatformObject(value, 'Uint8Array'))
      throw new TypeError('A body is a stream of Uint8Arrays.');
    // A copy: the caller's buffer is never detached.
    const bytes = ownBuffer(value);
    line.send({ type: 'chunk', bytes }, [bytes]);
  };
  const onNews: ExchangeListener['onNews'] = (news) => {
    const controller = (waiting ?? body?.deref())?.controller;
    const { type, head, bytes, progress, error, resource } = news;
    if (type === 'timing') watch.followed(resource);
    // What comes after the end is of no frame of ours.
    if (isOver) return;
    switch (type) {
      case 'pull':
        if (source) sendChunk(source).catch(fail);
        break;
      case 'progress':
        report(onUploadProgress, progress);
        break;
      case 'head':
        onHead(readWireResponse(head));
        break;
      case 'chunk':
        // An empty one, which a stream does not take, comes from no frame of ours.
        if (!bytes?.byteLength) break;
        loaded = progress?.loaded ?? loaded;
        waiting = undefined;
        report(onDownloadProgress, progress);
        controller?.enqueue(new Uint8Array(bytes));
        break;
      case 'error':
        fail(fromWireError(error));
        break;
      case 'end':
        // There is none before the head.
        if (hasHead) onEnd(body?.deref());
    }
  };

  watch.sent();
  const line = session.openExchange(wire, { onNews, onLost: fail });
  const leave = ending.onAbort(() => fail(ending.signal.reason));
  const head = await answered;
  // It may have ended in the turn in which the head came: a body made now would never be told.
  if (isOver) await stopped;
  hasHead = true;
  watch.answered(head);
  report(onDownloadProgress, head.downloaded);
  loaded = head.downloaded?.loaded ?? 0;
  const { bytes = null, done } = head;
  if (done && (!bytes || (loaded < STREAM_FROM && !aborts[0]))) {
    end();
    watch.ended(line.close);
    return fromWireResponse(head, bytes);
  }
  const made = createBody(
    bytes,
    (reading) => {
      if (isOver) return close(reading);
      waiting = reading;
      line.send({ type: 'taken', loaded });
    },
    (reason) => abandon(reason),
  );
  body = new WeakRef(made);
  if (done) onEnd(made);
  else {
    dropped.register(made, abandon, line);
    line.send({ type: 'taken', loaded: 0 });
  }
  return fromWireResponse(head, made.stream, stopped);
}
