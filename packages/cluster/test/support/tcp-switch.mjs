import { once } from 'node:events';
import { connect, createServer } from 'node:net';

/**
 * An address that leads to one Redis and then to another, as a proxy or a name does where a failover is done for the clients.
 *
 * @param {number} port of the first
 */
export async function startSwitch(port) {
  let target = port;
  const pairs = new Set();
  const server = createServer((client) => {
    const redis = connect(target, '127.0.0.1');
    const pair = [client, redis];
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.setNoDelay(true).on('error', end).on('close', end);
    client.pipe(redis).pipe(client);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${server.address().port}`,
    /** New connections lead to another Redis. Those that are there stay. */
    lead(to) {
      target = to;
    },
    stop() {
      for (const [client, redis] of pairs) {
        client.destroy();
        redis.destroy();
      }
      server.close();
    },
  };
}
