/**
 * What the option `retries` of a Socket makes of its events: they go one at a time, each until it
 * is acknowledged.
 */
import type { Listener } from '../emitter.ts';
import type { Retried, Socket } from './shapes.ts';

export type RetryQueue = {
  /**
   * `send` sends the event once and tells what became of it; `ack` hears the end: an answer, or one
   * failure too many.
   */
  add(send: (done: Listener) => void, ack: Listener | false): void;
  /** Sends the first, if none is under way; `isForced`: also if one is, for it was lost. */
  drain(isForced?: boolean): void;
};

/**
 * The queue is `socket._queue`, as in the original, so that a page may look at it and empty it. An
 * event is sent 1 + `retries` times at most, and while the socket is connected only.
 */
export function createRetryQueue(retries: number, socket: Socket): RetryQueue {
  const drain = (isForced = false): void => {
    const [first] = socket._queue;
    if (!socket.connected || !first || (first.pending && !isForced)) return;
    first.pending = true;
    first.tryCount++;
    first.send();
  };
  return {
    drain,
    add(send, ack) {
      const retried: Retried = {
        pending: false,
        tryCount: 0,
        send: () =>
          send((error, ...answer) => {
            retried.pending = false;
            if (!error || retried.tryCount > retries) {
              socket._queue = socket._queue.filter((other) => other !== retried);
              if (ack) ack(error, ...answer);
            }
            drain();
          }),
      };
      socket._queue.push(retried);
      drain();
    },
  };
}
