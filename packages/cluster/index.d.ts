import type { Namespace, Socket } from 'socket.io';
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
  | 'HANDLER_FAILED';

/** An error of the cluster. Adapters emit it as `problem`: `io.of('/').adapter.on('problem', (error) => …)`. */
export declare class ClusterError extends Error {
  name: 'ClusterError';
  code: ProblemCode | (string & {});
  /** How many events, with EVENTS_LOST. */
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
