/**
 * The one port of all push traffic between a page and its frame, over one session after another.
 */
import { isList } from '../../rpc/is-count.ts';
import { readPushEvent } from '../../rpc/wire/push-event.ts';
import { BATCH, type PushCommand, type PushEvent } from '../../rpc/wire/push-packet.ts';
import type { Connection } from '../connection/connection.ts';
import type { Session } from '../connection/session.ts';
import { callAll, callSoon, countRemovals } from '../emitter.ts';

/** A command before its manager's number is put to it. */
export type ManagerCommand = PushCommand extends infer C
  ? C extends unknown
    ? Omit<C, 'manager'>
    : never
  : never;

/** A manager as the link knows it. */
export type Linked = {
  receive(event: PushEvent): void;
  /**
   * The frame is lost, or could not be had, with the error; or, without one, there is a new one.
   */
  onFrame(error?: Error): void;
};

/**
 * Goes with what else is sent in this microtask. Without a frame it goes nowhere: see `onFrame`.
 */
export type Send = (command: ManagerCommand) => void;

/** Links a manager until it sends `close`. */
export type PushLink = (manager: Linked) => Send;

/**
 * Opens the link with the first session that is there, or comes. `Channel`: what makes its ports,
 * which in Node keep no process alive.
 */
export function createPushLink(connection: Connection, Channel = MessageChannel): PushLink {
  /** By the number that the frame knows each by. */
  const managers = new Map<number, Linked>();
  let numbers = 0;
  let port: MessagePort | undefined;
  let session: Session | undefined;
  let commands: unknown[] = [];

  const nextTask = (): Promise<void> =>
    new Promise((resolve) => {
      const { port1, port2 } = new Channel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      // A setter that a page's zone.js has put in its place starts nothing.
      port1.start();
      port2.postMessage(0);
    });

  const flush = (): void => {
    const batch = commands;
    commands = [];
    // What can't be sent is reported, and is not in the way of what comes after it.
    if (batch[0]) port?.postMessage(batch);
  };
  /**
   * Async: a listener that throws, or an event that can't be read, stops nothing. Either is heard
   * of as what throws in a listener of the original is, by an unhandled rejection.
   */
  const deliver = async (given: unknown): Promise<void> => {
    const event = readPushEvent(given);
    managers.get(event.manager)?.receive(event);
  };
  /** All of them, of whichever handle: a listener that throws keeps no other from hearing it. */
  const tell = (error?: Error): void =>
    callAll([...managers.values()].map((manager) => () => manager.onFrame(error)));
  /** Once for each session: one may be there before its 'connect' is told. */
  const open = (): void => {
    if (session === connection.session) return;
    session = connection.session;
    const asked = session;
    const { port1, port2 } = new Channel();
    let taken = 0;
    port = port1;
    const handle = async (data: unknown): Promise<void> => {
      let events: unknown;
      try {
        events = typeof data === 'string' ? JSON.parse(data) : data;
      } finally {
        // How many events were in it is not known. The frame must not wait for them to be taken.
        if (!isList(events)) port1.postMessage([]);
      }
      if (!isList(events)) throw new TypeError('[hadoken] no list of push events');
      for (const event of events) {
        // Each in a microtask of its own, as in the original: what awaited the one runs before the
        // next.
        await 0;
        // What is left of a frame that was lost meanwhile is of a connection that is no more.
        if (port !== port1 || connection.session !== asked) return;
        const before = countRemovals();
        deliver(event);
        // In a task of its own after a listener that was there for one event: whoever wants the
        // next one has to listen again first.
        if (countRemovals() !== before) await nextTask();
        if (++taken % BATCH === 0) port1.postMessage([]);
      }
    };
    let handled = Promise.resolve();
    port1.onmessage = ({ data }: MessageEvent<unknown>) => {
      // One after the other. What can't be read stops nothing, and is heard of: as a rejection of
      // its own, for that of this one is handled.
      handled = handled.then(() => handle(data)).catch((error) => void Promise.reject(error));
    };
    port1.start();
    commands = [];
    asked?.call('push', [port2], [port2]).catch((error) => {
      // The hub of all tabs is lost, and the frame is not: another hub takes up.
      if (asked !== connection.session || error.code !== 'FRAME_LOST') return;
      port1.close();
      tell(error);
      session = undefined;
      open();
    });
    asked?.lost.addEventListener('abort', () => port1.close());
    tell();
  };

  connection.watchers.add((...event) => {
    if (event[0] === 'connect') open();
    else if (event[0] === 'error' || event[0] === 'disconnect') tell(event[1]);
  });
  open();

  return (manager) => {
    const number = numbers++;
    managers.set(number, manager);
    const { error } = connection;
    // There may be no attempt that tells it any more.
    if (error) callSoon(() => manager.onFrame(error));
    return (command) => {
      commands.push({ ...command, manager: number });
      callSoon(flush);
      if (command.type === 'close') managers.delete(number);
    };
  };
}
