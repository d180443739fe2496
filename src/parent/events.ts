/** A typed event emitter, as small as it can be. A listener that throws does not stop the others. */

// biome-ignore lint/suspicious/noExplicitAny: an event's arguments are its own
export type EventMap = Record<string, any[]>;

// biome-ignore lint/suspicious/noExplicitAny: of whichever event
type Listener = (...args: any[]) => void;

export class Events<Map extends EventMap> {
  readonly #listeners = new globalThis.Map<keyof Map, Set<Listener>>();

  /** Returns its own off. */
  on<E extends keyof Map>(event: E, listener: (...args: Map[E]) => void): () => void {
    let listeners = this.#listeners.get(event);
    if (!listeners) this.#listeners.set(event, (listeners = new Set()));
    listeners.add(listener);
    return () => this.off(event, listener);
  }

  once<E extends keyof Map>(event: E, listener: (...args: Map[E]) => void): () => void {
    const off = this.on(event, (...args) => {
      off();
      listener(...args);
    });
    return off;
  }

  /** Without a listener: all of the event's; without an event: all. */
  off<E extends keyof Map>(event?: E, listener?: (...args: Map[E]) => void): void {
    if (event === undefined) this.#listeners.clear();
    else if (listener) this.#listeners.get(event)?.delete(listener);
    else this.#listeners.delete(event);
  }

  emit<E extends keyof Map>(event: E, ...args: Map[E]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) {
      try {
        listener(...args);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
