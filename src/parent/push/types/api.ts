/**
 * The types of a page's Manager and Socket: socket.io-client's, as far as they are there. They name
 * each other, and so share a file. The classes themselves are in manager.ts and socket.ts.
 *
 * @see https://socket.io/docs/v4/client-api/
 */
import type {
  DefaultEventsMap,
  EventNames,
  EventParams,
  EventsMap,
  TypedEmitter,
} from './event-map.ts';
import type { Engine, ManagerOptions, ManagerReservedEvents } from './manager-parts.ts';
import type {
  AllButLast,
  Answer,
  Auth,
  CatchAllListener,
  DecorateAcknowledgements,
  DisconnectReason,
  Last,
  Packet,
  SocketOptions,
  SocketReservedEvents,
} from './socket-parts.ts';

/** A connection to the frame's Socket.IO server, which the sockets of its namespaces share. */
export interface Manager<
  Listen extends EventsMap = DefaultEventsMap,
  // biome-ignore lint/correctness/noUnusedVariables: as in the original, which has both
  Emit extends EventsMap = Listen,
> extends TypedEmitter<Record<never, never>, Record<never, never>, ManagerReservedEvents> {
  /** The engine of the connection, another one each time; there once the Manager opens. */
  engine: Engine;
  /** The options. What is changed counts from the next connection on. */
  opts: Partial<ManagerOptions>;

  /** Whether a lost connection is made again; with an argument, says whether it shall be. */
  reconnection(value: boolean): this;
  reconnection(): boolean;
  reconnection(value?: boolean): this | boolean;
  /** How often it is tried; with an argument, sets it. */
  reconnectionAttempts(value: number): this;
  reconnectionAttempts(): number;
  reconnectionAttempts(value?: number): this | number;
  /** The wait before the first try, in ms; with an argument, sets it. */
  reconnectionDelay(value: number): this;
  reconnectionDelay(): number;
  reconnectionDelay(value?: number): this | number;
  /** The longest wait between two tries, in ms; with an argument, sets it. */
  reconnectionDelayMax(value: number): this;
  reconnectionDelayMax(): number;
  reconnectionDelayMax(value?: number): this | number;
  /** By what part of itself a wait is changed at random; with an argument, sets it. */
  randomizationFactor(value: number): this;
  randomizationFactor(): number;
  randomizationFactor(value?: number): this | number;
  /**
   * How long a connection may take to open, in ms; with an argument, sets it, and `false` lets it
   * take any time.
   */
  timeout(value: number | boolean): this;
  timeout(): number | boolean;
  timeout(value?: number | boolean): this | number | boolean;

  /**
   * Opens the connection. `done` gets the error, if there is one; with it a failure is not tried
   * again.
   */
  open(done?: (error?: Error) => void): this;
  /** The same as `open()`. */
  connect(done?: (error?: Error) => void): this;
  /**
   * The socket of the namespace `nsp`, the same one each time; a variable's type may say which
   * events it has.
   */
  socket(nsp: string, options?: Partial<SocketOptions>): Socket;
}

/**
 * What `hadoken.Manager` is. A `uri` names the frame's own server or, as it does for `io()`, none
 * at all.
 */
export interface ManagerConstructor {
  new <Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    options: Partial<ManagerOptions>,
  ): Manager<Listen, Emit>;
  new <Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    uri?: string | Partial<ManagerOptions>,
    options?: Partial<ManagerOptions>,
  ): Manager<Listen, Emit>;
}
/**
 * A namespace of the frame's Socket.IO server. `Listen` has the events that come from the server,
 * `Emit` those that go to it; each is an interface with a function for every event.
 *
 * @example
 * import type { Socket } from 'hadoken';
 *
 * interface ServerToClient { news: (text: string, at: number) => void }
 * interface ClientToServer { say: (text: string, done: (id: number) => void) => void }
 *
 * const chat: Socket<ServerToClient, ClientToServer> = hadoken.io('/chat');
 * chat.on('news', (text, at) => show(text, new Date(at)));
 * const id = await chat.timeout(5_000).emitWithAck('say', 'hello');
 */
