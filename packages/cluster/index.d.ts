import type { Server as HttpServer } from 'node:http';
import type { Namespace, Server, ServerOptions, Socket } from 'socket.io';
import type { Adapter } from 'socket.io-adapter';

/** A client of "redis" (`createClient()`) or of "ioredis" (`new Redis()`). It is duplicated, and else left alone. */
export interface RedisClient {
  duplicate(...args: never[]): unknown;
}

/** Options of every node's link with Redis. */
export interface LinkOptions {
  /**
   * What all keys begin with. Two clusters on one Redis need two.
   * @default "hadoken"
   */
  prefix?: string;
  /** A name for this node in its uid: 1 to 40 letters, digits, _ and -. */
  name?: string;
  /**
   * How long an event waits for a Redis that is away, hangs or is full, in ms. Then it is lost, and that is said.
   * @default 10_000
   */
  writeTimeout?: number;
  /**
   * How many events wait at most. What does not fit is lost at once, and that is said.
   * @default 50_000
   */
  maxPending?: number;
  /**
   * How many characters wait at most.
   * @default 67_108_864
   */
  maxPendingBytes?: number;
  /**
   * Takes a line about what went wrong, at most one in 5 s for each code.
   * @default console.warn
   */
  log?: (line: string) => void;
}

/** Who a client is, for sessions. May be asynchronous. Where it throws, the session belongs to nobody. */
export type Identify = (
  handshake: Socket['handshake'],
  auth: Record<string, unknown>,
) => string | Promise<string>;

export interface DurableAdapterOptions extends LinkOptions {
  /**
   * How far back the stream of a namespace reaches, in ms.
   * @default twice connectionStateRecovery.maxDisconnectionDuration, and 10 s
   */
  maxAge?: number;
  /**
   * How much memory of Redis the stream of a namespace may take, in bytes. What is older is trimmed away then, and that is
   * said with how far it reaches back now.
   * @default 268_435_456
   */
  maxBytes?: number;
  /**
   * Says who a client is; stored with the session, and where it differs the session is not restored. Without it the `pid`
   * is the only proof: whoever has it has the session.
   */
  identify?: Identify;
}

/** Something that could not be kept, or why a session was not restored. */
export type ProblemCode =
  | 'EVENTS_LOST'
  | 'HISTORY_LOST'
  | 'HISTORY_TOO_SHORT'
  | 'HISTORY_TRIMMED'
  | 'OTHER_IDENTITY'
  | 'REDIS_LOST'
  | 'READ_FAILED'
  | 'SESSION_NOT_SAVED'
  | 'BAD_ENTRY'
  | 'HANDLER_FAILED'
  | 'LEASE_LOST'
  | 'BACKLOG_FULL'
  | 'NO_LISTENER'
  | 'REDIS_SETTINGS';

/**
 * An error of the cluster. The adapters of all kinds of nodes emit it as `problem`, those of an app node too:
 * `io.of('/').adapter.on('problem', (error) => …)`. One of a process is emitted by each of its namespaces.
 */
export declare class ClusterError extends Error {
  name: 'ClusterError';
  code: ProblemCode | (string & {});
  /** How many events, with EVENTS_LOST where it is known, LEASE_LOST and BACKLOG_FULL of answers. */
  count?: number;
}

/**
 * An adapter for any Socket.IO server that loses nothing when a node is killed. Needs `connectionStateRecovery`.
 *
 * @example
 * const redis = createClient({ url: 'redis://127.0.0.1:6379' });
 * const io = new Server(httpServer, {
 *   adapter: createDurableAdapter(redis),
 *   connectionStateRecovery: { maxDisconnectionDuration: 120_000 },
 * });
 */
export declare function createDurableAdapter(
  redis: RedisClient,
  options?: DurableAdapterOptions,
): (nsp: Namespace) => Adapter;

/** Writes a socket's session, with its `data`, to Redis now. Resolves when it is written. */
export declare function saveSession(socket: Socket): Promise<void>;

/** What io nodes and app nodes of one cluster have in common. */
export interface ClusterOptions extends LinkOptions {
  /**
   * A URL, or a client of "redis" or "ioredis".
   * @default process.env.REDIS_URL, else "redis://127.0.0.1:6379"
   */
  redis?: string | RedisClient;
  /**
   * How long Redis may take to answer at the start, in ms. Then it rejects with `NO_REDIS`, and says where it looked.
   * @default 5_000
   */
  connectTimeout?: number;
  /**
   * How many streams carry what clients send; at most so many app nodes have work. The same on all nodes of a cluster, 1 to
   * 1024, and not to be changed while it runs.
   * @default 16
   */
  streams?: number;
}

export interface ListenOptions
  extends ClusterOptions,
    Omit<DurableAdapterOptions, keyof LinkOptions>,
    Partial<Omit<ServerOptions, 'adapter'>> {
  /**
   * How many messages wait in one stream, over all io nodes, when no app node takes them. What comes then is not acknowledged,
   * and that is logged and emitted as `problem` (`BACKLOG_FULL`).
   * @default 100_000
   */
  maxBacklog?: number;
  /**
   * How much memory of Redis the messages in one stream may take, in bytes, when clients send more than app nodes handle. What
   * comes then is not acknowledged.
   * @default 67_108_864
   */
  maxBacklogBytes?: number;
}

