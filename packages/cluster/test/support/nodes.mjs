import { once } from 'node:events';
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { createDurableAdapter, getClient, listen } from '../../index.js';
import { stopAtEnd } from './stop-at-end.mjs';

/** A client of either library for our Redis. */
export const clients = {
  redis: (url) => createClient({ url }),
  ioredis: (url) => new Redis(url, { lazyConnect: true }),
};

/** Clients of a server, which end with it. */
function clientsOf(server, port) {
  const sockets = [];
  return {
    connect(nsp = '/', options = {}) {
      const socket = io(`http://127.0.0.1:${port}${nsp}`, {
        forceNew: true,
        reconnectionDelay: 20,
        transports: ['websocket'],
        ...options,
      });
      sockets.push(socket);
      return socket;
    },
    stop: stopAtEnd(async () => {
      for (const socket of sockets) socket.disconnect();
      await server.close();
    }),
  };
}

/** A Socket.IO server with the durable adapter: `{ server, port, problems, connect, stop }`. */
export async function startNode(
  redis,
  { kind = 'redis', client, recovery = {}, io: ioOptions, ...options } = {},
) {
  const http = createServer();
  const logged = [];
  const server = new Server(http, {
    adapter: createDurableAdapter(client ?? clients[kind](redis.url), {
      log: (line) => logged.push(line),
      ...options,
    }),
    connectionStateRecovery: recovery,
    ...ioOptions,
  });
  const problems = [];
  server.of('/').adapter.on('problem', (error) => problems.push(error));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address();
  return {
    server,
    port,
    problems,
    logged,
    ...clientsOf(server, port),
  };
}

/** An io node: `{ server, port, connect, stop }`. */
export async function startIoNode(redis, options = {}) {
  const http = createServer();
  const server = await listen(http, { redis: redis.url, streams: 4, log: () => {}, ...options });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const { port } = http.address();
  return {
    server,
    port,
    ...clientsOf(server, port),
  };
}

/** An app node. Where its test fails, it is closed at the end of the file, or that would never come. */
export async function startApp(redis, options = {}) {
  const given = { redis: redis.url, streams: 4, leaseTime: 10_000, log: () => {}, ...options };
  const app = await getClient(given);
  stopAtEnd(() => app.close());
  return app;
}

/** The arguments of the next `event`. Waits 20 s at most. */
export const next = (emitter, event) =>
  once(emitter, event, { signal: AbortSignal.timeout(20_000) });

/** Resolves when `check()` is true. Asks every 20 ms, for 20 s at most. */
export async function until(check, what = check) {
  for (let i = 0; i < 1_000; i += 1) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never: ${what}`);
}

/** Resolves when the client has its offset, so that it can be recovered. */
export async function connected(socket) {
  const offset = next(socket, 'hadoken:offset');
  if (!socket.connected) await next(socket, 'connect');
  await offset;
  return socket;
}

/** Makes a client go to another node at its next attempt. */
export function moveTo(socket, node) {
  socket.io.uri = `http://127.0.0.1:${node.port}`;
}

/** Cuts a client's connection without a word. */
export const cut = (socket) => socket.io.engine.transport.ws.terminate();
