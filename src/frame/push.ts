/** Push on the frame's side: one port a page, over it the page's managers, each a real one of socket.io-client. */

import { HadokenError } from '../rpc/errors.ts';
import type { PushCommand } from '../rpc/packet.ts';
import type { Effects, Page } from './host.ts';
import { createIoRules } from './io-rules.ts';
import { type ManagerHost, openManager } from './manager.ts';
import type { ServeOptions } from './options.ts';
import { createOutbox } from './outbox.ts';
import { isPushCommand } from './push-commands.ts';
import { MAX_SOCKETS } from './socket-limit.ts';
import { readUri } from './uri.ts';
import { toWireArgument } from './wire-argument.ts';

/** Serves a page's push port. Nothing is loaded before the page opens its first connection. */
export type PushHost = (port: MessagePort) => void;

export function createPushHost(options: ServeOptions, effects: Effects): (page: Page) => PushHost {
  const rules = createIoRules(options.io, effects.origin);
  const limit = options.limits?.sockets ?? MAX_SOCKETS;

  return ({ context, life, takeSocket }) =>
    (port) => {
      const { post, taken } = createOutbox(port);
      const managers = new Map<number, ManagerHost>();

      const open = async (command: PushCommand & { type: 'open' }): Promise<void> => {
        const { manager: number } = command;
        const known = managers.get(number);
        if (known) return known.handle(command);
        try {
          const { origin, query } = readUri(command.uri, effects.origin);
          rules.checkOrigin(origin);
          if (managers.size >= limit)
            throw new HadokenError(
              'LIMIT_EXCEEDED',
              `This page has ${limit} connections open, which is the limit. Close one, or raise limits.sockets in host.js.`,
            );
          const io = await effects.loadIo().catch((cause) => {
            const message = `frame.io.js could not be loaded. Put it beside frame.js. (${cause})`;
            throw new HadokenError('HOST_FAILED', message, { cause });
          });
          managers.set(
            number,
            openManager({
              io,
              command,
              query,
              rules,
              context,
              life,
              auth: options.auth,
              takeSocket,
              post,
              log: effects.log,
            }),
          );
        } catch (error) {
          const state = { _readyState: 'closed', _reconnecting: false, _connection: 0 } as const;
          const args = [toWireArgument(error)];
          post({ type: 'event', manager: number, state, name: 'error', args });
        }
      };

      const dropped = (why: string): void =>
        effects.log(`dropped a push command from ${context.origin}: ${why}`);
      const handle = async (command: unknown): Promise<void> => {
        if (!isPushCommand(command)) return dropped('it is not in the contract');
        if (command.type === 'open') return open(command);
        managers.get(command.manager)?.handle(command);
        if (command.type === 'close') managers.delete(command.manager);
      };

      let handled = Promise.resolve();
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        handled = handled.then(async () => {
          if (!Array.isArray(data)) return dropped('it is no list');
          if (!data.length) taken();
          for (const command of data) await handle(command).catch((error) => dropped(String(error)));
        });
      };
    };
}
