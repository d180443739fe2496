/** A handle: the facades over a connection, and the listeners of whoever asked for it. */
import { HadokenError } from '../rpc/errors.ts';
import { createFetch, type FetchInit } from './ajax/fetch.ts';
import type { Connection, ConnectionEvents, ConnectionState } from './connection/connection.ts';
import { callAll, type Listener, emitter as methods } from './emitter.ts';
import { createLease } from './lease.ts';
import { createIo, type Io } from './push/io.ts';
import type { PushLink } from './push/link.ts';
import type { ManagerConstructor } from './push/types/api.ts';
import type { ReportEvents } from './reports/report.ts';
import { createReports } from './reports/reports.ts';
import { createService, type Remote, type ServiceOptions } from './services/service.ts';
import type { EventSourceConstructor, WebSocketConstructor } from './streams/constructors.ts';
import { createEventSource } from './streams/event-source.ts';
import { createWebSocket } from './streams/web-socket.ts';
import { bindZone } from './zone.ts';

/** What a handle emits: of its frame's connection, and of what it does itself. */
export type HadokenEvents = ConnectionEvents & ReportEvents;

/** How {@link Hadoken.on} and {@link Hadoken.once} listen. */
export interface ListenOptions {
  /** Removes the listener when it aborts. One that is aborted already adds none. @default none */
  signal?: AbortSignal | undefined;
}

/**
 * Adds a listener, and returns what removes it. One that throws is reported, and does not stop the
 * others.
 */
export type Listen = <E extends keyof HadokenEvents>(
  event: E,
  listener: (...args: HadokenEvents[E]) => void,
  options?: ListenOptions,
) => () => void;

/**
 * `[Symbol.dispose]`, where the user's `lib` knows it: others need not have it to read these types.
 */
type Dispose = SymbolConstructor extends { readonly dispose: infer Key extends symbol }
  ? { readonly [K in Key]: () => void }
  : Record<never, never>;

/**
 * What `connect()` gives, a handle: the frame's API and push services, as though they were the
 * page's own. Its methods are bound and may be passed around.
 */
export interface Hadoken<Config = unknown> extends Dispose {
  /** `closed` is this handle's; the rest is the frame's, and the same for all handles of it. */
  readonly state: ConnectionState;
  /**
   * Resolves with this handle once its frame is connected. Rejects with a HadokenError when trying
   * again can't help, when the attempts are used up, or at `close()`. It is a new promise after
   * such a failure, and after `reconnect()`.
   */
  readonly ready: Promise<this>;
  /** What the frame's `serve({ config })` said; set once connected. */
  readonly config: Config | undefined;
  /** The frame's origin, which relative URLs are resolved against. */
  readonly origin: string;
  /** Why the last attempt failed, until one succeeds. */
  readonly error: HadokenError | undefined;
  /**
   * The platform's `fetch`, relative to the frame's origin. Rejects as that does, and with a
   * HadokenError: where the rules or a limit refuse it, where no frame can be had, and at
   * `close()`. See docs/fetch.md for where it differs.
   * @see https://fetch.spec.whatwg.org/#fetch-method
   */
  fetch: (input: RequestInfo | URL, init?: FetchInit) => Promise<Response>;
  /**
   * A socket.io-client Socket, as far as the page can tell; `uri` names a namespace. What refuses
   * it is a `connect_error` with the HadokenError.
   * @see https://socket.io/docs/v4/client-api/
   */
  io: Io;
  /** Likewise a socket.io-client Manager. */
  Manager: ManagerConstructor;
  /**
   * The platform's EventSource, relative to the frame's origin. It waits for a frame for as long as
   * it takes. An `error` of ours is an ErrorEvent, whose `error` is the HadokenError.
   * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
   */
  EventSource: EventSourceConstructor;
  /**
   * The platform's WebSocket, relative to the frame's origin. It waits for a frame for at most
   * `timeout` ms of connect(). An `error` of ours is as an EventSource's.
   * @see https://websockets.spec.whatwg.org/
   */
  WebSocket: WebSocketConstructor;
  /**
   * The methods of `serve({ services })` under `name`, typed. A call rejects with what the method
   * throws, and with a HadokenError: METHOD_NOT_FOUND where there is no such method, POLICY_REFUSED
   * where it is not for this page, INVALID_ARGUMENT for a function among the arguments, and as
   * `fetch` does. What a method returns as an async iterable or a ReadableStream is read by `for
   * await (const item of …)`; an AbortSignal among the arguments aborts the one that the method
   * gets. See docs/services.md.
   */
  service: <T>(name: string, options?: ServiceOptions) => Remote<T>;
  on: Listen;
  /** As `on`, for one event only. */
  once: Listen;
  /**
   * Without a listener: removes all of the event's; without an event: all. Only listeners of this
   * handle.
   */
  off: <E extends keyof HadokenEvents>(
    event?: E,
    listener?: (...args: HadokenEvents[E]) => void,
  ) => void;
  /**
   * Forgets the back-off and tries now, for all handles of the frame. Does nothing while connected
   * or closed.
   */
  reconnect: () => void;
  /**
   * Of the script include: gives the name that it has on `window` back to what had it before, and
   * returns it. Of any other handle: returns that.
   */
  noConflict: () => this;
  /**
   * Idempotent. Settles what this handle began: calls and streams fail with CLOSED, sockets are
   * disconnected. Other handles of the frame go on; the last one to close removes it.
   */
  close: () => void;
}

