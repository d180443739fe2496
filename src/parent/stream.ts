/** What EventSource and WebSocket have in common: the platform's looks, and a port to the frame, which does the work. */
import type { StreamMessage } from '../rpc/contract.ts';
import type { Connection } from './connection.ts';

/** What stands behind a stream's attributes, under their names; its `on…` handlers too. */
export type State = {
  url: string;
  readyState: number;
  port?: MessagePort | null;
  // biome-ignore lint/suspicious/noExplicitAny: of whichever attribute
  [attribute: string]: any;
};

/** Throws the platform's exception unless `holds`. */
export function check(holds: unknown, what: string, name = 'SyntaxError'): void {
  if (!holds) throw new DOMException(`Invalid ${what}`, name);
}

/** `url` in full. Throws the platform's SyntaxError. */
export function resolveUrl(url: string | URL, base: string): URL {
  try {
    return new URL(url, base);
  } catch {
    throw new DOMException(`Invalid URL ${url}`, 'SyntaxError');
  }
}

/**
 * Gives `stream` the name of the platform's interface and the members that this engine's own has: constants, readonly
 * attributes that show the state, and `on…` handlers as in the HTML standard ("Event handlers"): what is no object
 * is null, and setting one anew keeps its place among the listeners.
 */
export function defineStream<S extends EventTarget>(
  stream: { prototype: S },
  name: 'EventSource' | 'WebSocket',
  stateOf: (stream: S) => State,
): void {
  const { prototype } = stream;
  const platform: Record<string, unknown> = globalThis[name].prototype as never;
  const define = (target: object, key: string | symbol, descriptor: PropertyDescriptor): void => {
    Object.defineProperty(target, key, { enumerable: typeof key === 'string', ...descriptor });
  };
  const handler = (key: string, type: string) =>
    function (this: S, value: unknown): void {
      const state = stateOf(this);
      const isObject = Object(value) === value;
      state[key] = isObject ? value : null;
      state[type] ??= (event: Event) => {
        if (state[key].call?.(this, event) === false) event.preventDefault();
      };
      this[isObject ? 'addEventListener' : 'removeEventListener'](type, state[type]);
    };

  Object.defineProperty(stream, 'name', { value: name });
  define(prototype, Symbol.toStringTag, { value: name });
  for (const key in platform) {
    if (key in prototype) continue;
    if (key < 'a') for (const target of [stream, prototype]) define(target, key, { value: platform[key] });
    else
      define(prototype, key, {
        get(this: S) {
          return stateOf(this)[key] ?? null;
        },
        set: key.startsWith('on') ? handler(key, key.slice(2)) : undefined,
      } as PropertyDescriptor);
  }
}

/** Takes over what the frame says, and dispatches the event. */
export function receive(stream: EventTarget, state: State, { state: changes, event }: StreamMessage): void {
  // What the page has closed stays closed: only a WebSocket's end (3) is still news.
  if (state.readyState > 1 && (changes.readyState as number) < 3) return;
  Object.assign(state, changes);
  if (!event) return;
  const [kind, type, init] = event;
  stream.dispatchEvent(new { Event, MessageEvent, CloseEvent, ErrorEvent }[kind](type, init as never));
}

/** The news of a failure, in the frame's stead: an error event that says why, where the platform's says nothing. */
export function failure(readyState: number, error?: Error): StreamMessage {
  return { state: { readyState }, event: ['ErrorEvent', 'error', { error, message: error?.message }] };
}

/** Has the frame make the connection. Settles when it is over; rejects where it can't be made or the frame is lost. */
export async function openStream(
  connection: Connection,
  method: 'eventSource' | 'webSocket',
  state: State,
  options: unknown,
  onMessage: (message: StreamMessage) => void,
): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  state.port = port1;
  port1.onmessage = ({ data }) => onMessage(data);
  // An EventSource waits for as long as it takes.
  const session = await connection.whenConnected(method === 'webSocket');
  if (!state.readyState) await session.call(method, [state.url, options as never, port2], [port2]);
}
