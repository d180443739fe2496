/**
 * The page's Manager. The real one is in the frame, with its engine, parser and timers: this one
 * mirrors its state, repeats its events, hands on its settings, and is what the page's Sockets
 * listen to.
 */
import type { HadokenError } from '../../rpc/errors.ts';
import {
  CONNECT,
  DEFAULT_SETTINGS,
  type PushEvent,
  type WirePacket,
} from '../../rpc/wire/push-packet.ts';
import { answerTo } from '../caller.ts';
import { callAll, type Emitter, emitter, type Listener } from '../emitter.ts';
import type { Reports } from '../reports/reports.ts';
import { bindZone } from '../zone.ts';
import { encode } from './encode.ts';
import type { Linked, PushLink, Send } from './link.ts';
import type {
  Engine,
  Manager,
  ManagerOptions,
  Opened,
  Packet,
  Socket,
  SocketOptions,
} from './shapes.ts';
import { createSocket } from './socket.ts';
import { readTarget } from './target.ts';

/** What of the options can cross: the rest is the frame's, and may be anything. */
function toJson({ query, ...options }: ManagerOptions): string {
  const isPlain = ([name, value]: [string, unknown]): boolean =>
    Object(value) !== value || name === 'protocols';
  const plain = Object.fromEntries(Object.entries(options).filter(isPlain));
  // As the original puts it into a URL.
  const texts = Object.entries(Object(query)).map(([name, value]) => [name, `${value}`]);
  const asked = typeof query === 'object' ? Object.fromEntries(texts) : query;
  return JSON.stringify({ ...plain, query: asked }, (_, value) =>
    typeof value === 'bigint' ? `${value}` : value,
  );
}

