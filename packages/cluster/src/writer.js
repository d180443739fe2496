import { ClusterError } from './cluster-error.js';
import { reasonOf } from './connection.js';
import { APPEND, COUNTED } from './scripts.js';

/** At most so many entries and characters go into one script, so that Redis is not held up. */
const BATCH = 200;
const BATCH_SIZE = 512 * 1024;
/** At most so many batches are on their way at once. */
const WINDOW = 32;
/** Before another attempt when Redis refused, in ms. */
const PAUSE = 200;

/**
 * Writes to streams in order and exactly once, as TCP does: entries are numbered, Redis keeps the number of the last one,
 * and after a failure everything that was not answered is sent again from there. What Redis has had already is not added
 * twice, also when only the answer was lost.
 * Waiting is bounded, by time, count and size. What is given up rejects, and is reported to `onLost`, and so is what a Redis has
 * taken that a failover has replaced by one without it.
 */
export class Writer {
  #connection;
  #sender;
  #limits;
  #onLost;
  /** In order: on their way, then waiting. */
  #queue = [];
  #size = 0;
  #sent = 0;
  #inFlight = 0;
  #number = 0;
  /** Redis has had all up to this number. */
  #taken = 0;
  #takenAt = Number.NEGATIVE_INFINITY;
  #again = true;
  #scheduled = false;
  #generation = 0;
  #paused = false;
  #timer;
  #closed = false;

  /**
   * @param {import('./connection.js').Connection} connection
   * @param {{ sender: string, timeout: number, maxPending: number, maxPendingBytes: number,
   *   onLost: (error: Error, count: number) => void }} options `sender` is the key of the counter
   */
  constructor(connection, { sender, onLost, ...limits }) {
    this.#connection = connection;
    this.#sender = sender;
    this.#limits = limits;
    this.#onLost = onLost;
    connection.on('up', () => this.#schedule());
    connection.on('down', (error) => this.#rewind(error));
    // Answers that are there already are read first.
    this.#timer = setInterval(() => setImmediate(() => this.#expire()), 250);
    this.#timer.unref();
  }

  /** How many entries wait for Redis. */
  get pending() {
    return this.#queue.length;
  }

  /**
   * Adds an entry. Resolves with its id, or "fenced" or "full".
   *
   * @param {{ stream: string, head: string, data: string, minId?: string, maxLength?: number, maxBytes?: number,
   *   fence?: { key: string, token: string, isStrict?: boolean }, lives?: number }} entry with `isStrict` it is refused also where
   *   nobody owns the fence
   */
  append(entry) {
    return this.#add({ entry, size: entry.data.length });
  }

  /**
   * Runs a script in its place among the entries. It must do nothing when it is run a second time.
   *
   * @param {string} script @param {string[]} keys @param {(string | number)[]} args
   */
  run(script, keys, args) {
    const size = args.reduce((sum, arg) => sum + String(arg).length, 0);
    return this.#add({ script, keys, args, size });
  }

  #add(item) {
    const { maxPending, maxPendingBytes } = this.#limits;
    if (this.#closed) return Promise.reject(new Error('closed'));
    if (this.#queue.length >= maxPending || this.#size + item.size > maxPendingBytes) {
      const error = new ClusterError(
        'EVENTS_LOST',
        `Redis does not keep up: ${this.#queue.length} entries (${this.#size} characters) wait already, so this one is given up.`,
      );
      this.#onLost(error, 1);
      return Promise.reject(error);
    }
    this.#size += item.size;
    const promise = new Promise((resolve, reject) => Object.assign(item, { resolve, reject }));
    item.since = Date.now();
    this.#queue.push(item);
    this.#schedule();
    return promise;
  }

  /** What comes in one turn of the event loop goes together. */
  #schedule() {
    if (this.#scheduled || this.#closed) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      while (this.#canSend()) this.#send();
    });
  }

