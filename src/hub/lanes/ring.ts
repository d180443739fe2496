/**
 * The last events of a session that can be recovered: what a page missed is taken from here, where
 * it reaches back far enough.
 */
import { sizeOf } from '../../frame/push/outbox.ts';
import type { DecodedPacket } from '../../rpc/wire/push-packet.ts';

/** The most events that are kept. */
const MAX_EVENTS = 4_000;
/** The most that is kept, in bytes. */
export const MAX_BYTES = 1_048_576;

/** `number` counts the events of the session. */
export type KeptEvent = { number: number; offset: string; packet: DecodedPacket; size: number };

/** Whether a page may go on from this event. */
export type MayName = (packet: DecodedPacket) => boolean;

export class Ring {
  #events: KeptEvent[] = [];
  #bytes = 0;
  /** The number of the last event. */
  #last = 0;
  /** The offset before the first that is kept; undefined where that is the session's first. */
  #base: string | undefined;
  /** The event of that offset, where it was kept once. */
  #basePacket: DecodedPacket | undefined;

  constructor(base?: string) {
    this.#base = base;
  }

  /** The offset of the last event, which the server is asked for what came after. */
  get offset(): string | undefined {
    return this.#events.at(-1)?.offset ?? this.#base;
  }

  get number(): number {
    return this.#last;
  }

  /** Gives the event's number. */
  push(offset: string, packet: DecodedPacket): number {
    this.#last += 1;
    const size = sizeOf(packet.text ?? packet.data);
    this.#events.push({ number: this.#last, offset, packet, size });
    this.#bytes += size;
    if (this.#events.length > MAX_EVENTS || this.#bytes > MAX_BYTES) this.#trim();
    return this.#last;
  }

  /** Lets the older half go, so that it is not done for each event. */
  #trim(): void {
    let count = 0;
    let bytes = 0;
    const half = this.#events.length / 2;
    while (count < half || this.#bytes - bytes > MAX_BYTES / 2) {
      const event = this.#events[count];
      if (!event) break;
      bytes += event.size;
      count += 1;
    }
    const last = this.#events.splice(0, count).at(-1);
    this.#base = last?.offset ?? this.#base;
    this.#basePacket = last?.packet ?? this.#basePacket;
    this.#bytes -= bytes;
  }

  /** What came after the event with this number, or undefined where some of it is gone. */
  afterNumber(number: number): KeptEvent[] | undefined {
    const first = this.#events[0]?.number ?? this.#last + 1;
    return number + 1 < first ? undefined : this.#events.slice(number + 1 - first);
  }

  /**
   * What came after `offset`, or undefined where that is not known. A server's offsets are unlike
   * each other; but what ends in a text counts as one too, and such may come twice. It is not
   * known either where `mayName` says that this event is not the page's to hear.
   */
  after(offset: string | undefined, mayName: MayName): KeptEvent[] | undefined {
    const at = this.#events.findIndex((event) => event.offset === offset);
    const isTwice = at >= 0 && this.#events.some((event, i) => i > at && event.offset === offset);
    const named =
      this.#events[at]?.packet ?? (offset === this.#base ? this.#basePacket : undefined);
    if (named && !mayName(named)) return undefined;
    if (at >= 0) return isTwice || offset === this.#base ? undefined : this.#events.slice(at + 1);
    return offset === this.#base ? [...this.#events] : undefined;
  }
}
