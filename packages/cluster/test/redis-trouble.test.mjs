/** Redis is killed, hangs, is full: what is kept, what waits and how long, and what is said. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createClient } from 'redis';
import { connected, cut, next, startNode, until } from './support/nodes.mjs';
import { startRedis } from './support/redis-server.mjs';

for (const kind of ['redis', 'ioredis'])
  describe(`the durable adapter with ${kind}, when Redis`, { timeout: 120_000 }, () => {
    let redis;
    let node;
    let socket;
    let got;
    before(async () => {
      redis = await startRedis(['--appendfsync', 'always']);
      node = await startNode(redis, { kind, writeTimeout: 15_000 });
      socket = await connected(node.connect());
      got = [];
      socket.on('n', (n) => got.push(n));
    });
    after(async () => {
      await node?.stop();
      await redis?.stop();
    });
    let last = 0;
    const emit = (count) => {
      for (let i = 0; i < count; i += 1) node.server.emit('n', ++last);
    };
    const all = () => Array.from({ length: last }, (_, i) => i + 1);

    it('is killed and comes back: what was emitted meanwhile comes once and in order', async () => {
      const down = next(node.server.of('/').adapter, 'problem');
      emit(300);
      const killed = redis.kill('SIGKILL');
      emit(50);
      await killed;
      emit(50);
      assert.equal((await down)[0].code, 'REDIS_LOST');
      await redis.start();
      emit(50);
      await until(() => got.length >= last);
      assert.deepEqual(got, all());
      assert.equal(socket.connected, true);
    });

    it('hangs for a while: the same', async () => {
      process.kill(redis.pid, 'SIGSTOP');
      emit(100);
      await new Promise((resolve) => setTimeout(resolve, 500));
      emit(100);
      process.kill(redis.pid, 'SIGCONT');
      await until(() => got.length >= last);
      assert.deepEqual(got, all());
    });

    it('is slow when a namespace is made: who has connected by then is restored', async () => {
      process.kill(redis.pid, 'SIGSTOP');
      node.server.of('/made').on('connection', (socket) => socket.join('room'));
      const early = node.connect('/made');
      await next(early, 'connect');
      process.kill(redis.pid, 'SIGCONT');
      await connected(early);
      // It comes back before the node has noticed that it was gone.
      const { id, _lastOffset: offset } = early;
      const { pid } = node.server.of('/made').sockets.get(id);
      const back = node.connect('/made', { auth: { pid, offset } });
      await next(back, 'connect');
      assert.equal(back.id, id);
      for (const each of [early, back]) each.disconnect();
    });

    it('is demoted to a replica: the connection is opened anew, and what waited comes', async () => {
      const raw = createClient({ url: redis.url });
      await raw.connect();
      await raw.sendCommand(['REPLICAOF', '127.0.0.1', '1']);
      node.problems.length = 0;
      emit(20);
      await until(() => node.problems.some(({ message }) => /REDIS_LOST|READONLY/.test(message)));
      await raw.sendCommand(['REPLICAOF', 'NO', 'ONE']);
      await until(() => got.length >= last);
      assert.deepEqual(got, all());
      raw.destroy();
    });

    it('is full for a while: the same, and nothing is overtaken', async () => {
      const raw = createClient({ url: redis.url });
      await raw.connect();
      await raw.configResetStat();
      await raw.configSet('maxmemory', '1');
      emit(20);
      // Who comes back meanwhile keeps its session, and tries again.
      const { id } = socket;
      cut(socket);
      const refused = async () =>
        Number(/errorstat_OOM:count=(\d+)/.exec(await raw.info('errorstats'))?.[1]);
      await until(async () => (await refused()) > 3);
      emit(20);
      await raw.configSet('maxmemory', '0');
      await until(() => got.length >= last);
      assert.deepEqual(got, all());
      assert.deepEqual([socket.id, socket.recovered], [id, true]);
      raw.destroy();
    });

    it('comes back empty: it is said, and what comes then is delivered', async () => {
      await redis.kill('SIGKILL');
      node.problems.length = 0;
      redis.forget();
      await redis.start();
      const isSaid = (wanted) => node.problems.some(({ code }) => code === wanted);
      await until(() => isSaid('HISTORY_LOST') && isSaid('EVENTS_LOST'));
      emit(1);
      await until(() => got.at(-1) === last);
      // Sessions are written again by who holds the sockets.
      const { pid } = node.server.sockets.sockets.get(socket.id);
      const again = createClient({ url: redis.url });
      await again.connect();
      await until(() => again.exists(`hadoken:session:/:${pid}`));
      again.destroy();
    });
  });

describe('the durable adapter, when Redis stays away', { timeout: 60_000 }, () => {
  let redis;
  before(async () => {
    redis = await startRedis();
  });
  after(() => redis?.stop());

  it('waits for a bounded time and for a bounded number, and says what is lost', async () => {
    const node = await startNode(redis, { writeTimeout: 1_000, maxPending: 10 });
    const socket = await connected(node.connect());
    const got = [];
    socket.on('n', (n) => got.push(n));
    await redis.kill('SIGKILL');
    node.problems.length = 0;
    for (let i = 0; i < 15; i += 1) node.server.emit('n', i);
    const lost = () =>
      node.problems
        .filter(({ code }) => code === 'EVENTS_LOST')
        .reduce((sum, { count }) => sum + count, 0);
    assert.ok(lost() >= 5, 'those that don’t fit are lost at once');
    await until(() => lost() >= 15);
    assert.ok(node.logged.some((line) => /EVENTS_LOST/.test(line)));
    await redis.start();
    await until(async () => {
      node.server.emit('n', 'back');
      return got.includes('back');
    });
    assert.deepEqual(new Set(got), new Set(['back']));
    await node.stop();
  });

  it('connects clients that can’t be recovered then, and tells them their place when it is back', async () => {
    await redis.kill('SIGKILL');
    const node = await startNode(redis);
    const socket = node.connect();
    await next(socket, 'connect');
    const offset = next(socket, 'hadoken:offset');
    await redis.start();
    assert.match((await offset)[0], /^\d+-\d+$/);
    await node.stop();
  });
});
