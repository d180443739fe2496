/** Types of `hadoken.EventSource` and `hadoken.WebSocket`: the platform's, and what they add. */
import type { HadokenError } from '../../rpc/errors.ts';

/**
 * The `error` event of a stream. Of a failure of Hadoken's own (the rules refuse it, a limit, no
 * frame) it is an ErrorEvent; of any other it is a plain Event, as the platform's.
 */
export interface StreamErrorEvent extends Event {
  /** Why it failed, and what to do. Undefined in a plain Event. */
  readonly error?: HadokenError;
  /** The error's. Undefined in a plain Event. */
  readonly message?: string;
}

/** `addEventListener` of `Stream`, whose `error` listeners get a {@link StreamErrorEvent}. */
type Listening<Stream extends { addEventListener: unknown }> = ((
  type: 'error',
  // biome-ignore lint/suspicious/noExplicitAny: as the platform's type
  listener: (this: Stream, event: StreamErrorEvent) => any,
  options?: boolean | AddEventListenerOptions,
) => void) &
  Stream['addEventListener'];

// biome-ignore lint/suspicious/noExplicitAny: as the platform's type
type OnError<Stream> = ((this: Stream, event: StreamErrorEvent) => any) | null;

/** What `new hadoken.EventSource()` makes. */
export interface FrameEventSource extends EventSource {
  onerror: OnError<EventSource>;
  addEventListener: Listening<EventSource>;
}

/** What `new hadoken.WebSocket()` makes. */
export interface FrameWebSocket extends WebSocket {
  onerror: OnError<WebSocket>;
  addEventListener: Listening<WebSocket>;
}

/** The class that `hadoken.EventSource` is. */
export interface EventSourceConstructor {
  new (url: string | URL, init?: EventSourceInit): FrameEventSource;
  readonly prototype: FrameEventSource;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSED: 2;
}

/** The class that `hadoken.WebSocket` is. */
export interface WebSocketConstructor {
  new (url: string | URL, protocols?: string | string[]): FrameWebSocket;
  readonly prototype: FrameWebSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
}
