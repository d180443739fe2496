/** `hadoken.EventSource` and `hadoken.WebSocket`: the platform's looks, and a port to the frame, which does the work. */
import { byteLengthOf, ownBuffer } from '../ajax/body.ts';
import type { StreamMessage } from '../rpc/contract.ts';
import type { Lease } from './lease.ts';

/** What stands behind a stream's attributes, under their names; its `on…` handlers too. */
type State = {
  url: string;
  readyState: number;
  // biome-ignore lint/suspicious/noExplicitAny: of whichever attribute
  [attribute: string]: any;
};

/** A WebSocket's URL and then, line by line, its protocols: each a `token` of RFC 9110, none of them twice. */
const SOCKET = /^wss?:[^#\n]*(\n([!#-'*+.^`|~\w-]+)(?!.*\n\2(\n|$)))*$/s;

/** Throws the platform's exception unless `holds`. */
function check(holds: unknown, what: string, name = 'SyntaxError'): void {
  if (!holds) throw new DOMException(`Invalid ${what}`, name);
}

/**
 * A class with the members that this engine's own has: constants, methods, readonly attributes that show the state,
 * and `on…` handlers as in the HTML standard ("Event handlers"): what is no object is null, and setting one anew keeps
 * its place among the listeners. Relative URLs resolve against `base`, the frame's origin; a WebSocket's http becomes ws.
 */
export function createStream<P extends typeof EventSource | typeof WebSocket>(
  lease: Lease,
  base: string,
  platform: P,
): P {
  const isSocket = platform.CLOSED > 2;
  const describe = Object.getOwnPropertyDescriptors;

  class Stream extends EventTarget {
    readonly #state: State;

    static {
      const members: Record<string, PropertyDescriptor> = describe(platform.prototype);
      for (const key in members) {
        const member = members[key] as PropertyDescriptor;
        // The methods are those below.
        if (member.writable) delete members[key];
        // What the frame tells of once it is open is an empty string until then.
        if (member.get)
          member.get = function (this: Stream) {
            return this.#state[key] ?? (member.set ? null : '');
          };
        if (member.set)
          member.set = function (this: Stream, value: unknown) {
            const state = this.#state;
            if (key === 'binaryType') {
              if (value === 'blob' || value === 'arraybuffer') state[key] = value;
            } else {
              state[key] = Object(value) === value ? value : null;
              this[state[key] ? 'addEventListener' : 'removeEventListener'](key.slice(2), state.handler);
            }
          };
      }
      if (!isSocket) delete (Stream.prototype as Partial<Stream>).send;
      // An empty descriptor leaves what there is.
      Object.defineProperties(Stream, { ...describe(platform), prototype: {} });
      Object.defineProperties(Stream.prototype, members);
    }

    constructor(given: string | URL, options?: EventSourceInit | string | string[]) {
      super();
      let url = URL.canParse(given, base) ? new URL(given, base).href : '';
      if (isSocket) url = url.replace(/^http/, 'ws');
      const target = isSocket ? [url, options ?? []].flat() : { url };
      check(isSocket ? SOCKET.test((target as string[]).join('\n')) : url, `arguments: ${[given, options]}`);
      this.#state = {
        url,
        target,
        readyState: 0,
        withCredentials: !!(options as EventSourceInit)?.withCredentials,
        bufferedAmount: 0,
        binaryType: 'blob',
        handler: (event: Event) => {
          if (this.#state[`on${event.type}`].call?.(this, event) === false) event.preventDefault();
        },
      };
      void this.#open();
    }

    close(...args: [code?: number, reason?: string]): void {
      const state = this.#state;
      const { readyState } = state;
      const [code, reason = ''] = isSocket ? args : [];
      check(/^(1000|[34]\d{3}|undefined)$/.test(code as never), `code ${code}`, 'InvalidAccessError');
      check(byteLengthOf(reason) < 124, 'reason: over 123 bytes');
      if (readyState > 1) return;
      state.readyState = 2;
      state.port.postMessage({ type: 'close', code, reason, readyState });
      if (!isSocket) state.port.close();
      if (!readyState) state.abort('closed');
    }

    send(data: unknown): void {
      const state = this.#state;
      check(state.readyState, 'state: connecting', 'InvalidStateError');
      const sent = ArrayBuffer.isView(data)
        ? ownBuffer(data)
        : data instanceof Blob || data instanceof ArrayBuffer
          ? data
          : `${data}`;
      state.bufferedAmount += byteLengthOf(sent);
      state.port.postMessage({ type: 'send', data: sent });
    }

    /** Has the frame make the connection; where it can't, or is lost, fails as the platform's does. */
    async #open(): Promise<void> {
      const state = this.#state;
      const { port1, port2 } = new MessageChannel();
      state.port = port1;
      port1.onmessage = ({ data: [changes, sent, kind, type, init, bytes] }: MessageEvent<StreamMessage>) => {
        state.bufferedAmount -= sent;
        // What the page has closed stays closed: only a WebSocket's end (3) is still news.
        if (state.readyState > 1 && (changes.readyState as number) < 3) return;
        Object.assign(state, changes);
        if (bytes) (init as { data: unknown }).data = state.binaryType === 'blob' ? new Blob([bytes]) : bytes;
        if (kind) this.dispatchEvent(new { Event, MessageEvent, CloseEvent }[kind](type, init as never));
        // Not by the frame: Chromium drops what is on its way to a page in the back/forward cache, should the port be closed.
        if (changes.readyState === 2 || kind === 'CloseEvent') port1.close();
      };
      const error = await Promise.race<unknown>([
        // What the page closes before it is open is over at once, whatever there is to wait for.
        new Promise((resolve) => {
          state.abort = resolve;
        }),
        // An EventSource waits for as long as it takes.
        lease
          .withSession<unknown>(
            async (session) => state.readyState || session.call('stream', [state.target, port2], [port2]),
            [],
            isSocket,
          )
          .catch((cause) => cause),
      ]);
      if (!error || state.readyState === platform.CLOSED) return;
      // The frame may live on for other handles.
      port1.postMessage({ type: 'close', readyState: state.readyState });
      port1.close();
      // Only the frame was lost: the next one takes up from the last event's id.
      const again = !isSocket && lease.state === 'reconnecting';
      state.readyState = again ? 0 : platform.CLOSED;
      this.dispatchEvent(new ErrorEvent('error', { error, message: (error as Error).message }));
      if (again) void this.#open();
      // In a task of its own: listeners' promises are settled between the events, as the platform has it.
      else if (isSocket) setTimeout(() => this.dispatchEvent(new CloseEvent('close', { code: 1_006 })));
    }
  }
  return Stream as unknown as P;
}
