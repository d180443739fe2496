/** A stream that a service's method gives, as the page reads it: the items come over a port. */
import { platformStream } from '../../ajax/body.ts';
import { fromWireError } from '../../rpc/errors.ts';
import { type ItemsCommand, readItemsMessage } from '../../rpc/wire/service.ts';

/** How many items may be on their way or wait unread. */
const WINDOW = 8;

export type Items = {
  readonly iterator: AsyncIterableIterator<unknown>;
  /**
   * Reads what comes over `port`; or lets the frame know that nobody will. `lost` fails it with its
   * reason. `toError`: what the page gets for an error. `onEnd`: called when it has ended.
   */
  open(
    port: MessagePort,
    lost: AbortSignal,
    toError: (error: unknown) => unknown,
    onEnd: () => void,
  ): void;
  /** Fails it, if it has not ended: what has come and is unread is dropped. */
  fail(error: unknown): void;
};

export function createItems(): Items {
  let control!: ReadableStreamDefaultController<() => unknown>;
  let isWanted = false;
  let isOver = false;
  let end = (_command?: ItemsCommand): void => {
    isOver = true;
  };
  let pull = (): void => {
    isWanted = true;
  };
  const cancel = (): void => end({ type: 'cancel' });
  // The queue is the platform's. An error comes after the items before it, so all are functions.
  const source: UnderlyingDefaultSource<() => unknown> = {
    start(given) {
      control = given;
    },
    // Somebody waits, and all that has come is taken.
    pull: () => pull(),
    cancel,
  };
  const reader = new (platformStream())(source, { highWaterMark: 0 }).getReader();
  const fail = (error: unknown): void => {
    control.error(error);
    if (!isOver) cancel();
  };
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
    open(port, lost, toError, onEnd) {
      const wasOver = isOver;
      let received = 0;
      let asked = 0;
      const post = (command: ItemsCommand): void => port.postMessage(command);
      const onMessage = ({ data }: MessageEvent<unknown>): void => {
        const { type, value, error } = readItemsMessage(data);
        // A frame of ours gives no more than it was asked for.
        if (type === 'item' && received < asked) {
          received++;
          control.enqueue(() => value);
        }
        if (type !== 'end' && type !== 'error') return;
        if (type === 'error')
          control.enqueue(() => {
            throw toError(fromWireError(error));
          });
        control.close();
        end();
      };
      end = (last) => {
        isOver = true;
        lost.onabort = port.onmessage = null;
        if (last) post(last);
        port.close();
        onEnd();
      };
      pull = () => {
        // Not before: Node keeps a process alive for a port that is listened to.
        port.onmessage = onMessage;
        // Where zone.js has patched onmessage, WebKit starts no port by it.
        port.start();
        asked = received + WINDOW;
        post({ type: 'pull', count: asked });
      };
      lost.onabort = () => fail(toError(lost.reason));
      if (wasOver) cancel();
      else if (lost.aborted) fail(toError(lost.reason));
      else if (isWanted) pull();
    },
  };
}
