/** The event stream format, as the HTML standard says ("Interpreting an event stream"). */

/** An event as it is dispatched; `type` is 'message' unless the stream named one. */
export type StreamedEvent = { type: string; data: string; lastEventId: string };

export type EventStreamSink = {
  onEvent(event: StreamedEvent): void;
  /** `retry:`, in ms. */
  onRetry(ms: number): void;
  /** A block without data set an id: it counts, but there is no event. */
  onId(lastEventId: string): void;
};

/**
 * Takes a stream's text in any pieces. An event that is not ended by an empty line is never told.
 */
export class EventStreamParser {
  readonly #sink: EventStreamSink;
  #lastEventId: string;
  #type = '';
  #data: string[] = [];
  /** The beginning of a line whose end has not come. */
  #rest = '';
  /** The last piece ended with CR: an LF at the start of the next belongs to it. */
  #afterCr = false;

  /** `lastEventId`: of the connection before. The engines keep it until an event has another. */
  constructor(sink: EventStreamSink, lastEventId: string) {
    this.#sink = sink;
    this.#lastEventId = lastEventId;
  }

  push(text: string): void {
    if (text === '') return;
    const lines = (this.#afterCr && text.startsWith('\n') ? text.slice(1) : text).split(/\r\n?|\n/);
    this.#afterCr = text.endsWith('\r');
    const rest = lines.pop() as string;
    for (const line of lines) {
      this.#line(this.#rest + line);
      this.#rest = '';
    }
    this.#rest += rest;
  }

  #line(line: string): void {
    if (line === '') return this.#dispatch();
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') this.#data.push(value);
    else if (field === 'event') this.#type = value;
    else if (field === 'id' && !value.includes('\0')) this.#lastEventId = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.#sink.onRetry(Number(value));
  }

  #dispatch(): void {
    const event = {
      type: this.#type || 'message',
      data: this.#data.join('\n'),
      lastEventId: this.#lastEventId,
    };
    const isEvent = this.#data.length > 0;
    this.#type = '';
    this.#data = [];
    if (isEvent) this.#sink.onEvent(event);
    else this.#sink.onId(event.lastEventId);
  }
}
