/** One connection of a page: a real Manager of socket.io-client, driven by the page's commands. */
import type { Manager } from 'socket.io-client';
import { toWireError } from '../rpc/errors.ts';
import {
  CONNECT,
  CONNECT_ERROR,
  type DecodedPacket,
  DISCONNECT,
  EVENT,
  type ManagerSettings,
  type ManagerState,
  type PushCommand,
  type PushEvent,
  type WirePacket,
} from '../rpc/packet.ts';
import type { Effects } from './host.ts';
import type { IoPolicy } from './io-rules.ts';
import type { Context, ServeOptions } from './options.ts';
import { readPacketData } from './push-commands.ts';
import type { TakeSocket } from './socket-limit.ts';

/** What is used of the socket.io-client module. */
export type IoModule = { Manager: typeof Manager };

export type ManagerHost = { handle(command: PushCommand): void };

export type ManagerHostOptions = {
  io: IoModule;
  /** The page's first. */
  command: PushCommand & { type: 'open' };
  rules: IoPolicy;
  context: Context;
  effects: Effects;
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
/** Of errors, DOM events and transports, what a page may want to know and clone would drop or throw on. */
const DETAILS = [
  'type',
  'description',
  'context',
  'name',
  'message',
  'code',
  'reason',
  'wasClean',
  'status',
  'statusText',
  'responseText',
  'data',
  'sid',
  'pingInterval',
  'pingTimeout',
  'maxPayload',
  'upgrades',
];

function pick(value: object, depth = 0): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of DETAILS) {
    let detail: unknown;
    try {
      detail = (value as Record<string, unknown>)[name];
    } catch {
      // An XMLHttpRequest throws for a responseText that is no text.
    }
    if (detail instanceof ArrayBuffer || Array.isArray(detail)) picked[name] = detail;
    else if (typeof detail === 'object' && detail !== null) {
      if (depth < 2) picked[name] = pick(detail, depth + 1);
    } else if (detail !== undefined && typeof detail !== 'function') picked[name] = detail;
  }
  return picked;
}

/** An argument of an event as data. An error keeps what it carries; fromWireArgument in parent/manager.ts is the other half. */
export function toWireArgument(arg: unknown): unknown {
  if (arg instanceof Error) {
    const { name: _name, message: _message, ...extra } = pick(arg);
    return { error: toWireError(arg), extra };
  }
  if (typeof arg !== 'object' || arg === null || arg instanceof ArrayBuffer) return arg;
  return pick(arg);
}

/** The buffers in what a server sent, to be transferred. */
function* buffersIn(value: unknown): Iterable<ArrayBuffer> {
  if (value instanceof ArrayBuffer) yield value;
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* buffersIn(inner);
}

function readOptions(text: string): Record<string, unknown> {
  const given: Record<string, unknown> = JSON.parse(text) ?? {};
  return Object.fromEntries(
    OPTIONS.filter((name) => Object.hasOwn(given, name)).map((name) => [name, given[name]]),
  );
}

export function openManager(host: ManagerHostOptions): ManagerHost {
  const { io, rules, context, effects, life, auth, takeSocket, post } = host;
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
  /** Connected namespaces, each with what gives its place back. */
  const open = new Map<string, () => void>();

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
  const release = (nsp?: string): void => {
    for (const [name, giveBack] of open)
      if (nsp === undefined || name === nsp) {
        open.delete(name);
        giveBack();
      }
  };
  const postPacket = (packet: DecodedPacket): void =>
    post({ type: 'packet', manager: number, packet }, buffersIn(packet.data));

  for (const name of EVENTS)
    manager.on(name, (...args: unknown[]) => {
      if (name === 'open') connection++;
      if (name === 'close') release();
      postEvent('event', name, args);
    });
  manager.on('packet', ({ type, nsp, id, data }) => {
    if (type === (EVENT as number) && !rules.allows('on', nsp, (data as unknown[])[0])) return;
    if (type === (DISCONNECT as number) || type === (CONNECT_ERROR as number)) release(nsp);
    postPacket({
      type,
      nsp,
      ...(id !== undefined && { id }),
      data: type === (CONNECT_ERROR as number) ? { name: 'Error', ...data } : data,
    });
  });

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

  const connect = async (nsp: string, data: object | undefined): Promise<void> => {
    const { engine } = manager;
    try {
      rules.checkNamespace(nsp);
      if (!open.has(nsp)) open.set(nsp, takeSocket());
      const added = auth && (await auth(context));
      if (manager.engine !== engine || !open.has(nsp)) return;
      manager._packet({ type: CONNECT as number, nsp, data: added ? { ...data, ...added } : data });
    } catch (error) {
      release(nsp);
      postPacket({ type: CONNECT_ERROR, nsp, data: toWireError(error) });
    }
  };

  const send = ({ type, nsp, id, text, binary = [], compress, volatile }: WirePacket): void => {
    const data = readPacketData(type, text, binary);
    if (type === CONNECT) return void connect(nsp, data as object | undefined);
    if (!open.has(nsp)) return;
    if (type === DISCONNECT) release(nsp);
    else if (!data)
      return effects.log(`dropped a packet from ${context.origin} whose data Socket.IO does not allow`);
    if (type === EVENT) {
      const [event] = data as unknown[];
      if (!rules.allows('emit', nsp, event))
        return effects.log(
          `dropped '${event}' from ${context.origin}: it is not in emit of ${nsp}. Add it to io.namespaces in host.js`,
        );
      if (volatile && !manager.engine?.transport?.writable) return;
    }
    manager._packet({
      type: type as number,
      nsp,
      data,
      ...(id !== undefined && { id }),
      options: { compress },
    });
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
        release();
        manager._close();
      } else if (command.connection === connection && manager._readyState === 'open') send(command.packet);
    },
  };
}
