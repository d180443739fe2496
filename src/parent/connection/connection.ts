/** The connection to a frame: one session after another, and the calls that wait for one. */

import { HadokenError } from '../../rpc/errors.ts';
import { now } from '../../rpc/time/clock.ts';
import { callAll } from '../emitter.ts';
import { createLog, type Log } from '../log.ts';
import type { Settings } from '../options.ts';
import type { OpenSession, Session } from './session.ts';

export type ConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'failed' | 'closed';

/** In the order they come: first `statechange`, then what brought it about. */
export type ConnectionEvents = {
  connect: [];
  /** A session ended, whether a new one is tried or not. */
  disconnect: [reason: HadokenError];
  /** `attempt` counts from 1; `delay` in ms. */
  reconnecting: [attempt: number, delay: number];
  reconnect_failed: [error: HadokenError];
  /** An attempt failed. */
  error: [error: HadokenError];
  statechange: [state: ConnectionState];
  /** The frame's `notify(name, data)`. */
  notify: [name: string, data: unknown];
};

/** An event and its arguments. */
export type ConnectionEvent = {
  [E in keyof ConnectionEvents]: [event: E, ...args: ConnectionEvents[E]];
}[keyof ConnectionEvents];

/** Gets every event. Watchers are the library's own: no user's `off()` takes one away. */
export type Watcher = (...event: ConnectionEvent) => void;

/** How a connection gets its sessions. A page's are those of session.ts and wake-ups.ts. */
export type ConnectionEffects = {
  openSession: OpenSession;
  /** Calls `wake` when the next attempt is worth making at once; until `signal` aborts. */
  listenForWakeUps(wake: () => void, signal: AbortSignal): void;
};

/**
 * What the handles of one frame share; what it says is the connection's to change. Copies of this
 * code share it too, and they may be of different releases: whoever changes this type, or what a
 * session's calls mean, raises SHARED in connect.ts.
 */
export interface Connection {
  /** The frame's page, without a fragment. */
  readonly url: URL;
  /** How long a call waits for a session, in ms. */
  readonly timeout: number;
  readonly log: Log;
  /** Its log is 'debug': then what costs something is looked at too. */
  readonly isDebug: boolean;
  readonly state: ConnectionState;
  readonly session: Session | undefined;
  /** Why the last attempt failed. */
  readonly error: HadokenError | undefined;
  /** What the frame last said it is configured with. */
  readonly config: unknown;
  /**
   * Grows when the connection fails for good, and when it is tried again after that: `ready` is
   * another then.
   */
  readonly epoch: number;
  /** Get every event. */
  readonly watchers: Set<Watcher>;
  /**
   * Are called, in their order, when there is a session or none is tried any more; before `connect`
   * is emitted, so that calls which have waited go before those that listeners make. Each leaves
   * the set by itself.
   */
  readonly waiters: Set<() => void>;
  /** Forgets the back-off and tries now. Does nothing while connected or closed. */
  reconnect(): void;
  /** To be called when the last handle has closed: the frame is removed. */
  close(reason: HadokenError): void;
}

