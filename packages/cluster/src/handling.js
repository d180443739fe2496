import { AsyncLocalStorage } from 'node:async_hooks';
import { ClusterError } from './cluster-error.js';

/** What a handler emits waits for its acknowledgement, at most so long, in ms: progress has to be seen. */
const HOLD = 100;

const current = new AsyncLocalStorage();

/** So many entries are kept at most, of so many characters: one step must not hold up Redis. */
const MAX_ENTRIES = 1_000;
const MAX_SIZE = 8 * 1024 * 1024;

/**
 * The message that is handled by who calls this, or undefined. What outlives its listener, as a timer, is no part of the
 * handling any more.
 */
export function handlingNow() {
  const handling = current.getStore();
  return handling?.isOver ? undefined : handling;
}

/**
 * The handling of one message. What its handlers emit is kept, and written in one step with the acknowledgement and with the
 * removal of the message: so when this node is killed, either all of it was done or none.
 */
export class Handling {
  /** As `Writer.append()` takes them. @type {{ stream: string, head: string, data: string }[]} */
  #effects = [];
  #size = 0;
  #link;
  #timer;
  /** `lost`: its stream is another node's, or may be, so nothing is written. @type {'open' | 'lost' | 'over'} */
  #state = 'open';
  /** Shows that this node owns the message's stream, for what is written before the message is done. */
  #fence;

  /** @param {import('./link.js').Link} link @param {{ key: string, token: string }} fence of the stream's lease */
  constructor(link, fence) {
    this.#link = link;
    this.#fence = { ...fence, isStrict: true };
  }

  get isOver() {
    return this.#state === 'over';
  }

  /** Runs `handle()` as part of this. */
  run(handle) {
    return current.run(this, handle);
  }

  /** Adds an entry to what is written at the end. Afterwards it is written at once. */
  async add(entry) {
    if (this.#state === 'over') {
      const answer = await this.#link.writer.append(entry);
      if (answer === 'full') this.#link.reportFull(1);
      return answer;
    }
    if (this.#state === 'lost') return this.#reportDropped(1);
    this.#effects.push(entry);
    this.#size += entry.data.length;
    if (this.#effects.length >= MAX_ENTRIES || this.#size >= MAX_SIZE) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), HOLD);
  }

  /** Writes an entry at once, and what there is before it. Rejects where this node has lost the stream. */
  async ask(entry) {
    this.flush();
    const answer = this.#state === 'lost' ? 'fenced' : await this.#write(entry);
    if (answer === 'fenced') throw leaseLost('a request of a listener is not sent');
    return answer;
  }

  /** Writes what there is. */
  flush() {
    for (const entry of this.#takeEffects())
      this.#write(entry).then(
        (answer) => {
          if (answer === 'fenced') this.#reportDropped(1);
          if (answer === 'full') this.#link.reportFull(1);
        },
        () => {}, // the writer has reported it
      );
  }

  #write(entry) {
    return this.#link.writer.append({ ...entry, fence: this.#fence });
  }

  #takeEffects() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#size = 0;
    return this.#effects.splice(0);
  }

  /**
   * The stream is lost. What waits is dropped, and so is what its listeners still emit, because the next owner handles the
   * message again.
   */
  drop() {
    if (this.#state !== 'open') return;
    this.#state = 'lost';
    const count = this.#takeEffects().length;
    if (count) this.#reportDropped(count);
  }

  #reportDropped(count) {
    this.#link.report(leaseLost(`${count} of what a listener has emitted is dropped`), { count });
  }

  /** Its listeners are done, or are not waited for any longer. Returns what is left to write. */
  end() {
    this.#state = 'over';
    return this.#takeEffects();
  }
}

/** @param {string} what comes of it */
export const leaseLost = (what) =>
  new ClusterError(
    'LEASE_LOST',
    `This app node has lost the stream of a message that it handles, so ${what}. The next owner handles the message again.`,
  );
