/**
 * A page's manager in the hub. To its page it is what frame/push/manager.ts is; its connection is a
 * lane's. All rules are asked here, for this page.
 */
import { delayOfRetry, isSameAuth } from '../../frame/push/credentials.ts';
import type { ManagerHost, ManagerHostOptions } from '../../frame/push/manager.ts';
import { postPacket } from '../../frame/push/manager.ts';
import { readManagerOptions } from '../../frame/push/manager-options.ts';
import { sizeOf } from '../../frame/push/outbox.ts';
import { randomName } from '../../frame/push/recovery.ts';
import { ENGINE_EVENTS, MANAGER_EVENTS } from '../../frame/push/relayed-events.ts';
import { hasPingExpired } from '../../frame/push/server/ping.ts';
import { HadokenError, toText, toWireError, type WireError } from '../../rpc/errors.ts';
import { toWireArgument } from '../../rpc/wire/push-argument.ts';
import { readPacketData } from '../../rpc/wire/push-commands.ts';
import {
  ACK,
  CONNECT,
  CONNECT_ERROR,
  type DecodedPacket,
  DISCONNECT,
  EVENT,
  type ManagerState,
  type PushCommand,
  type WirePacket,
} from '../../rpc/wire/push-packet.ts';
import type { Lane, Seat } from '../lanes/lane.ts';
import { MAX_BYTES } from '../lanes/ring.ts';
import { createIdentify, type Known } from './identify.ts';
import type { SeatParts } from './parts.ts';
import { createPlace, keyOf, type Place } from './place.ts';
import { createTelling } from './telling.ts';

type Fields = Record<string, unknown>;

/** For so long, in ms, it counts that a page has moved to another lane. */
const MOVES_TIME = 60_000;

/** What a page is told of the connection that it had. */
const LOST = ['transport close', { description: 'network connection lost' }];