/** Tries at once, and again with back-off, until `close()`. */
export function createConnection(
  url: URL,
  settings: Settings,
  { openSession, listenForWakeUps }: ConnectionEffects,
): Connection {
  const { timeout, heartbeat, reconnectionAttempts, reconnectionDelay, reconnectionDelayMax } =
    settings;
  const log = createLog(settings.log);
  const watchers = new Set<Watcher>();
  const waiters = new Set<() => void>();
  const closing = new AbortController();
  /** Retries since the last success, or since `reconnect()`. */
  let retries = 0;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  /**
   * Controls the current attempt or session; aborted, while the next attempt is waited for.
   * Callbacks of an earlier one compare themselves with `current` and return.
   */
  let current: AbortController | undefined;
  /** When the current attempt or session began. */
  let began = 0;

  const logAge = (what: string): void =>
    log('debug', `${url}: ${what} ${Math.round(now() - began)} ms`);
  const emit = (...event: ConnectionEvent): void => callAll([...watchers], event);
  const setState = (state: ConnectionState): void => {
    const before = connection.state;
    if (state === before) return;
    connection.state = state;
    if (state === 'failed' || before === 'failed') connection.epoch++;
    log('info', `${url} ${state}`);
    emit('statechange', state);
  };
  /** Ends the current attempt or session, or the wait for the next attempt. */
  const stop = (reason?: unknown): void => {
    const ended = current;
    current = undefined;
    clearTimeout(retryTimer);
    ended?.abort(reason);
  };

  const onOpen = (session: Session, control: AbortController): void => {
    const { config } = session;
    Object.assign(connection, { session, config, error: undefined });
    retries = 0;
    logAge('the handshake took');
    began = now();
    callAll(waiters);
    if (control === current) setState('connected');
    if (control === current) emit('connect');
  };

  /** An attempt failed, or a session was lost. */
  const onDown = (error: HadokenError, control: AbortController): void => {
    const hadSession = !!connection.session;
    // A frame that is there and refuses will do so again, and no page's policy is ever taken back:
    // somebody has to change something first.
    const isLast = !/^FRAME_(?!BLOCKED)/.test(error.code) || retries >= reconnectionAttempts;
    // One line for one cause, however often it is met.
    if (connection.error?.message !== error.message)
      log(hadSession ? 'warn' : 'error', `${error.code}: ${error.message}`);
    if (hadSession) logAge('the frame is lost after');
    Object.assign(connection, { session: undefined, error });
    if (isLast) callAll(waiters);
    setState(isLast ? 'failed' : 'reconnecting');
    emit(hadSession ? 'disconnect' : 'error', error);
    if (control !== current) return;
    if (isLast) emit('reconnect_failed', error);
    else retryLater();
  };
  const retryLater = (): void => {
    const longest = Math.min(reconnectionDelay * 2 ** retries, reconnectionDelayMax) || 0;
    // Jitter, so that a whole site's pages do not come back in step.
    const delay = Math.round(longest * (0.75 + Math.random() / 2));
    retries++;
    log('debug', `${url}: retry in ${delay} ms`);
    retryTimer = setTimeout(attempt, delay);
    emit('reconnecting', retries, delay);
  };

  const attempt = (): void => {
    stop();
    // A listener may have closed the last handle.
    if (connection.state === 'closed') return;
    const control = new AbortController();
    const { signal } = control;
    current = control;
    began = now();
    signal.addEventListener('abort', () => {
      if (control === current) onDown(signal.reason, control);
    });
    try {
      const onNotify = (name: string, data: unknown): void => {
        if (control === current) emit('notify', name, data);
      };
      const options = { url, timeout, heartbeat, onNotify };
      openSession(options, control, (session) => onOpen(session, control));
    } catch (cause) {
      // A document without a root element has no place for a frame.
      control.abort(new HadokenError('FRAME_LOST', `No frame can be made: ${cause}`, { cause }));
    }
  };
  /** Ends a wait for the next attempt, however long it has become. */
  const onWake = (): void => {
    if (connection.state === 'reconnecting' && current?.signal.aborted) connection.reconnect();
  };

  const connection = {
    url,
    timeout,
    log,
    isDebug: settings.log === 'debug',
    state: 'connecting' as ConnectionState,
    session: undefined as Session | undefined,
    error: undefined as HadokenError | undefined,
    config: undefined as unknown,
    epoch: 0,
    watchers,
    waiters,
    reconnect() {
      if (connection.session || connection.state === 'closed') return;
      retries = 0;
      stop();
      if (connection.state !== 'connecting') setState('reconnecting');
      attempt();
    },
    close(reason: HadokenError) {
      Object.assign(connection, { state: 'closed', session: undefined, error: reason });
      closing.abort();
      stop(reason);
    },
  };
  listenForWakeUps(onWake, closing.signal);
  attempt();
  return connection;
}