/** {@link ReportEvents}, as the emitter keeps them. */
const REPORTS = /^.(request|socket)$/;

/**
 * What a handle is made with. State containers (immer, Vuex, MobX) freeze or copy what is a plain
 * object, and a frozen client can do nothing.
 */
class Client {}

/**
 * A handle of `connection`, whose push traffic goes over `link`. `onClose` is called once all is
 * settled.
 */
export function createClient(
  connection: Connection,
  link: PushLink,
  onClose: (reason: HadokenError) => void,
): Hadoken {
  const { url, watchers } = connection;
  const { dispose } = Symbol as { dispose?: symbol };
  const closing = new AbortController();
  const { signal: closed } = closing;
  const emitter = { ...methods };
  const reports = createReports(connection, (event) => emitter.listeners(event));
  const lease = createLease(connection, link, closed, reports);
  const emit = (event: string, ...args: unknown[]): void =>
    callAll([...emitter.listeners(event)], args);
  let ready: Promise<Hadoken>;
  let readyEpoch: number | undefined;

  const remove = (...args: [event?: string, listener?: Listener]): void => {
    emitter.off(...args);
    // A handle that nobody listens to and nobody keeps can be collected.
    if (!Object.keys(emitter._callbacks ?? {})[0]) watchers.delete(emit);
  };
  const createListen =
    (isOnce: boolean): Listen =>
    (event, listener, { signal } = {}) => {
      const inZone = bindZone();
      const off = (): void => {
        remove(event, called);
        signal?.removeEventListener('abort', off);
      };
      const called: Listener = (...args: HadokenEvents[typeof event]) => {
        if (isOnce) off();
        inZone(() => listener(...args));
      };
      called.fn = listener;
      if (closed.aborted || signal?.aborted) return off;
      emitter.on(event, called);
      signal?.addEventListener('abort', off, { signal: closed });
      watchers.add(emit);
      return off;
    };
  const close = (): void => {
    if (closed.aborted) return;
    const hadSession = connection.session;
    const reason = new HadokenError('CLOSED', `close() has ended the connection to ${url}.`);
    closing.abort(reason);
    readyEpoch = undefined;
    watchers.delete(emit);
    onClose(reason);
    emit('statechange', 'closed');
    if (hadSession) emit('disconnect', reason);
    // Only what it ended itself is still reported.
    for (const name of Object.keys(emitter._callbacks ?? {}))
      if (!REPORTS.test(name)) emitter.off(name.slice(1));
  };

  const client = {
    get state() {
      return lease.state;
    },
    get ready() {
      if (readyEpoch !== connection.epoch) {
        readyEpoch = connection.epoch;
        ready = lease.withSession(async () => client, [], false);
        // `ready` may go unused: failures also show in `state`, `error` and the console.
        ready.catch(() => {});
      }
      return ready;
    },
    get config() {
      return connection.config;
    },
    get error() {
      return closed.reason ?? connection.error;
    },
    origin: url.origin,
    fetch: createFetch(lease, url.origin),
    ...createIo(lease.link, reports),
    EventSource: createEventSource(lease, url.origin),
    WebSocket: createWebSocket(lease, url.origin),
    service: (name: string, options?: ServiceOptions) => createService(lease, name, options),
    on: createListen(false),
    once: createListen(true),
    off: remove,
    reconnect() {
      if (!closed.aborted) connection.reconnect();
    },
    noConflict: () => client,
    close,
    ...(dispose && { [dispose]: close }),
  } as unknown as Hadoken;
  Object.setPrototypeOf(client, Client.prototype);
  // Made now, because it stands for the first handshake from now on, whenever it is read.
  void client.ready;
  return client;
}
