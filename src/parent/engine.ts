/** `manager.engine`: what a page may know of the frame's engine, and the events of it that the page listens to. */
import type { ManagerState } from '../rpc/packet.ts';
import { Emitter, type Listener } from './emitter.ts';

type Send = (command: { type: 'engine-close' } | { type: 'engine-on'; name: string }) => void;

export class Engine extends Emitter {
  id: string | undefined;
  readyState = 'opening';
  transport: { name: string | undefined } | undefined;
  readonly #send: Send;

  constructor(send: Send) {
    super();
    this.#send = send;
  }

  override on(event: string, fn: Listener): this {
    if (!this.hasListeners(event)) this.#send({ type: 'engine-on', name: event });
    return super.on(event, fn);
  }

  close(): this {
    this.#send({ type: 'engine-close' });
    return this;
  }

  _update({ id, readyState, transport }: NonNullable<ManagerState['engine']>): void {
    this.id = id;
    this.readyState = readyState;
    this.transport = { name: transport };
  }
}
