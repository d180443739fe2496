/** `connect()`: one client for each frame's URL. */
import { HadokenError } from '../rpc/errors.ts';
import {
  type ConnectionEvents,
  type ConnectionState,
  type ConnectionStatus,
  createConnection,
} from './connection.ts';
import { createFetch, type FetchInit } from './fetch.ts';
import { createIo, type Io } from './io.ts';
import type { ManagerConstructor } from './manager-api.ts';
import type { ConnectOptions } from './options.ts';
import { fromDocument } from './page-document.ts';
import { createService, type Remote } from './service.ts';
import { createEventSource } from './streams/event-source.ts';
import { createWebSocket } from './streams/web-socket.ts';

/** What `connect()` gives: the frame's API and push services, as though they were the page's own. */
export interface Hadoken<Config = unknown> {
  readonly state: ConnectionState;
  /** Settles with the first handshake. Rejects with a HadokenError when trying again can't help, when the attempts are used up, or at `close()`. */
  readonly ready: Promise<this>;
  /** What the frame's `serve({ config })` said; set once connected. */
  readonly config: Config | undefined;
  /** Why the last attempt failed. */
  readonly error: HadokenError | undefined;
  /** The platform's `fetch`, relative to the frame's origin. Bound: may be passed around. */
  fetch: (input: RequestInfo | URL, init?: FetchInit) => Promise<Response>;
  /** A socket.io-client Socket, as far as the page can tell; `uri` names a namespace. */
  io: Io;
  /** Likewise a socket.io-client Manager. */
  Manager: ManagerConstructor;
  /** The platform's EventSource, relative to the frame's origin. */
  EventSource: typeof EventSource;
  /** The platform's WebSocket, relative to the frame's origin. */
  WebSocket: typeof WebSocket;
  /** The methods of `serve({ services })` under `name`, typed. */
  service: <T>(name: string) => Remote<T>;
  /** Returns its own off. A listener that throws does not stop the others. */
  on: <E extends keyof ConnectionEvents>(
    event: E,
    listener: (...args: ConnectionEvents[E]) => void,
  ) => () => void;
  /** As `on`, for one event only. */
  once: Hadoken['on'];
  /** Without a listener: all of the event's; without an event: all. */
  off: <E extends keyof ConnectionEvents>(
    event?: E,
    listener?: (...args: ConnectionEvents[E]) => void,
  ) => void;
  /** Forgets the back-off and tries now. Does nothing while connected or closed. */
  reconnect: () => void;
  /** Idempotent; settles everything outstanding and removes the frame. */
  close: () => void;
}

// Shared by every copy of this code on the page: the same frame's URL has one frame.
const clients = ((globalThis as Record<symbol, unknown>)[Symbol.for('hadoken.clients')] ??= {}) as Record<
  string,
  Hadoken
>;

function createClient(url: URL, options: ConnectOptions): Hadoken {
  const { href, origin } = url;
  const client = { state: 'connecting', config: undefined, error: undefined } as Hadoken & ConnectionStatus;
  const connection = createConnection(client, url, options);
  const { on, once, off, reconnect, close, whenConnected } = connection;
  // Whoever does not look at `ready` learns of a failure by `state`, `error` and the console.
  const ready = whenConnected(false).then(() => client);
  ready.catch(() => {});
  return Object.assign(client, {
    ready,
    fetch: createFetch(connection, origin),
    ...createIo(connection),
    EventSource: createEventSource(connection, origin),
    WebSocket: createWebSocket(connection, origin),
    service: (name: string) => createService(connection, name) as never,
    on,
    once,
    off,
    reconnect,
    close() {
      if (clients[href] === client) delete clients[href];
      close();
    },
  });
}

/**
 * Gives the page the API and push services of `frame`'s origin. The same frame's URL gives the same client, whose
 * options are those of the first call. Throws INVALID_ARGUMENT for what is no URL.
 *
 * @example
 * const hadoken = connect('https://push.example.com/hadoken/frame.html');
 * const me = await hadoken.fetch('/v1/me').then((response) => response.json());
 */
export function connect<Config = unknown>(
  frame: string | URL,
  options: ConnectOptions = {},
): Hadoken<Config> {
  let url: URL | undefined;
  try {
    url = new URL(frame, fromDocument('baseURI'));
    url.hash = '';
  } catch {}
  if (!url || !/^http/.test(url.protocol))
    throw new HadokenError('INVALID_ARGUMENT', `connect(): ${frame} is no http(s) URL of a frame's page.`);
  return (clients[url.href] ??= createClient(url, options)) as Hadoken<Config>;
}
