/** One connection of a page: a real Manager of socket.io-client, driven by the page's commands. */
import type { Manager } from 'socket.io-client';
import type { DecodedPacket, ManagerSettings, PushCommand, PushEvent } from '../rpc/packet.ts';
import type { Effects } from './host.ts';
import type { IoPolicy } from './io-rules.ts';
import { readManagerOptions } from './manager-options.ts';
import { createNamespaces } from './namespaces.ts';
import type { Context, ServeOptions } from './options.ts';
import type { Outbox } from './outbox.ts';
import type { TakeSocket } from './socket-limit.ts';
import { buffersIn, toWireArgument } from './wire-argument.ts';

/** What is used of the socket.io-client module. */
export type IoModule = { Manager: typeof Manager; parser: unknown };

export type ManagerHost = { handle(command: PushCommand): void };

export type ManagerHostOptions = {
  io: IoModule;
  /** The page's first. */
  command: PushCommand & { type: 'open' };
  /** Of the page's uri; that of its options goes before it. */
  query: Record<string, string> | undefined;
  rules: IoPolicy;
  context: Context;
  /** Says 'freeze' when the page goes into the back/forward cache, which an open WebSocket would keep it out of. */
  life: EventTarget;
  auth: ServeOptions['auth'];
  /** Every connected namespace takes one, of whichever manager. */
  takeSocket: TakeSocket;
  post: Outbox['post'];
  log: Effects['log'];
};

const EVENTS = [
  'open',
  'error',
  'close',
  'ping',
  'reconnect_attempt',
  'reconnect_error',
  'reconnect_failed',
  'reconnect',
] as const;

/** The JSON of the PushEvent that has `packet` with the data in `text`. */
function textOf(manager: number, { type, nsp, id }: DecodedPacket, text: string): string {
  const head = `"type":${type},"nsp":${JSON.stringify(nsp)}${id === undefined ? '' : `,"id":${id}`}`;
  return `{"manager":${manager},"name":"packet","args":[{${head},"data":${text}}]}`;
}

/** Opens the connection that the page's first command asks for. */
export function openManager(host: ManagerHostOptions): ManagerHost {
  const { io, query, rules, context, life, auth, takeSocket, post, log } = host;
  const number = host.command.manager;
  const manager = new io.Manager(rules.url, { autoConnect: false, parser: io.parser });
  const openNow = manager.open.bind(manager);
  // The manager's own attempts to reconnect come here: the page is asked first, by `reconnect_attempt`.
  let retry: ((error?: Error) => void) | undefined;
  manager.open = (callback) => {
    retry = callback;
    return manager;
  };
  let connection = 0;
  let watched = new Set<string>();
  const state = (): Pick<PushEvent, 'state' | 'engine'> => {
    const { engine, _readyState, _reconnecting } = manager;
    return {
      state: { _readyState, _reconnecting: !!_reconnecting, _connection: connection },
      ...(engine && {
        engine: {
          id: engine.id ?? undefined,
          readyState: engine.readyState,
          transport: { name: engine.transport?.name },
        },
      }),
    };
  };
  const postEvent = (type: 'event' | 'engine', name: string, args: unknown[]): void =>
    post({ type, manager: number, name, args: args.map(toWireArgument), ...state() });
  let logged = '';
  const namespaces = createNamespaces({
    manager,
    rules,
    context,
    auth,
    takeSocket,
    toPage({ text, ...packet }, error) {
      if (text && !error) return post(textOf(number, packet, text));
      const args = error ? [packet, { error }] : [packet];
      post({ type: 'event', manager: number, name: 'packet', args }, buffersIn(packet.data));
    },
    refuse(error) {
      postEvent('event', 'error', [error]);
      // Few listen to a manager's errors. One line for one cause, however often it is met.
      if (error.message !== logged) log((logged = error.message));
    },
  });

  for (const name of EVENTS)
    manager.on(name, (...args: unknown[]) => {
      if (name === 'open') connection++;
      postEvent('event', name, args);
    });
  manager.on('packet', (packet) => namespaces.fromServer(packet));

  const watch = (name: string): void => {
    if (watched.has(name)) return;
    watched.add(name);
    manager.engine?.on(name as 'open', (...args: unknown[]) => postEvent('engine', name, args));
  };

  const apply = (settings: ManagerSettings): void => {
    for (const [name, value] of Object.entries(settings))
      if (value !== manager[name as 'timeout']()) manager[name as 'timeout'](value);
  };

  const openEngine = ({ options: text, once }: PushCommand & { type: 'open' }): void => {
    const { options, settings } = readManagerOptions(text);
    apply(settings);
    const { path, transports } = rules;
    manager.opts = {
      ...(query && { query }),
      ...options,
      path,
      transports: transports as ['websocket'],
      tryAllTransports: true,
    };
    const callback =
      retry ?? (once ? (error?: Error) => postEvent('event', 'opened', error ? [error] : []) : undefined);
    retry = undefined;
    watched = new Set();
    openNow(callback);
    // The transport's name may change under it.
    watch('upgrade');
  };

  const freeze = (): void => void manager.engine?.transport?.close();

  openEngine(host.command);
  life.addEventListener('freeze', freeze);
  return {
    handle(command) {
      if (command.type === 'open') openEngine(command);
      else if (command.type === 'settings') apply(readManagerOptions(command.options).settings);
      else if (command.type === 'engine' && command.name !== undefined) watch(command.name);
      else if (command.type === 'engine') manager.engine?.close();
      else if (command.type === 'close') {
        life.removeEventListener('freeze', freeze);
        namespaces.close();
        manager._close();
      } else {
        const current = command.connection === connection && manager._readyState === 'open';
        namespaces.fromPage(command.packet, current);
      }
    },
  };
}
