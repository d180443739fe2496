/** The page's connection to its frame: one session after another, and the calls that wait for one. */
import { HadokenError } from '../rpc/errors.ts';
import { Events } from './events.ts';
import type { Logger } from './log.ts';
import { openSession, type Session } from './session.ts';

export type ConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'failed' | 'closed';

export type ConnectionEvents = {
  connect: [];
  disconnect: [reason: HadokenError];
  /** `attempt` counts from 1; `delay` in ms. */
  reconnecting: [attempt: number, delay: number];
  reconnect_failed: [error: HadokenError];
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

function toError(error: unknown): HadokenError {
  return error instanceof HadokenError
    ? error
    : new HadokenError('FRAME_LOST', `The frame failed: ${String(error)}`, { cause: error });
}

export class Connection {
  readonly events = new Events<ConnectionEvents>();
  readonly options: ConnectionOptions;
  state: ConnectionState = 'connecting';
  error: HadokenError | undefined;
  session: Session | undefined;
  #attempt = 0;
  #retry: number | undefined;
  #current = new AbortController();
  readonly #waiting = new Set<Waiting>();

  constructor(options: ConnectionOptions) {
    this.options = options;
    this.#try();
  }

  /**
   * The session, now or when there is one, in the order of asking. Rejects with the last attempt's error after
   * `timeout` ms (`bounded: false`: waits for as long as trying again can help), or once nothing more is tried.
   */
  whenConnected(bounded = true): Promise<Session> {
    if (this.session) return Promise.resolve(this.session);
    if (this.state === 'failed' || this.state === 'closed') return Promise.reject(this.error);
    return new Promise((resolve, reject) => {
      const waiting: Waiting = { resolve, reject };
      this.#waiting.add(waiting);
      if (!bounded) return;
      const { timeout, url } = this.options;
      waiting.timer = window.setTimeout(() => {
        this.#waiting.delete(waiting);
        const message = `No frame after ${timeout} ms of waiting for ${url}. Check that it can be reached.`;
        reject(this.error ?? new HadokenError('FRAME_TIMEOUT', message));
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
    const { url, timeout, heartbeat, log } = this.options;
    const attempt = new AbortController();
    this.#current = attempt;
    const { signal } = attempt;
    try {
      const session = await openSession({ url, timeout, heartbeat, signal });
      if (signal.aborted) return;
      session.lost.addEventListener('abort', () => {
        if (!signal.aborted) this.#onLost(toError(session.lost.reason));
      });
      this.session = session;
      this.error = undefined;
      this.#attempt = 0;
      this.#set('connected');
      log.info(`connected to ${url}`);
      // Calls that have waited go before those that listeners make.
      this.#settleWaiting((waiting) => waiting.resolve(session));
      this.events.emit('connect');
    } catch (error) {
      if (!signal.aborted) this.#onFailure(toError(error));
    }
  }

  #onLost(error: HadokenError): void {
    this.session = undefined;
    this.error = error;
    this.options.log.warn(error.message);
    this.#set('reconnecting');
    this.events.emit('disconnect', error);
    if (this.state === 'reconnecting') this.#schedule();
  }

  #onFailure(error: HadokenError): void {
    // One line for one cause, however often it is met.
    if (this.error?.message !== error.message) this.options.log.error(`${error.code}: ${error.message}`);
    this.error = error;
    this.events.emit('error', error);
    if (this.state === 'closed') return;
    if (FINAL.includes(error.code) || this.#attempt >= this.options.reconnectionAttempts)
      return this.#giveUp(error);
    this.#set('reconnecting');
    this.#schedule();
  }

  #giveUp(error: HadokenError): void {
    this.#set('failed');
    this.#settleWaiting((waiting) => waiting.reject(error));
    this.events.emit('reconnect_failed', error);
  }

  #schedule(): void {
    const { reconnectionDelay, reconnectionDelayMax } = this.options;
    const backOff = Math.min(reconnectionDelay * 2 ** this.#attempt, reconnectionDelayMax);
    // Jitter, so that a whole site's pages do not come back in step.
    const delay = Math.round(backOff * (0.75 + Math.random() / 2));
    this.#attempt += 1;
    this.events.emit('reconnecting', this.#attempt, delay);
    clearTimeout(this.#retry);
    this.#retry = window.setTimeout(() => this.#try(), delay);
  }

  #settleWaiting(settle: (waiting: Waiting) => void): void {
    const all = [...this.#waiting];
    this.#waiting.clear();
    for (const waiting of all) {
      clearTimeout(waiting.timer);
      settle(waiting);
    }
  }

  /** Forgets the back-off and tries now. Does nothing while connected or closed. */
  reconnect(): void {
    if (this.session || this.state === 'closed') return;
    clearTimeout(this.#retry);
    this.#current.abort();
    this.#attempt = 0;
    this.#set('reconnecting');
    this.#try();
  }

  close(): void {
    if (this.state === 'closed') return;
    const error = new HadokenError(
      'CLOSED',
      `The connection to ${this.options.url} was closed by this page.`,
    );
    clearTimeout(this.#retry);
    this.session = undefined;
    this.error = error;
    this.#set('closed');
    this.#current.abort(error);
    this.#settleWaiting((waiting) => waiting.reject(error));
    this.events.emit('disconnect', error);
    this.events.off();
  }
}
