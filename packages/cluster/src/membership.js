import { compareIds } from './stream-id.js';

/** So many rooms that a socket has left are remembered with its session, which is written as a whole whenever they change. */
const LEFT = 100;

/**
 * The rooms of one socket and since when it is in them, by the entry of the stream that was delivered last. So a replay
 * gives what the socket would have got: nothing from before it joined, and all until it left.
 */
export class Membership {
  /** @type {Map<string, string>} room → the entry after which it is in */
  #in = new Map();
  /** @type {{ room: string, from: string, to: string }[]} */
  #left = [];
  /** A room that was left with this entry is not remembered any more. @type {string | undefined} */
  #forgotten;

  /** @param {{ in?: [string, string][], left?: [string, string, string][], forgotten?: string }} [saved] */
  constructor(saved = {}) {
    this.#in = new Map(saved.in);
    this.#forgotten = saved.forgotten;
    this.#left = (saved.left ?? []).map(([room, from, to]) => ({ room, from, to }));
  }

  get rooms() {
    return [...this.#in.keys()];
  }

  join(room, at) {
    if (!this.#in.has(room)) this.#in.set(room, at);
  }

  leave(room, at) {
    const from = this.#in.get(room);
    if (from === undefined) return;
    this.#in.delete(room);
    this.#left.push({ room, from, to: at });
    if (this.#left.length > LEFT) this.#forgotten = this.#left.shift().to;
  }

  /** Whether it is known for which entries after `id` it was in which rooms. */
  reaches(id) {
    return this.#forgotten === undefined || compareIds(id, this.#forgotten) >= 0;
  }

  /** What was left before `id` is not asked for any more. */
  forgetBefore(id) {
    this.#left = this.#left.filter(({ to }) => compareIds(to, id) >= 0);
  }

  /** The entry after which it is in `room`, where it is. */
  since(room) {
    return this.#in.get(room);
  }

  /** Whether it was in `room` when the entry `id` was delivered. */
  wasIn(room, id) {
    const from = this.#in.get(room);
    if (from !== undefined && compareIds(from, id) < 0) return true;
    return this.#left.some(
      (it) => it.room === room && compareIds(it.from, id) < 0 && compareIds(id, it.to) <= 0,
    );
  }

  /** Whether the entry `id` for these rooms was for it. @param {{ rooms: string[], except: string[] }} to */
  concerns({ rooms, except }, id) {
    return (
      (rooms.length === 0 || rooms.some((room) => this.wasIn(room, id))) &&
      !except.some((room) => this.wasIn(room, id))
    );
  }

  toJSON() {
    return {
      in: [...this.#in],
      left: this.#left.map(({ room, from, to }) => [room, from, to]),
      forgotten: this.#forgotten,
    };
  }
}