/**
 * Makes an io node: a Socket.IO server that holds connections, and hands what clients send to the app nodes. Middlewares
 * (`io.use()`) and `allowRequest` are here; the logic is not.
 *
 * @example
 * const httpServer = createServer();
 * await listen(httpServer, { redis: 'redis://127.0.0.1:6379' });
 * httpServer.listen(3000);
 */
export declare function listen(httpServer: HttpServer, options?: ListenOptions): Promise<Server>;

export interface ClientOptions extends ClusterOptions {
  /**
   * How long a killed app node's streams wait for another, in ms.
   * @default 3_000
   */
  leaseTime?: number;
  /**
   * How long the listeners of one message may take, in ms. Then the socket's next message is handled.
   * @default 10_000
   */
  handlerTimeout?: number;
  /**
   * How often it is looked for sessions that nobody came back to, in ms. So much later than the end of a session a `disconnect`
   * may come.
   * @default 1_000
   */
  expireEvery?: number;
}

// biome-ignore lint/suspicious/noExplicitAny: what events carry is not known, as in Socket.IO's own types
type Any = any;
type Listener = (...args: Any[]) => unknown;

/** A socket as an app node has it. Its connection is on an io node, which may change. */
export interface AppSocket {
  readonly id: string;
  readonly nsp: AppNamespace;
  readonly handshake: Socket['handshake'];
  readonly connected: boolean;
  readonly disconnected: boolean;
  readonly rooms: Set<string>;
  /** The uid of the io node that its last message came by. */
  readonly ioNode: string | undefined;
  /** Kept with the session: what a listener changes is written when it is done. */
  data: Any;
  on(event: 'disconnect' | 'disconnecting', listener: (reason: string) => unknown): this;
  on(event: string, listener: Listener): this;
  once(event: string, listener: Listener): this;
  off(event: string, listener: Listener): this;
  removeAllListeners(event?: string): this;
  onAny(listener: (event: string, ...args: Any[]) => void): this;
  prependAny(listener: (event: string, ...args: Any[]) => void): this;
  offAny(listener?: (event: string, ...args: Any[]) => void): this;
  listenersAny(): ((event: string, ...args: Any[]) => void)[];
  emit(event: string, ...args: Any[]): boolean;
  emitWithAck(event: string, ...args: Any[]): Promise<Any>;
  send(...args: Any[]): this;
  write(...args: Any[]): this;
  timeout(ms: number): this;
  compress(compress: boolean): this;
  readonly volatile: this;
  readonly broadcast: ReturnType<Namespace['to']>;
  to(rooms: string | string[]): ReturnType<Namespace['to']>;
  in(rooms: string | string[]): ReturnType<Namespace['to']>;
  except(rooms: string | string[]): ReturnType<Namespace['to']>;
  join(rooms: string | string[]): Promise<void>;
  leave(room: string): Promise<void>;
  disconnect(close?: boolean): this;
}

/** `isReconnect`: the session is not new, and this node has not had the socket, or another one has had it since. */
export type ConnectionListener = (socket: AppSocket, info: { isReconnect: boolean }) => unknown;

type Emitting = Pick<
  Namespace,
  'to' | 'in' | 'except' | 'emit' | 'send' | 'write' | 'timeout' | 'volatile' | 'compress'
> &
  Pick<Namespace, 'fetchSockets' | 'socketsJoin' | 'socketsLeave' | 'disconnectSockets'> & {
    /** To the other app nodes. They hear it by `on(event)` of the same namespace. A last argument that is a function gets `(error, answers)`. */
    serverSideEmit(event: string, ...args: Any[]): boolean;
    /** Resolves with the answers of the other app nodes; rejects after 5 s, with those that came as `error.responses`. */
    serverSideEmitWithAck(event: string, ...args: Any[]): Promise<Any[]>;
  };

export interface AppNamespace extends Emitting {
  readonly name: string;
  /** Emits `problem` with a {@link ClusterError}. */
  readonly adapter: Adapter;
  on(event: 'connection' | 'connect', listener: ConnectionListener): this;
  /** What another app node has emitted by `serverSideEmit()`. */
  on(event: string, listener: Listener): this;
}

/** An app node. */
export interface AppServer extends Emitting {
  /** Asking for a namespace makes io nodes let clients into it. */
  of(name: string): AppNamespace;
  on(event: 'connection' | 'connect', listener: ConnectionListener): this;
  /** What another app node has emitted by `serverSideEmit()`. */
  on(event: string, listener: Listener): this;
  /** The namespace "/". */
  readonly sockets: AppNamespace;
  /** The uid of this node. */
  readonly appNode: string;
  /** Gives its streams to the other app nodes when what is being handled is done. Clients notice nothing. */
  close(): Promise<void>;
}

/**
 * Makes an app node: the logic, without connections and without an HTTP server. It keeps nothing that it can't get back, so it
 * may be killed at any time.
 *
 * Messages are handled at least once, and in order for each socket: the next when the listeners of the one before are done,
 * which is when their promises settle or, without one, when they acknowledge. What listeners emit is written in one step with
 * the acknowledgement. What they throw is logged, and the message counts as handled.
 *
 * @example
 * const io = await getClient({ redis: 'redis://127.0.0.1:6379' });
 * io.on('connection', (socket, { isReconnect }) => {
 *   socket.on('say', (text, done) => {
 *     io.emit('said', text);
 *     done();
 *   });
 * });
 */
export declare function getClient(options?: ClientOptions): Promise<AppServer>;
