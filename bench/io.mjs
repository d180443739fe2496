/** The Socket.IO server's side of the push suite. */
export function addListeners(io) {
  io.on('connection', (socket) => {
    socket.on('echo', (value, ack) => ack(value));
    /** `count` small events as fast as they go, then `done`. */
    socket.on('burst', (count) => {
      for (let id = 0; id < count; id++) socket.emit('tick', { id, symbol: 'HDK', price: 101.25 });
      socket.emit('done');
    });
  });
}
