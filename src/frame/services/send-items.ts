/**
 * A stream that a service's method gives: its items go to the page over a port of their own, as the
 * page asks for them.
 */
import type { ItemsOutcome } from '../../rpc/contract.ts';
import { HadokenError, toClause, toText, toWireError } from '../../rpc/errors.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';
import { transfer, transferablesOf } from '../../rpc/transfer.ts';
import { type ItemsMessage, readItemsCommand } from '../../rpc/wire/service.ts';
import type { Effects } from '../effects.ts';
import type { TakeSocket } from '../rules/socket-limit.ts';

/** How many items more than it has been sent a page may ask for at once. */
const MAX_AHEAD = 64;

type Items = AsyncIterable<unknown> | ReadableStream;

/** Whether what a method has returned is a stream, and not moved to the page as it is. */
export function givesItems(value: unknown): value is Items {
  const isIterable = typeof Object(value)[Symbol.asyncIterator] === 'function';
  if (!isIterable && !isPlatformObject(value, 'ReadableStream')) return false;
  return !transferablesOf([value]).includes(value as unknown as Transferable);
}

type Iteration = Pick<AsyncIterator<unknown>, 'next' | 'return'>;

/** WebKit's streams have no iterator of their own. */
function iterate(items: Items): Iteration {
  if (!isPlatformObject(items, 'ReadableStream')) return items[Symbol.asyncIterator]();
  const reader = items.getReader();
  return {
    next: () => reader.read() as Promise<IteratorResult<unknown>>,
    return: async () => {
      await reader.cancel();
      return { done: true, value: undefined };
    },
  };
}

export type SendOptions = {
  /** The method, for errors. */
  what: string;
  effects: Effects;
  takeSocket: TakeSocket;
  /**
   * Aborts `this.signal`, so that a generator that waits can stop before `return()` reaches it.
   */
  onLeave(): void;
  /** Called once, when nothing more is sent. */
  onEnd(): void;
};

/** Ends the work. A stream that does not heed it goes on; nothing of it reaches the page. */
async function leave(iteration: Iteration, { what, effects, onLeave }: SendOptions): Promise<void> {
  try {
    onLeave();
    await iteration.return?.();
  } catch (error) {
    effects.log(`${what} failed when its stream was left: ${toText(error)}`);
  }
}

/** Sends what `iteration` gives over `port`: each time as many as the page asks for. */
function send(iteration: Iteration, port: MessagePort, options: SendOptions): void {
  const { what, onEnd } = options;
  let state: 'idle' | 'pumping' | 'over' = 'idle';
  let sent = 0;
  let wanted = 0;

  const post = (message: ItemsMessage, transfers: Transferable[] = []): void =>
    port.postMessage(message, transfers);
  const isOver = (): boolean => state === 'over';
  const end = (last?: ItemsMessage): void => {
    state = 'over';
    port.onmessage = null;
    // The page closes the port, because it knows what has arrived.
    if (last) post(last);
    onEnd();
  };
  const postItem = (value: unknown): void => {
    try {
      post({ type: 'item', value }, transferablesOf([value]));
    } catch (cause) {
      void leave(iteration, options);
      throw new HadokenError(
        'UNSUPPORTED',
        `${what} gave an item that can't be sent to the page: ${toClause(cause)}. ` +
          'Give what structured clone takes.',
      );
    }
  };
  const pump = async (): Promise<void> => {
    if (state !== 'idle') return;
    state = 'pumping';
    try {
      while (sent < wanted) {
        const { done, value } = await iteration.next();
        if (isOver()) return;
        if (done) return end({ type: 'end' });
        postItem(value);
        sent += 1;
      }
      state = 'idle';
    } catch (error) {
      if (!isOver()) end({ type: 'error', error: toWireError(error) });
    }
  };
  const cancel = (): void => {
    if (isOver()) return;
    end();
    void leave(iteration, options);
  };
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    const command = readItemsCommand(data);
    if (command?.type === 'cancel') cancel();
    if (command?.type !== 'pull') return;
    wanted = Math.max(wanted, Math.min(command.count, sent + MAX_AHEAD));
    void pump();
  };
  // The HTML standard has this event since January 2024, but only Node fires it: Chromium 156,
  // Firefox 153 and WebKitGTK do not.
  // https://github.com/whatwg/html/pull/9933
  // https://nodejs.org/api/worker_threads.html#event-close
  port.addEventListener('close', cancel);
}

/**
 * Opens the port of a stream, for the page. Nothing is read of it before the page asks. Throws
 * LIMIT_EXCEEDED, and what the stream throws that is asked for its iterator; the stream is left
 * then.
 */
export function openItems(items: Items, options: SendOptions): ItemsOutcome {
  const { effects, takeSocket, onEnd } = options;
  const iteration = iterate(items);
  let release: () => void;
  try {
    release = takeSocket();
  } catch (error) {
    void leave(iteration, options);
    throw error;
  }
  const { port1, port2 } = new (effects.Channel ?? MessageChannel)();
  send(iteration, port1, {
    ...options,
    onEnd() {
      release();
      onEnd();
    },
  });
  return { items: transfer(port2, [port2]) };
}
