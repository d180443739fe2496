/** The page's connection to its frame: one session after another, and the calls that wait for one. */
import { HadokenError } from '../rpc/errors.ts';
import { Emitter, type Listener } from './emitter.ts';
import type { Logger } from './log.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';

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
};

export type ConnectionOptions = SessionOptions & {
  reconnectionAttempts: number;
  reconnectionDelay: number;
  reconnectionDelayMax: number;
  log: Logger;
};

/** What of a connection everybody may see. */
export type ConnectionStatus = {
  state: ConnectionState;
  /** Why the last attempt failed. */
  error: HadokenError | undefined;
  /** What the frame last said it is configured with. */
  config: unknown;
};

/** What the facades work with. */
export interface Connection {
  readonly status: ConnectionStatus;
  session: Session | undefined;
  /** Returns its own off. A listener that throws does not stop the others. */
  on<E extends keyof ConnectionEvents>(
    event: E,
    listener: (...args: ConnectionEvents[E]) => void,
  ): () => void;
  once<E extends keyof ConnectionEvents>(
    event: E,
    listener: (...args: ConnectionEvents[E]) => void,
  ): () => void;
  /** Without a listener: all of the event's; without an event: all. */
  off<E extends keyof ConnectionEvents>(event?: E, listener?: (...args: ConnectionEvents[E]) => void): void;
  /**
   * The session, now or when there is one, in the order of asking. Rejects with the last attempt's error after
   * `timeout` ms (`bounded: false`: waits for as long as trying again can help), or once nothing more is tried.
   */
  whenConnected(bounded?: boolean): Promise<Session>;
  /** Forgets the back-off and tries now. Does nothing while connected or closed. */
  reconnect(): void;
  close(): void;
}

/** Trying again can't help: somebody has to change something first. */
const FINAL: readonly string[] = ['ORIGIN_REFUSED', 'VERSION_MISMATCH', 'HOST_FAILED'];

/** Keeps `status` true from now on, and tries at once. */
export function createConnection(status: ConnectionStatus, options: ConnectionOptions): Connection {
  const { url, timeout, log, reconnectionAttempts, reconnectionDelay, reconnectionDelayMax } = options;
  const emitter = new Emitter();
  /** Retries since the last success, or since `reconnect()`. */
  let retries = 0;
  /** The timer of the next attempt, while one is waited for. */
  let retry: ReturnType<typeof setTimeout> | undefined;
  /** Is the attempt or the session there is; another takes its place when a listener closes or reconnects. */
  let current: AbortController | undefined;
  let next: Promise<Session>;
  let settle!: [resolve: (session: Session) => void, reject: (error: HadokenError) => void];

  const renew = (): void => {
    next = new Promise((...both) => {
      settle = both;
    });
    // Who waits hears of it; nobody has to.
    next.catch(() => {});
  };
  const emit = <E extends keyof ConnectionEvents>(event: E, ...args: ConnectionEvents[E]): void => {
    for (const listener of [...emitter.listeners(event)]) {
      try {
        listener(...args);
      } catch (error) {
        reportError(error);
      }
    }
  };
  const set = (state: ConnectionState): void => {
    if (status.state === state) return;
    status.state = state;
    log.debug(state);
    emit('statechange', state);
  };
  /** Ends the attempt or session there is, or the wait for the next. */
  const stop = (reason?: unknown): void => {
    const ended = current;
    clearTimeout(retry);
    retry = current = undefined;
    ended?.abort(reason);
  };

  const onOpen = async (session: Session, control: AbortController): Promise<void> => {
    connection.session = session;
    status.state = 'connected';
    status.config = session.config;
    status.error = undefined;
    retries = 0;
    settle[0](session);
    // Calls that have waited go before those that listeners make.
    for (let ticks = 0; ticks < 5; ticks++) await 0;
    if (control !== current) return;
    log.info(`connected to ${url}`);
    emit('statechange', 'connected');
    if (control === current) emit('connect');
  };

  /** An attempt failed, or a session was lost. */
  const onDown = (error: HadokenError, control: AbortController): void => {
    const { session } = connection;
    const isOver = FINAL.includes(error.code) || retries >= reconnectionAttempts;
    connection.session = undefined;
    if (session) renew();
    // One line for one cause, however often it is met.
    if (status.error?.message !== error.message)
      log[session ? 'warn' : 'error'](`${error.code}: ${error.message}`);
    status.error = error;
    if (isOver) settle[1](error);
    set(isOver ? 'failed' : 'reconnecting');
    emit(session ? 'disconnect' : 'error', error);
    if (control !== current) return;
    if (isOver) return emit('reconnect_failed', error);
    // Jitter, so that a whole site's pages do not come back in step.
    const delay = Math.round(
      Math.min(reconnectionDelay * 2 ** retries++, reconnectionDelayMax) * (0.75 + Math.random() / 2),
    );
    retry = setTimeout(attempt, delay);
    emit('reconnecting', retries, delay);
  };

  const attempt = (): void => {
    stop();
    const control = (current = new AbortController());
    const { signal } = control;
    signal.addEventListener('abort', () => {
      if (control === current) onDown(signal.reason, control);
    });
    try {
      openSession(options, control, (session) => void onOpen(session, control));
    } catch (cause) {
      // A document without a root element has no place for a frame.
      control.abort(new HadokenError('FRAME_LOST', `No frame can be made: ${cause}`, { cause }));
    }
  };
  /** The network or the page is back: a wait for the next attempt, however long by now, is over. */
  const onBack = (): void => {
    if (retry) connection.reconnect();
  };

  const connection: Connection = {
    status,
    session: undefined,
    on(event, listener) {
      emitter.on(event, listener as Listener);
      return () => connection.off(event, listener);
    },
    once(event, listener) {
      emitter.once(event, listener as Listener);
      return () => connection.off(event, listener);
    },
    off: (...args) => void emitter.off(...(args as [string?, Listener?])),
    whenConnected: (bounded = true) =>
      new Promise((resolve, reject) => {
        next.then(resolve, reject);
        if (bounded)
          setTimeout(
            () =>
              reject(
                status.error ??
                  new HadokenError('FRAME_TIMEOUT', `${url} was not there within ${timeout} ms.`),
              ),
            timeout,
          );
      }),
    reconnect() {
      const { state } = status;
      if (connection.session || state === 'closed') return;
      if (state === 'failed') renew();
      retries = 0;
      stop();
      if (state !== 'connecting') set('reconnecting');
      attempt();
    },
    close() {
      if (status.state === 'closed') return;
      const { session } = connection;
      const error = new HadokenError('CLOSED', `This page closed its connection to ${url}.`);
      removeEventListener('online', onBack);
      removeEventListener('pageshow', onBack);
      connection.session = undefined;
      status.error = error;
      if (session || status.state === 'failed') renew();
      settle[1](error);
      stop(error);
      set('closed');
      if (session) emit('disconnect', error);
      emitter.off();
    },
  };
  addEventListener('online', onBack);
  addEventListener('pageshow', onBack);
  renew();
  attempt();
  return connection;
}
