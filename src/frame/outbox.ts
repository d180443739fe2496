/** What a push host has for its page: the events of one task in one message, and never so many that the page is blocked. */
import { BATCH, type PushEvent } from '../rpc/packet.ts';

export type Outbox = {
  /** `transfer`: the buffers in the event. */
  post(event: PushEvent, transfer?: Iterable<ArrayBuffer>): void;
  /** The page has run through BATCH more events. */
  taken(): void;
};

/** Events that may be on their way: enough to keep the page busy, few enough to let it breathe. */
const AHEAD = 4 * BATCH;

/** Beyond AHEAD events it waits for `taken`: what a busy page can't take yet waits here, not on its main thread. */
export function createOutbox(port: MessagePort): Outbox {
  let waiting: [PushEvent, Iterable<ArrayBuffer>][] = [];
  let scheduled = false;
  let ahead = 0;

  const flush = (): void => {
    scheduled = false;
    while (waiting.length && ahead < AHEAD) {
      const batch = waiting.slice(0, Math.min(BATCH, AHEAD - ahead));
      waiting = waiting.slice(batch.length);
      ahead += batch.length;
      const transfers = new Set(batch.flatMap(([, transfer]) => [...transfer]));
      port.postMessage(
        batch.map(([event]) => event),
        [...transfers],
      );
    }
  };
  // A message to ourselves comes behind what the network already has for us; timers would wait for longer.
  const later = new MessageChannel();
  later.port1.onmessage = flush;
  return {
    post(event, transfer = []) {
      waiting.push([event, transfer]);
      if (scheduled || ahead >= AHEAD) return;
      scheduled = true;
      later.port2.postMessage(undefined);
    },
    taken() {
      ahead = Math.max(0, ahead - BATCH);
      flush();
    },
  };
}
