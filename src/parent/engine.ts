/** `manager.engine`: what a page may know of the frame's engine, and the events of it that the page listens to. */
import { Emitter, type Listener } from './emitter.ts';

export class Engine extends Emitter {
  readyState = 'opening';
  declare id: string | undefined;
  declare transport: { name: string } | undefined;
  /** Asks for the events of a name; without one, to close. */
  readonly #ask: (name?: string) => void;

  constructor(ask: (name?: string) => void) {
    super();
    this.#ask = ask;
  }

  override on(event: string, fn: Listener): this {
    this.#ask(event);
    return super.on(event, fn);
  }

  close(): this {
    this.#ask();
    return this;
  }
}