/** Makes a Manager over `link` of `target`. */
export function setUpManager(
  target: object,
  link: PushLink,
  reports: Reports | undefined,
  ...args: [uri?: string | ManagerOptions, options?: ManagerOptions]
): void {
  const { uri, opts } = readTarget(...args);
  const caller = new Error();
  /** Of the connection that is open or opening. */
  let send: Send | undefined;
  /** After `reconnection(false)`: the page hears what still comes of the last attempt, no more. */
  let isGivenUp = false;
  /** There is no frame, for now. */
  let isFrameless = false;
  /** The arguments of the last 'close': the engine's has the same. */
  let ending: unknown[] | undefined;
  /** The engine's listeners have been told of its end. */
  let isEngineOver = false;

  /**
   * Asks the frame to open: anew, or to go on with the attempt it announced. `engine`: the one that
   * has waited for a frame, with the page's listeners.
   */
  const openEngine = (engine?: Engine): void => {
    manager._readyState = 'opening';
    ending = undefined;
    isEngineOver = false;
    const on = function (this: Engine, name: string, listener: Listener): Engine {
      // The frame relays those that frame/push/relayed-events.ts lists, and no others.
      send?.({ type: 'engine', name });
      return emitter.on.call(this, name, listener) as Engine;
    };
    manager.engine = engine ?? {
      ...emitter,
      on: on as Engine['on'],
      addEventListener: on as Engine['on'],
      readyState: 'opening',
      transport: { name: undefined },
      close: () => send?.({ type: 'engine' }),
    };
    send?.({
      type: 'open',
      uri,
      options: toJson(manager.opts),
      once: manager.hasListeners('opened'),
    });
    for (const name of Object.keys(manager.engine._callbacks ?? {}))
      send?.({ type: 'engine', name: name.slice(1) });
  };
  const emitError = (error: unknown): void => {
    manager.emit('error', answerTo(caller, error));
  };
  /** `willRetry`: unless the page has set `reconnection` to false. */
  const end = (willRetry: boolean, reason: string, description?: unknown): void => {
    manager._reconnecting = willRetry && manager.opts.reconnection !== false;
    manager._readyState = 'closed';
    const { engine } = manager;
    if (engine) engine.readyState = 'closed';
    const told = ending ?? [reason, description];
    const wasOver = isEngineOver;
    isEngineOver = true;
    manager.emit('close', reason, description);
    if (!wasOver) engine?.emit('close', ...told);
  };
  /** No frame can be had, for now. Whoever waits for one attempt has its end, as originally. */
  const failToOpen = (error: Error): void => {
    const isAwaited = manager.hasListeners('opened');
    if (isAwaited) manager._readyState = 'closed';
    emitError(error);
    if (isAwaited) manager.emit('opened', answerTo(caller, error));
  };
  /** In the zone that opened the connection, where the original's listeners run. */
  let inZone = bindZone();
  const hears: Linked = {
    receive({ type, state, engine, name, args }: PushEvent) {
      if (type === 'engine' && name === 'close') isEngineOver = true;
      if (isGivenUp) {
        if (type === 'state' || name === 'reconnect_attempt') cut();
        else if (type === 'engine') manager.engine?.emit(name, ...args);
        else if (/^(opened|reconnect_error)$/.test(name)) manager.emit(name, ...args);
        return;
      }
      // The state first, then the listeners.
      Object.assign(manager, state);
      Object.assign(manager.engine as Engine, engine);
      if (type === 'state') return;
      if (name === 'close' && type !== 'engine') ending = args;
      if (type === 'engine') (manager.engine as Engine).emit(name, ...args);
      else if (name === 'error') emitError(args[0]);
      else manager.emit(name, ...args);
      // Only now: listeners may have changed `opts` for this attempt, or closed.
      if (name === 'reconnect_attempt' && manager._reconnecting) openEngine();
    },
    onFrame(error?: Error) {
      isFrameless = !!error;
      const isOver = (error as Partial<HadokenError> | undefined)?.code === 'CLOSED';
      const isOpen = manager._readyState === 'open';
      if (isOpen && !isOver) end(true, 'frame lost', error);
      const isWanted = manager._reconnecting || manager._readyState === 'opening';
      if (isWanted && error && !isOpen) failToOpen(error);
      else if (isWanted && !error)
        openEngine(manager._readyState === 'opening' ? manager.engine : undefined);
      // As though each had been closed by itself: none of them waits for another frame.
      if (isOver) {
        callAll(Object.values(manager.nsps).map((socket) => () => socket.disconnect()));
        if (manager._readyState !== 'closed') close();
      }
    },
  };

  const linked: Linked = {
    receive: (event) => inZone(() => hears.receive(event)),
    onFrame: (error) => inZone(() => hears.onFrame(error)),
  };

  const open = (opened?: Opened): Manager => {
    if (manager._readyState === 'closed') {
      if (isGivenUp) cut();
      inZone = bindZone();
      send ??= link(linked);
      manager.off('opened');
      if (opened) manager.once('opened', opened);
      openEngine();
    }
    return manager;
  };
  /** What opens next has a connection of its own in the frame. */
  const cut = (): void => {
    send?.({ type: 'close' });
    send = undefined;
    isGivenUp = false;
  };
  const close = (): void => {
    cut();
    end(false, 'forced close');
  };
  const manager: Manager = Object.assign(target as Emitter, {
    nsps: {} as Record<string, Socket>,
    opts: { ...opts },
    _autoConnect: opts.autoConnect !== false,
    _readyState: 'closed' as const,
    _reconnecting: false,
    _connection: 0,
    open,
    connect: open,
    socket(nsp: string, options?: SocketOptions | null): Socket {
      manager.nsps[nsp] ??= createSocket(manager, nsp, options, reports);
      const socket = manager.nsps[nsp];
      if (manager._autoConnect && !socket.active) socket.connect();
      return socket;
    },
    _destroy() {
      if (!Object.values(manager.nsps).some(({ active }) => active)) close();
    },
    _close: close,
    disconnect: close,
    _packet({ data, ...packet }: Packet) {
      // Of the real event what a page knows by itself; the content may by then be more than the
      // page gave.
      manager.engine?.emit('packetCreate', {
        type: 'message',
        options: { compress: packet.compress !== false },
      });
      send?.({
        type: 'packet',
        connection: manager._connection,
        // What goes with a CONNECT is JSON alone, bytes or not.
        packet: {
          ...packet,
          ...(packet.type === CONNECT ? { text: JSON.stringify(data) } : encode(data)),
        } as WirePacket,
      });
    },
  });
  // Each a getter without an argument and a setter with one, as in the original.
  for (const [name, value] of Object.entries(DEFAULT_SETTINGS))
    Object.assign(manager, {
      [name]: (...args: unknown[]) => {
        const options = manager.opts as Record<string, unknown>;
        const [given] = args;
        // As in the original, whose setters don't all count their arguments.
        const isAsked = /^(reconnection|timeout)$/.test(name) ? !args.length : given === undefined;
        if (isAsked && name === 'reconnection') return options[name] !== false;
        if (isAsked) return options[name] ?? value;
        options[name] = name === 'reconnection' ? !!given : given;
        // Not by a word to the frame: that may be waiting for an attempt by now, or ask for one.
        const isIdle = manager._readyState === 'closed' || isFrameless;
        if (name === 'reconnection' && !given && isIdle && send) {
          isGivenUp = true;
          manager._reconnecting = false;
          manager._readyState = 'closed';
        } else send?.({ type: 'settings', options: toJson(options) });
        return manager;
      },
    });
  if (manager._autoConnect) open();
}
