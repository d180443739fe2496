import { MessageType } from 'socket.io-adapter';
import { changesRooms, isReplayed } from './messages.js';
import { compareIds } from './stream-id.js';

/**
 * What a socket has missed. Goes through the entries in order, as a node does: joins and leaves that were ordered while
 * nobody had the socket are done here.
 *
 * @param {{ id: string, message: object }[]} entries everything after the earlier of `offset` and `savedAt`
 * @param {{ membership: import('./membership.js').Membership, offset: string, savedAt: string }} session
 * @returns {{ missed: unknown[][], ended: boolean }} `ended`: it was disconnected by the server meanwhile
 */
export function replay(entries, { membership, offset, savedAt }) {
  const missed = [];
  for (const { id, message } of entries) {
    if (isReplayed(message)) {
      const { packet, opts } = message.data;
      if (compareIds(id, offset) > 0 && membership.concerns(opts, id))
        missed.push([...packet.data, id]);
    } else if (changesRooms(message) && compareIds(id, savedAt) > 0) {
      const { opts, rooms } = message.data;
      if (!membership.concerns(opts, id)) continue;
      if (message.type === MessageType.DISCONNECT_SOCKETS) return { missed: [], ended: true };
      for (const room of rooms) {
        if (message.type === MessageType.SOCKETS_JOIN) membership.join(room, id);
        else membership.leave(room, id);
      }
    }
  }
  return { missed, ended: false };
}
