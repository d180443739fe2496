/** The push link of a Node client, which keeps the process alive while a manager is busy. */
import type { Connection } from '../parent/connection/connection.ts';
import { createPushLink, type ManagerCommand, type PushLink } from '../parent/push/link.ts';
import { toBuffers } from './buffers.ts';
import { snapshot } from './builtin.ts';
import { type Hold, UnrefChannel } from './hold.ts';

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
      // Node runs a port's listeners in the context of whoever was the first to have a socket.
      const inContext = snapshot() ?? ((run) => run());
      let release: (() => void) | undefined;
      let asked: ManagerCommand | undefined;
      const setActive = (isActive: boolean): void => {
        if (isActive) release ??= hold();
        else {
          release?.();
          release = undefined;
        }
        const command = asked;
        if (isActive || !command) idle.delete(manager);
        else idle.set(manager, () => send(command));
      };
      const post = inner({
        receive(event) {
          const { state } = event;
          if (state) setActive(state._readyState !== 'closed' || state._reconnecting);
          toBuffers(event.args);
          inContext(() => manager.receive(event));
        },
        onFrame(error) {
          inContext(() => manager.onFrame(error));
          // Nobody tries again by itself.
          if (connection.state === 'failed') setActive(false);
        },
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
