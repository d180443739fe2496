import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { createDurableAdapter, getClient, listen } from '../index.js';
import { TOUCH } from '../src/scripts.js';

const CLIENTS = 50;
const EVENTS = 2_000;
const SESSIONS = 20_000;

/** Commands that Redis got, with those inside scripts, and its processor time in ms. */
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

/**
 * What one kind of cluster costs Redis: while clients connect, when they are idle, for events one by one and in bursts, for
 * messages of clients, and for reconnects. What Redis has to do anyway, as for heartbeats, is measured before and taken off.
 *
 * @param {{ url: string, kind: 'stock' | 'durable' | 'cluster' }} options
 */
export async function measureCosts({ url, kind }) {
  const control = createClient({ url });
  await control.connect();
  const { ports, emit, close } = await startNodes(url, kind);
  await sleep(1_000);
  const result = { kind };
  let idle = { total: 0, cpu: 0 };
  const measure = async (name, per, work) => {
    const before = await usage(control);
    const begin = performance.now();
    await work();
    const seconds = (performance.now() - begin) / 1_000;
    const after = await usage(control);
    const used = (what) => after[what] - before[what] - seconds * idle[what];
    result[name] = { commands: used('total') / per, cpu: (1_000 * used('cpu')) / per }; // µs
    return { total: used('total') / seconds, cpu: used('cpu') / seconds };
  };
  idle = await measure('a second without clients', 5, () => sleep(5_000));
  const clients = [];
  await measure('connection', CLIENTS, async () => {
    for (let i = 0; i < CLIENTS; i += 1)
      clients.push(
        io(`http://127.0.0.1:${ports[i % 3]}`, {
          forceNew: true,
          transports: ['websocket'],
          reconnectionDelay: 50,
        }),
      );
    await Promise.all(clients.map((client) => new Promise((done) => client.on('connect', done))));
    await sleep(500);
  });
  if (kind !== 'stock') {
    const { commands, cpu } = await renew(control, kind);
    result['renewal of a session, 200 in a command'] = {
      commands: commands / SESSIONS,
      cpu: (1_000 * cpu) / SESSIONS,
    };
  }
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
      emit[i % emit.length]('n', i);
      await sleep(2);
    }
    await all;
  });
  await measure('event, in bursts of 50', EVENTS, async () => {
    const all = delivered(EVENTS);
    for (let i = 0; i < EVENTS; i += 1) {
      emit[0]('n', i);
      if (i % 50 === 0) await sleep(10);
    }
    await all;
  });
  await measure('message, one at a time', EVENTS / 4, async () => {
    for (let i = 0; i < EVENTS / 4; i += 1) await clients[i % CLIENTS].emitWithAck('do', i);
  });
  await measure('message, 50 clients at once', EVENTS, async () => {
    for (let i = 0; i < EVENTS / CLIENTS; i += 1)
      await Promise.all(clients.map((client) => client.emitWithAck('do', i)));
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
  await close();
  control.destroy();
  return result;
}

/** Renews many sessions as nodes do, so many by one command. */
async function renew(redis, kind) {
  const sessions = Array.from({ length: SESSIONS }, (_, i) => `costs:session:/:${i}`);
  const expiry = kind === 'cluster' ? 'costs:expiry:0' : '';
  // As long as one of a client with some rooms.
  const state = JSON.stringify({ sid: 'x'.repeat(20), in: [['room', '1-1']], left: [] });
  for (const key of sessions) await redis.hSet(key, { t: 'node.1', s: state, d: '{}', a: '1-1' });
  const before = await usage(redis);
  for (let i = 0; i < SESSIONS; i += 200) {
    const keys = sessions.slice(i, i + 200);
    const args = keys.flatMap((key) => ['node.1', expiry, key]);
    await redis.eval(TOUCH, { keys, arguments: ['60000', '2-1', ...args] });
  }
  const after = await usage(redis);
  await redis.del(sessions);
  return { commands: after.total - before.total, cpu: after.cpu - before.cpu };
}

/** Three servers with an adapter, or three io nodes and two app nodes: where clients connect, and who emits. */
async function startNodes(url, kind) {
  if (kind === 'cluster') return startCluster(url);
  const servers = await Promise.all([0, 1, 2].map(() => startServer(url, kind)));
  return {
    ports: servers.map(({ port }) => port),
    emit: servers.map(
      ({ server }) =>
        (...args) =>
          server.emit(...args),
    ),
    close: () => Promise.all(servers.map(({ server }) => server.close())),
  };
}

const connectionStateRecovery = {};
const handle = (socket) => socket.on('do', (_n, done) => done());

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
    connectionStateRecovery,
  });
  server.on('connection', handle);
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return { server, port: http.address().port };
}

async function startCluster(url) {
  const options = { redis: url, prefix: 'costs', log: () => {} };
  const nodes = await Promise.all(
    [0, 1, 2].map(async () => {
      const http = createServer();
      const server = await listen(http, { ...options, connectionStateRecovery });
      http.listen(0, '127.0.0.1');
      await once(http, 'listening');
      return { server, port: http.address().port };
    }),
  );
  const apps = await Promise.all([0, 1].map(() => getClient(options)));
  for (const app of apps) app.on('connection', handle);
  return {
    ports: nodes.map(({ port }) => port),
    emit: apps.map(
      (app) =>
        (...args) =>
          app.emit(...args),
    ),
    close: async () => {
      await Promise.all(nodes.map(({ server }) => server.close()));
      await Promise.all(apps.map((app) => app.close()));
    },
  };
}
