/**
 * Follows event streams of one URL, one after another, until the page closes it or the server says
 * so. As in the HTML standard, "Server-sent events".
 */
import { LONGEST } from '../../rpc/time/longest.ts';
import type { EventSourceTarget, StreamEvent, StreamMessage } from '../../rpc/wire/stream.ts';
import { EventStreamParser } from './event-stream.ts';

/** Before a connection is made again, in ms, until the stream says another. */
export const RETRY = 3_000;

const CONNECTING = 0;
const OPEN = 1;
const CLOSED = 2;

/** What a page hears of a stream that goes on, by another connection or in the next hub. */
export function brokenOff({
  lastEventId = '',
  retry = RETRY,
}: Pick<EventSourceTarget, 'lastEventId' | 'retry'>): StreamMessage {
  const state = { readyState: CONNECTING, lastEventId, retry };
  return { state, event: { kind: 'Event', type: 'error' } };
}

/** Resolves after `ms`, or when `signal` aborts. */
function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** What a connection tells of. */
export type Feed = { onOpen(): void; onText(text: string): void };

/**
 * Makes one connection; resolves at its end with whether another may follow, rejects with what
 * forbids it.
 */
export type Connect = (lastEventId: string, feed: Feed, signal: AbortSignal) => Promise<boolean>;

/** Where its messages go. */
export type StreamPort = { postMessage(message: StreamMessage): void };

/** One EventSource of a page: connects, and connects again. */
export class EventSourceConnection {
  readonly #port: StreamPort;
  #lastEventId: string;
  #retry: number;
  #closed = false;
  /** Resolves at the thaw, while the page is in the back/forward cache. */
  #frozen: Promise<void> | undefined;
  /** Ends the connection there is, or the wait for the next. */
  #current = new AbortController();

  constructor(port: StreamPort, { lastEventId = '', retry = RETRY }: EventSourceTarget) {
    this.#port = port;
    this.#lastEventId = lastEventId;
    this.#retry = retry;
  }

  /** Every message says where another frame would have to take up. */
  #post(readyState: number, event?: StreamEvent): void {
    const state = { readyState, lastEventId: this.#lastEventId, retry: this.#retry };
    this.#port.postMessage({ state, event } satisfies StreamMessage);
  }

  #createFeed(): Feed {
    const parser = new EventStreamParser(
      {
        onEvent: ({ type, data, lastEventId }) => {
          this.#lastEventId = lastEventId;
          this.#post(OPEN, { kind: 'MessageEvent', type, data });
        },
        onId: (lastEventId) => {
          if (lastEventId === this.#lastEventId) return;
          this.#lastEventId = lastEventId;
          this.#post(OPEN);
        },
        onRetry: (ms) => {
          this.#retry = Math.min(ms, LONGEST);
        },
      },
      this.#lastEventId,
    );
    return {
      onOpen: () => this.#post(OPEN, { kind: 'Event', type: 'open' }),
      onText: (text) => parser.push(text),
    };
  }

  /** Settles when it is closed. */
  async run(connect: Connect): Promise<void> {
    for (;;) {
      this.#current = new AbortController();
      const { signal } = this.#current;
      await this.#frozen;
      if (this.#closed) return;
      const again = await connect(this.#lastEventId, this.#createFeed(), signal);
      if (this.#closed) return;
      this.#post(again ? CONNECTING : CLOSED, { kind: 'Event', type: 'error' });
      if (!again) return;
      await wait(this.#retry, signal);
    }
  }

  close(): void {
    this.#closed = true;
    this.#current.abort();
  }

  /** Breaks off until `thawed`, and then connects at once. */
  freeze(thawed: Promise<void>): void {
    this.#frozen = thawed;
    this.#current.abort();
  }
}
