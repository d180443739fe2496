/** The page's connection to its frame: one session after another, and the calls that wait for one. */
import { HadokenError } from '../rpc/errors.ts';
import { Events } from './events.ts';
import type { Logger } from './log.ts';
import { openSession, type Session } from './session.ts';

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

export type ConnectionOptions = {
  url: URL;
  timeout: number;
  reconnectionAttempts: number;
  reconnectionDelay: number;
  reconnectionDelayMax: number;
  heartbeat: number;
  log: Logger;
};

/** Trying again can't help: somebody has to change something first. */
const FINAL: readonly string[] = ['ORIGIN_REFUSED', 'VERSION_MISMATCH', 'HOST_FAILED'];

type Waiting = { resolve(session: Session): void; reject(error: unknown): void; timer?: number };

export class Connection {
  readonly events = new Events<ConnectionEvents>();
  readonly options: ConnectionOptions;
  state: ConnectionState = 'connecting';
  error: HadokenError | undefined;
  session: Session | undefined;
  /** What the frame last said it is configured with. */
  config: unknown;
  /** Retries since the last success, or since `reconnect()`. */
  #retries = 0;
  /** The timer of the next attempt, while one is waited for. */
  #retry: number | undefined;
  /** Ends the attempt or the session there is. */
  #current = new AbortController();
  readonly #waiting = new Set<Waiting>();
  /** The network or the page is back: a wait for the next attempt, however long by now, is over. */
  readonly #onBack = (): void => {
    if (this.#retry) this.reconnect();
  };

  constructor(options: ConnectionOptions) {
    this.options = options;
    addEventListener('online', this.#onBack);
    addEventListener('pageshow', this.#onBack);
    this.#try();
  }

  /**
   * The session, now or when there is one, in the order of asking. Rejects with the last attempt's error after
   * `timeout` ms (`bounded: false`: waits for as long as trying again can help), or once nothing more is tried.
   */
  whenConnected(bounded = true): Promise<Session> {
    return new Promise((resolve, reject) => {
      if (this.session) return resolve(this.session);
      if (this.state === 'failed' || this.state === 'closed') return reject(this.error);
      const waiting: Waiting = { resolve, reject };
      this.#waiting.add(waiting);
      if (!bounded) return;
      const { timeout, url } = this.options;
      waiting.timer = window.setTimeout(() => {
        this.#waiting.delete(waiting);
        reject(this.error ?? new HadokenError('FRAME_TIMEOUT', `${url} was not there within ${timeout} ms.`));
      }, timeout);
    });
  }

  #set(state: ConnectionState): void {
    if (this.state === state) return;
    this.state = state;
    this.options.log.debug(state);
    this.events.emit('statechange', state);
  }

  async #try(): Promise<void> {
    this.#stop();
    if (this.state === 'closed') return;
    const { options } = this;
    const { signal } = (this.#current = new AbortController());
    try {
      const session = await openSession({ ...options, signal });
      if (signal.aborted) return;
      session.lost.addEventListener('abort', () => this.#onDown(session.lost.reason, signal));
      this.session = session;
      this.config = session.config;
      this.error = undefined;
      this.#retries = 0;
      this.#settleWaiting((waiting) => waiting.resolve(session));
      // Calls that have waited go before those that listeners make.
      await undefined;
      if (signal.aborted) return;
      options.log.info(`connected to ${options.url}`);
      this.#set('connected');
      if (!signal.aborted) this.events.emit('connect');
    } catch (error) {
      this.#onDown(error, signal);
    }
  }

  /** An attempt failed, or a session was lost. `signal` aborts when a listener closes or reconnects meanwhile. */
  #onDown(reason: unknown, signal: AbortSignal): void {
    if (signal.aborted) return;
    const { log, reconnectionAttempts, reconnectionDelay, reconnectionDelayMax } = this.options;
    const { events, session } = this;
    const error =
      reason instanceof HadokenError
        ? reason
        : new HadokenError('FRAME_LOST', String(reason), { cause: reason });
    this.session = undefined;
    // One line for one cause, however often it is met.
    if (this.error?.message !== error.message)
      log[session ? 'warn' : 'error'](`${error.code}: ${error.message}`);
    this.error = error;
    const over = FINAL.includes(error.code) || this.#retries >= reconnectionAttempts;
    this.#set(over ? 'failed' : 'reconnecting');
    events.emit(session ? 'disconnect' : 'error', error);
    if (signal.aborted) return;
    if (over) {
      this.#settleWaiting((waiting) => waiting.reject(error));
      return events.emit('reconnect_failed', error);
    }
    const backOff = Math.min(reconnectionDelay * 2 ** this.#retries++, reconnectionDelayMax);
    // Jitter, so that a whole site's pages do not come back in step.
    const delay = Math.round(backOff * (0.75 + Math.random() / 2));
    this.#retry = window.setTimeout(() => this.#try(), delay);
    events.emit('reconnecting', this.#retries, delay);
  }

  #settleWaiting(settle: (waiting: Waiting) => void): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const waiting of all) {
      clearTimeout(waiting.timer);
      settle(waiting);
    }
  }

  /** Ends the attempt that is under way, or the wait for the next. */
  #stop(reason?: unknown): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#current.abort(reason);
  }

  /** Forgets the back-off and tries now. Does nothing while connected or closed. */
  reconnect(): void {
    if (this.session || this.state === 'closed') return;
    this.#stop();
    this.#retries = 0;
    if (this.state !== 'connecting') this.#set('reconnecting');
    this.#try();
  }

  close(): void {
    if (this.state === 'closed') return;
    const { events, session } = this;
    const error = new HadokenError('CLOSED', `This page closed its connection to ${this.options.url}.`);
    removeEventListener('online', this.#onBack);
    removeEventListener('pageshow', this.#onBack);
    this.session = undefined;
    this.error = error;
    this.#stop(error);
    this.#settleWaiting((waiting) => waiting.reject(error));
    this.#set('closed');
    if (session) events.emit('disconnect', error);
    events.off();
  }
}
