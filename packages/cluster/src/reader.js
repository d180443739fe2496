import { compareIds } from './stream-id.js';

/** How long Redis holds the question when there is nothing new, in ms. */
const BLOCK = 2_000;
const COUNT = 500;

/**
 * Reads many streams over one connection, each from an entry that is known, never from "$": so an entry that comes
 * between two questions is not skipped, also when it is the first.
 * Streams that are read `last` are handled when the others have nothing more: an acknowledgement comes after the events
 * that were written with it.
 */
export class Reader {
  #connection;
  #onError;
  #streams = new Map();
  #running = false;
  #closed = false;
  #wake;

  /** @param {import('./connection.js').Connection} connection @param {(error: Error) => void} onError */
  constructor(connection, onError) {
    this.#connection = connection;
    this.#onError = onError;
  }

  /**
   * @param {string} stream
   * @param {string} after the id of the last entry that is known
   * @param {(entries: { id: string, head: string, data: string }[]) => void} handle
   * @param {{ last?: boolean }} [options]
   */
  follow(stream, after, handle, { last = false } = {}) {
    this.#streams.set(stream, { after, handle, last });
    this.#wake?.();
    if (!this.#running) this.#run();
  }

  unfollow(stream) {
    this.#streams.delete(stream);
  }

  /** The history begins anew: `after` is what is there now. */
  moveTo(stream, after) {
    const followed = this.#streams.get(stream);
    if (followed) followed.after = after;
  }

  async #run() {
    this.#running = true;
    while (!this.#closed) {
      if (!this.#streams.size) await new Promise((resolve) => (this.#wake = resolve));
      try {
        await this.#connection.whenUp(60_000);
        await this.#read();
      } catch (error) {
        if (this.#closed) return;
        this.#onError(error);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  }

  async #read() {
    // Those that are read last come last in the answer too.
    const asked = [...this.#streams].sort(([, a], [, b]) => Number(a.last) - Number(b.last));
    const names = asked.map(([name]) => name);
    const questions = new Map(asked);
    const reply = await this.#connection.call(
      [
        'XREAD',
        'COUNT',
        COUNT,
        'BLOCK',
        BLOCK,
        'STREAMS',
        ...names,
        ...asked.map(([, s]) => s.after),
      ],
      { timeout: BLOCK + 8_000 },
    );
    if (!reply || this.#closed) return;
    const full = reply.some(
      ([name, list]) => !this.#streams.get(name)?.last && list.length >= COUNT,
    );
    for (const [name, list] of reply) {
      const followed = this.#streams.get(name);
      // Who has begun to follow it since has asked for other entries than these.
      if (!followed || followed !== questions.get(name) || (full && followed.last)) continue;
      const entries = list.map(toEntry).filter(({ id }) => compareIds(id, followed.after) > 0);
      if (!entries.length) continue;
      followed.after = entries.at(-1).id;
      try {
        followed.handle(entries);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  close() {
    this.#closed = true;
    this.#wake?.();
  }
}

/** `[id, ['h', head, 'd', data]]` as an object. */
export const toEntry = ([id, fields]) => ({
  id,
  head: fields?.[1] ?? '',
  data: fields?.[3] ?? 'null',
});