export interface Socket<
  Listen extends EventsMap = DefaultEventsMap,
  Emit extends EventsMap = Listen,
> extends TypedEmitter<Listen, Emit, SocketReservedEvents> {
  /** The Manager of the connection that this socket goes over. */
  readonly io: Manager<Listen, Emit>;
  /**
   * What the server knows this socket by, anew with every connect; `undefined` while it is not
   * connected.
   */
  id: string | undefined;
  /** Whether it is connected to its namespace. */
  connected: boolean;
  /** Whether the last connect took the session up where it was, with what had been missed. */
  recovered: boolean;
  /**
   * The credentials for the next connect. It may be given another object or function at any time.
   */
  auth: Auth;
  /** What was emitted while disconnected, and goes with the next connect. */
  sendBuffer: Packet[];
  /** What came before `connect`, from a server's middleware; it goes to the listeners then. */
  // biome-ignore lint/suspicious/noExplicitAny: arguments are the user's own
  receiveBuffer: ReadonlyArray<any>[];
  /** The opposite of `connected`. */
  readonly disconnected: boolean;
  /**
   * Whether it is connected or will connect by itself: false after `disconnect()`, and once the
   * server has ended it.
   */
  readonly active: boolean;

  /**
   * Connects. Needed with `autoConnect: false`, and after a disconnection that leaves `active`
   * false.
   */
  connect(): this;
  /** The same as `connect()`. */
  open(): this;
  /** Disconnects, and stays so. The last active socket of a Manager closes the connection. */
  disconnect(): this;
  /** The same as `disconnect()`. */
  close(): this;

  /**
   * Emits an event to the server. A function as the last argument is called with the server's
   * acknowledgement. Throws an Error for the name of a reserved event.
   */
  emit<Name extends EventNames<Emit>>(event: Name, ...args: EventParams<Emit, Name>): this;
  /**
   * Emits an event and resolves with the first argument of its acknowledgement. Rejects with an
   * Error when the socket is disconnected meanwhile or, after `timeout()` or with `ackTimeout`,
   * when it comes too late.
   */
  emitWithAck<Name extends EventNames<Emit>>(
    event: Name,
    ...args: AllButLast<EventParams<Emit, Name>>
  ): Promise<Answer<Last<EventParams<Emit, Name>>>>;
  /** Emits the event `message`. */
  // biome-ignore lint/suspicious/noExplicitAny: as in the original
  send(...args: any[]): this;

  /** For the next event: whether its data is compressed on the way. @default true */
  compress(compress: boolean): this;
  /** For the next event: it is dropped if it can't be sent at once. */
  readonly volatile: this;
  /**
   * For the next event: its acknowledgement is given an error before what the server answers. That
   * is an Error when no answer came within `timeout` ms or the socket was disconnected, else null.
   */
  timeout(timeout: number): Socket<Listen, DecorateAcknowledgements<Emit>>;

  /** Calls `listener` with every event that comes, its name first. */
  onAny(listener: CatchAllListener): this;
  /** As `onAny()`, before the others. */
  prependAny(listener: CatchAllListener): this;
  /** Takes one catch-all listener away; without it all. */
  offAny(listener?: CatchAllListener): this;
  /** The catch-all listeners: the list itself, which may be changed. */
  listenersAny(): CatchAllListener[];
  /** Calls `listener` with every event that goes, its name first. */
  onAnyOutgoing(listener: CatchAllListener): this;
  /** As `onAnyOutgoing()`, before the others. */
  prependAnyOutgoing(listener: CatchAllListener): this;
  /** Takes one catch-all listener of what goes away; without it all. */
  offAnyOutgoing(listener?: CatchAllListener): this;
  /** The catch-all listeners of what goes: the list itself, which may be changed. */
  listenersAnyOutgoing(): CatchAllListener[];
}

/** `Socket.DisconnectReason`, as socket.io-client has it. */
export declare namespace Socket {
  export type { DisconnectReason };
}
