/**
 * The emitter under Socket, Manager and engine: behaves as @socket.io/component-emitter, which
 * theirs is.
 */

// biome-ignore lint/suspicious/noExplicitAny: an event's arguments are its own
export type Listener = ((...args: any[]) => void) & { fn?: Listener };

type On = <Self extends Emitter>(this: Self, event: string, fn: Listener) => Self;
type Off = <Self extends Emitter>(this: Self, event?: string, fn?: Listener) => Self;

export type Emitter = {
  /** By '$' and the event's name, as in the original, because code in the wild looks there. */
  _callbacks?: Record<string, Listener[]>;
  on: On;
  addEventListener: On;
  once: On;
  /** Goes by the number of arguments: none removes all, one the event's, two that listener once. */
  off: Off;
  removeListener: Off;
  removeAllListeners: Off;
  removeEventListener: Off;
  emit<Self extends Emitter>(this: Self, event: string, ...args: unknown[]): Self;
  listeners(event: string): Listener[];
  hasListeners(event: string): boolean;
};

/** Calls a copy of `listeners` in order; one that throws keeps the rest from running. */
export function callEach(listeners: Listener[], self: unknown, args: unknown[]): void {
  for (const listener of [...listeners]) listener.apply(self, args);
}

/**
 * Calls `listeners` in order. One that throws is reported, and stops neither the others nor the
 * caller.
 */
export function callAll(listeners: Iterable<Listener>, args: unknown[] = []): void {
  for (const listener of listeners) {
    try {
      listener(...args);
    } catch (error) {
      reportError(error);
    }
  }
}

/**
 * Calls `listener` in a microtask of its own; one that throws is reported. Not by queueMicrotask,
 * which fake timers put off.
 */
export function callSoon(listener: Listener): void {
  Promise.resolve().then(() => callAll([listener]));
}

/** Takes the first that is `fn`, or calls it once, out of `listeners`. */
export function removeFirst(listeners: Listener[], fn?: Listener): void {
  const at = listeners.findIndex((listener) => listener === fn || listener.fn === fn);
  if (at >= 0) listeners.splice(at, 1);
}

let removals = 0;

/** How many listeners have been removed by now, of whichever emitter. */
export function countRemovals(): number {
  return removals;
}

const on: On = function (event, fn) {
  this._callbacks ??= Object.create(null) as Record<string, Listener[]>;
  this._callbacks[`$${event}`] ??= [];
  this._callbacks[`$${event}`]?.push(fn);
  return this;
};
const off: Off = function (...args) {
  const [event = '', fn] = args;
  removals++;
  if (args.length > 1) removeFirst(this.listeners(event), fn);
  if (!args.length) delete this._callbacks;
  // Names that are used once, as for one answer, leave nothing behind.
  else if (args.length < 2 || !this.hasListeners(event)) delete this._callbacks?.[`$${event}`];
  return this;
};

/** The methods: to be spread into what emits, or put on its prototype. */
export const emitter: Emitter = {
  on,
  addEventListener: on,
  once(event, fn) {
    const first: Listener = (...args) => {
      this.off(event, first);
      fn.apply(this, args);
    };
    first.fn = fn;
    return this.on(event, first);
  },
  off,
  removeListener: off,
  removeAllListeners: off,
  removeEventListener: off,
  emit(event, ...args) {
    callEach(this.listeners(event), this, args);
    return this;
  },
  listeners(event) {
    return this._callbacks?.[`$${event}`] ?? [];
  },
  hasListeners(event) {
    return !!this.listeners(event)[0];
  },
};
