/**
 * The packets of the Socket.IO protocol (revision 5), by which a page's sockets and the frame's
 * connection talk. The cut between page and frame goes here: what a Socket does with packets is the
 * page's, what becomes of them the frame's.
 */
export const CONNECT = 0;
export const DISCONNECT = 1;
export const EVENT = 2;
export const ACK = 3;
export const CONNECT_ERROR = 4;
/** The event by which hadoken-cluster gives a socket its place in the history. */
export const OFFSET_EVENT = 'hadoken:offset';

/**
 * Page to frame: `text` is JSON in which `{ _placeholder: true, num }` stands for `binary[num]`, as
 * on the real wire.
 */
export type WirePacket = {
  type: typeof CONNECT | typeof DISCONNECT | typeof EVENT | typeof ACK;
  nsp: string;
  /** Of an EVENT that wants an acknowledgement, and of the ACK that is one. */
  id?: number;
  text?: string;
  binary?: (ArrayBuffer | Blob)[];
  /** @default true */
  compress?: boolean;
  /** To be dropped where the transport can't take it now. */
  volatile?: boolean;
  /** Of a Socket with `retries`, which sends it again itself. */
  fromQueue?: boolean;
};

/**
 * Frame to page, decoded. `text` is the JSON of `data` where that says it all; it stays in the
 * frame.
 */
// biome-ignore lint/suspicious/noExplicitAny: by type a list of arguments, or an object
export type DecodedPacket = { type: number; nsp: string; id?: number; data?: any; text?: string };

/**
 * The settings a Manager has getters and setters for. `timeout` may be false, the numbers Infinity.
 */
export type ManagerSettings = {
  reconnection: boolean;
  reconnectionAttempts: number;
  reconnectionDelay: number;
  reconnectionDelayMax: number;
  randomizationFactor: number;
  timeout: number | boolean;
};

/** As documented for socket.io-client; times in ms. */
export const DEFAULT_SETTINGS: ManagerSettings = {
  reconnection: true,
  reconnectionAttempts: Infinity,
  reconnectionDelay: 1_000,
  reconnectionDelayMax: 5_000,
  randomizationFactor: 0.5,
  timeout: 20_000,
};

/** How a connection stands; rides on every event of it and is applied before listeners run. */
export type ManagerState = {
  _readyState: 'closed' | 'opening' | 'open';
  _reconnecting: boolean;
  /** Counts the times this manager's connection was opened. */
  _connection: number;
};

/** What a page may know of the engine. */
export type EngineState = {
  /** Not the engine's own, which is a key to its session: a name that the frame made up for it. */
  id: string | undefined;
  readyState: string;
  transport: { name: string | undefined };
};

/**
 * Page to frame, each microtask's in one array. `manager` is a number the page gives; after its own
 * `close` it gives another, so that what was on its way then is for nobody. `options` are the
 * Manager's, with the settings, as JSON.
 */
export type PushCommand =
  /** Opens a connection, or goes on with the attempt that `reconnect_attempt` announced. */
  | {
      type: 'open';
      manager: number;
      /** As the page was given it: names the server, or nothing. */
      uri: string;
      options: string;
      /** The page gave `open()` a callback: say what came of it, and don't try again. */
      once: boolean;
    }
  | { type: 'settings'; manager: number; options: string }
  | { type: 'close'; manager: number }
  | { type: 'packet'; manager: number; connection: number; packet: WirePacket }
  /** Relay this event of the engine, if it is one of ENGINE_EVENTS; without a name: close it. */
  | { type: 'engine'; manager: number; name?: string };

/**
 * The most events that go in one array. A page answers with an empty array of commands whenever it
 * has run through so many.
 */
export const BATCH = 256;

/**
 * Frame to page, each task's in one array; as the JSON of that array where all of them are packets
 * of text.
 */
export type PushEvent = {
  /**
   * An event of the Manager, one of MANAGER_EVENTS, or one of its engine, of ENGINE_EVENTS; or the
   * state alone, as it is after the listeners of the event.
   */
  type: 'event' | 'engine' | 'state';
  manager: number;
  name: string;
  /** As `toWireArgument` made them. */
  args: unknown[];
  /** Not with packets, which change none. */
  state?: ManagerState;
  engine?: EngineState;
};
