/**
 * A lane: one real Manager of socket.io-client, with the seats of all pages that are the same to
 * the server. To the server they are one client.
 */
import type { Manager } from 'socket.io-client';
import type { Clock, Effects, IoModule } from '../../frame/effects.ts';
import { readManagerOptions, readQuery } from '../../frame/push/manager-options.ts';
import { toServerError } from '../../frame/push/namespaces.ts';
import { ENGINE_EVENTS, MANAGER_EVENTS } from '../../frame/push/relayed-events.ts';
import { createMismatchWatch } from '../../frame/push/server/mismatch.ts';
import type { IoPolicy } from '../../frame/rules/io-rules.ts';
import type { HadokenError, WireError } from '../../rpc/errors.ts';
import {
  ACK,
  CONNECT,
  CONNECT_ERROR,
  type DecodedPacket,
  DISCONNECT,
  EVENT,
  type ManagerSettings,
} from '../../rpc/wire/push-packet.ts';
import type { Place } from '../seats/place.ts';
import { mergeSettings } from './settings.ts';
import { createSpace, type Space } from './space.ts';

/** A page's manager, as its lane knows it. */
export interface Seat {
  readonly places: ReadonlyMap<string, Place>;
  /** The page waits for what comes of this one attempt. */
  readonly isOnce: boolean;
  /** What it asks of the Manager. */
  readonly settings: ManagerSettings;
  /** There is another engine. */
  onEngine(): void;
  onOpen(): void;
  onEvent(name: string, args: unknown[]): void;
  onEngineEvent(name: string, args: unknown[]): void;
  /** The manager has decided whether it tries again. */
  onRetry(): void;
  /** An event of the server's, with its number in the ring. */
  onPacket(place: Place, packet: DecodedPacket, number?: number): void;
  onAck(packet: DecodedPacket): void;
  /** The server has let the page in. `early`: what it has sent before it said so. */
  onConnected(place: Place, space: Space, early?: DecodedPacket[]): void;
  /** The server's DISCONNECT, or CONNECT_ERROR. */
  onExpelled(place: Place, packet: DecodedPacket, error?: WireError): void;
  /** The lane was ended under it. */
  onEnd(): void;
}

/** A namespace that a seat wants, and what its page authenticates with there. */
export type Wanted = Pick<Place, 'nsp' | 'page'>;

export type LaneOptions = {
  io: IoModule;
  rules: IoPolicy;
  /** The Manager's options, as JSON, of the page that is the first. */
  text: string;
  query: string | undefined;
  retain: readonly string[];
  /** In ms. */
  linger: number;
  clock: Clock;
  log: Effects['log'];
  /** Whether the hub is so new that pages of one before it may still come. */
  isYoung(): boolean;
  /** The last seat has left. */
  onEmpty(): void;
  onEnd(): void;
};

export type Lane = {
  readonly manager: Manager;
  readonly isOpen: boolean;
  readonly isAlive: boolean;
  readonly isEmpty: boolean;
  sit(seat: Seat): void;
  /** `isAsleep`: it may come back. */
  stand(seat: Seat, isAsleep: boolean): void;
  has(seat: Seat): boolean;
  /** Whether a page that is `host` by host.js' auth can have all these here. */
  admits(host: string, wanted: readonly Wanted[]): boolean;
  /** Keeps these namespaces for who wants them. */
  reserve(host: string, wanted: readonly Wanted[]): void;
  /** Opens the connection, unless it is open or on its way. */
  open(): void;
  /** Heeds the seat's settings, which are new. */
  apply(seat: Seat): void;
  join(seat: Seat, place: Place): void;
  /** `isDone`: the page has said so; a page that is gone may come back. */
  leave(place: Place, isDone: boolean): void;
  /** Sends an event; `id` is the page's, for the answer. */
  emit(seat: Seat, place: Place, packet: { data: unknown; id?: number; compress?: boolean }): void;
  /** Answers the server, if nobody has. */
  answer(place: Place, id: number, packet: { data: unknown; compress?: boolean }): void;
  /** `isForAll`: for good, so that no page can come back to it. */
  end(isForAll: boolean): void;
};

type Awaited = { seat: Seat; place: Place; id: number };

/**
 * Between the DISCONNECT of a namespace and a CONNECT to it, in ms. A server of Socket.IO that
 * reads both at once takes the second for a fault, and closes the connection.
 */
