/**
 * What a push host has for its page: the events of a moment in one message, and never so many that
 * the page is blocked.
 */
import { toText } from '../../rpc/errors.ts';
import { BATCH, type PushEvent } from '../../rpc/wire/push-packet.ts';

export type Outbox = {
  /**
   * As it is, with the buffers in it to be transferred; or as JSON, which costs both sides less.
   */
  post(event: PushEvent | string, transfer?: Iterable<ArrayBuffer>): void;
  /** The page has run through BATCH more events. */
  taken(): void;
  /** Posts nothing until it is let go on: what comes meanwhile waits. */
  hold(isHeld: boolean): void;
};

/** Events that may be on their way: enough to keep the page busy, few enough to let it breathe. */
const AHEAD = 4 * BATCH;
/**
 * Once so many events have left within a SLICE of so many ms, what still comes in it goes in one
 * message at its end.
 */
const FEW = 32;
const SLICE = 4;

/** After so many ms in which a page has taken nothing it counts as hung, or frozen. */
const HUNG = 2_000;

/** What may wait for a page that takes nothing. */
export type OutboxLimit = {
  bytes: number;
  /** All that waited is dropped, and so is what is posted until there is room. */
  onFull(): void;
  /** The page takes again. */
  onRoom(): void;
};

type Entry = string | { event: PushEvent; transfer: Iterable<ArrayBuffer> };

/** About how much it takes in memory, in bytes. */
export function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (value instanceof ArrayBuffer) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 8;
  return Object.values(value).reduce((sum: number, inner) => sum + sizeOf(inner), 16);
}

/**
 * Beyond AHEAD events it waits for `taken`: what a busy page can't take yet waits here, not on its
 * main thread. `Channel`: what makes its own ports.
 */
export function createOutbox(
  port: MessagePort,
  log: (message: string) => void,
  limit?: OutboxLimit,
  Channel = MessageChannel,
): Outbox {
  const waiting: Entry[] = [];
  let bytes = 0;
  let isFull = false;
  let isHeld = false;
  let lastTaken = performance.now();
  let scheduled = false;
  let ahead = 0;
  let sliceStart = 0;
  let sentInSlice = 0;

  const postAll = (entries: Entry[]): void => {
    if (typeof entries[0] === 'string') return port.postMessage(`[${entries}]`);
    const events = entries as Exclude<Entry, string>[];
    const buffers = new Set(events.flatMap(({ transfer }) => [...transfer]));
    port.postMessage(
      events.map(({ event }) => event),
      [...buffers],
    );
  };
  /**
   * Posts `entries`. One that does not clone is dropped and reported; the others go without it, and
   * count alone.
   */
  const send = (entries: Entry[]): void => {
    try {
      postAll(entries);
      ahead += entries.length;
      sentInSlice += entries.length;
    } catch (error) {
      if (entries.length > 1) for (const entry of entries) send([entry]);
      else log(`dropped an event on its way to the page: ${toText(error)}`);
    }
  };
  const flush = (): void => {
    scheduled = false;
    while (waiting.length && ahead < AHEAD && !isHeld) {
      const most = Math.min(BATCH, AHEAD - ahead, waiting.length);
      let count = 1;
      while (count < most && typeof waiting[count] === typeof waiting[0]) count++;
      send(waiting.splice(0, count));
    }
    if (!waiting.length) bytes = 0;
  };
  /** Whether it is too much for a page that takes nothing. */
  const isTooMuch = (event: PushEvent | string): boolean => {
    // Nothing is owed while less is on its way than a page counts.
    if (ahead < BATCH) lastTaken = performance.now();
    bytes += sizeOf(event);
    return !!limit && bytes > limit.bytes && performance.now() - lastTaken > HUNG;
  };
  // A message to ourselves comes behind what the network already has for us; timers would wait for
  // longer.
  const later = new Channel();
  later.port1.onmessage = flush;
  // Where ports say that they are closed, as Node's do, and keep open ones from being collected.
  port.addEventListener('close', () => later.port1.close());
  const isBurst = (): boolean => {
    const now = performance.now();
    if (now - sliceStart < SLICE) return sentInSlice > FEW;
    sliceStart = now;
    sentInSlice = 0;
    return false;
  };
  return {
    post(event, transfer = []) {
      if (isFull) return;
      if (limit && isTooMuch(event)) {
        isFull = true;
        waiting.length = 0;
        return limit.onFull();
      }
      waiting.push(typeof event === 'string' ? event : { event, transfer });
      if (scheduled || isHeld || ahead >= AHEAD) return;
      scheduled = true;
      if (isBurst()) setTimeout(flush, sliceStart + SLICE - performance.now());
      else later.port2.postMessage(undefined);
    },
    taken() {
      ahead = Math.max(0, ahead - BATCH);
      lastTaken = performance.now();
      flush();
      if (!isFull) return;
      isFull = false;
      bytes = 0;
      limit?.onRoom();
    },
    hold(held) {
      isHeld = held;
      flush();
    },
  };
}
