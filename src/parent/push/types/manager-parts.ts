/**
 * What TypeScript is told of a page's Manager: socket.io-client's, as far as it is there. The
 * engine is the frame's; of it there is what a page may know. The Manager itself is in manager.ts.
 *
 * @see https://socket.io/docs/v4/client-api/#manager
 */
import type { DisconnectDescription, Packet } from './socket-parts.ts';

/**
 * The options of a Manager: those of socket.io-client that are the page's to choose. Which server
 * is spoken to and how (`path`, `transports`, `extraHeaders`, `transportOptions`, `parser`) is said
 * by `io` of the frame's host.js. `io()` and `new Manager()` take any of them, or none. A
 * `reconnection…`, `randomizationFactor` or `timeout` that is no number or is negative fails as the
 * Manager's `error` and the sockets' `connect_error`, with the code INVALID_ARGUMENT.
 */
export interface ManagerOptions {
  /** Whether this `io()` gets a connection of its own. @default false */
  forceNew: boolean;
  /**
   * Whether sockets of one server share its connection; `false` is `forceNew: true`.
   * @default true
   */
  multiplex: boolean;
  /** Whether a lost connection is made again. @default true */
  reconnection: boolean;
  /** How often it is tried before `reconnect_failed`. @default Infinity */
  reconnectionAttempts: number;
  /** The wait before the first try, in ms; it doubles with each. @default 1_000 */
  reconnectionDelay: number;
  /** The longest wait between two tries, in ms. @default 5_000 */
  reconnectionDelayMax: number;
  /**
   * By what part of itself a wait is made longer or shorter at random, from 0 to 1.
   * @default 0.5
   */
  randomizationFactor: number;
  /** How long a connection may take to open, in ms. @default 20_000 */
  timeout: number;
  /** Whether a Manager opens, and a socket connects, by itself. @default true */
  autoConnect: boolean;
  /**
   * Parameters of the server's URL; the server finds them in `socket.handshake.query`.
   * @default none
   */
  // biome-ignore lint/suspicious/noExplicitAny: what a server wants to know is its own
  query?: { [key: string]: any };
  /** Whether a connection that began by polling goes on to WebSocket. @default true */
  upgrade?: boolean;
  /** Whether a connection begins with WebSocket if the last one came to it. @default false */
  rememberUpgrade?: boolean;
  /**
   * Whether cookies are sent to a Socket.IO server that is not on the frame's own origin.
   * @default false
   */
  withCredentials?: boolean;
  /** Subprotocols of the WebSocket, in order of preference. @default none */
  protocols?: string | string[];
  /** Whether every request has a timestamp in its URL. @default false; polling always has one */
  timestampRequests?: boolean;
  /** The name of the timestamp's parameter. @default 't' */
  timestampParam?: string;
  /** How long a request of polling may take, in ms; 0 is without end. @default 0 */
  requestTimeout?: number;
}

/** The events of a Manager. */
export interface ManagerReservedEvents {
  /** The connection is open. */
  open: () => void;
  /**
   * It could not be opened, or something was not let through: a HadokenError with POLICY_REFUSED.
   */
  error: (error: Error) => void;
  /** The server asked for a sign of life. */
  ping: () => void;
  /** A packet came. */
  packet: (packet: Packet) => void;
  /** The connection is closed, or lost with its frame: then `reason` is 'frame lost'. */
  close: (reason: string, description?: DisconnectDescription) => void;
  /** No try made it, and there is none left. */
  reconnect_failed: () => void;
  /** It is tried again; `attempt` counts from 1. Options changed in a listener are used at once. */
  reconnect_attempt: (attempt: number) => void;
  /** A try failed. */
  reconnect_error: (error: Error) => void;
  /** The connection is open again, at this try. */
  reconnect: (attempt: number) => void;
}

type BareEngineEvent = 'open' | 'drain' | 'flush' | 'heartbeat' | 'ping' | 'pong';

/**
 * The events of the frame's engine that a page may listen to. What is in a packet is in none of
 * them.
 */
export type EngineEvent =
  | BareEngineEvent
  | 'handshake'
  | 'upgrading'
  | 'upgrade'
  | 'error'
  | 'upgradeError'
  | 'close';

/** What the server told the engine as it connected. */
export interface Handshake {
  /** The engine's {@link Engine.id}. */
  sid: string;
  /** The transports that the server would go on to. */
  upgrades: string[];
  /** The time between two of the server's pings, in ms. */
  pingInterval: number;
  /** How long after a ping was due the connection counts as lost, in ms. */
  pingTimeout: number;
  /** The largest body of a request of polling, in bytes. */
  maxPayload: number;
}

/**
 * As overloads, not by a map of events: only so is an engine of engine.io-client an {@link Engine}
 * as well.
 */
interface EngineListen {
  (event: BareEngineEvent, listener: () => void): Engine;
  (event: 'handshake', listener: (handshake: Handshake) => void): Engine;
  (
    event: 'upgrading' | 'upgrade',
    listener: (transport: { readonly name: string }) => void,
  ): Engine;
  (event: 'error' | 'upgradeError', listener: (error: Error) => void): Engine;
  (event: 'close', listener: (reason: string, description?: DisconnectDescription) => void): Engine;
}

/**
 * What a page may know of the frame's Engine.IO client. It can be listened to and closed, not
 * written to.
 */
export interface Engine {
  /** Tells this connection from the others; set once it is open. */
  readonly id: string;
  /** How the connection stands. */
  readonly readyState: 'opening' | 'open' | 'closing' | 'closed';
  /** How the connection is made: 'websocket', 'polling' or 'webtransport'. Set once it is open. */
  readonly transport: { readonly name: string };
  /** Drops the connection, as though it were lost: it is made again. */
  close(): void;
  /** Calls `listener` at every `event`. */
  readonly on: EngineListen;
  /** Calls `listener` at the next `event` only. */
  readonly once: EngineListen;
  /** Takes one `listener` away; without it all of the event's; without an event all there are. */
  readonly off: EngineListen & ((event?: EngineEvent) => Engine);
  /** Whether the event has a listener. */
  hasListeners(event: EngineEvent): boolean;
}
