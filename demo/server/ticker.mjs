const PERIOD = 1_000; // ms

/** Namespace `/`: the server's date, pushed every second, and a ping to measure the way there and back. */
export function startTicker(io) {
  let count = 0;
  io.on('connection', (socket) =>
    socket.on('ping:now', (reply) => typeof reply === 'function' && reply(Date.now())),
  );
  const timer = setInterval(() => {
    count += 1;
    io.emit('tick', { now: Date.now(), count, clients: io.of('/').sockets.size });
  }, PERIOD);
  return () => clearInterval(timer);
}
