/**
 * The time, by a clock that does not jump. Page and frame have time origins of their own, so what
 * crosses is counted from the epoch.
 */

const { performance } = globalThis as { performance?: Partial<Performance> };
const { timeOrigin } = Object(performance) as Partial<Performance>;
/** Taken once: a page may put something of its own in its place, fake timers for example. */
const read = typeof timeOrigin === 'number' ? performance?.now?.bind(performance) : undefined;
const origin = read && timeOrigin ? timeOrigin : Date.now();

/** In ms, as `performance.now()`; where the page has none, by a clock that may jump. */
export const now: () => number = read ?? (() => Date.now() - origin);

/** A time of {@link now} from the epoch on, in ms. */
export function toEpoch(time: number): number {
  return origin + time;
}
