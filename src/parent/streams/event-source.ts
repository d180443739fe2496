/** `hadoken.EventSource`: the platform's EventSource, whose connection the frame makes. */
import type { EventSourceTarget, StreamCommand } from '../../rpc/wire/stream.ts';
import type { Lease } from '../lease.ts';
import type { EventSourceConstructor } from './constructors.ts';
import { createEvent } from './create-event.ts';
import {
  closePort,
  createHandlers,
  defineInterface,
  openStream,
  parseUrl,
  reportStream,
  requireArgument,
  watchStream,
} from './stream.ts';

const CONNECTING = 0;
const CLOSED = 2;

/**
 * A class for the pages of one client. Relative URLs resolve against `base`, the frame's origin.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export function createEventSource(lease: Lease, base: string): EventSourceConstructor {
  // The platform's type knows the listeners of each event; EventTarget's takes those of any.
  class FrameEventSource
    extends EventTarget
    implements Omit<EventSource, 'addEventListener' | 'removeEventListener'>
  {
    declare static readonly CONNECTING: 0;
    declare static readonly OPEN: 1;
    declare static readonly CLOSED: 2;
    declare readonly CONNECTING: 0;
    declare readonly OPEN: 1;
    declare readonly CLOSED: 2;

    readonly #handlers = createHandlers(this);
    readonly #url: URL;
    readonly #withCredentials: boolean;
    #readyState: number = CONNECTING;
    #port: MessagePort;

    constructor(url: string | URL, init: EventSourceInit | null = null) {
      // biome-ignore lint/complexity/noArguments: they are counted
      requireArgument(arguments.length);
      super();
      if (init !== null && Object(init) !== init) throw new TypeError('Invalid init');
      this.#withCredentials = !!init?.withCredentials;
      this.#url = parseUrl(`${url}`, base);
      watchStream(this, lease, 'eventSource');
      this.#port = this.#open();
    }

    get url(): string {
      return this.#url.href;
    }

    get withCredentials(): boolean {
      return this.#withCredentials;
    }

    get readyState(): number {
      return lease.state === 'closed' ? CLOSED : this.#readyState;
    }

    get onopen(): EventSource['onopen'] {
      return this.#handlers.get('open');
    }

    set onopen(handler: EventSource['onopen']) {
      this.#handlers.set('open', handler);
    }

    get onmessage(): EventSource['onmessage'] {
      return this.#handlers.get('message');
    }

    set onmessage(handler: EventSource['onmessage']) {
      this.#handlers.set('message', handler);
    }

    get onerror(): EventSource['onerror'] {
      return this.#handlers.get('error');
    }

    set onerror(handler: EventSource['onerror']) {
      this.#handlers.set('error', handler);
    }

    close(): void {
      if (this.readyState < CLOSED) reportStream(lease, 'eventSource', this.url, 'closed');
      this.#readyState = CLOSED;
      this.#port.postMessage({ type: 'close' } satisfies StreamCommand);
      closePort(this.#port);
    }

    /** `lastEventId` and `retry`: where an earlier frame left off. */
    #open(lastEventId = '', retry?: number): MessagePort {
      const { href, origin } = this.#url;
      const target: EventSourceTarget = { kind: 'eventSource', url: href, lastEventId, retry };
      return openStream(lease, target, {
        onMessage: ({ state, event: { kind, type, data } }) => {
          if (state.readyState > CLOSED) return;
          ({ lastEventId, retry } = state);
          this.#readyState = state.readyState;
          // Not by the frame: Chromium drops what is on its way to a page in the back/forward
          // cache, should the port be closed.
          if (this.#readyState === CLOSED) closePort(this.#port);
          if (kind === 'Event') this.dispatchEvent(createEvent(type));
          if (kind === 'MessageEvent')
            this.dispatchEvent(new MessageEvent(type, { data, origin, lastEventId }));
        },
        onFailure: (event) => {
          // If only the frame was lost, the next one takes up.
          this.#readyState = lease.state === 'reconnecting' ? CONNECTING : CLOSED;
          this.dispatchEvent(event);
          // A listener may have closed it.
          if (this.#readyState === CONNECTING) this.#port = this.#open(lastEventId, retry);
        },
      });
    }
  }

  defineInterface(FrameEventSource, 'EventSource', ['CONNECTING', 'OPEN', 'CLOSED']);
  return FrameEventSource as unknown as EventSourceConstructor;
}