const REST = 100;

function createManager({ io, rules, text, query }: LaneOptions): Manager {
  const manager = new io.Manager(rules.url, { autoConnect: false, parser: io.parser });
  const { options, settings } = readManagerOptions(text);
  for (const [name, value] of Object.entries(settings)) manager[name as 'timeout'](value as number);
  manager.opts = {
    ...options,
    ...rules.more,
    query: readQuery(query ?? options.query) as Record<string, string>,
    path: rules.path,
    transports: rules.transports as ['websocket'],
    tryAllTransports: true,
  };
  return manager;
}

export function createLane(options: LaneOptions): Lane {
  const { retain, linger, clock, log, isYoung } = options;
  const manager = createManager(options);
  const seats = new Set<Seat>();
  /** Those who left to sleep, and may come back to their sessions. */
  const sleepers = new Set<Seat>();
  const spaces = new Map<string, Space>();
  /** Who waits for the acknowledgement with this id on the wire. */
  const awaited = new Map<number, Awaited>();
  /** Namespaces that were left just now: the end of their rest, and whose they were. */
  const resting = new Map<string, { ending: unknown; page: string }>();
  const mismatches = createMismatchWatch();
  let ids = 0;
  let host: string | undefined;
  let isAlive = true;
  let ending: unknown;
  /** The attempt is for who wants just one. */
  let isForOnce = false;

  const openNow = manager.open.bind(manager);
  manager.open = (callback) => {
    openNow(callback);
    for (const seat of [...seats]) seat.onEngine();
    for (const name of ENGINE_EVENTS.keys())
      manager.engine?.on(name as 'open', (...args: unknown[]) => {
        for (const seat of [...seats]) seat.onEngineEvent(name, args);
      });
    return manager;
  };

  function* placesOf(nsp: string): Iterable<[Seat, Place]> {
    for (const seat of [...seats]) {
      const place = seat.places.get(nsp);
      if (place) yield [seat, place];
    }
  }
  const hasPlace = (among: Iterable<Seat>, nsp: string): boolean =>
    [...among].some(({ places }) => places.has(nsp));
  const isUsed = (nsp: string): boolean => hasPlace(seats, nsp);
  const send = (packet: object): void => manager._packet(packet as never);
  const dropSpace = (nsp: string): void => {
    clock.clearTimeout(spaces.get(nsp)?.ending);
    spaces.delete(nsp);
    if (spaces.size === 0) host = undefined;
  };
  const sendDisconnect = ({ nsp, state, page }: Space): void => {
    if (state !== 'connected') return;
    send({ type: DISCONNECT, nsp });
    const said = manager.engine?.writeBuffer?.at(-1);
    const rest = (): void =>
      void resting.set(nsp, { page, ending: clock.setTimeout(onRested, REST) });
    const onRested = (): void => {
      // It has not left yet.
      if (said && manager.engine?.writeBuffer?.includes(said)) return rest();
      resting.delete(nsp);
      if (manager._readyState === 'open') connectWaiting();
    };
    rest();
  };
  /** Whether the session may be asked for again: by who sleeps, or has left without a word. */
  const isWanted = ({ nsp, isDone }: Space): boolean => !isDone || hasPlace(sleepers, nsp);
  /** After a while without a page: what nobody uses is left. */
  const settle = (): void => {
    for (const space of spaces.values()) {
      if (isUsed(space.nsp) || space.ending !== undefined) continue;
      space.ending = clock.setTimeout(
        () => {
          space.ending = undefined;
          const isLeft = !isUsed(space.nsp) && !hasPlace(sleepers, space.nsp);
          if (spaces.get(space.nsp) !== space || !isLeft || seats.size === 0) return;
          // Only what is connected can be left.
          if (space.state === 'connecting') return settle();
          sendDisconnect(space);
          dropSpace(space.nsp);
        },
        Math.max(linger, space.state === 'connecting' ? REST : 0),
      );
    }
    if (seats.size > 0 || ending !== undefined || !isAlive) return;
    ending = clock.setTimeout(() => end(false), linger);
  };
  const end = (isForAll: boolean): void => {
    if (!isAlive) return;
    isAlive = false;
    clock.clearTimeout(ending);
    const left = [...seats];
    seats.clear();
    for (const space of spaces.values()) {
      if (isForAll || !isWanted(space)) sendDisconnect(space);
      clock.clearTimeout(space.ending);
    }
    spaces.clear();
    manager._close();
    options.onEnd();
    for (const seat of left) seat.onEnd();
  };

  const connectSpace = (space: Space, place: Place): void => {
    space.state = 'connecting';
    mismatches.asked();
    const session = space.toSession(place);
    const { own, added } = place;
    // Without data where nobody has said anything, as the original.
    const data = session || own || added ? { ...session, ...own, ...added } : undefined;
    send({ type: CONNECT, nsp: space.nsp, data });
  };
  const spread = (space: Space, packet: DecodedPacket): void => {
    const number = space.keep(packet, retain);
    for (const [seat, place] of placesOf(space.nsp))
      if (place.state === 'joined') seat.onPacket(place, packet, number);
  };
  const onConnect = (space: Space, data: unknown): void => {
    const isRecovered = space.onConnect(Object(data));
    const early = space.early.splice(0);
    for (const packet of early) space.keep(packet, retain);
    // What a server recovers comes before its answer. It is for those who missed it: for a page
    // that begins anew it is the past.
    const told = isRecovered ? undefined : early;
    for (const [seat, place] of placesOf(space.nsp))
      if (place.state === 'waiting') seat.onConnected(place, space, told);
  };
  const expel = (packet: DecodedPacket, error?: WireError): void => {
    const { nsp } = packet;
    const there = [...placesOf(nsp)].filter(([, { state }]) => /joined|waiting/.test(state));
    dropSpace(nsp);
    for (const [seat, place] of there) seat.onExpelled(place, packet, error);
  };
  const onEventPacket = (space: Space, packet: DecodedPacket): void => {
    const { nsp, data } = packet;
    // `2` alone is a packet to the decoder.
    if (!Array.isArray(data)) log(`dropped an event without a name that the server sent on ${nsp}`);
    else if (space.state === 'connected') spread(space, packet);
    else space.early.push(packet);
  };
  manager.on('packet', (received) => {
    mismatches.heard();
    const packet = received as DecodedPacket;
    const { type, nsp, id, data } = packet;
    const space = spaces.get(nsp);
    // Before its CONNECT has gone nothing is for it: it may be for who was there before.
    if (!space || space.state === 'none') return;
    if (type === EVENT) onEventPacket(space, packet);
    else if (type === ACK) {
      const waiting = awaited.get(id as number);
      awaited.delete(id as number);
      if (waiting?.place.state === 'joined')
        waiting.seat.onAck({ ...packet, id: waiting.id, data: data ?? [] });
    } else if (type !== CONNECT)
      expel({ type, nsp, data }, type === CONNECT_ERROR ? toServerError(data) : undefined);
    else if (typeof Object(data).sid === 'string') onConnect(space, data);
    else expel({ type: CONNECT_ERROR, nsp }, toServerError(undefined, true));
  });

  let logged = '';
  const onMismatch = (error: HadokenError): void => {
    for (const seat of [...seats]) seat.onEvent('error', [error]);
    if (logged !== error.message) log(error.message);
    logged = error.message;
  };
  /** Where a seat has waited for this connection, it is taken in now. */
  const connectWaiting = (): void => {
    const waiting: [Seat, Place][] = [];
    for (const seat of seats)
      for (const place of seat.places.values())
        if (place.state === 'waiting') waiting.push([seat, place]);
    // Who has a session brings it to the others.
    const rank = ([, { session }]: [Seat, Place]): number => Number(!session);
    for (const [seat, place] of waiting.sort((one, other) => rank(one) - rank(other)))
      join(seat, place);
  };
  const onManagerEvent = (name: string, args: unknown[]): void => {
    if (name === 'close') {
      for (const space of spaces.values()) space.onClose();
      awaited.clear();
      for (const { ending: timer } of resting.values()) clock.clearTimeout(timer);
      resting.clear();
      // As the original's, once nobody uses it. Whoever comes asks for it.
      if (!seats.size) Object.assign(manager, { skipReconnect: true });
    }
    const told = [...seats];
    if (name === 'open') isForOnce = false;
    // Others have come since, who want more than one attempt.
    const isAgain = name === 'error' && isForOnce && told.some(({ isOnce }) => !isOnce);
    for (const seat of told)
      if (name === 'open') seat.onOpen();
      else seat.onEvent(name, args);
    if (name === 'open') connectWaiting();
    const mismatch =
      name === 'close' && mismatches.closed(String(args[0]), !manager.reconnection());
    // After the state, for a listener may connect.
    if (mismatch) queueMicrotask(() => onMismatch(mismatch));
    if (name === 'close' || name === 'error')
      queueMicrotask(() => {
        if (isAgain) open();
        for (const seat of told) if (seats.has(seat)) seat.onRetry();
      });
  };
  for (const name of MANAGER_EVENTS.keys())
    manager.on(name as 'open', (...args: unknown[]) => onManagerEvent(name, args));

  const open = (): void => {
    if (!isAlive || manager._readyState !== 'closed' || manager._reconnecting) return;
    // With a callback the Manager does not try again.
    isForOnce = [...seats].every((seat) => seat.isOnce);
    manager.open(isForOnce ? () => {} : undefined);
  };
  const applyAll = (): void => {
    const settings = mergeSettings([...seats].map((seat) => seat.settings));
    for (const [name, value] of Object.entries(settings))
      if (value !== manager[name as 'timeout']()) manager[name as 'timeout'](value as number);
    // `reconnection(false)` skips the attempt that is to come, and `reconnection(true)` does not
    // take that back.
    Object.assign(manager, { skipReconnect: !settings.reconnection });
    if (settings.reconnection || !manager._reconnecting) return;
    manager._reconnecting = false;
    for (const seat of [...seats]) seat.onEvent('reconnect_failed', []);
  };
  const join = (seat: Seat, place: Place): void => {
    place.state = 'waiting';
    reserve(place.host, [place]);
    const space = spaces.get(place.nsp) as Space;
    clock.clearTimeout(space.ending);
    space.ending = undefined;
    space.isDone = false;
    if (manager._readyState !== 'open') return;
    if (space.state !== 'none' && space.isBehind(place) && isYoung() && manager.reconnection()) {
      // The hub before this one is dead, and a page that was loaded since came first. The session
      // of the others is the one to go on with, for there is what they have missed.
      space.takeOver(place);
      manager.engine?.transport?.close();
      return;
    }
    if (space.state === 'connected') seat.onConnected(place, space);
    else if (space.state === 'none' && !resting.has(place.nsp)) connectSpace(space, place);
  };
  const reserve = (by: string, wanted: readonly Wanted[]): void => {
    host = by;
    for (const { nsp, page } of wanted)
      if (!spaces.has(nsp)) spaces.set(nsp, createSpace(nsp, page));
  };

  return {
    manager,
    get isOpen() {
      return isAlive && manager._readyState === 'open';
    },
    get isAlive() {
      return isAlive;
    },
    get isEmpty() {
      return seats.size === 0;
    },
    sit(seat) {
      sleepers.delete(seat);
      seats.add(seat);
      clock.clearTimeout(ending);
      ending = undefined;
    },
    stand(seat, isAsleep) {
      if (isAsleep) sleepers.add(seat);
      else sleepers.delete(seat);
      if (seats.delete(seat)) {
        for (const [id, waiting] of awaited) if (waiting.seat === seat) awaited.delete(id);
        if (seats.size) applyAll();
        else options.onEmpty();
      }
      settle();
    },
    has: (seat) => seats.has(seat),
    admits(by, wanted) {
      if (!isAlive || (host !== undefined && host !== by)) return false;
      return wanted.every(({ nsp, page }) => {
        const known = spaces.get(nsp) ?? resting.get(nsp);
        return (known?.page ?? page) === page;
      });
    },
    reserve,
    open,
    apply(seat) {
      if (seats.has(seat)) applyAll();
    },
    join,
    leave(place, isDone) {
      for (const [id, waiting] of awaited) if (waiting.place === place) awaited.delete(id);
      const space = spaces.get(place.nsp);
      if (space) space.isDone = isDone && !isUsed(place.nsp);
      settle();
    },
    emit(seat, place, { data, id, compress }) {
      const wire = { type: EVENT, nsp: place.nsp, data, options: { compress } };
      if (id === undefined) return send(wire);
      const wireId = ids++;
      awaited.set(wireId, { seat, place, id });
      send({ ...wire, id: wireId });
    },
    answer({ nsp }, id, { data, compress }) {
      if (!spaces.get(nsp)?.asked.delete(id)) return;
      send({ type: ACK, nsp, id, data, options: { compress } });
    },
    end,
  };
}
