/** The one port of all push traffic between a page and its frame, over one session after another. */
import type { PushCommand, PushEvent } from '../rpc/packet.ts';
import type { Connection } from './connection.ts';
import type { Manager } from './manager.ts';

export type PushLink = {
  /** The frame's page, against which URIs resolve. */
  readonly base: string;
  /** Numbers a manager's connection; its events come to `_receive`. */
  add(manager: Manager): number;
  remove(number: number): void;
  /** Goes with what else is sent in this microtask. Without a frame it goes nowhere: see `Manager._found`. */
  send(command: PushCommand, transfer?: Transferable[]): void;
};

/** Opens the link with the first session that is there, or comes. */
export function createPushLink(connection: Connection, base: string): PushLink {
  const managers = new Map<number, Manager>();
  let port: MessagePort | undefined;
  let commands: PushCommand[] = [];
  let transfers: Transferable[] = [];
  let numbers = 0;

  const flush = (): void => {
    port?.postMessage(commands, transfers);
    commands = [];
    transfers = [];
  };
  const receive = async ({ data }: MessageEvent<PushEvent[]>): Promise<void> => {
    for (const event of data) {
      // Each in a microtask of its own, as in the original: what awaited the one runs before the next.
      await 0;
      try {
        managers.get(event.manager)?._receive(event);
      } catch (error) {
        // A throwing listener stops nothing, and is heard of as with the original.
        Promise.reject(error);
      }
    }
  };
  const each = (run: (manager: Manager) => void): void => [...managers.values()].forEach(run);
  const open = (): void => {
    const { port1, port2 } = new MessageChannel();
    port = port1;
    port.onmessage = receive;
    connection.session?.call('push', [port2], [port2]).catch(() => {});
    each((manager) => manager._found());
  };

  const { events } = connection;
  events.on('connect', open);
  events.on('error', (error) => each((manager) => manager._failed(error)));
  events.on('disconnect', (error) => {
    port?.close();
    port = undefined;
    each((manager) => {
      if (connection.state !== 'closed') manager._lost(error);
      else for (const socket of Object.values(manager.nsps)) socket.disconnect();
    });
  });
  if (connection.session) open();

  return {
    base,
    add(manager) {
      managers.set(++numbers, manager);
      return numbers;
    },
    remove: (number) => managers.delete(number),
    send(command, transfer = []) {
      if (!port) return;
      if (!commands.length) Promise.resolve().then(flush);
      commands.push(command);
      transfers.push(...transfer);
    },
  };
}