export function openSeat(options: ManagerHostOptions, parts: SeatParts): ManagerHost {
  const { findLane, clock } = parts;
  const { rules, life, takeSocket, recovery, post, log, command } = options;
  const { manager: number } = command;
  const places = new Map<string, Place>();
  const watched = new Set(['upgrade']);
  /** Why the page is told nothing: it is in the back/forward cache, or takes nothing. */
  const asleep = new Set<string>();
  let { settings } = readManagerOptions(command.options);
  let connection = 0;
  let isUp = false;
  let isOnce = command.once;
  let isRetrying = false;
  let engineName = randomName();
  let { options: text } = command;
  let lane = findLane({ text, host: undefined, wanted: [] });

  const stateOf = (): ManagerState => {
    const { _readyState, _reconnecting } = lane.manager;
    const state = isUp ? 'open' : _readyState === 'open' ? 'opening' : _readyState;
    const isLanes = (!isUp || lane.isOpen) && !!_reconnecting;
    return { _readyState: state, _reconnecting: isRetrying || isLanes, _connection: connection };
  };
  const postEvent = (
    type: 'event' | 'engine' | 'state',
    name: string,
    args: unknown[],
    state = stateOf(),
  ): void => {
    const kinds = (type === 'engine' ? ENGINE_EVENTS : MANAGER_EVENTS).get(name) ?? [];
    const wire = kinds.map((kind, at) => toWireArgument(kind, args[at], engineName));
    const { engine } = lane.manager;
    const { id, readyState, transport } = engine ?? {};
    const shown = { id: id ? engineName : undefined, transport: { name: transport?.name } };
    const told = readyState === undefined ? {} : { engine: { ...shown, readyState } };
    post({ type, manager: number, name, args: wire, state, ...told });
  };
  const toPage = (packet: DecodedPacket, error?: ReturnType<typeof toWireError>): void =>
    postPacket(post, number, packet, error);
  const { toListener, welcome } = createTelling(options, parts, toPage);

  const sit = (next: Lane): void => {
    const before = lane;
    lane = next;
    // First, or it could be ended as one that nobody uses.
    lane.sit(seat);
    if (next === before) return;
    before.stand(seat, false);
    engineName = randomName();
  };
  const leave = (place: Place, isDone: boolean): void => {
    if (places.get(place.nsp) !== place) return;
    places.delete(place.nsp);
    place.attempt = undefined;
    place.giveBack();
    lane.leave(place, isDone);
  };
  /** The connection is gone, for this page. */
  const goDown = (): void => {
    isUp = false;
    for (const place of places.values()) {
      place.state = 'away';
      place.attempt = undefined;
      place.asked.clear();
    }
  };
  /** Has the page connect anew, as after a loss of the network. */
  const bounce = (wasUp: boolean, wait = 0): void => {
    const isTrying = settings.reconnection;
    const state = {
      _readyState: 'closed',
      _reconnecting: isTrying,
      _connection: connection,
    } as const;
    if (wasUp) postEvent('event', 'close', LOST, state);
    isRetrying = isTrying;
    if (!isTrying) return;
    const attempt = (): void => postEvent('event', 'reconnect_attempt', [1], state);
    if (!wait) return attempt();
    clock.setTimeout(() => {
      if (isRetrying && !isUp && asleep.size === 0) attempt();
    }, wait);
  };

  let moves = 0;
  /**
   * Before a page that moved connects anew, in ms: growing, for a host.js that says something else
   * each time would have it move without end.
   */
  const waitForMove = (): number => {
    clock.setTimeout(() => {
      moves -= 1;
    }, MOVES_TIME);
    const delay = settings.reconnectionDelay * 2 ** (moves - 1);
    return moves++ ? Math.min(delay, settings.reconnectionDelayMax) : 0;
  };
  /** Another lane: this page is not, or no more, who the others of this one are. */
  const move = (place: Place): void => {
    const hadOthers = [...places.values()].some(
      (other) => other !== place && /joined|waiting/.test(other.state),
    );
    const wanted = [...places.values()].filter(({ seal }) => seal);
    sit(findLane({ text, host: place.host, wanted }));
    lane.reserve(place.host, wanted);
    lane.apply(seat);
    if (!hadOthers) return;
    goDown();
    bounce(true, waitForMove());
  };
  const enter = (place: Place): void => {
    if (!lane.admits(place.host, [place])) move(place);
    if (!isUp) return;
    lane.join(seat, place);
    lane.open();
  };

  const identify = createIdentify(options, parts, () => settings.timeout);
  /** `again`: who the page is by what `auth` gave once it knew that the server has refused it. */
  const connect = async (nsp: string, data: Fields | undefined, again?: Known): Promise<void> => {
    const attempt = {};
    const at = connection;
    let place = places.get(nsp);
    try {
      rules.checkNamespace(nsp);
      place ??= createPlace(nsp, takeSocket());
      places.set(nsp, place);
      place.attempt = attempt;
      if (place.state === 'away') place.state = 'asking';
      place.data = data;
      const known = again ?? (await identify.ask(nsp, data));
      place.failures = 0;
      if (place.attempt !== attempt || connection !== at || !isUp) return;
      const isSame = place.seal === known.seal;
      const isThere = place.state === 'joined' || place.state === 'waiting';
      // A page that asks twice before it has heard anything is told once.
      if (isThere && isSame) return;
      if (isThere) lane.leave(place, true);
      if (!isSame) place.late.length = 0;
      Object.assign(place, known, { state: 'asking' });
      enter(place);
    } catch (error) {
      if (place && (place.attempt !== attempt || places.get(nsp) !== place)) return;
      const askAgain = (): void => {
        if (place?.attempt === attempt && connection === at) void connect(nsp, data);
      };
      if (place && retry(place, askAgain, error)) return;
      if (place) leave(place, true);
      toPage({ type: CONNECT_ERROR, nsp }, toWireError(error));
    }
  };
  /**
   * Namespaces that are asked for a second time, which the page does not know. Not a place's: what
   * `auth` gives then may take the page to another lane, where it asks for all of them anew.
   */
  const seconds = new Set<string>();
  /**
   * The server has refused the page. Where `auth` gives something else once it knows that, it is
   * asked again, and the page has heard nothing.
   */
  const onRefused = async (
    { nsp, data, added }: Place,
    packet: DecodedPacket,
    error: WireError,
  ): Promise<void> => {
    const tell = (): void => {
      seconds.delete(nsp);
      toPage(packet, error);
    };
    identify.refused(error, added);
    if (!added || seconds.has(nsp)) return tell();
    seconds.add(nsp);
    const at = connection;
    const known = await identify.ask(nsp, data).catch(() => undefined);
    // The page has left it, or asks anew for another connection, or has done so for this one.
    if (!seconds.has(nsp) || connection !== at || !isUp || places.has(nsp)) return;
    if (!known?.added || isSameAuth(known.added, added)) return tell();
    void connect(nsp, data, known);
  };
  /** What asks again, by namespace: all in one task, for they share the answer. */
  const due = new Map<string, () => void>();
  /** Asks host.js' auth again after a while, if that may help. The socket stays subscribed. */
  const retry = (place: Place, again: () => void, error: unknown): boolean => {
    place.failures += 1;
    const delay = delayOfRetry(error, place.failures, settings);
    if (delay === undefined) return false;
    toPage({ type: CONNECT, nsp: place.nsp }, toWireError(error));
    const isFirst = due.size === 0;
    due.set(place.nsp, again);
    if (!isFirst) return true;
    clock.setTimeout(() => {
      const all = [...due.values()];
      due.clear();
      for (const ask of all) ask();
    }, delay);
    return true;
  };

  const refuse = ({ nsp, id }: WirePacket, event: unknown): void => {
    const advice = 'Add it to emit of that namespace in host.js.';
    const message = `'${event}' may not be emitted on ${nsp}. ${advice}`;
    const error = new HadokenError('POLICY_REFUSED', message);
    postEvent('event', 'error', [error]);
    log(message);
    if (id !== undefined) toPage({ type: ACK, nsp, id, data: [] }, toWireError(error));
  };
  const emit = (place: Place, wire: WirePacket, data: unknown[]): void => {
    const { nsp, id, compress, volatile } = wire;
    if (!rules.allows('emit', nsp, data[0])) return refuse(wire, data[0]);
    if (volatile && !lane.manager.engine?.transport?.writable) return;
    lane.emit(seat, place, {
      data,
      ...(id !== undefined && { id }),
      ...(compress !== undefined && { compress }),
    });
  };
  const send = (wire: WirePacket): void => {
    const { type, nsp, id, text, binary = [], compress } = wire;
    const data = readPacketData(type, text, binary);
    if (type === CONNECT) return void connect(nsp, data as Fields | undefined);
    const place = places.get(nsp);
    if (type === DISCONNECT) seconds.delete(nsp);
    if (!place) return;
    if (type === DISCONNECT) {
      if (place.state === 'joined') recovery.forget(keyOf(place), place.session);
      return leave(place, true);
    }
    if (!data) {
      const message = `Socket.IO allows no such packet on ${nsp}.`;
      return postEvent('event', 'error', [new HadokenError('INVALID_ARGUMENT', message)]);
    }
    if (place.state !== 'joined') return keepLate(wire);
    if (type === EVENT) return emit(place, wire, data as unknown[]);
    // What the page was not asked, it can't answer for the others.
    if (!place.asked.delete(id as number)) return;
    lane.answer(place, id as number, { data, ...(compress !== undefined && { compress }) });
  };
  /**
   * For when the connection is back. What is volatile is gone, what has `retries` comes again, and
   * an ACK is for a session that is over.
   */
  const keepLate = (wire: WirePacket): void => {
    const { type, nsp, volatile, fromQueue } = wire;
    const place = places.get(nsp);
    if (type === DISCONNECT) seconds.delete(nsp);
    if (!place) return;
    if (type === DISCONNECT) return leave(place, true);
    if (type !== EVENT || volatile || fromQueue) return;
    if (!place.late.length) place.lateSize = 0;
    const size = place.lateSize + sizeOf(wire);
    if (size > MAX_BYTES)
      return log(`dropped an event that came late on ${nsp}: too much waits there`);
    place.late.push(wire);
    place.lateSize = size;
  };

  const seat: Seat = {
    places,
    get isOnce() {
      return isOnce;
    },
    get settings() {
      return settings;
    },
    onEngine() {
      engineName = randomName();
    },
    onOpen() {
      if (isUp || asleep.size) return;
      isUp = true;
      connection += 1;
      postEvent('event', 'open', []);
      if (isOnce) postEvent('event', 'opened', []);
      // A lane that has tried again says so itself.
      const isBack = isRetrying && !lane.manager._reconnecting;
      isOnce = false;
      isRetrying = false;
      if (isBack) postEvent('event', 'reconnect', [1]);
    },
    onEvent(name, args) {
      if (name === 'close') goDown();
      // A page that moved here without a word takes its connection for open.
      else if (isUp && name === 'error' && !lane.isOpen) {
        goDown();
        postEvent('event', 'close', LOST);
      }
      postEvent('event', name, args);
      if (name !== 'error' || !isOnce) return;
      isOnce = false;
      postEvent('event', 'opened', args);
    },
    onEngineEvent(name, args) {
      if (watched.has(name)) postEvent('engine', name, args);
    },
    onRetry() {
      if (lane.manager._reconnecting && !isUp) postEvent('state', '', []);
    },
    onPacket(place, packet, at) {
      place.upTo = at ?? place.upTo;
      toListener(place, packet);
    },
    onAck: (packet) => toPage(packet),
    onConnected(place, space, early) {
      identify.admitted();
      seconds.delete(place.nsp);
      welcome(place, space, early);
      for (const late of place.late.splice(0))
        try {
          send(late);
        } catch (error) {
          log(`dropped an event that came late on ${place.nsp}: ${toText(error)}`);
        }
    },
    onExpelled(place, packet, error) {
      recovery.forget(keyOf(place), place.session);
      leave(place, true);
      if (packet.type === CONNECT_ERROR && error) void onRefused(place, packet, error);
      else toPage(packet, error);
    },
    onEnd() {
      const wasUp = isUp;
      for (const place of places.values()) recovery.forget(keyOf(place), place.session);
      goDown();
      bounce(wasUp);
    },
  };
  const open = (given: PushCommand & { type: 'open' }): void => {
    if (asleep.size) return;
    // Any lane will do: who the page is by now is asked when it connects.
    const next = findLane({ text: given.options, host: undefined, wanted: [], current: lane });
    const isBack = isUp;
    if (isBack && next === lane) return;
    // The lane was back before the page could say that it wants another by now.
    if (isBack) goDown();
    isOnce = given.once;
    text = given.options;
    ({ settings } = readManagerOptions(text));
    // The options of a later attempt may ask for another connection.
    if (next !== lane && lane.manager._reconnecting) isRetrying = true;
    sit(next);
    lane.apply(seat);
    if (lane.isOpen) return seat.onOpen();
    lane.open();
    if (isBack) postEvent('state', '', []);
  };
  const sleep = (why: string) => (): void => {
    if (asleep.size === 0 && isUp) asleep.add('up');
    asleep.add(why);
    goDown();
    if (why === 'full') for (const place of places.values()) place.upTo = undefined;
    lane.stand(seat, true);
  };
  const wake = (why: string) => (): void => {
    if (!asleep.delete(why)) return;
    const wasUp = asleep.delete('up');
    if (asleep.size === 0) bounce(wasUp);
    else if (wasUp) asleep.add('up');
  };
  const listeners: [word: string, listener: () => void][] = [
    ['freeze', sleep('freeze')],
    ['thaw', wake('freeze')],
    ['full', sleep('full')],
    ['room', wake('full')],
    ['bye', () => end(false)],
  ];
  const end = (isDone: boolean): void => {
    for (const [word, listener] of listeners) life.removeEventListener(word, listener);
    for (const place of [...places.values()]) leave(place, isDone);
    seconds.clear();
    isUp = false;
    isRetrying = false;
    lane.stand(seat, false);
  };
  for (const [word, listener] of listeners) life.addEventListener(word, listener);
  lane.sit(seat);
  open(command);

  return {
    handle(given) {
      if (given.type === 'open') open(given);
      else if (given.type === 'close') end(true);
      else if (given.type === 'settings') {
        ({ settings } = readManagerOptions(given.options));
        lane.apply(seat);
      } else if (given.type === 'packet') {
        const isOpen = isUp && !hasPingExpired(lane.manager);
        if (isOpen && given.connection === connection) send(given.packet);
        else keepLate(given.packet);
      } else if (given.name !== undefined && ENGINE_EVENTS.has(given.name)) watched.add(given.name);
      // A page that closes the engine would close it for the others.
    },
  };
}
