/**
 * What EventSource and WebSocket of the page share. Nothing here needs the page's own classes of
 * these names.
 */
import {
  readStreamMessage,
  type StreamCommand,
  type StreamNews,
  type StreamTarget,
} from '../../rpc/wire/stream.ts';
import { answerTo } from '../caller.ts';
import type { Lease } from '../lease.ts';
import type { SocketReport } from '../reports/report.ts';

/**
 * Gives `Class` what WebIDL gives an interface and a class declaration does not: its name,
 * enumerable members, and constants, which count the states from 0.
 * @see https://webidl.spec.whatwg.org/#js-interfaces
 */
export function defineInterface(
  Class: { prototype: object },
  name: string,
  states: string[],
): void {
  const { prototype } = Class;
  const define = Object.defineProperty;
  for (const member of Object.getOwnPropertyNames(prototype))
    define(prototype, member, { enumerable: member !== 'constructor' });
  states.forEach((state, value) => {
    for (const owner of [Class, prototype]) define(owner, state, { value, enumerable: true });
  });
  define(Class, 'name', { value: name });
  define(prototype, Symbol.toStringTag, { value: name, configurable: true });
}

/**
 * Throws for a call without arguments. `undefined` is an argument, which is why they are counted.
 */
export function requireArgument(count: number): void {
  if (!count) throw new TypeError('No argument');
}

/** The platform's exception for an argument that it does not take, or not now. */
export function invalid(what: string, name = 'SyntaxError'): DOMException {
  return new DOMException(`Invalid ${what}`, name);
}

/** Throws a SyntaxError for what is no URL. */
export function parseUrl(url: string, base: string): URL {
  try {
    return new URL(url, base);
  } catch {
    throw invalid(`URL: ${url}`);
  }
}

/** The `on…` attributes of a stream, by the type of their event. */
export type EventHandlers = {
  get<Handler>(type: string): Handler;
  /**
   * What is no object counts as null. A handler that replaces another keeps its place among the
   * listeners.
   */
  set(type: string, handler: unknown): void;
};

/** @see https://html.spec.whatwg.org/#event-handlers */
export function createHandlers(target: EventTarget): EventHandlers {
  const handlers = new Map<string, unknown>();
  const listener = (event: Event): void => {
    const handler = handlers.get(event.type);
    if (typeof handler === 'function' && Reflect.apply(handler, target, [event]) === false)
      event.preventDefault();
  };
  return {
    get: <Handler>(type: string) => (handlers.get(type) ?? null) as Handler,
    set(type, handler) {
      const isObject = Object(handler) === handler;
      handlers.set(type, isObject ? handler : null);
      if (isObject) target.addEventListener(type, listener);
      else target.removeEventListener(type, listener);
    },
  };
}

/** What becomes of a stream. */
export type StreamListener = {
  onMessage(message: StreamNews): void;
  /** The frame refused it, or was lost. The port is closed by then. */
  onFailure(event: Event): void;
};

type Kind = 'webSocket' | 'eventSource';

/** Reports on the stream of `url`. `event`: what it emits of that. */
export function reportStream(
  { reports }: Lease,
  kind: Kind,
  url: string,
  state: SocketReport['state'],
  event: Partial<CloseEvent & ErrorEvent> = {},
): void {
  reports.socket({ kind, name: url, state, reason: event.code, error: event.error });
}

/** Reports what becomes of `stream`, before any listener of the page's hears of it. */
export function watchStream(
  stream: EventTarget & { readonly url: string },
  lease: Lease,
  kind: Kind,
): void {
  let hasOpened = false;
  let failure: Partial<ErrorEvent> = {};
  const report = (state: SocketReport['state'], event?: Partial<CloseEvent & ErrorEvent>): void =>
    reportStream(lease, kind, stream.url, state, event);
  const listen = (type: string, onEvent: (event: Partial<CloseEvent & ErrorEvent>) => void): void =>
    stream.addEventListener(type, (event) => {
      // A server may name its events as it likes.
      if (!('data' in event)) onEvent(event);
    });
  listen('open', () => {
    hasOpened = true;
    report('open');
  });
  listen('error', (event) => {
    // After that of a WebSocket comes its close.
    if (kind === 'webSocket') failure = event;
    else report('failed', event);
  });
  listen('close', ({ code }) =>
    report(hasOpened ? 'closed' : 'failed', { code: code as number, error: failure.error }),
  );
}

/** What ends the waiting for a frame, by the port of a stream. */
const waits = new WeakMap<MessagePort, AbortController>();

/** Closes a port of {@link openStream}: nothing is heard of the frame any more. */
export function closePort(port: MessagePort): void {
  port.onmessage = null;
  port.close();
  waits.get(port)?.abort();
}

/**
 * Has the frame make a connection, as soon as there is a frame, unless the port is closed before:
 * it has no listener then. Takes a StreamCommand.
 */
export function openStream(
  lease: Lease,
  target: StreamTarget,
  { onMessage, onFailure }: StreamListener,
): MessagePort {
  const caller = new Error();
  const { port1: port, port2 } = new MessageChannel();
  port.onmessage = ({ data }: MessageEvent<unknown>) => {
    const message = readStreamMessage(data);
    if (message) onMessage(message);
  };
  port.start();
  const isOpen = (): boolean => port.onmessage !== null;
  const wait = new AbortController();
  waits.set(port, wait);
  // An EventSource waits for as long as it takes.
  const isBounded = target.kind === 'webSocket';
  lease
    .withSession(
      async (session) => {
        if (isOpen()) await session.call('stream', [target, port2], [port2]);
      },
      [wait.signal],
      isBounded,
    )
    .catch((failure: Error) => {
      if (!isOpen()) return;
      // The frame may live on for other handles.
      port.postMessage({ type: 'close' } satisfies StreamCommand);
      closePort(port);
      const error = answerTo(caller, failure) as Error;
      onFailure(new ErrorEvent('error', { error, message: error.message }));
    });
  return port;
}
