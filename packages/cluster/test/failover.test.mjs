/** The Redis that is written to is killed, and a replica of it is promoted: what is kept, and that it is said what is not. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createClient } from 'redis';
import {
  connected,
  cut,
  moveTo,
  next,
  startApp,
  startIoNode,
  startNode,
  until,
} from './support/nodes.mjs';
import { startRedis } from './support/redis-server.mjs';
import { stopAtEnd } from './support/stop-at-end.mjs';
import { startSwitch } from './support/tcp-switch.mjs';

/** A primary, a replica that has caught up, and an address that leads to the one that is primary. */
async function startPair() {
  const [primary, replica] = await Promise.all(
    [1, 2].map(() => startRedis(['--repl-diskless-sync-delay', '0'])),
  );
  const address = await startSwitch(primary.port);
  const raw = createClient({ url: replica.url });
  raw.on('error', () => {});
  await raw.connect();
  await raw.sendCommand(['REPLICAOF', '127.0.0.1', String(primary.port)]);
  await until(async () => (await raw.info('replication')).includes('master_link_status:up'));
  return {
    url: address.url,
    primary,
    raw,
    /** From here on the replica gets nothing more, and takes writes; the clients do not know of it yet. */
    promote: () => raw.sendCommand(['REPLICAOF', 'NO', 'ONE']),
    /** All that the primary has is in the replica. */
    async settle() {
      const old = createClient({ url: primary.url });
      await old.connect();
      // It waits for what this client has written.
      await old.set('settled', '1');
      await until(async () => (await old.sendCommand(['WAIT', '1', '1000'])) === 1);
      old.destroy();
    },
    async switchOver() {
      address.lead(replica.port);
      await primary.kill('SIGKILL');
    },
    stop: stopAtEnd(async () => {
      raw.destroy();
      address.stop();
      await Promise.all([primary, replica].map((it) => it.stop()));
    }),
  };
}

for (const kind of ['redis', 'ioredis'])
  describe(`the durable adapter with ${kind}, after a failover`, { timeout: 60_000 }, () => {
    /** Two nodes, each with a client that notes what it gets. */
    async function start(pair) {
      const nodes = await Promise.all([1, 2].map(() => startNode(pair, { kind })));
      const sockets = await Promise.all(nodes.map((node) => connected(node.connect())));
      const got = sockets.map((socket) => {
        const list = [];
        socket.on('n', (n) => list.push(n));
        return list;
      });
      let last = 0;
      const emit = (count) => {
        for (let i = 0; i < count; i += 1) {
          last += 1;
          nodes[i % 2].server.emit('n', last);
        }
      };
      const codes = () => nodes.flatMap(({ problems }) => problems.map(({ code }) => code));
      return { nodes, sockets, got, emit, codes, numbers: (from, to = last) => range(from, to) };
    }
    const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
    const sorted = (list) => list.toSorted((x, y) => x - y);

    it('to a replica that has everything: nothing is lost, and clients keep their sessions', async () => {
      const pair = await startPair();
      const { nodes, sockets, got, emit, codes, numbers } = await start(pair);
      emit(100);
      await until(() => got.every((list) => list.length === 100));
      await pair.settle();
      const { id } = sockets[0];
      await pair.switchOver();
      emit(50); // while there is no primary
      moveTo(sockets[0], nodes[1]);
      cut(sockets[0]);
      await pair.promote();
      emit(50);
      await until(() => got.every((list) => list.length >= 200));
      for (const list of got) assert.deepEqual(sorted(list), numbers(1));
      assert.deepEqual(got[0], got[1]);
      assert.deepEqual([sockets[0].id, sockets[0].recovered], [id, true]);
      assert.equal(codes().includes('EVENTS_LOST') || codes().includes('HISTORY_LOST'), false);
      await Promise.all(nodes.map((node) => node.stop()));
      await pair.stop();
    });

    it('to a replica that lacks the last events: it is said how many, and nothing comes twice', async () => {
      const pair = await startPair();
      const { nodes, sockets, got, emit, codes, numbers } = await start(pair);
      emit(20);
      await until(() => got.every((list) => list.length === 20));
      await pair.settle();
      await pair.promote();
      const { id } = sockets[0];
      sockets[0].io.reconnection(false);
      cut(sockets[0]);
      emit(10); // the old primary takes these, and clients get them that are there
      await until(() => got[1].length === 30);
      await pair.switchOver();
      const lost = () =>
        nodes
          .flatMap(({ problems }) => problems.filter(({ code }) => code === 'EVENTS_LOST'))
          .reduce((sum, { count }) => sum + count, 0);
      await until(() => codes().filter((code) => code === 'HISTORY_LOST').length === 2);
      emit(10);
      await until(() => lost() >= 10);
      await until(() => got[1].length === 40);
      assert.deepEqual(sorted(got[1]), numbers(1));
      assert.equal(lost() < 20, true);
      // Who was away gets what is left in the stream.
      nodes.push(await startNode(pair, { kind }));
      await connected(nodes[2].connect());
      moveTo(sockets[0], nodes[2]);
      sockets[0].connect();
      await until(() => got[0].length === 30);
      assert.deepEqual([sockets[0].id, sockets[0].recovered], [id, true]);
      assert.deepEqual(sorted(got[0]), [...numbers(1, 20), ...numbers(31)]);
      // Who was there goes on.
      cut(sockets[1]);
      await next(sockets[1], 'connect');
      emit(1);
      await until(() => got.every((list) => list.includes(41)));
      assert.equal(sockets[1].recovered, true);
      assert.deepEqual(sorted(got[1]), numbers(1));
      await Promise.all(nodes.map((node) => node.stop()));
      await pair.stop();
    });
  });

describe('io nodes and app nodes, after a failover', { timeout: 60_000 }, () => {
  it('handle each message, in order, also those whose handling was lost with the old primary', async () => {
    const pair = await startPair();
    const node = await startIoNode(pair);
    const app = await startApp(pair, { leaseTime: 1_000 });
    const stop = stopAtEnd(() => app.close());
    const handled = [];
    app.on('connection', (socket) =>
      socket.on('say', (n, done) => {
        handled.push(n);
        done();
      }),
    );
    const socket = await connected(node.connect('/', { retries: 100, ackTimeout: 1_000 }));
    let answers = 0;
    let sent = 0;
    const send = (count) => {
      for (let i = 0; i < count; i += 1) {
        sent += 1;
        socket.emit('say', sent, (error) => (answers += error ? 0 : 1));
      }
    };
    send(20);
    await until(() => answers === 20);
    await pair.settle();
    await pair.promote();
    send(5);
    await until(() => answers === 25);
    send(20);
    await pair.switchOver();
    await until(() => answers === 45);
    assert.deepEqual(
      [...new Set(handled)],
      Array.from({ length: 45 }, (_, i) => i + 1),
    );
    await stop();
    await node.stop();
    await pair.stop();
  });
});
