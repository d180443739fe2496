/**
 * Reads what the frame tells a page of its connections. The frame may have fallen: of what is put
 * onto an object of the page's, or heeded by its own code, only named fields of the right type are
 * taken. Everything else is inert data, which goes to listeners as a server's does.
 */
import { isList } from '../is-count.ts';
import { readFields, type Shape } from '../read-fields.ts';
import { fromWireArgument } from './push-argument.ts';
import {
  ACK,
  CONNECT,
  type DecodedPacket,
  DISCONNECT,
  EVENT,
  OFFSET,
  type PushEvent,
} from './push-packet.ts';

/** The events of a Manager that cross. `opened` tells what came of an `open` with `once`. */
const MANAGER_EVENTS = /^(open(ed)?|close|error|ping|reconnect(_(attempt|error|failed))?)$/;

/** What Socket.IO keeps for itself: no event of a page or of a server has such a name. */
export const RESERVED = /^(connect(_error)?|disconnect(ing)?|(new|remove)Listener)$/;

const STATES: Shape = {
  state: { _readyState: 'string', _reconnecting: 'boolean', _connection: 'number' },
  engine: { id: 'string', readyState: 'string', transport: { name: 'string' } },
};

/** No event of a Manager, nor of its engine, has more arguments. */
const MAX_ARGS = 4;

/** Whether a packet has the data that its type has. */
function isPacket({ type, data }: DecodedPacket, error: unknown): boolean {
  if (type === EVENT) return isList(data) && !RESERVED.test(String(data[0]));
  if (type === ACK) return isList(data);
  if (type === CONNECT && !error) return typeof data?.sid === 'string';
  if (type === OFFSET) return typeof (data ?? '') === 'string';
  return type === DISCONNECT || error instanceof Error;
}

/** Reads one event of a message. Throws for what is none. */
export function readPushEvent(given: unknown): PushEvent {
  const { type, manager, name, args, state } = Object(given) as PushEvent;
  // A list of holes is a few bytes on the wire, and a minute to go through.
  const read = args.slice(0, MAX_ARGS).map(fromWireArgument);
  const isEvent =
    name === 'packet'
      ? isPacket(read[0] as DecodedPacket, read[1])
      : type === 'state' ||
        ((type === 'engine' || MANAGER_EVENTS.test(name)) &&
          (!/error$/i.test(name) || read[0] instanceof Error));
  if (!isEvent) throw new TypeError('[hadoken] no push event');
  return { type, manager, name, args: read, ...(state && readFields(given, STATES)) };
}
