/** One connection of a page: a real Manager of socket.io-client, driven by the page's commands. */
import type { WireError } from '../../rpc/errors.ts';
import { toWireArgument } from '../../rpc/wire/push-argument.ts';
import type {
  DecodedPacket,
  ManagerSettings,
  ManagerState,
  PushCommand,
  PushEvent,
} from '../../rpc/wire/push-packet.ts';
import type { Effects, IoModule } from '../effects.ts';
import type { Context } from '../options/hooks.ts';
import type { IoPolicy } from '../rules/io-rules.ts';
import type { TakeSocket } from '../rules/socket-limit.ts';
import type { Asking } from './credentials.ts';
import { readManagerOptions, readQuery } from './manager-options.ts';
import { createNamespaces } from './namespaces.ts';
import type { Outbox } from './outbox.ts';
import { type Recovery, randomName } from './recovery.ts';
import { ENGINE_EVENTS, MANAGER_EVENTS } from './relayed-events.ts';
import { createMismatchWatch } from './server/mismatch.ts';
import { hasPingExpired } from './server/ping.ts';

export type ManagerHost = { handle(command: PushCommand): void };

export type ManagerHostOptions = {
  io: IoModule;
  /** The page's first. */
  command: PushCommand & { type: 'open' };
  /** Of the page's uri, which goes before that of its options. */
  query: string | undefined;
  rules: IoPolicy;
  context: Context;
  /**
   * Says 'freeze' when the page goes into the back/forward cache, which an open WebSocket would
   * keep it out of.
   */
  life: EventTarget;
  /** What `auth` is asked for the page. */
  asking: Asking | undefined;
  /** Every namespace that is asked for takes one, of whichever manager. */
  takeSocket: TakeSocket;
  recovery: Recovery;
  post: Outbox['post'];
  log: Effects['log'];
};

/** The buffers in what a server sent, to be transferred. A view's may be others' too. */
function buffersIn(data: unknown): ArrayBuffer[] {
  const found: ArrayBuffer[] = [];
  const left = [data];
  while (left.length) {
    const value = left.pop();
    if (value instanceof ArrayBuffer) found.push(value);
    else if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value))
      for (const inner of Object.values(value)) left.push(inner);
  }
  return found;
}

/**
 * Whether a packet's id is a number in JSON too: a server may send one that is NaN or Infinity to
 * the decoder.
 */
const hasPlainId = ({ id }: DecodedPacket): boolean => id === undefined || Number.isSafeInteger(id);

/** The last that was made: a hub posts each packet to page after page. */
let made: { packet?: DecodedPacket; manager?: number; json: string } = { json: '' };

/** The JSON of the PushEvent that has `packet`, whose data is in its `text`. */
function jsonOf(manager: number, packet: DecodedPacket): string {
  if (made.packet === packet && made.manager === manager) return made.json;
  const { type, nsp, id, text } = packet;
  const numbered = id === undefined ? '' : `,"id":${id}`;
  const head = `"type":${type},"nsp":${JSON.stringify(nsp)}${numbered}`;
  const json = `{"manager":${manager},"name":"packet","args":[{${head},"data":${text}}]}`;
  made = { packet, manager, json };
  return json;
}

/**
 * Posts a packet that the rules let through. `error`: as {@link NamespacesOptions} has it.
 * `transfer`: what of the data is this page's alone.
 */
export function postPacket(
  post: Outbox['post'],
  manager: number,
  packet: DecodedPacket,
  error?: WireError,
  transfer?: Iterable<ArrayBuffer>,
): void {
  if (packet.text && !error && hasPlainId(packet)) return post(jsonOf(manager, packet));
  const { text: _text, ...wire } = packet;
  const args = error ? [wire, { error }] : [wire];
  post({ type: 'event', manager, name: 'packet', args }, transfer);
}

