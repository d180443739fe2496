/** One connection of a page: a real Manager of socket.io-client, driven by the page's commands. */
import type { Manager } from 'socket.io-client';
import type { ManagerSettings, ManagerState, PushCommand, PushEvent } from '../rpc/packet.ts';
import type { IoPolicy } from './io-rules.ts';
import { createNamespaces } from './namespaces.ts';
import type { Context, ServeOptions } from './options.ts';
import type { TakeSocket } from './socket-limit.ts';
import { buffersIn, toWireArgument } from './wire-argument.ts';

/** What is used of the socket.io-client module. */
export type IoModule = { Manager: typeof Manager };

export type ManagerHost = { handle(command: PushCommand): void };

export type ManagerHostOptions = {
  io: IoModule;
  /** The page's first. */
  command: PushCommand & { type: 'open' };
  rules: IoPolicy;
  context: Context;
  /** Says 'freeze' when the page goes into the back/forward cache, which an open WebSocket would keep it out of. */
  life: EventTarget;
  auth: ServeOptions['auth'];
  /** Every connected namespace takes one, of whichever manager. */
  takeSocket: TakeSocket;
  post(event: PushEvent, transfer?: Iterable<ArrayBuffer>): void;
};

/** The options that a page may choose; server, path, transports and headers are the frame's. */
const OPTIONS = [
  'query',
  'upgrade',
  'rememberUpgrade',
  'timestampRequests',
  'timestampParam',
  'requestTimeout',
  'withCredentials',
  'protocols',
];
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

function readOptions(text: string): Record<string, unknown> {
  const given: Record<string, unknown> = JSON.parse(text) ?? {};
  return Object.fromEntries(
    OPTIONS.filter((name) => Object.hasOwn(given, name)).map((name) => [name, given[name]]),
  );
}

/** Opens the connection that the page's first command asks for. */
export function openManager(host: ManagerHostOptions): ManagerHost {
  const { io, rules, context, life, auth, takeSocket, post } = host;
  const number = host.command.manager;
  const manager = new io.Manager(rules.url, { ...host.command.settings, autoConnect: false } as object);
  const openNow = manager.open.bind(manager);
  // The manager's own attempts to reconnect come here: the page is asked first, by `reconnect_attempt`.
  let retry: ((error?: Error) => void) | undefined;
  manager.open = (callback) => {
    retry = callback;
    return manager;
  };
  let connection = 0;
  let watched = new Set<string>();
  const state = (): ManagerState => {
    const { engine } = manager;
    return {
      _readyState: manager._readyState,
      _reconnecting: !!manager._reconnecting,
      connection,
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
    post({ type, manager: number, state: state(), name, args: args.map(toWireArgument) });
  const namespaces = createNamespaces({
    manager,
    rules,
    context,
    auth,
    takeSocket,
    toPage: (packet) => post({ type: 'packet', manager: number, packet }, buffersIn(packet.data)),
    refuse: (error) => postEvent('event', 'error', [error]),
  });

  for (const name of EVENTS)
    manager.on(name, (...args: unknown[]) => {
      if (name === 'open') connection++;
      postEvent('event', name, args);
    });
  manager.on('packet', ({ type, nsp, id, data }) =>
    namespaces.fromServer({ type, nsp, data, ...(id !== undefined && { id }) }),
  );

  const watch = (name: string): void => {
    if (watched.has(name)) return;
    watched.add(name);
    manager.engine?.on(name as 'open', (...args: unknown[]) => postEvent('engine', name, args));
  };

  const apply = (settings: ManagerSettings): void => {
    for (const [name, value] of Object.entries(settings))
      if (value !== manager[name as 'timeout']()) manager[name as 'timeout'](value);
  };

  const openEngine = ({ settings, options, once }: PushCommand & { type: 'open' }): void => {
    apply(settings);
    const { path, transports } = rules;
    manager.opts = {
      ...readOptions(options),
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
  life.addEventListener('freeze', freeze);

  openEngine(host.command);
  return {
    handle(command) {
      if (command.type === 'open') openEngine(command);
      else if (command.type === 'settings') apply(command.settings);
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
