/** The packets of one connection, both ways: which may cross, with which credentials, and when. */
import type { Manager } from 'socket.io-client';
import { HadokenError, toText, toWireError, type WireError } from '../../rpc/errors.ts';
import { readPacketData } from '../../rpc/wire/push-commands.ts';
import {
  ACK,
  CONNECT,
  CONNECT_ERROR,
  type DecodedPacket,
  DISCONNECT,
  EVENT,
  OFFSET,
  type WirePacket,
} from '../../rpc/wire/push-packet.ts';
import type { IoPolicy } from '../rules/io-rules.ts';
import type { TakeSocket } from '../rules/socket-limit.ts';
import { type Asking, delayOfRetry, isSameAuth } from './credentials.ts';
import { isName, type Recoverable, type Recovery } from './recovery.ts';

export type NamespacesOptions = {
  manager: Manager;
  rules: IoPolicy;
  asking: Asking | undefined;
  /** Every namespace that is asked for takes one, of whichever manager. */
  takeSocket: TakeSocket;
  recovery: Recovery;
  /** `error`: of a CONNECT_ERROR, or in the place of an acknowledgement. */
  toPage(packet: DecodedPacket, error?: WireError): void;
  /** Something was not let through, and no packet can say so. */
  refuse(error: HadokenError): void;
  /** A CONNECT has gone to the server. */
  onAsked(): void;
  log(message: string): void;
};

export type Namespaces = {
  /** `current`: the page knew of the connection there is as it sent this. */
  fromPage(packet: WirePacket, current: boolean): void;
  fromServer(packet: DecodedPacket): void;
  /** The page is somebody else from now on: nothing of before is resumed, or sent late. */
  forget(): void;
  /** The page has closed the connection. */
  close(): void;
};

type Fields = Record<string, unknown>;

/** What the page has of one namespace. */
type Place = {
  giveBack(): void;
  /**
   * Emitted while the page did not know yet that the connection was gone: goes first when it is
   * back.
   */
  late: WirePacket[];
  /** The acknowledgements that the server waits for; each is given once. */
  readonly asked: Set<number | undefined>;
  /**
   * The acknowledgements that the page waits for. No other crosses: the rules have not been asked
   * about it.
   */
  readonly awaited: Set<number | undefined>;
  /** What the page may ask the server for when it connects again. */
  session: Recoverable | undefined;
  /** How often `auth` has failed in a row. */
  failures: number;
  /** What the page gives to CONNECT, and what `auth` has put over it. */
  data: Fields | undefined;
  added: object | undefined;
  /** The server has refused it, and was asked again with what `auth` gave then. */
  isSecond: boolean;
  /** The connection on which its CONNECT has gone, and whether the server has let the page in. */
  on: unknown;
  isConnected: boolean;
};

/**
 * An error of the server's, as the original makes it: a message, and the `data` that middleware put
 * to it. `isOld`: its answer to CONNECT is that of Socket.IO 2.
 */
export function toServerError(given: unknown, isOld = false): WireError {
  if (isOld) return { name: 'Error', message: OLD_SERVER };
  const { message, data } = Object(given) as Record<string, unknown>;
  return { name: 'Error', message: toText(message ?? given ?? 'refused'), data };
}

/**
 * Whether this is the event by which hadoken-cluster gives a socket its place in the history. The
 * page's Socket needs that to be recovered, whatever the rules let through, and its listeners don't
 * hear of it. It has nothing else in it.
 */
export const isOffset = ({ id, data }: DecodedPacket): boolean =>
  id === undefined &&
  data.length === 2 &&
  data[0] === 'hadoken:offset' &&
  typeof data[1] === 'string' &&
  /^\d{1,15}-\d{1,15}$/.test(data[1]);

const OLD_SERVER =
  'It seems you are trying to reach a Socket.IO server in v2.x with a v3.x client, ' +
  'but they are not compatible (more information here: ' +
  'https://socket.io/docs/v3/migrating-from-2-x-to-3-0/)';

