/** `hadoken.EventSource`: the platform's EventSource, its connection made by the frame. */
import type { StreamMessage } from '../rpc/contract.ts';
import type { Connection } from './connection.ts';
import { defineStream, failure, openStream, receive, resolveUrl, type State } from './stream.ts';

/** Resolves relative URLs against `base`, the frame's origin. */
export function createEventSource(connection: Connection, base: string): typeof EventSource {
  class HadokenEventSource extends EventTarget {
    readonly #state: State;

    static {
      defineStream(HadokenEventSource, 'EventSource', (source) => source.#state);
    }

    constructor(url: string | URL, { withCredentials = false }: EventSourceInit = {}) {
      super();
      this.#state = { url: resolveUrl(url, base).href, readyState: 0, withCredentials: !!withCredentials };
      this.#open();
    }

    close() {
      this.#state.readyState = 2;
      this.#state.port?.postMessage({ type: 'close' });
    }

    #open(): void {
      const state = this.#state;
      const onMessage = (message: StreamMessage): void => receive(this, state, message);
      openStream(connection, 'eventSource', state, state.resume, onMessage).catch((error) => {
        // Only the frame was lost: the next one takes up from the last event's id.
        const again = connection.status.state === 'reconnecting';
        onMessage(failure(again ? 0 : 2, error));
        if (again) this.#open();
      });
    }
  }
  return HadokenEventSource as unknown as typeof EventSource;
}
