/** The one port of all push traffic between a page and its frame, over one session after another. */
import { BATCH, type PushCommand, type PushEvent } from '../rpc/packet.ts';
import type { Connection } from './connection.ts';
import type { Manager } from './manager.ts';

/** A command before its manager has put its number to it. */
export type ManagerCommand = PushCommand extends infer C
  ? C extends unknown
    ? Omit<C, 'manager'>
    : never
  : never;

export type PushLink = {
  /** The frame's origin, against which URIs resolve. */
  readonly base: string;
  /** Numbers a manager's connection; its events come to `_receive`. */
  add(manager: Manager): number;
  remove(number: number): void;
  /** Goes with what else is sent in this microtask, or `now` with what is there. Without a frame it goes nowhere: see `Manager._onFrame`. */
  send(command: ManagerCommand & { manager: number }, now?: boolean): void;
};

/** Opens the link with the first session that is there, or comes. */
export function createPushLink(connection: Connection, base: string): PushLink {
  const managers = new Map<number, Manager>();
  let port: MessagePort | undefined;
  let commands: unknown[] = [];
  let numbers = 0;
  let taken = 0;

  const flush = (): void => {
    if (commands[0]) port?.postMessage(commands);
    commands = [];
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
    taken += data.length;
    if (taken < BATCH) return;
    taken -= BATCH;
    port?.postMessage([]);
  };
  const tell = (what: 'lost' | 'found' | 'failed', error?: Error): void => {
    for (const manager of [...managers.values()]) manager._onFrame(what, error);
  };
  const open = (): void => {
    const { port1, port2 } = new MessageChannel();
    port = port1;
    port.onmessage = receive;
    commands = [];
    connection.session?.call('push', [port2], [port2]).catch(() => {});
    tell('found');
  };

  connection.on('connect', open);
  connection.on('error', (error) => tell('failed', error));
  connection.on('disconnect', (error) => {
    port?.close();
    port = undefined;
    tell('lost', error);
  });
  if (connection.session) open();

  return {
    base,
    add(manager) {
      const { state, error } = connection.status;
      managers.set(++numbers, manager);
      // No attempt will tell it any more.
      if (state === 'failed' || state === 'closed')
        Promise.resolve().then(() => manager._onFrame('failed', error));
      return numbers;
    },
    remove: (number) => managers.delete(number),
    send(command, now) {
      commands.push(command);
      if (now) flush();
      else Promise.resolve().then(flush);
    },
  };
}
