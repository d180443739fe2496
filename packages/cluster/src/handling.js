import { AsyncLocalStorage } from 'node:async_hooks';

/** What a handler emits waits for its acknowledgement, at most so long, in ms: progress has to be seen. */
const HOLD = 100;

const current = new AsyncLocalStorage();

/** So many entries are kept at most, of so many characters: one step must not hold up Redis. */
const MANY = 1_000;
const SIZE = 8 * 1024 * 1024;

/** The message that is handled by who calls this, or undefined. */
export const handlingNow = () => current.getStore();

/**
 * The handling of one message. What its handlers emit is kept, and written in one step with the acknowledgement and with the
 * removal of the message: so when this node is killed, either all of it was done or none.
 */
export class Handling {
  /** @type {{ stream: string, head: string, data: string, minId?: string, lives?: number }[]} */
  #effects = [];
  #size = 0;
  #writer;
  #timer;
  #isOver = false;
  /** Shows that this node owns the message's stream, for what is written before the message is done. */
  fence;

  /** @param {import('./writer.js').Writer} writer @param {{ key: string, token: string }} fence */
  constructor(writer, fence) {
    this.#writer = writer;
    this.fence = fence;
  }

  /** Runs `handle()` as part of this. */
  run(handle) {
    return current.run(this, handle);
  }

  /** Adds an entry to what is written at the end. Afterwards it is written at once. */
  add(entry) {
    if (this.#isOver) return this.#writer.append(entry);
    this.#effects.push(entry);
    this.#size += entry.data.length;
    if (this.#effects.length >= MANY || this.#size >= SIZE) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), HOLD);
    return Promise.resolve();
  }

  /** Writes what there is, because somebody waits for the answer to it. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#size = 0;
    for (const entry of this.#effects.splice(0))
      this.#writer.append({ ...entry, fence: this.fence }).catch(() => {});
  }

  /** It is over. Returns what is left to write. */
  end() {
    clearTimeout(this.#timer);
    this.#isOver = true;
    return this.#effects;
  }
}
