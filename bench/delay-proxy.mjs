import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/** Calls `deliver` in order, each `delay` ms after it was asked for; the first waits `extra` ms more. */
function delayed(delay, extra = 0) {
  let earliest = performance.now() + extra;
  return (deliver) => {
    earliest = Math.max(earliest, performance.now());
    setTimeout(deliver, earliest - performance.now() + delay);
  };
}

/**
 * A TCP proxy to `port` on the loopback that holds everything back for `delay` ms, each way: a network whose round
 * trip is twice that. A new connection costs one round trip more, as TCP's own handshake would. Bandwidth is not
 * limited. `hangUp()` ends every connection, so that the next visit starts without any.
 */
export async function startDelayProxy(port, delay) {
  const sockets = new Set();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    pipe(client, upstream, delayed(delay, 2 * delay));
    pipe(upstream, client, delayed(delay));
  });
  function pipe(from, to, later) {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (bytes) => later(() => to.writable && to.write(bytes)));
    from.on('end', () => later(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      later(() => to.destroy());
    });
  }
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const hangUp = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: server.address().port,
    hangUp,
    stop() {
      server.close();
      hangUp();
    },
  };
}
