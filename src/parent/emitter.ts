/** The emitter under Socket, Manager and engine: behaves as @socket.io/component-emitter, which theirs is. */

// biome-ignore lint/suspicious/noExplicitAny: an event's arguments are its own
export type Listener = ((...args: any[]) => void) & { fn?: Listener };

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

  /** Told by how many arguments there are: none removes all, one the event's, two that listener once. */
  off(...args: [event?: string, fn?: Listener]): this {
    const [event = '', fn] = args;
    const list = this.listeners(event);
    if (args.length > 1) {
      const at = list.findIndex((listener) => listener === fn || listener.fn === fn);
      if (at >= 0) list.splice(at, 1);
    }
    if (!args.length) this.#listeners = Object.create(null);
    else if (args.length < 2 || !list.length) delete this.#listeners[event];
    return this;
  }

  /** Listeners run at once, in order; one that throws keeps the rest from running. */
  emitReserved(event: string, ...args: unknown[]): this {
    for (const fn of [...this.listeners(event)]) fn.apply(this, args);
    return this;
  }

  emit(event: string, ...args: unknown[]): this {
    return this.emitReserved(event, ...args);
  }

  listeners(event: string): Listener[] {
    return this.#listeners[event] ?? [];
  }

  hasListeners(event: string): boolean {
    return !!this.listeners(event).length;
  }
}

const { prototype } = Emitter;
prototype.addEventListener = prototype.on;
prototype.removeListener = prototype.removeAllListeners = prototype.removeEventListener = prototype.off;
