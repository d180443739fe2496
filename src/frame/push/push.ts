/**
 * Push on the frame's side: one port a page, over it the page's managers, each a real one of
 * socket.io-client.
 */
import { HadokenError, isHadokenError, toText } from '../../rpc/errors.ts';
import { isList } from '../../rpc/is-count.ts';
import { readPushCommand } from '../../rpc/wire/push-commands.ts';
import type { PushCommand } from '../../rpc/wire/push-packet.ts';
import type { Effects } from '../effects.ts';
import type { ServeOptions } from '../options.ts';
import type { Page } from '../page.ts';
import { createIoRules } from '../rules/io-rules.ts';
import { refuseSecondPort } from '../rules/refusal.ts';
import { MAX_SOCKETS } from '../rules/socket-limit.ts';
import { createAsking } from './credentials.ts';
import { loadIo, refusalOf } from './load.ts';
import { type ManagerHost, type ManagerHostOptions, openManager } from './manager.ts';
import { createOutbox } from './outbox.ts';
import { createRecovery } from './recovery.ts';
import { readUri } from './server/server-uri.ts';

/**
 * Serves a page's push port; nothing is loaded before the page opens its first connection. Throws
 * LIMIT_EXCEEDED for a second port of the same session, because limits are counted by port.
 */
export type PushHost = (port: MessagePort) => void;

function tooManyConnections(limit: number): HadokenError {
  return new HadokenError(
    'LIMIT_EXCEEDED',
    `This page has ${limit} connections open, which is the limit. Close one, ` +
      'or raise limits.sockets in host.js.',
  );
}

/** What is no HadokenError comes of a uri or of options that can't be read: the page's own. */
function toOpenError(error: unknown): HadokenError {
  if (isHadokenError(error)) return error;
  return new HadokenError(
    'INVALID_ARGUMENT',
    `io(): ${toText(error)}. Check its uri and its options.`,
  );
}

/** What the hub does in another way than a page's own host. */
export type PushParts = {
  /** Opens a connection, or shares one. */
  open?(options: ManagerHostOptions): ManagerHost;
  /** In bytes: more waits for no page that takes nothing. Its life says 'full', and 'room'. */
  maxWaiting?: number;
};

export function createPushHost(
  options: ServeOptions,
  effects: Effects,
  { open: openConnection = openManager, maxWaiting: bytes }: PushParts = {},
): (page: Page) => PushHost {
  const policies = createIoRules(options.io, effects.origin);
  const limit = options.limits?.sockets ?? MAX_SOCKETS;
  const { auth } = options;
  const { log } = effects;

  return ({ context, life, takeSocket }) => {
    const rules = policies(context.origin);
    const say = (word: string): void => void life.dispatchEvent(new Event(word));
    let hasPort = false;
    return (port) => {
      if (hasPort) {
        port.close();
        throw refuseSecondPort('push', 'Open connections');
      }
      hasPort = true;
      const waiting = bytes !== undefined && {
        bytes,
        onFull: () => say('full'),
        onRoom: () => say('room'),
      };
      const { post, taken, hold } = createOutbox(port, log, waiting || undefined, effects.Channel);
      // A message to a page in the back/forward cache may end its stay there.
      if (waiting)
        for (const word of ['freeze', 'thaw'])
          life.addEventListener(word, () => hold(word === 'freeze'));
      const managers = new Map<number, ManagerHost>();
      // A page that was taken for gone opens nothing any more: its next port does.
      life.addEventListener('bye', () => port.close());
      const recovery = createRecovery(
        `${context.origin} ${rules.url} ${rules.path}`,
        effects.sessions,
      );
      const asking = auth && createAsking(auth, context, log);
      const shared = { rules, context, life, asking, takeSocket, recovery, post, log };

      const open = async (command: PushCommand & { type: 'open' }): Promise<void> => {
        const { manager: number } = command;
        const known = managers.get(number);
        try {
          if (known) return known.handle(command);
          const { origin, query } = readUri(command.uri, effects.origin);
          rules.checkOrigin(origin);
          if (managers.size >= limit) throw tooManyConnections(limit);
          const io = await loadIo(effects, rules.parser);
          managers.set(number, openConnection({ ...shared, io, command, query }));
        } catch (error) {
          for (const event of refusalOf(number, !!command.once, toOpenError(error))) post(event);
        }
      };

      const dropped = (why: string): void =>
        log(`dropped a push command from ${context.origin}: ${why}`);
      const handle = async (given: unknown): Promise<void> => {
        const command = readPushCommand(given);
        if (!command) return dropped('it is not in the contract');
        if (command.type === 'open') return open(command);
        managers.get(command.manager)?.handle(command);
        if (command.type === 'close') managers.delete(command.manager);
      };

      let handled = Promise.resolve();
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        handled = handled.then(async () => {
          if (!isList(data)) return dropped('it is no list');
          if (!data.length) taken();
          for (const command of data)
            await handle(command).catch((error) => dropped(toText(error)));
        });
      };
    };
  };
}
