/** What a page gives to `connect()`. The public contract: names and shapes here are fixed. */
import { HadokenError } from '../rpc/errors.ts';
import type { Services } from '../rpc/services.ts';
import { isLog, type Logger, type LogLevel } from './log.ts';

/**
 * What `connect()` takes besides in Node, where no host.js says it. A browser does not look at
 * them.
 */
export interface NodeOptions {
  /**
   * Sent with every request and every handshake, to the frame's origin, and to the server that
   * `io.url` names. A request's own headers come before them. `connect()` throws INVALID_ARGUMENT
   * for what is no header.
   * @default none
   */
  headers?: HeadersInit | undefined;
  /**
   * The origin to speak for, such as 'https://app.example.com': sent as `Hadoken-Origin`, as a
   * frame sends its page's. `connect()` throws INVALID_ARGUMENT for what is no http(s) origin.
   * @default none: no such header is sent
   */
  origin?: string | undefined;
  /** What `hadoken.config` is, or a function that gives it. @default undefined */
  config?: unknown;
  /** The methods that `hadoken.service(name)` calls, in this process. @default none */
  services?: Services | undefined;
  /**
   * Which Socket.IO server, and how it is reached: `url` is its origin, `path` its own option of
   * that name, `transports` those that are tried, in this order, and `parser` the server's.
   * @default the frame's origin, '/socket.io/', ['websocket', 'polling'], and 'default'
   */
  io?:
    | {
        url?: string | undefined;
        path?: string | undefined;
        transports?: ('websocket' | 'polling' | 'webtransport')[] | undefined;
        parser?: 'default' | 'msgpack' | undefined;
      }
    | undefined;
}

/**
 * How a frame is connected to, and watched. `connect()` throws INVALID_ARGUMENT for a value that
 * can't be read: for what is no number, NaN, or less than the least. A wait of more than
 * 1_000_000_000 ms, which is 11 days, counts as that many.
 *
 * Handles of one frame share its connection, so the options of the first `connect()` count for all
 * of them.
 */
export interface ConnectOptions extends NodeOptions {
  /**
   * How long one attempt at the handshake may take, in ms; then it fails with FRAME_TIMEOUT, and is
   * tried again. A call that is made while there is no frame waits for as long, and then rejects
   * with the error of the last attempt. It does not limit how long an answer may take: `fetch` and
   * `service()` have a `timeout` of their own. At least 1. @default 10_000
   */
  timeout?: number | undefined;
  /**
   * How often a connection that failed or was lost is tried again before `state` becomes `failed`.
   * 0: never. The count starts anew with each success and with `reconnect()`. At least 0. @default
   * Infinity
   */
  reconnectionAttempts?: number | undefined;
  /**
   * The wait before the first retry, in ms; each further one is twice as long. All are jittered by
   * a quarter either way, so that a site's pages do not come back in step. At least 0. @default 500
   */
  reconnectionDelay?: number | undefined;
  /** The longest wait between two retries, in ms, before the jitter. At least 0. @default 30_000 */
  reconnectionDelayMax?: number | undefined;
  /**
   * How long the frame may give no sign of life, in ms, before it counts as lost (FRAME_LOST) and
   * is made again. It is asked for one five times in that time. At least 1. @default 25_000
   */
  heartbeat?: number | undefined;
  /**
   * What is written to the console, from this level up: 'silent', 'error', 'warn', 'info', 'debug'.
   * Or an object with the methods `error`, `warn`, `info` and `debug`, which gets all of it.
   * @default 'warn'
   */
  log?: LogLevel | Logger | undefined;
}

/** Every option, read. */
export type Settings = {
  [Name in Exclude<keyof ConnectOptions, keyof NodeOptions>]-?: Exclude<
    ConnectOptions[Name],
    undefined
  >;
};

/** Timers overflow at 2 ** 31 ms, and then do not wait at all. */
const LONGEST = 1e9;

/** The error of a `connect()` whose arguments can't be read. */
export function invalidArgument(why: string): HadokenError {
  return new HadokenError('INVALID_ARGUMENT', `connect(): ${why}.`);
}

/** Throws INVALID_ARGUMENT for what can't be read. */
export function readOptions(options: ConnectOptions): Settings {
  const check = (name: keyof Settings, value: unknown, isValid: boolean): void => {
    if (!isValid) throw invalidArgument(`${name} can't be ${String(value)}`);
  };
  const readNumber = (name: keyof Settings, fallback: number, least = 0): number => {
    const { [name]: value = fallback } = options;
    check(name, value, typeof value === 'number' && value >= least);
    return Math.min(value as number, LONGEST);
  };
  const { log = 'warn' } = options;
  check('log', log, isLog(log));
  return {
    timeout: readNumber('timeout', 10_000, 1),
    reconnectionAttempts: readNumber('reconnectionAttempts', Infinity),
    reconnectionDelay: readNumber('reconnectionDelay', 500),
    reconnectionDelayMax: readNumber('reconnectionDelayMax', 30_000),
    heartbeat: readNumber('heartbeat', 25_000, 1),
    log,
  };
}
