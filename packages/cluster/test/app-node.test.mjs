/** App nodes: listeners that fail or never come, and what other nodes notice of it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createClient } from 'redis';
import { connected, startApp, startIoNode, until } from './support/nodes.mjs';
import { startRedis } from './support/redis-server.mjs';

let redis;
let raw;
before(async () => {
  redis = await startRedis();
  raw = createClient({ url: redis.url });
  raw.on('error', () => {});
  await raw.connect();
});
after(async () => {
  raw?.destroy();
  await redis?.stop();
});

describe('an app node', { timeout: 60_000 }, () => {
  for (const [how, fail] of [
    [
      'throws',
      () => {
        throw new Error('a bug');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a bug'))],
  ])
    it(`handles the next message after a connection listener that ${how}`, async () => {
      const prefix = `connection-${how}`;
      const lines = [];
      const log = (line) => lines.push(line);
      const node = await startIoNode(redis, { prefix, streams: 1 });
      const app = await startApp(redis, { prefix, streams: 1, log });
      const second = [];
      app.on('connection', (socket) => {
        socket.on('echo', (value, done) => done(value));
        return fail();
      });
      app.on('connection', (socket) => second.push(socket.id));
      const socket = await connected(node.connect());
      assert.equal(await socket.timeout(3_000).emitWithAck('echo', 1), 1);
      assert.deepEqual(second, [socket.id]);
      assert.ok(lines.some((line) => /HANDLER_FAILED.*counts as handled.*a bug/.test(line)));
      await until(async () => (await raw.xLen(`${prefix}:in:0`)) === 0);
      await app.close();
      await node.stop();
    });

  it('handles a socket from the moment on that somebody listens, also after NO_LISTENER', async () => {
    const prefix = 'unheard';
    const lines = [];
    const log = (line) => lines.push(line);
    const node = await startIoNode(redis, { prefix, streams: 1 });
    const app = await startApp(redis, { prefix, streams: 1, log, handlerTimeout: 200 });
    const socket = await connected(node.connect());
    socket.emit('echo', 'lost');
    await until(() => lines.some((line) => /NO_LISTENER/.test(line)));
    await until(async () => (await raw.xLen(`${prefix}:in:0`)) === 0);
    assert.equal(app.sockets.sockets.size, 0);
    app.on('connection', (it, { isReconnect }) =>
      it.on('echo', (value, done) => done([value, isReconnect])),
    );
    assert.deepEqual(await socket.timeout(3_000).emitWithAck('echo', 1), [1, true]);
    await app.close();
    await node.stop();
  });

  it('finds and asks the sockets of a namespace that one of several io nodes has', async () => {
    const prefix = 'namespace';
    const nodes = await Promise.all([1, 2].map(() => startIoNode(redis, { prefix, streams: 1 })));
    const app = await startApp(redis, { prefix, streams: 1 });
    app.of('/chat').on('connection', (socket) => socket.join('room'));
    const socket = await connected(nodes[0].connect('/chat'));
    socket.on('ask', (n, done) => done(n + 1));
    await until(async () => (await raw.zCard(`${prefix}:nodes:/chat`)) === 1);
    const isIn = () => nodes[0].server.of('/chat').adapter.rooms.get('room')?.has(socket.id);
    await until(isIn);
    const room = app.of('/chat').in('room').timeout(2_000);
    assert.deepEqual(
      (await room.fetchSockets()).map(({ id }) => id),
      [socket.id],
    );
    assert.deepEqual(await room.emitWithAck('ask', 1), [2]);
    // Where no client has been yet, nobody has to answer.
    assert.deepEqual(await app.of('/empty').fetchSockets(), []);
    await app.close();
    await Promise.all(nodes.map((node) => node.stop()));
    await until(async () => !(await raw.exists(`${prefix}:nodes:/chat`)));
  });
});
