import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { ClusterError } from './cluster-error.js';
import { isDemoted } from './redis-errors.js';

/** How long a command may take when nothing else is said, in ms. */
const TIMEOUT = 10_000;
/** How long answers that are there already may take to be read, in ms. */
const GRACE = 100;
/** Between two attempts to connect, in ms. */
const RETRY = 250;

const digests = new Map();
function digest(script) {
  if (!digests.has(script)) digests.set(script, createHash('sha1').update(script).digest('hex'));
  return digests.get(script);
}

/** True for a client of node-redis or of ioredis. */
export const isRedisClient = (redis) =>
  typeof redis?.duplicate === 'function' &&
  (typeof redis.call === 'function' || typeof redis.sendCommand === 'function');

/**
 * A connection of our own beside the user's client, which may be of node-redis or of ioredis.
 * Neither library may send a command again by itself or keep it for later: what was written is written in order and
 * once, and only who wrote it knows what to do when the connection was lost. So a command fails at once while there is
 * no connection, and all that are not answered fail when it is lost.
 * Emits `up` and `down`.
 */
export class Connection extends EventEmitter {
  #template;
  #client;
  #pending = new Set();
  /** Who waits for a connection. */
  #waiting = new Set();
  #closed = false;
  #timer;
  isUp = false;
  /** The last error of the connection. */
  lastError;

  /** @param {object} template the user's client; it is duplicated and else left alone */
  constructor(template) {
    super();
    this.setMaxListeners(0);
    if (!isRedisClient(template))
      throw new ClusterError(
        'INVALID_REDIS',
        'redis must be a client of "redis" (createClient()) or "ioredis" (new Redis()).',
      );
    this.#template = template;
    this.#open();
  }

  #open() {
    if (this.#closed) return;
    const isIoredis = typeof this.#template.call === 'function';
    const client = isIoredis
      ? this.#template.duplicate({
          autoResendUnfulfilledCommands: false,
          commandTimeout: undefined,
          enableOfflineQueue: false,
          keyPrefix: '',
          lazyConnect: true,
          maxRetriesPerRequest: null,
          retryStrategy: null,
        })
      : this.#template.duplicate({
          RESP: 2,
          commandOptions: undefined,
          disableOfflineQueue: true,
          socket: { ...this.#template.options?.socket, reconnectStrategy: false },
        });
    this.#client = client;
    const lost = (error) => {
      if (this.#client === client) this.#lose(error);
    };
    client.on('error', lost);
    client.on('end', () => lost(new Error('the connection was closed')));
    client.connect().then(() => {
      if (this.#client !== client || this.#closed) return destroy(client);
      this.isUp = true;
      this.emit('up');
    }, lost);
  }

  #lose(error) {
    const client = this.#client;
    this.#client = undefined;
    this.lastError = error ?? this.lastError;
    destroy(client);
    const wasUp = this.isUp;
    this.isUp = false;
    for (const reject of [...this.#pending]) reject(lostError(error));
    if (wasUp) this.emit('down', error);
    if (this.#closed) return;
    this.#timer = setTimeout(() => this.#open(), RETRY);
  }

  /** Resolves when there is a connection; rejects at `close()`. @param {number} timeout in ms */
  whenUp(timeout) {
    if (this.isUp) return Promise.resolve();
    if (this.#closed) return Promise.reject(lostError(new Error('closed')));
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        clearTimeout(timer);
        this.off('up', up);
        this.#waiting.delete(fail);
        settle(value);
      };
      const up = () => done(resolve);
      const fail = (error) => done(reject, error);
      const timer = setTimeout(
        () => fail(this.lastError ?? new Error(`no connection within ${timeout} ms`)),
        timeout,
      );
      this.#waiting.add(fail);
      this.on('up', up);
    });
  }

  /**
   * Sends one command. Rejects when Redis refuses it, when there is no connection, when the connection is lost before the
   * answer, and after `timeout` ms; then the connection is opened anew, because a Redis that does not answer may have hung.
   *
   * @param {(string | Buffer | number)[]} args
   * @param {{ timeout?: number }} [options]
   */
  call(args, { timeout = TIMEOUT } = {}) {
    const client = this.#client;
    if (!this.isUp || !client) return Promise.reject(lostError(this.lastError));
    return new Promise((resolve, reject) => {
      const settle = (how, value) => {
        clearTimeout(timer);
        this.#pending.delete(fail);
        how(value);
      };
      const fail = (error) => settle(reject, error);
      const tooLate = () => {
        const error = new Error(`Redis did not answer ${args[0]} within ${timeout} ms`);
        if (this.#client === client) this.#lose(error);
        fail(lostError(error));
      };
      // Twice, because after a long block of this process timers come before the answers that are there already.
      let timer = setTimeout(() => {
        timer = setTimeout(tooLate, GRACE);
      }, timeout);
      this.#pending.add(fail);
      const texts = args.map((arg) => (typeof arg === 'number' ? String(arg) : arg));
      const answer =
        typeof client.call === 'function' ? client.call(...texts) : client.sendCommand(texts);
      answer.then(
        (value) => settle(resolve, value),
        (error) => {
          if (isDemoted(error) && this.#client === client) this.#lose(error);
          fail(error);
        },
      );
    });
  }

  /**
   * Runs a Lua script.
   *
   * @param {string} script
   * @param {string[]} keys
   * @param {(string | number)[]} args
   * @param {{ timeout?: number }} [options]
   */
  async run(script, keys, args, options) {
    const rest = [keys.length, ...keys, ...args];
    try {
      return await this.call(['EVALSHA', digest(script), ...rest], options);
    } catch (error) {
      if (!/NOSCRIPT/.test(error.message)) throw error;
      return this.call(['EVAL', script, ...rest], options);
    }
  }

  /** Opens the connection anew, for the address may lead to another Redis by now. @param {Error} reason */
  reopen(reason) {
    if (this.isUp) this.#lose(reason);
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
    const closed = new Error('closed');
    if (this.#client) this.#lose(closed);
    for (const fail of [...this.#waiting]) fail(lostError(closed));
  }
}

/** Marks errors after which nobody knows whether the command was done. */
function lostError(cause) {
  const error = new Error(`no connection to Redis: ${reasonOf(cause)}`, { cause });
  error.isLost = true;
  return error;
}

/** An AggregateError of both families of addresses has no message of its own. */
export const reasonOf = (error) =>
  error?.errors?.[0]?.message || error?.message || error?.code || 'not connected yet';

function destroy(client) {
  if (!client) return;
  client.on('error', () => {});
  try {
    const end = client.destroy && !client.call ? client.destroy() : client.disconnect();
    end?.catch?.(() => {});
  } catch {
    // It was closed already.
  }
}
