/** Io nodes and app nodes, in one process here; chaos.test.mjs kills them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort } from '../../../test/support/free-port.mjs';
import { getClient, listen } from '../index.js';
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

const index = new URL('../index.js', import.meta.url).href;

describe('io nodes and app nodes', { timeout: 120_000 }, () => {
  let redis;
  let raw;
  let a;
  let b;
  /** The app node that is there now, and what happened on app nodes. */
  let app;
  const events = [];

  /** The logic. It keeps nothing but what is in `socket.data`. */
  function logic(client) {
    for (const nsp of [client.of('/'), client.of('/chat')])
      nsp.on('connection', (socket, { isReconnect }) => {
        events.push(['connection', socket.id, isReconnect]);
        socket.on('echo', (...args) => args.pop()(...args));
        socket.on('count', (done) => {
          socket.data.count = (socket.data.count ?? 0) + 1;
          done(socket.data.count);
        });
        socket.on('join', async (room, done) => {
          await socket.join(room);
          done();
        });
        socket.on('leave', async (room, done) => {
          await socket.leave(room);
          done();
        });
        socket.on('say', (room, text, done) => {
          socket.to(room).emit('said', text);
          done();
        });
        socket.on('others', () => socket.broadcast.emit('said', 'to others'));
        socket.on('ask me', async (done) =>
          done(await socket.timeout(20_000).emitWithAck('asked', 1)),
        );
        socket.on('who', async (room, done) =>
          done(
            (await nsp.in(room).timeout(20_000).fetchSockets()).map(({ id, data }) => [id, data]),
          ),
        );
        socket.on('note', (n) => events.push(['note', socket.id, n]));
        socket.on('slow note', async (n, done) => {
          await sleep(n % 2 ? 30 : 0);
          events.push(['note', socket.id, n]);
          done();
        });
        socket.on('slow count', async (ms, done) => {
          events.push(['begun', socket.id]);
          await sleep(ms);
          socket.data.count = (socket.data.count ?? 0) + 1;
          done(socket.data.count);
        });
        socket.on('throw', () => {
          throw new Error('a bug');
        });
        socket.on('leave me', () => socket.disconnect());
        socket.on('handshake', (done) =>
          done(socket.handshake.auth, socket.handshake.headers['user-agent'] ?? null),
        );
        socket.on('disconnect', (reason) => events.push(['disconnect', socket.id, reason]));
      });
    return client;
  }
  /** Whether the app node owns so many streams. */
  async function owns({ appNode }, count) {
    const tokens = await Promise.all([0, 1, 2, 3].map((i) => raw.hGet(`hadoken:lease:${i}`, 't')));
    return tokens.filter((token) => token?.startsWith(`${appNode}.`)).length === count;
  }
  const eventsOf = (id) => events.filter((event) => event[1] === id);

  before(async () => {
    redis = await startRedis(['--appendfsync', 'always']);
    raw = createClient({ url: redis.url });
    raw.on('error', () => {});
    await raw.connect();
    [a, b] = await Promise.all([
      startIoNode(redis),
      startIoNode(redis, {
        connectionStateRecovery: { maxDisconnectionDuration: 3_000 },
        maxHttpBufferSize: 10_000,
      }),
    ]);
    app = logic(await startApp(redis));
  });
  after(async () => {
    raw?.destroy();
    await app?.close();
    await Promise.all([a, b].map((node) => node?.stop()));
    await redis?.stop();
  });

  it('have acknowledgements both ways, with every kind of argument', async () => {
    const socket = await connected(a.connect());
    const args = [1, 'two', null, { deep: [true] }, Buffer.from([1, 2])];
    const answer = await new Promise((resolve) =>
      socket.emit('echo', ...args, (...all) => resolve(all)),
    );
    assert.deepEqual(answer, args);
    socket.on('asked', (n, done) => done(n + 1));
    assert.equal(await socket.emitWithAck('ask me'), 2);
  });

  it('have rooms over all io nodes', async () => {
    const [one, two, three] = [a.connect(), b.connect(), b.connect()];
    await Promise.all([one, two, three].map(connected));
    const heard = [one, two, three].map((socket) => {
      const list = [];
      socket.on('said', (text) => list.push(text));
      return list;
    });
    await one.emitWithAck('join', 'room');
    await two.emitWithAck('join', 'room');
    await one.emitWithAck('say', 'room', 'hello');
    await until(() => heard[1].length === 1);
    await two.emitWithAck('leave', 'room');
    await one.emitWithAck('say', 'room', 'nobody');
    app.in('room').except(two.id).emit('said', 'from the app');
    app.to([one.id, three.id]).emit('said', 'to two');
    two.emit('others');
    await until(() => heard[0].length === 3 && heard[2].length === 2);
    assert.deepEqual(heard, [
      ['from the app', 'to two', 'to others'],
      ['hello'],
      ['to two', 'to others'],
    ]);
    for (const socket of [one, two, three]) socket.disconnect();
  });

  it('have the namespaces that an app node has asked for, and no others', async () => {
    const chat = await connected(a.connect('/chat'));
    assert.equal(await chat.emitWithAck('echo', 'x'), 'x');
    const [error] = await next(a.connect('/nowhere'), 'connect_error');
    assert.equal(error.message, 'Invalid namespace');
    chat.disconnect();
  });

  it('keep data, and find sockets with it', async () => {
    const socket = await connected(a.connect());
    await socket.emitWithAck('join', 'counted');
    await socket.emitWithAck('count');
    assert.equal(await socket.emitWithAck('count'), 2);
    let found = [];
    // An io node that was late to say that it lives is not asked.
    await until(async () => {
      found = await socket.emitWithAck('who', 'counted');
      return found.length;
    });
    assert.deepEqual(found, [[socket.id, { count: 2 }]]);
    socket.disconnect();
  });

  it('give the handshake to the app node', async () => {
    const socket = await connected(
      a.connect('/', { auth: { token: 't' }, extraHeaders: { 'user-agent': 'us' } }),
    );
    const answer = await new Promise((resolve) =>
      socket.emit('handshake', (...all) => resolve(all)),
    );
    assert.deepEqual(answer, [{ token: 't' }, 'us']);
    socket.disconnect();
  });

  it('handle the messages of a socket in order, one after the other', async () => {
    const socket = await connected(a.connect());
    await Promise.all(Array.from({ length: 20 }, (_, i) => socket.emitWithAck('slow note', i)));
    const notes = eventsOf(socket.id).filter(([kind]) => kind === 'note');
    assert.deepEqual(
      notes.map(([, , n]) => n),
      Array.from({ length: 20 }, (_, i) => i),
    );
    socket.disconnect();
  });

  it('go on after a handler that throws', async () => {
    const socket = await connected(a.connect());
    socket.emit('throw');
    assert.equal(await socket.emitWithAck('echo', 1), 1);
    socket.disconnect();
  });

  it('tell the app node of a disconnect, by either side, once', async () => {
    const one = await connected(a.connect());
    const { id } = one;
    one.emit('note', 1);
    one.disconnect();
    await until(() => eventsOf(id).some(([kind]) => kind === 'disconnect'));
    assert.deepEqual(eventsOf(id), [
      ['connection', id, false],
      ['note', id, 1],
      ['disconnect', id, 'client namespace disconnect'],
    ]);
    const two = await connected(b.connect());
    const second = two.id;
    two.emit('leave me');
    assert.equal((await next(two, 'disconnect'))[0], 'io server disconnect');
    await until(() => eventsOf(second).some(([kind]) => kind === 'disconnect'));
    assert.equal(eventsOf(second).at(-1)[2], 'server namespace disconnect');
  });

  it('tell the app node nothing of a client that comes back, and of one that does not, in time', async () => {
    const socket = await connected(a.connect());
    const { id } = socket;
    await socket.emitWithAck('count');
    moveTo(socket, b);
    cut(socket);
    await next(socket, 'connect');
    assert.equal(await socket.emitWithAck('count'), 2);
    assert.deepEqual(eventsOf(id), [['connection', id, false]]);
    socket.io.reconnection(false);
    cut(socket);
    await until(() => eventsOf(id).length > 1);
    assert.deepEqual(eventsOf(id).at(-1), ['disconnect', id, 'session expired']);
  });

  it('go on with another app node, which gets the socket with isReconnect and its data', async () => {
    const socket = await connected(a.connect());
    const { id } = socket;
    await socket.emitWithAck('count');
    const other = logic(await startApp(redis));
    await app.close();
    app = other;
    assert.equal(await socket.emitWithAck('count'), 2);
    assert.deepEqual(eventsOf(id), [
      ['connection', id, false],
      ['connection', id, true],
    ]);
    socket.disconnect();
  });

  it('keep what clients send while there is no app node', async () => {
    const socket = await connected(a.connect());
    const { id } = socket;
    await until(() => eventsOf(id).length === 1);
    await app.close();
    for (let i = 0; i < 10; i += 1) socket.emit('note', i);
    await until(async () => {
      const lengths = await Promise.all([0, 1, 2, 3].map((i) => raw.xLen(`hadoken:in:${i}`)));
      return lengths.reduce((sum, length) => sum + length, 0) >= 10;
    });
    app = logic(await startApp(redis));
    await until(() => eventsOf(id).length >= 12);
    assert.deepEqual(
      eventsOf(id)
        .slice(2)
        .map(([, , n]) => n),
      Array.from({ length: 10 }, (_, i) => i),
    );
    await until(async () => (await raw.xLen('hadoken:in:0')) === 0);
    socket.disconnect();
  });

  it('keep what comes before an app node listens, and say so when it never does', async () => {
    const socket = await connected(a.connect());
    const { id } = socket;
    await until(() => eventsOf(id).length === 1);
    await app.close();
    socket.emit('note', 1);
    const lines = [];
    const log = (line) => lines.push(line);
    app = await startApp(redis, { log, handlerTimeout: 1_000 });
    // As an application that waits for its database.
    await sleep(100);
    logic(app);
    await until(() => eventsOf(id).some(([kind]) => kind === 'note'));
    // Of an application that will know more.
    await raw.sAdd('hadoken:namespaces', '/newer');
    const newer = await connected(a.connect('/newer'));
    await until(() => lines.some((line) => /NO_LISTENER.*of\("\/newer"\)/.test(line)));
    for (const each of [socket, newer]) each.disconnect();
  });

  it('leave no history of a namespace that nobody has any more', async () => {
    const stream = 'gone:events:/gone';
    const node = await startIoNode(redis, { prefix: 'gone', maxAge: 500 });
    const other = await startApp(redis, { prefix: 'gone' });
    other.of('/gone').on('connection', (socket) => socket.emit('n', 1));
    const socket = node.connect('/gone');
    await next(socket, 'n');
    await node.stop();
    // The last io node has gone, and an app node goes on.
    other.of('/gone').emit('n', 2);
    await until(async () => (await raw.xLen(stream)) > 0);
    assert.ok((await raw.pTTL(stream)) <= 1_000);
    await other.close();
    await until(async () => !(await raw.exists(stream)));
  });

  it('trim the history no further than the io nodes want it, whatever an app node’s clock says', async () => {
    const stream = 'long:events:/quiet';
    const node = await startIoNode(redis, { prefix: 'long', maxAge: 3_600_000 });
    // Old enough for what is the default. Redis trims whole nodes of 100 entries.
    const old = Date.now() - 600_000;
    for (let i = 0; i < 300; i += 1) await raw.xAdd(stream, `${old + i}-0`, { h: '3 x', d: '{}' });
    // In a process of its own, because all of this one has one clock.
    const script = `
      import { getClient } from '${index}';
      const { now } = Date;
      Date.now = () => now() + 86_400_000;
      const app = await getClient({ redis: '${redis.url}', prefix: 'long', streams: 4, log() {} });
      app.of('/quiet').emit('n', 1);
      await app.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
    const other = await startApp(redis, { prefix: 'long' });
    other.of('/quiet').emit('n', 1);
    await other.close();
    assert.deepEqual((await once(child, 'close'))[0], 0);
    const [first] = await raw.xRange(stream, '-', '+', { COUNT: 1 });
    assert.deepEqual([first.id, await raw.xLen(stream)], [`${old}-0`, 302]);
    await node.stop();
  });

  it('share the streams, and take those of a node that has gone', async () => {
    const other = await startApp(redis);
    await until(async () => (await owns(app, 2)) && (await owns(other, 2)));
    await other.close();
    await until(() => owns(app, 4));
  });

  it('take nothing that an app node has known of a socket while another one had it', async () => {
    const sockets = await Promise.all(Array.from({ length: 12 }, () => connected(a.connect())));
    const count = () => Promise.all(sockets.map((socket) => socket.emitWithAck('count')));
    assert.deepEqual(new Set(await count()), new Set([1]));
    // Half of them are the other's for a while.
    const other = logic(await startApp(redis));
    await until(() => owns(other, 2));
    assert.deepEqual(new Set(await count()), new Set([2]));
    await other.close();
    assert.deepEqual(new Set(await count()), new Set([3]));
    for (const socket of sockets) socket.disconnect();
  });

  it('hand over a stream when what is being handled is done, so that it is handled once', async () => {
    await app.close();
    app = logic(await startApp(redis, { leaseTime: 400 }));
    const sockets = await Promise.all(Array.from({ length: 8 }, () => connected(a.connect())));
    const answers = Promise.all(sockets.map((socket) => socket.emitWithAck('slow count', 1_200)));
    const begun = () => events.filter(([kind, id]) => kind === 'begun' && ids.has(id));
    const ids = new Set(sockets.map(({ id }) => id));
    await until(() => begun().length === 8);
    // Half of the streams are asked for, then all of them.
    const other = logic(await startApp(redis));
    await sleep(600);
    await app.close();
    app = other;
    assert.deepEqual(new Set(await answers), new Set([1]));
    assert.equal(begun().length, 8);
    for (const socket of sockets) socket.disconnect();
  });

  it('refuse what a listener has emitted before its app node lost the lease, as one that has hung', async () => {
    const socket = await connected(a.connect());
    const heard = [];
    socket.on('early', (n) => heard.push(n));
    await until(() => app.of('/').sockets.has(socket.id));
    let goOn;
    app
      .of('/')
      .sockets.get(socket.id)
      .on('hang early', async (done) => {
        app.to(socket.id).emit('early', 1);
        for (const i of [0, 1, 2, 3]) await raw.hSet(`hadoken:lease:${i}`, 't', 'another.1');
        await new Promise((free) => (goOn = free));
        done();
      });
    const said = next(app.of('/').adapter, 'problem');
    socket.emit('hang early', () => {});
    await until(() => goOn);
    // What a listener has emitted is written without waiting for its end.
    const [{ code, count }] = await said;
    assert.deepEqual([code, count], ['LEASE_LOST', 1]);
    for (const i of [0, 1, 2, 3]) await raw.del(`hadoken:lease:${i}`);
    app.of('/').to(socket.id).emit('early', 2);
    await until(() => heard.length);
    assert.deepEqual(heard, [2]);
    goOn();
    socket.disconnect();
  });

  it('emit to the other app nodes, with acknowledgements, and wait for none that is gone', async () => {
    const other = await startApp(redis);
    const third = await startApp(redis);
    const heard = [];
    for (const [name, client] of [
      ['other', other],
      ['third', third],
    ])
      client.of('/chat').on('reload', (...args) => {
        const done = typeof args.at(-1) === 'function' && args.pop();
        heard.push([name, ...args]);
        if (done && client === other) done(Buffer.from([1]));
      });
    app.of('/chat').on('reload', () => assert.fail('not to itself'));
    other.on('reload', () => assert.fail('not in another namespace'));
    app.of('/chat').serverSideEmit('reload', 'x', { deep: [Buffer.from([2])] });
    await until(() => heard.length === 2);
    assert.deepEqual(heard.sort(), [
      ['other', 'x', { deep: [Buffer.from([2])] }],
      ['third', 'x', { deep: [Buffer.from([2])] }],
    ]);
    // The third one goes without an answer.
    const asked = app.of('/chat').serverSideEmitWithAck('reload');
    await until(() => heard.length === 4);
    await third.close();
    const answers = await asked;
    assert.deepEqual(answers, [Buffer.from([1])]);
    assert.throws(() => app.serverSideEmit('connection'), /reserved/);
    await other.close();
    assert.deepEqual(await app.serverSideEmitWithAck('nobody'), []);
  });

  it('throw where a use() or a dynamic namespace of an app node would do nothing', () => {
    for (const call of [() => app.use(() => {}), () => app.of('/chat').use(() => {})])
      assert.throws(call, { code: 'UNSUPPORTED', message: /let in by the io nodes/ });
    for (const name of [/^\/room/, () => {}])
      assert.throws(() => app.of(name), { code: 'UNSUPPORTED', message: /takes a string/ });
  });

  it('have no local sockets on an app node', async () => {
    const socket = await connected(a.connect());
    socket.on('said', () => assert.fail('it is not connected to the app node'));
    app.local.emit('said');
    assert.deepEqual(await app.local.fetchSockets(), []);
    assert.equal(await socket.emitWithAck('echo', 1), 1);
    socket.disconnect();
  });

  it('refuse what an app node writes that has lost its lease', async () => {
    const socket = await connected(a.connect());
    const heard = [];
    socket.on('late', () => heard.push('late'));
    let goOn;
    await until(() => app.of('/').sockets.has(socket.id));
    app
      .of('/')
      .sockets.get(socket.id)
      .on('hang', async (done) => {
        await new Promise((free) => (goOn = free));
        app.to(socket.id).emit('late');
        done('late');
      });
    const answer = socket
      .timeout(1_000)
      .emitWithAck('hang')
      .catch(() => 'none');
    await until(() => goOn);
    // As though another node had it by now.
    for (const i of [0, 1, 2, 3]) {
      await raw.hSet(`hadoken:lease:${i}`, 't', 'another.1');
      await raw.pExpire(`hadoken:lease:${i}`, 500);
    }
    goOn();
    assert.equal(await answer, 'none');
    assert.deepEqual(heard, []);
    // It takes them again when they are free, and handles the message again.
    await until(async () => {
      await raw.xAdd(`hadoken:node:${app.appNode}`, '*', { h: 'rebalance', d: '""' });
      return owns(app, 4);
    });
    socket.disconnect();
  });

  it('close the connection of a client that sends too much, and of no other', async () => {
    const [large, small] = [await connected(b.connect()), await connected(b.connect())];
    const gone = next(large, 'disconnect');
    large.emit('echo', 'x'.repeat(20_000), () => {});
    await gone;
    await next(large, 'connect');
    assert.equal(large.recovered, true);
    assert.equal(await large.emitWithAck('echo', 'small'), 'small');
    assert.equal(await small.emitWithAck('echo', 'x'.repeat(5_000)), 'x'.repeat(5_000));
    for (const socket of [large, small]) socket.disconnect();
  });

  it('restore a session for who identify() says it belongs to, and for nobody else', async () => {
    const node = await startIoNode(redis, {
      prefix: 'whose',
      identify: (_handshake, { user }) => user,
    });
    const own = node.connect('/', { auth: { user: 'ryu' }, reconnection: false });
    await connected(own);
    const { pid } = node.server.sockets.sockets.get(own.id);
    await until(() => raw.exists(`whose:session:/:${pid}`));
    const claim = async (user) => {
      const socket = node.connect('/', { auth: { user, pid, offset: own._lastOffset } });
      await next(socket, 'connect');
      return socket.id;
    };
    const { id } = own;
    assert.notEqual(await claim('ken'), id);
    assert.equal(await claim('ryu'), id);
    await node.stop();
  });

  it('refuse another number of streams, a bad one, and a bad name', async () => {
    const fails = (options) =>
      listen(createServer(), { redis: redis.url, log: () => {}, ...options });
    await assert.rejects(fails({ streams: 8 }), { code: 'STREAMS_DIFFER' });
    await assert.rejects(getClient({ redis: redis.url, streams: 5, log: () => {} }), {
      code: 'STREAMS_DIFFER',
    });
    for (const streams of [0, -1, 1.5, 'many', 1e9])
      await assert.rejects(fails({ streams }), { code: 'INVALID_STREAMS' });
    for (const name of ['', 'a b', 'a.b', 'x'.repeat(41)])
      await assert.rejects(fails({ name }), { code: 'INVALID_NAME' });
  });

  it('go on when Redis was killed: what was sent meanwhile is handled, in order', async () => {
    const socket = await connected(a.connect('/', { retries: 100, ackTimeout: 8_000 }));
    const { id } = socket;
    assert.equal(
      await new Promise((resolve) => socket.emit('count', (_error, count) => resolve(count))),
      1,
    );
    let answers = 0;
    const send = (n) => socket.emit('slow note', n, (error) => (answers += error ? 0 : 1));
    for (let i = 0; i < 5; i += 1) send(i);
    await redis.kill('SIGKILL');
    for (let i = 5; i < 10; i += 1) send(i);
    await redis.start();
    await until(() => answers === 10);
    const notes = eventsOf(id)
      .filter(([kind]) => kind === 'note')
      .map(([, , n]) => n);
    assert.deepEqual(
      [...new Set(notes)],
      Array.from({ length: 10 }, (_, i) => i),
    );
    assert.equal(
      await new Promise((resolve) => socket.emit('count', (_error, count) => resolve(count))),
      2,
    );
    socket.disconnect();
  });

  it('may be closed twice, which is once', async () => {
    const options = { prefix: 'twice' };
    const node = await startIoNode(redis, options);
    const other = await startApp(redis, options);
    const durable = await startNode(redis, options);
    const { adapter } = durable.server.of('/');
    for (const it of [node.server, other, adapter]) {
      const closed = it.close();
      assert.equal(it.close(), closed);
      await closed;
      await it.close();
      assert.equal(it.close(), closed);
    }
    await new Promise((done) => node.server.close(done));
    await Promise.all([node, durable].map((it) => it.stop()));
  });

  it('say what a message can’t be: more waiting than maxBacklog', async () => {
    const lines = [];
    const node = await startIoNode(redis, {
      prefix: 'full',
      maxBacklog: 5,
      log: (line) => lines.push(line),
    });
    const socket = await connected(node.connect());
    for (let i = 0; i < 50; i += 1) socket.emit('note', i);
    await until(() => lines.some((line) => /BACKLOG_FULL.*Are there any app nodes/.test(line)));
    await node.stop();
  });
});

describe('without a Redis', { timeout: 60_000 }, () => {
  const script = (call) =>
    `import { createServer } from 'node:http'; import { getClient, listen } from '${index}'; await ${call};`;
  async function run(call, env = {}) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script(call)], {
      env: { ...process.env, ...env },
    });
    let text = '';
    child.stderr.on('data', (chunk) => (text += chunk));
    const [code] = await once(child, 'close');
    return { code, text };
  }

  for (const call of [
    'listen(createServer(), { connectTimeout: 500 })',
    'getClient({ connectTimeout: 500 })',
  ])
    it(`${call} ends with 1, says where it looked and how to start one`, async () => {
      const port = await freePort();
      const { code, text } = await run(call, { REDIS_URL: `redis://me:secret@127.0.0.1:${port}` });
      assert.equal(code, 1);
      assert.match(text, new RegExp(`There is no Redis at redis://127.0.0.1:${port}`));
      assert.match(
        text,
        new RegExp(`redis-server --port ${port} --appendonly yes --maxmemory-policy noeviction`),
      );
      assert.doesNotMatch(text, /secret/);
    });

  it('with a wrong password, or none, it says so at once', async () => {
    const redis = await startRedis(['--requirepass', 'right']);
    for (const url of [redis.url, redis.url.replace('//', '//:wrong@')])
      await assert.rejects(getClient({ redis: url, log: () => {} }), (error) => {
        assert.equal(error.code, 'REDIS_PASSWORD');
        assert.match(error.message, /refuses the password.*REDIS_URL/);
        assert.doesNotMatch(error.message, /wrong@/);
        return true;
      });
    const app = await getClient({ redis: redis.url.replace('//', '//:right@'), log: () => {} });
    await app.close();
    await redis.stop();
  });

  it('lets its process end once it has given up', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    const { code } = await run('getClient({ connectTimeout: 500 }).catch(() => {})', {
      REDIS_URL: url,
    });
    assert.equal(code, 0);
  });

  it('refuses what is no URL and no client', async () => {
    for (const redis of ['nonsense', {}, 5])
      await assert.rejects(getClient({ redis }), { code: 'INVALID_REDIS' });
  });

  it('warns of a Redis that may lose something', async () => {
    const redis = await startRedis(['--appendonly', 'no', '--maxmemory-policy', 'allkeys-lru']);
    const lines = [];
    const app = await getClient({ redis: redis.url, log: (line) => lines.push(line) });
    await until(() => lines.length === 2);
    assert.match(lines[0], /REDIS_SETTINGS.*maxmemory-policy is allkeys-lru/);
    assert.match(lines[1], /appendonly is off/);
    await app.close();
    await redis.stop();
  });
});
