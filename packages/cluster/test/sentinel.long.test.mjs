/** A failover that Redis Sentinel does: ioredis asks the sentinels where the primary is. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { Redis } from 'ioredis';
import { createClient } from 'redis';
import { freePort } from '../../../test/support/free-port.mjs';
import { connected, startNode, until } from './support/nodes.mjs';
import { startRedis } from './support/redis-server.mjs';

/** One sentinel, which is enough to agree with itself. */
async function startSentinel({ port: primary }) {
  const directory = mkdtempSync(join(tmpdir(), 'hadoken-sentinel-'));
  const port = await freePort();
  const file = join(directory, 'sentinel.conf');
  const lines = [
    `port ${port}`,
    `dir ${directory}`,
    `sentinel monitor push 127.0.0.1 ${primary} 1`,
    'sentinel down-after-milliseconds push 1000',
    'sentinel failover-timeout push 5000',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  const child = spawn('redis-server', [file, '--sentinel'], { stdio: 'ignore' });
  return {
    port,
    async stop() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

it('the durable adapter follows the sentinels to the new primary, and loses nothing', async (t) => {
  const args = ['--repl-diskless-sync-delay', '0'];
  const [primary, replica] = await Promise.all([startRedis(args), startRedis(args)]);
  const raw = createClient({ url: replica.url });
  raw.on('error', () => {});
  await raw.connect();
  await raw.sendCommand(['REPLICAOF', '127.0.0.1', String(primary.port)]);
  await until(async () => (await raw.info('replication')).includes('master_link_status:up'));
  const sentinel = await startSentinel(primary);
  const asked = createClient({
    url: `redis://127.0.0.1:${sentinel.port}`,
    disableClientInfo: true,
  });
  asked.on('error', () => {});
  await asked.connect();
  await until(async () => {
    const replicas = await asked.sendCommand(['SENTINEL', 'REPLICAS', 'push']).catch(() => []);
    return replicas.length === 1 && JSON.stringify(replicas).includes('"ok"');
  });
  const client = new Redis({
    sentinels: [{ host: '127.0.0.1', port: sentinel.port }],
    name: 'push',
    lazyConnect: true,
  });
  const node = await startNode(primary, { client, writeTimeout: 30_000 });
  const socket = await connected(node.connect());
  const got = [];
  socket.on('n', (n) => got.push(n));
  let last = 0;
  const emit = (count) => {
    for (let i = 0; i < count; i += 1) {
      last += 1;
      node.server.emit('n', last);
    }
  };
  emit(50);
  await until(() => got.length === 50);
  await until(async () => /offset=(\d+),lag=0/.test(await infoOf(primary)));
  const killed = performance.now();
  await primary.kill('SIGKILL');
  emit(50);
  await until(() => got.length === 100);
  t.diagnostic(`${Math.round(performance.now() - killed)} ms without a primary`);
  assert.deepEqual(
    got,
    Array.from({ length: 100 }, (_, i) => i + 1),
  );
  const codes = node.problems.map(({ code }) => code);
  assert.ok(codes.includes('REDIS_LOST'));
  assert.equal(codes.includes('EVENTS_LOST') || codes.includes('HISTORY_LOST'), false);
  await node.stop();
  for (const each of [raw, asked]) each.destroy();
  await Promise.all([sentinel, primary, replica].map((it) => it.stop()));
});

async function infoOf({ url }) {
  const client = createClient({ url });
  await client.connect();
  const info = await client.info('replication');
  client.destroy();
  return info;
}
