/** Between two questions whether a stream that was full still is, in ms. */
const AGAIN = 500;

/**
 * How much memory of Redis the streams of clients' messages take. That a stream has few entries says little: each may be as long
 * as `maxHttpBufferSize`. Redis is asked whenever this node has added a sixteenth of the limit.
 */
export class Backlog {
  #connection;
  #limit;
  /** @type {Map<string, { added: number, isFull: boolean, asked: number }>} */
  #streams = new Map();

  /** @param {import('./connection.js').Connection} connection @param {number} limit in bytes, for each stream */
  constructor(connection, limit) {
    this.#connection = connection;
    this.#limit = limit;
  }

  /** Whether `stream` may take another entry of `size` characters. */
  takes(stream, size) {
    if (!this.#streams.has(stream))
      this.#streams.set(stream, { added: 0, isFull: false, asked: -Infinity });
    const state = this.#streams.get(stream);
    if (!state.isFull) state.added += size;
    const isDue = state.isFull
      ? performance.now() - state.asked > AGAIN
      : state.added > this.#limit / 16;
    if (isDue) this.#ask(stream, state);
    return !state.isFull;
  }

  async #ask(stream, state) {
    state.added = 0;
    state.asked = performance.now();
    const used = await this.#connection.call(['MEMORY', 'USAGE', stream]).catch(() => undefined);
    if (used !== undefined) state.isFull = Number(used ?? 0) > this.#limit;
  }
}
