/**
 * Writes a socket's session, with its `data`, to Redis now. Rooms are written by themselves; `data` is too, but only when
 * rooms change and a few times in the lifetime of a session. Resolves when it is written.
 *
 * @param {import('socket.io').Socket} socket of a server with the durable adapter
 */
export async function saveSession(socket) {
  await socket.nsp.adapter.saveSession(socket);
}
