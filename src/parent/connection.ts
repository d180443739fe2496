/** The page's connection to its frame: one session after another, and the calls that wait for one. */
import { HadokenError } from '../rpc/errors.ts';
import { createEmitter, type Listener } from './emitter.ts';
import { createLog } from './log.ts';
import type { ConnectOptions } from './options.ts';
import { openSession, type Session, tooLate } from './session.ts';

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
  /** Idempotent; settles everything outstanding and removes the frame. */
  close(): void;
}

/** Keeps `status` true from now on, and tries at once. */
export function createConnection(
  status: ConnectionStatus,
  url: URL,
  {
    timeout = 10_000,
    reconnectionAttempts = Infinity,
    reconnectionDelay = 500,
    reconnectionDelayMax = 30_000,
    heartbeat = 25_000,
    log: logger,
  }: ConnectOptions,
): Connection {
  const log = createLog(logger);
  const emitter = createEmitter();
  /** Retries since the last success, or since `reconnect()`. */
  let retries = 0;
  /** The attempt or session there is. Aborted: it is over, and the next is waited for. What is no longer this, is nothing. */
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
  const set = (state: ConnectionState, isNews = status.state !== state): void => {
    if (!isNews) return;
    status.state = state;
    log('info', `${url} ${state}`);
    emit('statechange', state);
  };
  /** Ends the attempt or session there is, or the wait for the next. */
  const stop = (reason?: unknown): void => {
    const ended = current;
    current = undefined;
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
    set('connected', true);
    if (control === current) emit('connect');
  };

  /** An attempt failed, or a session was lost. */
  const onDown = (error: HadokenError, control: AbortController): void => {
    const { session } = connection;
    // A frame that is there and refuses will do so again: somebody has to change something first.
    const isOver = !error.code.startsWith('FRAME_') || retries >= reconnectionAttempts;
    connection.session = undefined;
    if (session) renew();
    // One line for one cause, however often it is met.
    if (status.error?.message !== error.message)
      log(session ? 'warn' : 'error', `${error.code}: ${error.message}`);
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
    log('debug', `${url} is tried again in ${delay} ms`);
    setTimeout(() => control === current && attempt(), delay);
    emit('reconnecting', retries, delay);
  };

  const attempt = (): void => {
    stop();
    if (status.state === 'closed') return;
    const control = (current = new AbortController());
    const { signal } = control;
    signal.addEventListener('abort', () => {
      if (control === current) onDown(signal.reason, control);
    });
    try {
      openSession({ url, timeout, heartbeat }, control, (session) => void onOpen(session, control));
    } catch (cause) {
      // A document without a root element has no place for a frame.
      control.abort(new HadokenError('FRAME_LOST', `No frame can be made: ${cause}`, { cause }));
    }
  };
  /** The network or the page is back: a wait for the next attempt, however long by now, is over. */
  const onBack = (): void => {
    if (status.state === 'reconnecting' && current?.signal.aborted) connection.reconnect();
  };

  const listen =
    (how: 'on' | 'once'): Connection['on'] =>
    (event, listener) => {
      emitter[how](event, listener);
      return () => connection.off(event, listener);
    };

  const connection: Connection = {
    status,
    session: undefined,
    on: listen('on'),
    once: listen('once'),
    off: (...args) => void emitter.off(...(args as [string?, Listener?])),
    whenConnected: (bounded = true) =>
      new Promise((resolve, reject) => {
        next.then(resolve, reject);
        if (bounded) setTimeout(() => reject(status.error ?? tooLate(url, timeout)), timeout);
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