/** Opens the connection that the page's first command asks for. */
export function openManager(host: ManagerHostOptions): ManagerHost {
  const { io, query, rules, life, asking, takeSocket, recovery, post, log } = host;
  const number = host.command.manager;
  const manager = new io.Manager(rules.url, { autoConnect: false, parser: io.parser });
  const openNow = manager.open.bind(manager);
  // The manager's own attempts to reconnect come here: the page is asked first, by
  // `reconnect_attempt`.
  let retry: ((error?: Error) => void) | undefined;
  manager.open = (callback) => {
    retry = callback;
    return manager;
  };
  let connection = 0;
  let watched = new Set<string>();
  /** What the page knows the engine by that is there: its id is a key to the session. */
  let engineName = randomName();
  const stateOf = (): ManagerState => {
    const { _readyState, _reconnecting } = manager;
    return { _readyState, _reconnecting: !!_reconnecting, _connection: connection };
  };
  const state = (): Pick<PushEvent, 'state' | 'engine'> => {
    const { engine } = manager;
    return {
      state: stateOf(),
      ...(engine && {
        engine: {
          id: engine.id ? engineName : undefined,
          readyState: engine.readyState,
          transport: { name: engine.transport?.name },
        },
      }),
    };
  };
  /** Posts an event that is listed, with arguments that are rebuilt by what they are. */
  const postEvent = (type: 'event' | 'engine', name: string, args: unknown[]): void => {
    const kinds = (type === 'engine' ? ENGINE_EVENTS : MANAGER_EVENTS).get(name) ?? [];
    const wire = kinds.map((kind, at) => toWireArgument(kind, args[at], engineName, io.reasonOf));
    post({ type, manager: number, name, args: wire, ...state() });
  };
  /** After the listeners of a 'close' or an 'error' the manager decides that it tries again. */
  const postRetry = (): void => {
    if (!manager._reconnecting) return;
    post({ type: 'state', manager: number, name: '', args: [], state: stateOf() });
  };
  let logged = '';
  const refuse = (error: Error): void => {
    postEvent('event', 'error', [error]);
    // Few listen to a manager's errors. One line for one cause, however often it is met.
    if (error.message === logged) return;
    logged = error.message;
    log(logged);
  };
  const mismatches = createMismatchWatch();
  const namespaces = createNamespaces({
    manager,
    rules,
    asking,
    takeSocket,
    recovery,
    log,
    toPage: (packet, error) => postPacket(post, number, packet, error, buffersIn(packet.data)),
    refuse,
    onAsked: mismatches.asked,
  });

  for (const name of MANAGER_EVENTS.keys())
    manager.on(name as 'open', (...args: unknown[]) => {
      if (name === 'open') connection++;
      postEvent('event', name, args);
      if (!manager._reconnecting && (name === 'close' || name === 'error'))
        queueMicrotask(postRetry);
      const mismatch =
        name === 'close' && mismatches.closed(String(args[0]), !manager.reconnection());
      // After the state, for a listener may connect.
      if (mismatch) queueMicrotask(() => refuse(mismatch));
    });
  manager.on('packet', (packet) => {
    mismatches.heard();
    namespaces.fromServer(packet);
  });

  const watch = (name: string): void => {
    // A page may listen to any name, and hears nothing of those that are not listed.
    if (watched.has(name) || !ENGINE_EVENTS.has(name)) return;
    watched.add(name);
    manager.engine?.on(name as 'open', (...args: unknown[]) => postEvent('engine', name, args));
  };

  const apply = (settings: ManagerSettings): void => {
    for (const [name, value] of Object.entries(settings))
      if (value !== manager[name as 'timeout']()) manager[name as 'timeout'](value);
  };

  const openEngine = ({ options: text, once }: PushCommand & { type: 'open' }): void => {
    // A listener of 'close' or 'error' asks before it can know that the manager tries again. An
    // attempt of its own, past the manager's timer, would leave it without one ever after.
    if (manager._reconnecting && !retry) return;
    const { options, settings } = readManagerOptions(text);
    apply(settings);
    const { path, transports, more } = rules;
    manager.opts = {
      ...options,
      ...more,
      ...io.options,
      query: readQuery(query ?? options.query) as Record<string, string>,
      path,
      transports: transports.map((name) => io.transports?.[name] ?? name) as ['websocket'],
      tryAllTransports: true,
    };
    const goOn = retry;
    retry = undefined;
    const isAwaited = once || goOn;
    const callback = (error?: Error): void => {
      goOn?.(error);
      if (once) postEvent('event', 'opened', [error]);
    };
    watched = new Set();
    engineName = randomName();
    openNow(isAwaited ? callback : undefined);
    // The transport's name may change under it.
    watch('upgrade');
  };

  // At 'room' some was dropped since 'full': what a session that is recovered brings again.
  const drops = ['freeze', 'room'];
  const drop = (): void => void manager.engine?.transport?.close();
  /** The page is somebody else by now. */
  const beginAnew = (): void => {
    namespaces.forget();
    drop();
  };
  const close = (): void => {
    for (const word of drops) life.removeEventListener(word, drop);
    life.removeEventListener('anew', beginAnew);
    life.removeEventListener('bye', close);
    namespaces.close();
    manager._close();
  };

  openEngine(host.command);
  for (const word of drops) life.addEventListener(word, drop);
  life.addEventListener('anew', beginAnew);
  life.addEventListener('bye', close);
  return {
    handle(command) {
      if (command.type === 'open') openEngine(command);
      else if (command.type === 'settings') apply(readManagerOptions(command.options).settings);
      else if (command.type === 'engine' && command.name !== undefined) watch(command.name);
      else if (command.type === 'engine') manager.engine?.close();
      else if (command.type === 'close') close();
      else {
        const isOpen = manager._readyState === 'open' && !hasPingExpired(manager);
        namespaces.fromPage(command.packet, isOpen && command.connection === connection);
      }
    },
  };
}
