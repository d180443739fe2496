/** The packets of one connection, both ways: which may cross, with which credentials, and when. */
import type { Manager } from 'socket.io-client';
import { HadokenError, toWireError, type WireError } from '../rpc/errors.ts';
import {
  ACK,
  CONNECT,
  CONNECT_ERROR,
  type DecodedPacket,
  DISCONNECT,
  EVENT,
  type WirePacket,
} from '../rpc/packet.ts';
import type { IoPolicy } from './io-rules.ts';
import type { Context, ServeOptions } from './options.ts';
import { readPacketData } from './push-commands.ts';
import type { TakeSocket } from './socket-limit.ts';

export type NamespacesOptions = {
  manager: Manager;
  rules: IoPolicy;
  context: Context;
  auth: ServeOptions['auth'];
  /** Every namespace that is asked for takes one, of whichever manager. */
  takeSocket: TakeSocket;
  /** `error`: of a CONNECT_ERROR, or in the place of an acknowledgement. */
  toPage(packet: DecodedPacket, error?: WireError): void;
  /** Something was not let through, and no packet can say so. */
  refuse(error: HadokenError): void;
};

export type Namespaces = {
  /** `current`: the page knew of the connection there is as it sent this. */
  fromPage(packet: WirePacket, current: boolean): void;
  fromServer(packet: DecodedPacket): void;
  /** The page has closed the connection. */
  close(): void;
};

/** What the page has of one namespace. */
type Place = {
  giveBack(): void;
  /** Emitted while the page did not know yet that the connection was gone: goes first when it is back. */
  late: WirePacket[];
  /** Emitted by the server before it answered the CONNECT: goes behind the answer. */
  early: DecodedPacket[] | undefined;
  /** The acknowledgements that the server waits for; each is given once. */
  readonly asked: Set<number | undefined>;
};

/** What `auth` of host.js gives; rejects with what it rejects with, or with HOST_FAILED when it takes over `ms`. */
async function inTime<T>(given: T | Promise<T>, ms: number | boolean | undefined): Promise<T> {
  if (typeof ms !== 'number') return given;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const message = `auth in host.js has not answered within ${ms} ms, the page's timeout for a connection.`;
    timer = setTimeout(() => reject(new HadokenError('HOST_FAILED', message)), ms);
  });
  return Promise.race([given, tooLate]).finally(() => clearTimeout(timer));
}

export function createNamespaces(options: NamespacesOptions): Namespaces {
  const { manager, rules, context, auth, takeSocket, toPage, refuse } = options;
  const places = new Map<string, Place>();

  const release = (nsp: string): void => {
    places.get(nsp)?.giveBack();
    places.delete(nsp);
  };

  const connect = async (nsp: string, data: object | undefined): Promise<void> => {
    const { engine } = manager;
    try {
      rules.checkNamespace(nsp);
      const { giveBack = takeSocket(), late = [] } = places.get(nsp) ?? {};
      const place: Place = { giveBack, late, early: [], asked: new Set() };
      places.set(nsp, place);
      const added = auth && (await inTime(auth(context), manager.timeout()));
      // Gone, or another connection by now, for which the page asks again.
      if (manager.engine !== engine || places.get(nsp) !== place) return;
      manager._packet({ type: CONNECT as number, nsp, data: added ? { ...data, ...added } : data });
    } catch (error) {
      release(nsp);
      toPage({ type: CONNECT_ERROR, nsp }, toWireError(error));
    }
  };

  /** Tells the page; also whoever waits for an acknowledgement, which no server will give. */
  const refuseEvent = (nsp: string, id: number | undefined, message: string): void => {
    const error = new HadokenError('POLICY_REFUSED', message);
    refuse(error);
    if (id !== undefined) toPage({ type: ACK, nsp, id, data: [] }, toWireError(error));
  };

  const send = ({ type, nsp, id, text, binary = [], compress, volatile }: WirePacket): void => {
    const data = readPacketData(type, text, binary);
    if (type === CONNECT) return void connect(nsp, data as object | undefined);
    if (type === DISCONNECT) release(nsp);
    else if (!data)
      return refuse(new HadokenError('INVALID_ARGUMENT', `Socket.IO allows no such packet on ${nsp}.`));
    if (type === EVENT) {
      const [event] = data as unknown[];
      if (!rules.allows('emit', nsp, event))
        return refuseEvent(
          nsp,
          id,
          `'${event}' may not be emitted on ${nsp}. Add it to emit of that namespace in host.js.`,
        );
      if (volatile && !manager.engine?.transport?.writable) return;
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

  return {
    fromPage(packet, current) {
      const { type, nsp } = packet;
      const place = places.get(nsp);
      if (current) {
        if (place || type === CONNECT) send(packet);
      } else if (type === DISCONNECT) release(nsp);
      // What is volatile is gone, what has `retries` comes again, and an ACK is for a session that is over.
      else if (type === EVENT && !packet.volatile && !packet.fromQueue) place?.late.push(packet);
    },
    fromServer(packet) {
      const { type, nsp, id, data } = packet;
      const place = places.get(nsp);
      if (type === EVENT) {
        if (!rules.allows('on', nsp, (data as unknown[])[0])) return;
        if (place?.early) return void place.early.push(packet);
        if (id !== undefined) place?.asked.add(id);
      }
      if (type === CONNECT) for (const late of place?.late.splice(0) ?? []) send(late);
      if (type === DISCONNECT || type === CONNECT_ERROR) release(nsp);
      toPage(packet, type === CONNECT_ERROR ? toWireError(data) : undefined);
      if (type === CONNECT && place) {
        const { early = [] } = place;
        place.early = undefined;
        for (const event of early) this.fromServer(event);
      }
    },
    close() {
      for (const nsp of [...places.keys()]) release(nsp);
    },
  };
}