  #canSend() {
    return (
      this.#connection.isUp &&
      !this.#paused &&
      this.#sent < this.#queue.length &&
      this.#inFlight < WINDOW
    );
  }

  #send() {
    const items = this.#nextBatch();
    this.#sent += items.length;
    this.#inFlight += 1;
    const generation = this.#generation;
    const [first] = items;
    const isAgain = this.#again && !first.script;
    const answered = first.script
      ? this.#connection.run(first.script, first.keys, first.args).then((answer) => [answer])
      : this.#connection.run(APPEND, ...this.#toAppend(items));
    answered.then(
      (answers) => {
        if (generation !== this.#generation) return;
        if (isAgain) this.#compare(answers.pop());
        this.#settle(items, answers);
      },
      (error) => generation === this.#generation && this.#rewind(error),
    );
  }

  #nextBatch() {
    const items = [];
    let size = 0;
    for (let i = this.#sent; i < this.#queue.length && items.length < BATCH; i += 1) {
      const item = this.#queue[i];
      size += item.size;
      if (items.length > 0 && (item.script || size > BATCH_SIZE)) break;
      items.push(item);
      if (item.script) break;
    }
    return items;
  }

  #toAppend(items) {
    const places = new Map([[this.#sender, 1]]);
    const placeOf = (key) => {
      if (!places.has(key)) places.set(key, places.size + 1);
      return places.get(key);
    };
    for (const item of items) item.number ??= ++this.#number;
    const args = [items[0].number, this.#again ? 1 : 0];
    this.#again = false;
    for (const { entry } of items) {
      const { stream, minId = '', maxLength = '', maxBytes = '', fence, lives = '' } = entry;
      args.push(placeOf(stream), minId, maxLength, maxBytes);
      args.push(fence ? placeOf(fence.key) : '', fence?.token ?? '', fence?.isStrict ? 1 : '');
      args.push(lives, entry.head, entry.data);
    }
    return [[...places.keys()], args];
  }

  /** @param {number} last what Redis says that it has had before, or -1 where it does not know */
  #compare(last) {
    const isKnown = last >= 0;
    // Redis forgets the number of a sender that was quiet for long.
    const isLost = isKnown ? last < this.#taken : Date.now() - this.#takenAt < COUNTED / 2;
    if (!isLost) return;
    const count = isKnown ? this.#taken - last : undefined;
    const error = new ClusterError(
      'EVENTS_LOST',
      `Redis has come back without ${count ?? 'any of the'} entries that it had taken from this node, as after a failover to a ` +
        'replica that did not have them yet. Who has not got them yet does not get them.',
    );
    this.#taken = Math.max(last, 0);
    this.#onLost(error, count);
  }

  #settle(items, answers) {
    if (!items[0].script) {
      this.#taken = items.at(-1).number;
      this.#takenAt = Date.now();
    }
    this.#inFlight -= 1;
    this.#queue.splice(0, items.length);
    this.#sent -= items.length;
    for (const [i, item] of items.entries()) {
      this.#size -= item.size;
      item.resolve(answers[i]);
    }
    if (this.#sent < this.#queue.length) this.#schedule();
  }

  /** Everything that is not answered is sent again, a little later when Redis is there but refuses. */
  #rewind(error) {
    this.lastError = error;
    this.#generation += 1;
    this.#sent = 0;
    this.#inFlight = 0;
    this.#again = true;
    if (this.#paused || this.#closed) return;
    this.#paused = true;
    setTimeout(() => {
      this.#paused = false;
      this.#schedule();
    }, PAUSE);
  }

  #expire() {
    const latest = Date.now() - this.#limits.timeout;
    if (!this.#queue.length || this.#queue[0].since > latest) return;
    let count = this.#queue.findIndex((item) => item.since > latest);
    if (count < 0) count = this.#queue.length;
    const error = new ClusterError(
      'EVENTS_LOST',
      `Redis did not take ${count} entries within ${this.#limits.timeout} ms: ${reasonOf(this.lastError)}`,
      { cause: this.lastError },
    );
    // The rest begins anew after them: a batch on its way may hold some of them.
    const given = this.#queue.splice(0, count);
    this.#rewind(this.lastError);
    for (const item of given) {
      this.#size -= item.size;
      item.reject(error);
    }
    this.#onLost(error, count);
  }

  close() {
    this.#closed = true;
    clearInterval(this.#timer);
    for (const item of this.#queue.splice(0)) item.reject(new Error('closed'));
  }
}
