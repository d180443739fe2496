/** The emitter under Socket, Manager and engine: behaves as @socket.io/component-emitter, which theirs is. */

// biome-ignore lint/suspicious/noExplicitAny: an event's arguments are its own
export type Listener = ((...args: any[]) => void) & { fn?: Listener };

/** Calls a copy of `listeners` in order; one that throws keeps the rest from running. */
export function callEach(listeners: Listener[], self: unknown, args: unknown[]): void {
  for (const listener of [...listeners]) listener.apply(self, args);
}

/** Takes the first that passes `test` out of `list`. */
export function removeFirst<T>(list: T[], test: (item: T) => boolean): void {
  const at = list.findIndex(test);
  if (at >= 0) list.splice(at, 1);
}

export class Emitter {
  #listeners: Record<string, Listener[]> = Object.create(null);
  declare addEventListener: this['on'];
  declare removeListener: this['off'];
  declare removeAllListeners: this['off'];
  declare removeEventListener: this['off'];

  on(event: string, fn: Listener): this {
    (this.#listeners[event] ??= []).push(fn);
    return this;
  }

  once(event: string, fn: Listener): this {
    const on: Listener = (...args) => {
      this.off(event, on);
      fn.apply(this, args);
    };
    on.fn = fn;
    return this.on(event, on);
  }

  /** Goes by the number of arguments: none removes all, one the event's, two that listener once. */
  off(...args: [event?: string, fn?: Listener]): this {
    const [event = '', fn] = args;
    if (!args.length) this.#listeners = Object.create(null);
    else if (args.length < 2) delete this.#listeners[event];
    else removeFirst(this.listeners(event), (listener) => listener === fn || listener.fn === fn);
    return this;
  }

  emit(event: string, ...args: unknown[]): this {
    callEach(this.listeners(event), this, args);
    return this;
  }

  listeners(event: string): Listener[] {
    return this.#listeners[event] ?? [];
  }

  hasListeners(event: string): boolean {
    return !!this.listeners(event).length;
  }

  static {
    const { prototype } = Emitter;
    prototype.addEventListener = prototype.on;
    prototype.removeListener = prototype.removeAllListeners = prototype.removeEventListener = prototype.off;
  }
}
