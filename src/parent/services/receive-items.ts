/**
 * A stream that a service's method gives, as the page reads it: the items come over a port. An
 * iterator that is dropped without `return()` stays open and counts for `limits.sockets`, because
 * no FinalizationRegistry watches it.
 */
import { platformStream } from '../../ajax/body.ts';
import { fromWireError } from '../../rpc/errors.ts';
import { type ItemsCommand, readItemsMessage } from '../../rpc/wire/service.ts';

/** How many items may be on their way or wait unread. */
const WINDOW = 8;

export type ItemsSource = {
  /** Over which the items come. */
  port: MessagePort;
  /** Fails the stream with its reason. */
  lost: AbortSignal;
  /** What the page gets for an error. */
  toError(error: unknown): unknown;
  /** Called when the stream has ended. */
  onEnd(): void;
};

export type Items = {
  readonly iterator: AsyncIterableIterator<unknown>;
  /** Reads what comes from there; or lets the frame know that nobody will. */
  open(source: ItemsSource): void;
  /** Fails it, if it has not ended: what has come and is unread is dropped. */
  fail(error: unknown): void;
};

export function createItems(): Items {
  let control!: ReadableStreamDefaultController<() => unknown>;
  /** 'wanted': somebody reads what is not open yet. */
  let state: 'unopened' | 'wanted' | 'open' | 'over' = 'unopened';
  let source: ItemsSource | undefined;
  let received = 0;
  let asked = 0;

  const post = (command: ItemsCommand): void => source?.port.postMessage(command);
  const end = (): void => {
    state = 'over';
    if (!source) return;
    source.lost.onabort = null;
    source.port.onmessage = null;
    source.port.close();
    source.onEnd();
  };
  const cancel = (): void => {
    if (state === 'over') return;
    post({ type: 'cancel' });
    end();
  };
  const fail = (error: unknown): void => {
    control.error(error);
    cancel();
  };
  const onMessage = ({ data }: MessageEvent<unknown>): void => {
    const { type, value, error } = readItemsMessage(data);
    // A frame of ours gives no more than it was asked for.
    if (type === 'item' && received < asked) {
      received += 1;
      control.enqueue(() => value);
    }
    if (type !== 'end' && type !== 'error') return;
    if (type === 'error')
      control.enqueue(() => {
        throw source?.toError(fromWireError(error));
      });
    control.close();
    end();
  };
  const pull = (): void => {
    if (state === 'unopened') state = 'wanted';
    if (state !== 'open' || !source) return;
    // Not before: Node keeps a process alive for a port that is listened to.
    source.port.onmessage = onMessage;
    // Where zone.js has patched onmessage, WebKit starts no port by it.
    source.port.start();
    asked = received + WINDOW;
    post({ type: 'pull', count: asked });
  };
  // The queue is the platform's. An error comes after the items before it, so all are functions.
  const queue: UnderlyingDefaultSource<() => unknown> = {
    start(given) {
      control = given;
    },
    // Somebody waits, and all that has come is taken.
    pull,
    cancel,
  };
  const reader = new (platformStream())(queue, { highWaterMark: 0 }).getReader();
  const iterator: AsyncIterableIterator<unknown> = {
    async next() {
      const { done, value } = await reader.read();
      return { done, value: value?.() } as IteratorResult<unknown>;
    },
    async return(value) {
      // One that has failed rejects once more.
      reader.cancel().catch(() => {});
      return { done: true, value };
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return {
    iterator,
    fail,
    open(given) {
      const { lost, toError } = given;
      const before = state;
      source = given;
      state = 'open';
      lost.onabort = () => fail(toError(lost.reason));
      if (before === 'over') cancel();
      else if (lost.aborted) fail(toError(lost.reason));
      else if (before === 'wanted') pull();
    },
  };
}
