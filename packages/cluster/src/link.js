import { randomBytes } from 'node:crypto';
import { checkRedis } from './check-redis.js';
import { ClusterError } from './cluster-error.js';
import { Connection, reasonOf } from './connection.js';
import { Reader } from './reader.js';
import {
  APPEND,
  CLAIM,
  DROP,
  END,
  FINISH,
  KEEP,
  OWN_BYTES,
  OWN_LENGTH,
  REGISTER,
  TOUCH,
} from './scripts.js';
import { FIRST } from './stream-id.js';
import { Writer } from './writer.js';

/** A node's own stream lives so long after the last answer to it, in ms: its reader may be dead. */
const OWN_LIVES = 60_000;
/** A node that has not said for so long that it lives is dead, in ms. */
const REGISTERED = 3_000;
/** The same problem is logged at most once in this time, in ms. */
const QUIET = 5_000;

export const defaults = {
  prefix: 'hadoken',
  writeTimeout: 10_000,
  maxPending: 50_000,
  maxPendingBytes: 64 * 1024 * 1024,
  log: (line) => console.warn(line),
};

const forLink = ['prefix', 'writeTimeout', 'maxPending', 'maxPendingBytes', 'log', 'name'];
const forAdapter = ['maxAge', 'maxBytes', 'identify'];

/** Takes options apart by whose they are. */
export function linkOptions(options) {
  const parts = { link: {}, adapter: {}, rest: {} };
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const part = forLink.includes(name) ? 'link' : forAdapter.includes(name) ? 'adapter' : 'rest';
    parts[part][name] = value;
  }
  return parts;
}

/**
 * One process's link with Redis: a connection that writes, one that reads, and the node's own stream, on which others
 * answer it. Keys: `<prefix>:events:<namespace>`, `<prefix>:session:<namespace>:<pid>`, `<prefix>:node:<uid>`.
 */
export class Link {
  uid;
  /** By namespace, for what is told to a node. */
  adapters = new Map();
  #users = 0;
  #closed = false;
  /** The keys of those lists of nodes that this one is in. */
  #registered = new Set();
  #registering;
  #logged = new Map();
  #problems = new Set();
  #handlers = new Map();