export function createNamespaces(options: NamespacesOptions): Namespaces {
  const { manager, rules, asking, takeSocket, recovery, toPage, refuse, onAsked, log } = options;
  const places = new Map<string, Place>();
  /** The connection that a server of version 2 has opened `/` on, before any page asked for it. */
  let greeted: unknown;

  const release = (nsp: string): void => {
    places.get(nsp)?.giveBack();
    places.delete(nsp);
  };

  /**
   * The CONNECT's data: the page's, with the server's `pid` for the name that the page has for it,
   * and `auth` over both.
   */
  const toConnectData = async (
    place: Place,
    nsp: string,
    data: Fields | undefined,
  ): Promise<unknown> => {
    const { pid, ...rest } = data ?? {};
    const added = await asking?.ask(nsp, manager.timeout());
    place.added = added;
    if (!isName(pid)) return added ? { ...data, ...added } : data;
    place.session = await recovery.find(nsp, pid);
    return { ...rest, ...(place.session && { pid: place.session.pid }), ...added };
  };

  /** As in the original the socket stays subscribed: another server may answer the next time. */
  const refuseOld = (nsp: string): void =>
    toPage({ type: CONNECT, nsp }, toServerError(undefined, true));

  const connect = async (nsp: string, data: Fields | undefined): Promise<void> => {
    const { engine } = manager;
    const isThere = (): boolean => manager.engine === engine && manager._readyState === 'open';
    let place: Place | undefined;
    try {
      rules.checkNamespace(nsp);
      const { giveBack = takeSocket(), late = [], session, failures = 0 } = places.get(nsp) ?? {};
      const sets = { asked: new Set<number>(), awaited: new Set<number>() };
      const news = { on: undefined, isConnected: false, added: undefined, isSecond: false };
      place = { ...sets, ...news, giveBack, late, session, failures, data };
      places.set(nsp, place);
      // Without a wait where there is nothing to wait for: a DISCONNECT may be next.
      const sent = asking || isName(data?.pid) ? await toConnectData(place, nsp, data) : data;
      place.failures = 0;
      // Gone, or another connection by now, for which the page asks again.
      if (!isThere() || places.get(nsp) !== place) return;
      place.on = engine;
      manager._packet({ type: CONNECT as number, nsp, data: sent });
      onAsked();
      if (nsp === '/' && greeted === engine) refuseOld(nsp);
    } catch (error) {
      if (place && (places.get(nsp) !== place || !isThere())) return;
      const again = (): void => {
        if (places.get(nsp) === place && isThere()) void connect(nsp, data);
      };
      if (place && retry(place, nsp, again, error)) return;
      release(nsp);
      toPage({ type: CONNECT_ERROR, nsp }, toWireError(error));
    }
  };
  /**
   * The server has refused the page. Where `auth` gives something else once it knows that, it is
   * asked again, and the page has heard nothing.
   */
  const onRefused = async (place: Place, { nsp, data }: DecodedPacket): Promise<void> => {
    const error = toServerError(data);
    const tell = (): void => {
      release(nsp);
      toPage({ type: CONNECT_ERROR, nsp, data }, error);
    };
    const { added, isSecond, on } = place;
    asking?.refused(nsp, error, added);
    if (!added || isSecond) return tell();
    place.isSecond = true;
    const sent = await toConnectData(place, nsp, place.data).catch(() => undefined);
    if (places.get(nsp) !== place || manager.engine !== on || manager._readyState !== 'open')
      return;
    if (!sent || isSameAuth(place.added ?? {}, added)) return tell();
    manager._packet({ type: CONNECT as number, nsp, data: sent });
  };

  /** Asks `auth` again after a while, if that may help. The socket stays subscribed. */
  const retry = (place: Place, nsp: string, again: () => void, error: unknown): boolean => {
    place.failures += 1;
    const delay = delayOfRetry(error, place.failures, {
      reconnection: manager.reconnection(),
      reconnectionAttempts: manager.reconnectionAttempts(),
      reconnectionDelay: manager.reconnectionDelay(),
      reconnectionDelayMax: manager.reconnectionDelayMax(),
    });
    if (delay === undefined) return false;
    toPage({ type: CONNECT, nsp }, toWireError(error));
    setTimeout(again, delay);
    return true;
  };

  /** Tells the page; also whoever waits for an acknowledgement, which no server will give. */
  const refuseEvent = (nsp: string, id: number | undefined, message: string): void => {
    const error = new HadokenError('POLICY_REFUSED', message);
    refuse(error);
    if (id !== undefined) toPage({ type: ACK, nsp, id, data: [] }, toWireError(error));
  };

  const send = ({ type, nsp, id, text, binary = [], compress, volatile }: WirePacket): void => {
    const data = readPacketData(type, text, binary);
    if (type === CONNECT) return void connect(nsp, data as Fields | undefined);
    if (type === DISCONNECT) {
      const { isConnected, on, session } = places.get(nsp) ?? {};
      release(nsp);
      // One that the server has not let in has nothing to leave there, and it hangs up at that.
      if (!isConnected || on !== manager.engine) return;
      recovery.forget(nsp, session);
    } else if (!data)
      return refuse(
        new HadokenError('INVALID_ARGUMENT', `Socket.IO allows no such packet on ${nsp}.`),
      );
    if (type === EVENT) {
      const [event] = data as unknown[];
      if (!rules.allows('emit', nsp, event))
        return refuseEvent(
          nsp,
          id,
          `'${event}' may not be emitted on ${nsp}. Add it to emit of that namespace in host.js.`,
        );
      if (volatile && !manager.engine?.transport?.writable) return;
      if (id !== undefined) places.get(nsp)?.awaited.add(id);
    }
    if (type === ACK && !places.get(nsp)?.asked.delete(id)) return;
    manager._packet({
      type: type as number,
      nsp,
      data,
      ...(id !== undefined && { id }),
      options: { compress },
    });
  };

  /** The server has let the page in: what has waited on either side goes now. */
  const onConnect = (place: Place, { nsp, data }: DecodedPacket): void => {
    const { sid, pid } = Object(data) as Fields;
    if (typeof sid !== 'string') return refuseOld(nsp);
    place.isConnected = true;
    asking?.admitted(nsp);
    if (place.session?.pid !== pid) {
      recovery.forget(nsp, place.session);
      place.session = typeof pid === 'string' ? recovery.hide(nsp, pid) : undefined;
    }
    for (const late of place.late.splice(0)) send(late);
    const { session } = place;
    toPage({ type: CONNECT, nsp, data: { sid, ...(session && { pid: session.name }) } });
  };

  /** An answer to CONNECT that nobody waits for. */
  const onUnasked = ({ nsp, data }: DecodedPacket): void => {
    // Left before the server let it in: else the next CONNECT would be the second there.
    if (typeof Object(data).sid === 'string')
      return manager._packet({ type: DISCONNECT as number, nsp } as never);
    // A server of version 2 greets whoever comes.
    if (nsp === '/') greeted = manager.engine;
  };

  const onEvent = (place: Place, packet: DecodedPacket): void => {
    const { nsp, id, data } = packet;
    // `2` alone is a packet to the decoder.
    if (!Array.isArray(data))
      return log(`dropped an event without a name that the server sent on ${nsp}`);
    if (isOffset(packet)) return toPage({ type: OFFSET, nsp, data: data[1] });
    if (!rules.allows('on', nsp, data[0])) return;
    if (id !== undefined) place.asked.add(id);
    toPage(packet);
  };

  return {
    fromPage(packet, current) {
      const { type, nsp } = packet;
      const place = places.get(nsp);
      if (current) {
        if (place || type === CONNECT) send(packet);
      } else if (type === DISCONNECT) release(nsp);
      // What is volatile is gone, what has `retries` comes again, and an ACK is for a session that
      // is over.
      else if (type === EVENT && !packet.volatile && !packet.fromQueue) place?.late.push(packet);
    },
    fromServer(packet) {
      const { type, nsp, id, data } = packet;
      const place = places.get(nsp);
      if (type === CONNECT && place?.on !== manager.engine) return onUnasked(packet);
      // A namespace that the page has left.
      if (!place) return;
      if (type === EVENT) onEvent(place, packet);
      else if (type === CONNECT) onConnect(place, packet);
      else if (type === ACK) {
        if (place.awaited.delete(id)) toPage({ ...packet, data: data ?? [] });
      } else if (type === CONNECT_ERROR) void onRefused(place, packet);
      else {
        recovery.forget(nsp, place.session);
        release(nsp);
        toPage({ type, nsp, data });
      }
    },
    forget() {
      for (const [nsp, place] of places) {
        recovery.forget(nsp, place.session);
        place.session = undefined;
        place.late.length = 0;
      }
    },
    close() {
      for (const nsp of [...places.keys()]) release(nsp);
    },
  };
}
