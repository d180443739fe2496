import { ClusterError } from './cluster-error.js';
import { toEntry } from './reader.js';
import { compareIds, timeOf } from './stream-id.js';

const PAGE = 1_000;
/** What this node has delivered lately is kept in memory: at most so many entries, of so many characters. */
const RING = 10_000;
const RING_SIZE = 32 * 1024 * 1024;

/**
 * The events of one namespace: how far this node has delivered, what it delivered lately, and who waits for more.
 * What is older is read from Redis.
 */
export class History {
  /** The last entry delivered here, or undefined while Redis was not reached yet. */
  read;
  /** The ring has everything after this entry. */
  since;
  #ring = [];
  #size = 0;
  #waiting = new Set();

  /** @param {import('./link.js').Link} link @param {string} stream */
  constructor(link, stream) {
    this.link = link;
    this.stream = stream;
  }

  /** From here on everything is delivered. */
  start(id) {
    this.read = id;
    this.since = id;
    this.#ring = [];
    this.#size = 0;
    this.#wake();
  }

  /** `entry` was delivered. */
  add(entry) {
    this.read = entry.id;
    this.#ring.push(entry);
    this.#size += entry.data.length;
    // In large steps, because taking one from the front each time costs more.
    if (this.#ring.length > RING * 2 || this.#size > RING_SIZE * 2) this.#shrink();
    this.#wake();
  }

  #shrink() {
    let from = Math.max(0, this.#ring.length - RING);
    let size = this.#ring.slice(from).reduce((sum, { data }) => sum + data.length, 0);
    while (size > RING_SIZE && from < this.#ring.length) size -= this.#ring[from++].data.length;
    if (!from) return;
    this.since = this.#ring[from - 1].id;
    this.#ring = this.#ring.slice(from);
    this.#size = size;
  }

  /** An entry that no replay needs. */
  pass(id) {
    this.read = id;
    this.#wake();
  }

  #wake() {
    for (const check of this.#waiting) check();
  }

  /** Resolves when this node has delivered the entry `id`. */
  reached(id, timeout) {
    return new Promise((resolve, reject) => {
      const done = (settle, value) => {
        clearTimeout(timer);
        this.#waiting.delete(check);
        settle(value);
      };
      const check = () => {
        if (this.read !== undefined && compareIds(this.read, id) >= 0) done(resolve);
      };
      const timer = setTimeout(() => {
        const error = new Error(`this node has not reached ${id} within ${timeout} ms`);
        done(reject, Object.assign(error, { isLate: true }));
      }, timeout);
      this.#waiting.add(check);
      check();
    });
  }

  /** What is in memory after `id`, or undefined when that does not reach back. */
  recent(id) {
    if (this.since === undefined || compareIds(id, this.since) < 0) return undefined;
    let low = 0;
    let high = this.#ring.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareIds(this.#ring[middle].id, id) > 0) high = middle;
      else low = middle + 1;
    }
    return this.#ring.slice(low);
  }

  /**
   * Everything after `id` up to the entry that this node delivered last. It ends in the tick in which it returns: what comes
   * then is delivered to whom is in the rooms by then.
   */
  async after(id) {
    const entries = [];
    let from = id;
    for (let recent = this.recent(from); ; recent = this.recent(from)) {
      if (recent) return entries.concat(recent);
      const upTo = this.since;
      const page = await this.link.writing.call([
        'XRANGE',
        this.stream,
        `(${from}`,
        upTo,
        'COUNT',
        PAGE,
      ]);
      // Looked at afterwards, because the stream may be trimmed while we read.
      await this.#checkHas(from);
      entries.push(...page.map(toEntry));
      from = page.length < PAGE ? upTo : page.at(-1)[0];
    }
  }

  /**
   * Entries that were trimmed away can't be replayed, so a session that needs them is not restored. Nor is one whose place is an
   * entry that a failover has lost, because nobody knows which entries came after it.
   */
  async #checkHas(id) {
    const [found] = await this.link.writing.call(['XRANGE', this.stream, id, id]);
    if (found) return;
    const [first] = await this.link.writing.call(['XRANGE', this.stream, '-', '+', 'COUNT', 1]);
    const reach = first ? `${Math.max(0, timeOf(this.read) - timeOf(first[0]))} ms` : 'nothing';
    throw new ClusterError(
      'HISTORY_TOO_SHORT',
      `A client asks for what came after ${id}, which ${this.stream} does not have any more: it reaches back ${reach}. ` +
        'It begins a new session. Raise maxAge or maxBytes, or give Redis more memory.',
    );
  }
}
