/**
 * A node that is going to be killed: `node chaos-node.mjs <kind> <url of Redis> <name>`. Tells its port by `process.send()`.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { createDurableAdapter } from '../../index.js';

const [, , kind, url, name] = process.argv;
const redis = createClient({ url });
redis.on('error', () => {});
await redis.connect();

/** Nodes that are killed have much to say. */
const log = process.env.CHAOS_LOG ? console.error : () => {};
const recovery = { maxDisconnectionDuration: 60_000 };
/** Half-open connections are noticed soon, so that chaos need not wait. */
const engine = { pingInterval: 2_000, pingTimeout: 2_000 };

const roomOf = (socket) => `room${socket.handshake.query.number % 2}`;

/** What comes from a page is written down, then answered: an event, and the acknowledgement. */
async function handle(socket, client, number, acknowledge) {
  await redis.rPush(`handled:${kind}`, JSON.stringify([client, number]));
  socket.emit('n', `${name}:${client}:${number}`, 'answer');
  acknowledge();
}

async function startServer() {
  const http = createServer();
  const adapter =
    kind === 'stock'
      ? createAdapter(redis, { streamName: 'stock', maxLen: 1_000_000, sessionKeyPrefix: 'stock:' })
      : createDurableAdapter(redis, { prefix: kind, log });
  const io = new Server(http, { adapter, connectionStateRecovery: recovery, ...engine });
  io.on('connection', (socket) => {
    if (!socket.recovered) socket.join(roomOf(socket));
    socket.on('do', (...args) => handle(socket, ...args));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return http.address().port;
}

async function startIoNode() {
  const { listen } = await import('../../index.js');
  const http = createServer();
  const io = await listen(http, {
    redis: url,
    prefix: kind.split('-')[0],
    streams: 4,
    log,
    connectionStateRecovery: recovery,
    ...engine,
  });
  io.on('connection', (socket) => {
    if (!socket.recovered) socket.join(roomOf(socket));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return http.address().port;
}

async function startAppNode() {
  const { getClient } = await import('../../index.js');
  const io = await getClient({
    redis: url,
    prefix: kind.split('-')[0],
    streams: 4,
    leaseTime: 1_000,
    log,
  });
  io.on('connection', (socket) => {
    socket.on('do', (...args) => handle(socket, ...args));
  });
}

const start = { 'cluster-io': startIoNode, 'cluster-app': startAppNode }[kind] ?? startServer;
const port = await start();
process.send({ port });
process.on('disconnect', () => process.exit());
