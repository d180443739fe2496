/** The client's typed events, over the emitter that sockets use. A listener that throws does not stop the others. */
import { Emitter, type Listener } from './emitter.ts';

// biome-ignore lint/suspicious/noExplicitAny: an event's arguments are its own
export type EventMap = Record<string, any[]>;

export class Events<Map extends EventMap> {
  readonly #emitter = new Emitter();

  /** Returns its own off. */
  on<E extends keyof Map & string>(event: E, listener: (...args: Map[E]) => void): () => void {
    this.#emitter.on(event, listener as Listener);
    return () => this.off(event, listener);
  }

  once<E extends keyof Map & string>(event: E, listener: (...args: Map[E]) => void): () => void {
    this.#emitter.once(event, listener as Listener);
    return () => this.off(event, listener);
  }

  /** Without a listener: all of the event's; without an event: all. */
  off<E extends keyof Map & string>(...args: [event?: E, listener?: (...args: Map[E]) => void]): void {
    this.#emitter.off(...(args as [event?: string, listener?: Listener]));
  }

  emit<E extends keyof Map & string>(event: E, ...args: Map[E]): void {
    for (const listener of [...this.#emitter.listeners(event)]) {
      try {
        listener(...args);
      } catch (error) {
        reportError(error);
      }
    }
  }
}
