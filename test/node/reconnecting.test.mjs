/** Node to node: a Socket.IO server in a process of its own, which is killed, stopped, and started again. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, afterEach } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect } from '../../dist/hadoken.node.mjs';
import { startChild } from '../support/child.mjs';
import { startPushServer } from '../support/push-server.mjs';

const isLong = Boolean(process.env.HADOKEN_LONG);
const fixture = (name) => fileURLToPath(new URL(`../fixtures/node/${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hadoken-node-'));
const file = join(folder, 'notes');
writeFileSync(file, '');

let port = 0;
let server;
async function start(heartbeat = 25_000) {
  const child = server?.child;
  // The port is free when it is gone.
  if (child && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const args = [fixture('io-server.mjs'), String(port), file, String(heartbeat)];
  server = await startChild(process.execPath, args, { until: /PORT (\d+)/ });
  port = Number(server.match[1]);
}
const clients = [];
const open = () => {
  const client = connect(`http://127.0.0.1:${port}/frame.html`, { log: 'silent' });
  clients.push(client);
  return client;
};
const next = (emitter, event) =>
  new Promise((resolve) => emitter.once(event, (...args) => resolve(args)));
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  server?.stop();
});
after(() => rmSync(folder, { recursive: true }));

test('a killed server is noticed, tried again in growing steps, given up, and begun with anew by reconnect()', async () => {
  await start();
  const client = open();
  const socket = client.io('/', {
    reconnectionDelay: 20,
    reconnectionDelayMax: 10_000,
    randomizationFactor: 0,
    reconnectionAttempts: 5,
  });
  await next(socket, 'connect');
  const times = [];
  socket.io.on('reconnect_attempt', (attempt) => times.push([attempt, performance.now()]));
  const lost = next(socket, 'disconnect');
  server.stop();
  assert.equal((await lost)[0], 'transport close');
  await next(socket.io, 'reconnect_failed');
  assert.deepEqual(
    times.map(([attempt]) => attempt),
    [1, 2, 3, 4, 5],
  );
  // 40, 80, 160 and 320 ms at least: a timer is never early, but may be late.
  const waits = times.slice(1).map(([, at], i) => at - times[i][1]);
  for (const [i, wait] of waits.entries()) assert.ok(wait >= 38 * 2 ** i, `${i}: ${wait}`);
  assert.ok(waits[0] < 5_000, 'and not all of them at the maximum');
  assert.equal(socket.active, true);
  assert.equal(client.state, 'connected');

  await start();
  const connected = next(socket, 'connect');
  client.reconnect();
  await connected;
  assert.equal(await socket.emitWithAck('note', 'again'), 'again');
  // It counts from 1 again.
  times.length = 0;
  const attempted = next(socket.io, 'reconnect_attempt');
  server.stop();
  assert.deepEqual(await attempted, [1]);
});

test('reconnect() does not wait for a back-off that has become long', async () => {
  await start();
  const client = open();
  const socket = client.io('/', { reconnectionDelay: 3_600_000, reconnectionDelayMax: 3_600_000 });
  await next(socket, 'connect');
  const lost = next(socket, 'disconnect');
  server.stop();
  await lost;
  await start();
  const connected = next(socket, 'connect');
  // The wait begins a turn after the loss is told.
  const timer = setInterval(() => client.reconnect(), 100);
  await connected;
  clearInterval(timer);
});

test('a connection that is half open is noticed by the heartbeat', async () => {
  await start(500);
  const socket = open().io('/');
  await next(socket, 'connect');
  const lost = next(socket, 'disconnect');
  server.child.kill('SIGSTOP');
  assert.equal((await lost)[0], 'ping timeout');
});

test('no event of `retries` is lost, however often the server is killed', async () => {
  const [count, kills] = isLong ? [10_000, 20] : [200, 3];
  writeFileSync(file, '');
  await start();
  const socket = open().io('/', {
    retries: 1_000_000,
    ackTimeout: 1_000,
    reconnectionDelay: 10,
    reconnectionDelayMax: 50,
  });
  let acknowledged = 0;
  let killed = 0;
  await new Promise((resolve, reject) => {
    const onAck = (error) => {
      if (error) return reject(error);
      acknowledged++;
      if (acknowledged === count) return resolve();
      if (killed >= kills || acknowledged < ((killed + 1) * count) / (kills + 1)) return;
      killed++;
      server.stop();
      start().catch(reject);
    };
    for (let id = 0; id < count; id++) socket.emit('note', id, onAck);
  });
  assert.equal(killed, kills);
  const noted = new Set(readFileSync(file, 'utf8').trim().split('\n'));
  assert.equal(noted.size, count);
});

test('clients that are closed leave nothing: neither heap nor an open handle', async () => {
  const push = await startPushServer({});
  const { child, match } = await startChild(
    process.execPath,
    [
      '--expose-gc',
      fixture('many-clients.mjs'),
      new URL('../../dist/hadoken.node.mjs', import.meta.url).href,
      `http://127.0.0.1:${push.port}`,
      isLong ? '1000' : '100',
    ],
    { until: /^(-?\d+)$/m, timeout: 120_000 },
  );
  assert.ok(Number(match[1]) < 1_048_576, `${match[1]} bytes`);
  // Only an open handle could keep it.
  if (child.exitCode === null) await once(child, 'exit', { signal: AbortSignal.timeout(30_000) });
  await push.stop();
});
