/**
 * A socket's catch-all listeners: `onAny` and its kind, for what comes in and for what goes out.
 */
import { type Listener, removeFirst } from '../emitter.ts';
import type { CatchAll } from './shapes.ts';

/** The methods of the catch-all listeners in `listeners`. */
export function catchAll<Name extends string>(name: Name, listeners: Listener[]): CatchAll<Name> {
  return {
    [`on${name}`](listener: Listener) {
      listeners.push(listener);
      return this;
    },
    [`prepend${name}`](listener: Listener) {
      listeners.unshift(listener);
      return this;
    },
    [`off${name}`](listener?: Listener) {
      if (listener) removeFirst(listeners, listener);
      else listeners.length = 0;
      return this;
    },
    [`listeners${name}`]: () => listeners,
  } as CatchAll<Name>;
}
