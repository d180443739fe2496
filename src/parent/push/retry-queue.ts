/**
 * What the option `retries` of a Socket makes of its events: they go one at a time, each until it
 * is acknowledged.
 */
import type { Listener } from '../emitter.ts';

export type RetryQueue = {
  /**
   * `send` sends the event once and tells what became of it; `ack` hears the end: an answer, or one
   * failure too many.
   */
  add(send: (settle: Listener) => void, ack: Listener | false): void;
  /** Sends the first, if none is under way. */
  drain(): void;
};

/** An event is sent 1 + `retries` times at most, and while `isConnected()` only. */
export function createRetryQueue(retries: number, isConnected: () => boolean): RetryQueue {
  const queue: (() => void)[] = [];
  let busy = false;
  const drain = (): void => {
    if (isConnected() && !busy) queue[0]?.();
  };
  return {
    drain,
    add(send, ack) {
      let tries = 0;
      queue.push(() => {
        busy = true;
        tries++;
        send((error, ...answer) => {
          busy = false;
          if (!error || tries > retries) {
            queue.shift();
            if (ack) ack(error, ...answer);
          }
          drain();
        });
      });
      drain();
    },
  };
}
