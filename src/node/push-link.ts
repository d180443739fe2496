/** The push link of a Node client, which keeps the process alive while a manager is busy. */
import type { Connection } from '../parent/connection/connection.ts';
import { createPushLink, type ManagerCommand, type PushLink } from '../parent/push/link.ts';
import { type Hold, UnrefChannel } from './hold.ts';

declare const Buffer: { from(buffer: ArrayBufferLike, at: number, length: number): Uint8Array };

/** `value` with each view of bytes as a Buffer, as socket.io-client's in Node. A port has none. */
function withBuffers(value: unknown): unknown {
  if (value instanceof Uint8Array)
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (Array.isArray(value)) return value.map(withBuffers);
  // What is no plain object is an error, or came whole.
  if (Object.prototype.toString.call(value) !== '[object Object]') return value;
  const entries = Object.entries(value as object);
  return Object.fromEntries(entries.map(([name, inner]) => [name, withBuffers(inner)]));
}

export type NodeLink = {
  link: PushLink;
  /** Has the managers that have given up try again. */
  reopen(): void;
};

export function createNodeLink(connection: Connection, hold: Hold): NodeLink {
  // Most clients have no socket.
  let inner: PushLink | undefined;
  /** By the manager that has given up, or was never open: asks for the connection again. */
  const idle = new Map<object, () => void>();

  return {
    link(manager) {
      inner ??= createPushLink(connection, UnrefChannel);
      let release: (() => void) | undefined;
      let asked: ManagerCommand | undefined;
      const setActive = (isActive: boolean): void => {
        if (isActive) release ??= hold();
        else release = release?.() as undefined;
        if (isActive || !asked) idle.delete(manager);
        else idle.set(manager, () => asked && send(asked));
      };
      const post = inner({
        receive(event) {
          const { state } = event;
          if (state) setActive(state._readyState !== 'closed' || state._reconnecting);
          manager.receive({ ...event, args: withBuffers(event.args) as unknown[] });
        },
        onFrame: (error) => manager.onFrame(error),
      });
      const send = (command: ManagerCommand): void => {
        if (command.type === 'open') {
          asked = command;
          setActive(true);
        } else if (command.type === 'close') {
          asked = undefined;
          setActive(false);
        }
        post(command);
      };
      return send;
    },
    reopen() {
      for (const open of [...idle.values()]) open();
    },
  };
}
