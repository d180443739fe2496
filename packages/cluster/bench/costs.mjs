import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { createDurableAdapter } from '../index.js';

const CLIENTS = 50;
const EVENTS = 2_000;

/** Commands that Redis got from clients, without those inside scripts, and its processor time in ms. */
async function usage(redis) {
  const stats = await redis.info('everything');
  const number = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(stats)?.[1] ?? 0);
  const calls = Object.fromEntries(
    [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, name, count]) => [
      name,
      Number(count),
    ]),
  );
  return {
    total: number('total_commands_processed'),
    calls,
    cpu: 1_000 * (number('used_cpu_sys') + number('used_cpu_user')),
  };
}

/** What one adapter costs Redis: while clients connect, for events one by one and in bursts, and for reconnects. */
export async function measureCosts({ url, kind }) {
  const control = createClient({ url });
  await control.connect();
  const servers = await Promise.all([0, 1, 2].map(() => startServer(url, kind)));
  await sleep(1_000);
  const result = { kind };
  const measure = async (name, per, work) => {
    const before = await usage(control);
    await work();
    const after = await usage(control);
    result[name] = {
      commands: (after.total - before.total) / per,
      cpu: (1_000 * (after.cpu - before.cpu)) / per, // µs
    };
  };
  const clients = [];
  await measure('connection', CLIENTS, async () => {
    for (let i = 0; i < CLIENTS; i += 1)
      clients.push(
        io(`http://127.0.0.1:${servers[i % 3].port}`, {
          forceNew: true,
          transports: ['websocket'],
          reconnectionDelay: 50,
        }),
      );
    await Promise.all(clients.map((client) => new Promise((done) => client.on('connect', done))));
    await sleep(500);
  });
  const delivered = (count) =>
    Promise.all(
      clients.map(
        (client) =>
          new Promise((done) => {
            let got = 0;
            client.off('n').on('n', () => {
              got += 1;
              if (got === count) done();
            });
          }),
      ),
    );
  await measure('event, one at a time', EVENTS / 4, async () => {
    const all = delivered(EVENTS / 4);
    for (let i = 0; i < EVENTS / 4; i += 1) {
      servers[i % 3].server.emit('n', i);
      await sleep(2);
    }
    await all;
  });
  await measure('event, in bursts of 50', EVENTS, async () => {
    const all = delivered(EVENTS);
    for (let i = 0; i < EVENTS; i += 1) {
      servers[0].server.emit('n', i);
      if (i % 50 === 0) await sleep(10);
    }
    await all;
  });
  await measure('reconnect', CLIENTS, async () => {
    const back = Promise.all(
      clients.map((client) => new Promise((done) => client.once('connect', done))),
    );
    for (const client of clients) client.io.engine.transport.ws.terminate();
    await back;
    await sleep(500);
  });
  for (const client of clients) client.disconnect();
  for (const { server } of servers) await server.close();
  control.destroy();
  return result;
}

async function startServer(url, kind) {
  const redis = createClient({ url });
  redis.on('error', () => {});
  if (kind === 'stock') await redis.connect();
  const http = createServer();
  const server = new Server(http, {
    adapter:
      kind === 'stock'
        ? createAdapter(redis, { streamName: 'costs' })
        : createDurableAdapter(redis, { prefix: 'costs', log: () => {} }),
    connectionStateRecovery: {},
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return { server, port: http.address().port };
}
