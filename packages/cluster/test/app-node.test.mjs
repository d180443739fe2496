/** App nodes: listeners that fail or never come, and what other nodes notice of it. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createClient } from 'redis';
import { getClient } from '../index.js';
import { streamOf } from '../src/inbound.js';
import { connected, cut, next, startApp, startIoNode, until } from './support/nodes.mjs';
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

  it('hands on sockets that came before anybody listened, also those that send nothing', async () => {
    const prefix = 'silent';
    const lines = [];
    const log = (line) => lines.push(line);
    const node = await startIoNode(redis, { prefix, streams: 1 });
    const app = await startApp(redis, { prefix, streams: 1, log, handlerTimeout: 200 });
    const [socket, gone] = [
      await connected(node.connect('/', { auth: { key: 1 } })),
      await connected(node.connect()),
    ];
    await until(() => lines.some((line) => /NO_LISTENER/.test(line)));
    gone.disconnect();
    // The stream is empty before the io node has put the disconnect into it, too: the app node ends the session.
    await until(async () => (await raw.keys(`${prefix}:session:*`)).length === 1);
    await until(async () => (await raw.xLen(`${prefix}:in:0`)) === 0);
    const seen = [];
    app.on('connection', async (it, { isReconnect }) => {
      seen.push([it.id, isReconnect, it.handshake.auth.key]);
      await it.join('room');
      app.to('room').emit('hello');
    });
    await next(socket, 'hello');
    assert.deepEqual(seen, [[socket.id, true, 1]]);
    assert.ok(app.sockets.sockets.has(socket.id));
    await until(async () => (await raw.xLen(`${prefix}:in:0`)) === 0);
    await app.close();
    await node.stop();
  });

  it('finds what a listener has just put into data, before that listener is over', async () => {
    const prefix = 'fresh-data';
    const node = await startIoNode(redis, { prefix, streams: 1 });
    const app = await startApp(redis, { prefix, streams: 1 });
    app.on('connection', (socket) => {
      socket.on('name', async (name, done) => {
        Object.assign(socket.data, { name });
        await socket.join('named');
        done((await app.in('named').fetchSockets()).map(({ data }) => data));
      });
    });
    const socket = await connected(node.connect());
    assert.deepEqual(await socket.emitWithAck('name', 'Ryu'), [{ name: 'Ryu' }]);
    assert.deepEqual(await socket.emitWithAck('name', 'Ken'), [{ name: 'Ken' }]);
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

  it('that closes hands over each stream when it is free, also while another is busy', async () => {
    const prefix = 'closing';
    // So long that nothing comes of a lease that ends, or is renewed.
    const options = { prefix, streams: 4, leaseTime: 60_000 };
    const node = await startIoNode(redis, { prefix, streams: 4 });
    let free;
    const isFree = new Promise((resolve) => (free = resolve));
    const begun = [];
    const logic = (client) =>
      client.on('connection', (socket) => {
        socket.on('busy', async (done) => {
          begun.push(socket.id);
          await isFree;
          done('once');
        });
      });
    const [app, other] = [await startApp(redis, options), await startApp(redis, options)];
    for (const client of [app, other]) logic(client);
    const tokens = () =>
      Promise.all([0, 1, 2, 3].map((i) => raw.hGet(`${prefix}:lease:${i}`, 't')));
    const isOf =
      ({ appNode }) =>
      (token) =>
        token?.startsWith(`${appNode}.`);
    const owns = async (client) => (await tokens()).filter(isOf(client)).length;
    await until(async () => (await owns(app)) === 2 && (await owns(other)) === 2);
    const index = (await tokens()).findIndex(isOf(app));
    let socket;
    do socket = await connected(node.connect());
    while (streamOf(socket.id, 4) !== index);
    const answer = socket.emitWithAck('busy');
    await until(() => begun.length);
    let isClosed = false;
    const closing = app.close().then(() => (isClosed = true));
    const again = app.close().then(() => isClosed);
    await until(async () => (await owns(other)) === 3);
    assert.equal(await owns(app), 1);
    assert.equal(isClosed, false);
    free();
    assert.equal(await answer, 'once');
    await closing;
    assert.equal(await again, true);
    await until(async () => (await owns(other)) === 4);
    assert.equal(begun.length, 1);
    await other.close();
    await node.stop();
  });

  it('finds data, rooms and handshake for messages that wait when their session has ended', async () => {
    const prefix = 'ended';
    const recovery = { maxDisconnectionDuration: 2_000 };
    const node = await startIoNode(redis, {
      prefix,
      streams: 1,
      connectionStateRecovery: recovery,
    });
    const seen = [];
    const logic = (client) =>
      client.on('connection', (socket) => {
        const note = (what) =>
          seen.push([what, socket.data.name, socket.rooms.has('room'), socket.handshake.auth.key]);
        socket.on('keep', async (name, done) => {
          socket.data.name = name;
          await socket.join('room');
          done();
        });
        socket.on('note', note);
        socket.on('disconnect', note);
      });
    const first = await startApp(redis, { prefix, streams: 1 });
    logic(first);
    const sockets = [1, 2].map((key) => node.connect('/', { auth: { key }, reconnection: false }));
    const keys = [];
    for (const socket of sockets) {
      await connected(socket);
      await socket.emitWithAck('keep', 'ryu');
      const own = node.server.sockets.sockets.get(socket.id);
      await until(() => own.rooms.has('room'));
      keys.push(`${prefix}:session:/:${own.pid}`);
    }
    await until(async () => (await raw.hGet(keys[1], 's')).includes('"room"'));
    await first.close();
    // One client leaves, one does not come back.
    for (const socket of sockets) socket.emit('note', 'waiting');
    await until(async () => (await raw.xLen(`${prefix}:in:0`)) === 2);
    const { auth, _pid: pid, _lastOffset: offset } = sockets[0];
    sockets[0].disconnect();
    cut(sockets[1]);
    await until(async () => (await raw.xLen(`${prefix}:in:0`)) === 3);
    // Who has left is not restored.
    const again = node.connect('/', { auth: { ...auth, pid, offset }, reconnection: false });
    await connected(again);
    assert.equal(again.recovered, false);
    const second = await startApp(redis, { prefix, streams: 1 });
    // The messages of the one that does not come back wait until its session has ended.
    await until(async () => (await raw.hGet(keys[1], 'e')) === '1');
    logic(second);
    await until(() => seen.length === 4);
    assert.deepEqual(seen.sort(), [
      ['client namespace disconnect', 'ryu', true, 1],
      ['session expired', 'ryu', true, 2],
      ['waiting', 'ryu', true, 1],
      ['waiting', 'ryu', true, 2],
    ]);
    await until(async () => !(await raw.exists(keys)));
    await second.close();
    await node.stop();
  });

  it('ends no session that was claimed a moment ago', async () => {
    const prefix = 'claimed';
    const session = { pid: 'p', sid: 's' };
    const key = `${prefix}:session:/:p`;
    const app = await startApp(redis, { prefix, streams: 1 });
    await raw.hSet(key, { t: 'node.1', s: '{"sid":"s","in":[],"left":[]}', d: '{}', a: '1-1' });
    // As CLAIM leaves it: it lives, and the list does not know yet.
    await raw.pExpire(key, 5_000);
    const name = JSON.stringify(['/', session.pid, session.sid]);
    const due = Date.now() - 1;
    await raw.zAdd(`${prefix}:expiry:0`, { score: due, value: name });
    await until(async () => (await raw.zScore(`${prefix}:expiry:0`, name)) > due);
    assert.equal(await raw.xLen(`${prefix}:in:0`), 0);
    assert.equal(await raw.hGet(key, 'e'), null);
    await app.close();
  });

  describe('that loses its lease', () => {
    let node;
    let app;
    let socket;
    let own;
    const lines = [];
    const prefix = 'lost';
    const lease = `${prefix}:lease:0`;
    const heard = [];
    const token = () => raw.hGet(lease, 't');
    before(async () => {
      const log = (line) => lines.push(line);
      node = await startIoNode(redis, { prefix, streams: 1 });
      app = await startApp(redis, { prefix, streams: 1, leaseTime: 400, log });
      app.on('connection', (it) => {
        it.on('echo', (value, done) => done(value));
        own = it;
      });
      socket = await connected(node.connect());
      socket.on('n', (n) => heard.push(n));
      await socket.emitWithAck('echo', 1);
    });
    after(async () => {
      await app?.close();
      await node?.stop();
    });

    it('writes nothing for a message while nobody has the lease, and says what is dropped', async () => {
      lines.length = 0;
      let turn = 0;
      let rejected;
      own.on('act', async (done) => {
        turn += 1;
        if (turn > 1) return done();
        await raw.del(lease);
        app.emit('n', 'early');
        rejected = await app.fetchSockets().catch(({ code }) => code);
        done();
      });
      const { id } = socket;
      // The next owner makes a socket of its own, which has no such listener.
      app.on('connection', (it) => it.on('act', (done) => done('again')));
      assert.equal(await socket.timeout(5_000).emitWithAck('act'), 'again');
      assert.equal(socket.id, id);
      assert.equal(rejected, 'LEASE_LOST');
      assert.deepEqual(heard, []);
      assert.ok(lines.some((line) => /LEASE_LOST/.test(line)));
    });

    it('drops what a lost message’s listeners emit later', async () => {
      let goOn;
      let turn = 0;
      const done = new Promise((resolve) => {
        app.on('connection', (it) =>
          it.on('slow', async () => {
            turn += 1;
            if (turn > 1) return;
            await new Promise((free) => (goOn = free));
            app.emit('n', 'late');
            resolve();
          }),
        );
      });
      const before = await token();
      // So that the socket is made anew, with the listener.
      await raw.hSet(lease, 't', 'another.1');
      await raw.del(lease);
      await until(async () => ![before, undefined].includes((await token()) ?? undefined));
      socket.emit('slow');
      await until(() => goOn);
      await raw.hSet(lease, 't', 'another.2');
      await raw.pExpire(lease, 500);
      await until(async () => (await token())?.startsWith(app.appNode) && turn > 1);
      goOn();
      await done;
      await socket.emitWithAck('echo', 2);
      assert.deepEqual(heard, []);
    });

    it('goes on with what a listener has started, as an interval', async () => {
      const before = await token();
      let timer;
      app.once('connection', () => {
        const tick = async () => {
          await app.fetchSockets();
          app.emit('n', 'tick');
        };
        timer = setInterval(() => tick().catch(() => {}), 20);
      });
      const other = await connected(node.connect());
      await until(() => heard.includes('tick'));
      await raw.del(lease);
      await until(async () => ![before, undefined].includes((await token()) ?? undefined));
      heard.length = 0;
      await until(() => heard.includes('tick'));
      clearInterval(timer);
      other.disconnect();
    });

    it('hands on no socket whose stream it has lost while its session was read', async () => {
      let free;
      let isAsked = false;
      const isFree = new Promise((resolve) => (free = resolve));
      const client = createClient({ url: redis.url });
      const duplicate = client.duplicate.bind(client);
      client.duplicate = (options) => {
        const copy = duplicate(options);
        const send = copy.sendCommand.bind(copy);
        copy.sendCommand = async (args, ...rest) => {
          const answer = await send(args, ...rest);
          if (args[0] === 'HGETALL') {
            isAsked = true;
            await isFree;
          }
          return answer;
        };
        return copy;
      };
      const late = 'late';
      const io = await startIoNode(redis, { prefix: late, streams: 1 });
      const slow = await getClient({
        redis: client,
        prefix: late,
        streams: 1,
        leaseTime: 400,
        log: () => {},
      });
      const calls = [];
      slow.on('connection', ({ id }) => calls.push(id));
      const session = { nsp: '/', sid: 's', pid: 'p', event: ['echo'] };
      await raw.xAdd(`${late}:in:0`, '*', { h: 'event io', d: JSON.stringify(session) });
      await until(() => isAsked);
      await raw.hSet(`${late}:lease:0`, 't', 'another.1');
      // It has noticed when it asks for what is free, and takes it again when that is over.
      const { appNode } = slow;
      await raw.pExpire(`${late}:lease:0`, 600);
      await until(async () => (await raw.hGet(`${late}:lease:0`, 't'))?.startsWith(appNode));
      free();
      await until(async () => (await raw.xLen(`${late}:in:0`)) === 0);
      // Once, by the new owner, which is this node as well.
      assert.deepEqual(calls, ['s']);
      await slow.close();
      await io.stop();
    });

    it('has a new token after it has given up a stream, so nothing of before can be written', async () => {
      const before = await token();
      const key = `${prefix}:session:/:broken`;
      await raw.set(key, 'no hash');
      const message = { nsp: '/', sid: 's', pid: 'broken', event: ['echo', 3] };
      await raw.xAdd(`${prefix}:in:0`, '*', { h: 'event io', d: JSON.stringify(message) });
      await until(() => lines.some((line) => /HANDLER_FAILED: A message waits/.test(line)));
      await raw.del(key);
      await until(async () => (await raw.xLen(`${prefix}:in:0`)) === 0);
      assert.notEqual(await token(), before);
    });
  });
});
