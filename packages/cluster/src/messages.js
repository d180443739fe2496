/**
 * What stands in the stream of a namespace's events: messages of socket.io-adapter's cluster. The head of an entry is
 * `<type> <uid of the sender>`.
 */
import { MessageType } from 'socket.io-adapter';
import { ClusterError } from './cluster-error.js';
import { fromText, toText } from './codec.js';

export const headOf = (type, uid) => `${type} ${uid}`;

/** @param {{ id: string, head: string, data: string }} entry @param {string} nsp */
export function toMessage(entry, nsp) {
  const [type, uid] = entry.head.split(' ');
  return { type: Number(type), uid, nsp, data: fromText(entry.data) };
}

export const toOptions = ({ rooms, except, flags }) => ({
  rooms: new Set(rooms),
  except: new Set(except),
  flags: flags ?? {},
});

export const fromOptions = ({ rooms, except, flags }) => ({
  rooms: [...rooms],
  except: [...except],
  flags,
});

/**
 * The data of a message. `undefined` in the arguments of an event would be lost in JSON objects only, as in Socket.IO. Throws
 * EVENTS_LOST where there is no text for it.
 */
export function toData(data) {
  try {
    return toText(data ?? null);
  } catch (cause) {
    const message = `A message can’t be written: ${cause.message}`;
    throw new ClusterError('EVENTS_LOST', message, { cause });
  }
}

/**
 * Whether an event is replayed: one with an acknowledgement is not, for its callback is on one node only, and a volatile
 * one is not. Clients are given no offset with these, so they can't say that they have had them.
 */
export const isReplayed = ({ type, data }) =>
  type === MessageType.BROADCAST &&
  data.requestId === undefined &&
  data.packet.id === undefined &&
  !data.opts.flags?.volatile;

/** What changes who is in which room. */
export const changesRooms = ({ type }) =>
  type === MessageType.SOCKETS_JOIN ||
  type === MessageType.SOCKETS_LEAVE ||
  type === MessageType.DISCONNECT_SOCKETS;
