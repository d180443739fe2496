/** The Socket.IO server's side of the push suite. */
export function addListeners(io) {
  io.on('connection', (socket) => {
    socket.on('echo', (value, ack) => ack(value));
    const { room } = socket.handshake.query;
    if (room) socket.join(room);
    /** The same to all tabs of the room. */
    socket.on('burst-room', (count) => {
      for (let id = 0; id < count; id++) io.to(room).emit('tick', { id, symbol: 'HDK', price: 1 });
    });
    /** `count` small events as fast as they go, then `done`. */
    socket.on('burst', (count) => {
      for (let id = 0; id < count; id++) socket.emit('tick', { id, symbol: 'HDK', price: 101.25 });
      socket.emit('done');
    });
  });
}