  constructor(redis, options = {}) {
    const { uidPrefix = '', name } = options;
    if (name !== undefined && !/^[\w-]{1,40}$/.test(name))
      throw new ClusterError(
        'INVALID_NAME',
        `name: ${name} has to be 1 to 40 letters, digits, _ and -.`,
      );
    this.uid = `${uidPrefix}${name ? `${name}-` : ''}${randomBytes(9).toString('hex')}`;
    this.options = { ...defaults, ...options };
    const own = redis?.options?.keyPrefix ?? '';
    this.prefix = `${own}${this.options.prefix}:`;
    this.writing = new Connection(redis);
    this.reading = new Connection(redis);
    const { writeTimeout: timeout, maxPending, maxPendingBytes } = this.options;
    this.writer = new Writer(this.writing, {
      sender: `${this.prefix}sender:${this.uid}`,
      timeout,
      maxPending,
      maxPendingBytes,
      onLost: (error, count) => this.report(error, { count }),
    });
    this.reader = new Reader(this.reading, (error) => {
      if (!this.#closed && !error.isLost)
        this.report(new ClusterError('READ_FAILED', reasonOf(error), { cause: error }));
    });
    this.writing.once('up', () => this.#check());
    this.writing.on('up', () => {
      for (const script of [APPEND, CLAIM, KEEP, TOUCH, DROP, END, FINISH])
        this.writing.call(['SCRIPT', 'LOAD', script]).catch(() => {});
    });
    this.writing.on('down', (cause) => {
      // After a failover the one that is read may be another Redis than the one that is written to.
      this.reading.reopen(cause);
      if (!this.#closed)
        this.report(
          new ClusterError('REDIS_LOST', `The connection to Redis was lost: ${reasonOf(cause)}`, {
            cause,
          }),
        );
    });
    this.ownStream = this.streamOf(this.uid);
    this.onOwn('claimed', ({ rest: [token], data }) => {
      const { nsp, pid } = JSON.parse(data);
      this.adapters.get(nsp)?.wasClaimed(pid, token);
    });
    this.reader.follow(this.ownStream, FIRST, (entries) => this.#onOwn(entries), { last: true });
  }

  key(...parts) {
    return this.prefix + parts.join(':');
  }

  /** The own stream of a node. */
  streamOf(uid) {
    return this.key('node', uid);
  }

  /** Calls `handle(entry)` for what others write to this node with `kind`, the first word of its head. */
  onOwn(kind, handle) {
    this.#handlers.set(kind, handle);
    return () => this.#handlers.delete(kind);
  }

  #onOwn(entries) {
    for (const entry of entries) {
      const [kind, ...rest] = entry.head.split(' ');
      try {
        this.#handlers.get(kind)?.({ ...entry, rest });
      } catch (error) {
        this.report(new ClusterError('HANDLER_FAILED', reasonOf(error), { cause: error }));
      }
    }
    const last = entries.at(-1).id;
    this.writing.call(['XTRIM', this.ownStream, 'MINID', last]).catch(() => {});
  }

  /** An entry for a node's own stream. */
  entryFor(uid, head, data) {
    const bounds = { lives: OWN_LIVES, maxLength: OWN_LENGTH, maxBytes: OWN_BYTES };
    return { stream: this.streamOf(uid), head, data, ...bounds };
  }

  /** Writes to a node's own stream. */
  async tell(uid, head, data) {
    const answer = await this.writer.append(this.entryFor(uid, head, data));
    if (answer === 'full') this.reportFull(1);
    return answer;
  }

  /** What was for a node that does not read. @param {number} count */
  reportFull(count) {
    const message = `${count} answers or acknowledgements are given up: the node that they are for does not read, and has ${OWN_LENGTH} of them or ${OWN_BYTES} bytes waiting.`;
    this.report(new ClusterError('BACKLOG_FULL', message), { count });
  }

  /** As `Reader.follow()`; the question that Redis holds is ended, so that the new stream is in the next one. */
  follow(stream, after, handle, options) {
    this.reader.follow(stream, after, handle, options);
    this.wake();
  }

  wake() {
    this.tell(this.uid, 'wake', '""').catch(() => {});
  }

  /** Adapters hear of problems. Returns its own off. */
  onProblem(listener) {
    this.#problems.add(listener);
    return () => this.#problems.delete(listener);
  }

  /** Says what went wrong, in the log and as an event. */
  report(error, details = {}) {
    Object.assign(error, details);
    for (const listener of this.#problems) listener(error);
    const now = Date.now();
    if (now - (this.#logged.get(error.code) ?? 0) < QUIET) return;
    this.#logged.set(error.code, now);
    this.options.log(`hadoken-cluster: ${error.code}: ${error.message}`);
  }

  /** What `task()` returns. What it throws is reported, and thrown. */
  reported(task) {
    try {
      return task();
    } catch (error) {
      this.report(error, { count: 1 });
      throw error;
    }
  }

  /** Redis is asked once whether it may lose something. */
  async #check() {
    for (const error of await checkRedis(this.writing)) {
      for (const listener of this.#problems) listener(error);
      this.options.log(`hadoken-cluster: ${error.code}: ${error.message}`);
    }
  }

  use() {
    this.#users += 1;
  }

  /** Others count this node among the Socket.IO servers of the namespace `nsp` from now on. Returns its own off. */
  register(nsp) {
    const key = this.key('nodes', nsp);
    this.#registered.add(key);
    const register = () => this.#register([...this.#registered]);
    if (!this.#registering) {
      this.#registering = setInterval(register, REGISTERED / 3).unref();
      this.writing.on('up', register);
    }
    this.#register([key]);
    return () => {
      this.#registered.delete(key);
      this.writing.call(['ZREM', key, this.uid]).catch(() => {});
    };
  }

  #register(keys) {
    if (keys.length && this.writing.isUp)
      this.writing.run(REGISTER, keys, [this.uid, REGISTERED]).catch(() => {});
  }

  /** The last user closes it. What waits is written first, for a bounded time. */
  async release() {
    this.#users -= 1;
    if (this.#users > 0 || this.#closed) return;
    clearInterval(this.#registering);
    const until = Date.now() + 1_000;
    while (this.writer.pending && this.writing.isUp && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 10));
    this.close();
  }

  close() {
    this.#closed = true;
    clearInterval(this.#registering);
    this.writer.close();
    this.reader.close();
    this.writing.close();
    this.reading.close();
  }
}
