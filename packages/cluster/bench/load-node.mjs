/**
 * A server under load: `node load-node.mjs <memory | durable | io | app> <url of Redis>`. Tells its port and, when asked, its
 * memory, how many sockets it has, and its processor time.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { createDurableAdapter, getClient, listen } from '../index.js';

const [, , kind, url] = process.argv;
const http = createServer();
const engine = { transports: ['websocket'], pingInterval: 60_000, pingTimeout: 60_000 };
const connectionStateRecovery = { maxDisconnectionDuration: 120_000 };
const prefix = 'load';

const start = {
  memory: () => new Server(http, engine),
  durable: () =>
    new Server(http, {
      ...engine,
      adapter: createDurableAdapter(createClient({ url }), { prefix }),
      connectionStateRecovery,
    }),
  io: () => listen(http, { ...engine, redis: url, prefix, connectionStateRecovery }),
  app: () => getClient({ redis: url, prefix }),
};
const io = await start[kind]();
if (kind !== 'app') {
  http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 });
  await once(http, 'listening');
}
let number = 0;
process.on('message', ({ ask, count }) => {
  if (ask === 'memory') {
    globalThis.gc?.();
    process.send({ memory: process.memoryUsage().rss, sockets: io.of('/').sockets.size });
  }
  if (ask === 'cpu') {
    const { user, system } = process.cpuUsage(); // µs
    process.send(user + system);
  }
  for (let i = 0; ask === 'emit' && i < count; i += 1) {
    number += 1;
    io.emit('n', number);
  }
});
process.on('disconnect', () => process.exit());
process.send({ port: http.address()?.port });
