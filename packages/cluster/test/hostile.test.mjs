/** Clients that mean harm, and mistakes of applications: what they come to, and that nobody else notices. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { after, before, describe, it } from 'node:test';
import { createClient } from 'redis';
import { io } from 'socket.io-client';
import { getClient, listen } from '../index.js';
import { Relay } from '../src/relay.js';
import { OWN_LENGTH } from '../src/scripts.js';
import { connected, next, startIoNode, startNode, until } from './support/nodes.mjs';
import { startRedis } from './support/redis-server.mjs';

const require = createRequire(import.meta.resolve('engine.io'));
const WebSocket = require('ws');

/** JSON that can be parsed, but not be written again. */
const DEEP = '['.repeat(100_000) + ']'.repeat(100_000);
const circular = {};
circular.self = circular;

describe('io nodes and app nodes', { timeout: 60_000 }, () => {
  let redis;
  let server;
  let app;
  let url;
  const lines = [];
  const sockets = [];
  const connect = () => {
    sockets.push(io(url, { forceNew: true, transports: ['websocket'] }));
    return sockets.at(-1);
  };
  /** A client that sends what it likes. Resolves when it is connected; `messages` are what came. */
  async function connectRaw(auth = '') {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
    const messages = [];
    ws.on('message', (data) => messages.push(String(data)));
    await once(ws, 'open');
    ws.send(`40${auth}`);
    await until(() => messages.some((text) => text.startsWith('40')));
    return { ws, messages };
  }
  before(async () => {
    redis = await startRedis();
    const log = (line) => lines.push(line);
    const http = createServer();
    server = await listen(http, { redis: redis.url, streams: 1, log });
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    url = `http://127.0.0.1:${http.address().port}`;
    app = await getClient({ redis: redis.url, streams: 1, log });
    app.on('connection', (socket) => {
      socket.on('echo', (value, done) => done(value));
      socket.on('keep circles', (done) => {
        socket.data.timer = circular;
        done();
      });
      socket.on('emit circles', (done) => {
        socket.emit('circles', circular);
        done();
      });
      socket.on('emit many', (count, done) => {
        for (let i = 0; i < count; i += 1) socket.emit('n', i);
        done();
      });
    });
  });
  after(async () => {
    for (const socket of sockets) socket.disconnect();
    await app?.close();
    await server?.close();
    await redis?.stop();
  });

  it('live on where a client’s auth is nested too deep to be written', async () => {
    const { ws } = await connectRaw(`{"a":${DEEP}}`);
    await until(() => lines.some((line) => /SESSION_NOT_SAVED.*handshake/.test(line)));
    assert.equal(await connect().emitWithAck('echo', 1), 1);
    ws.close();
  });

  it('give up an event that is nested too deep, say so, and handle the next one', async () => {
    const { ws, messages } = await connectRaw();
    ws.send(`421["echo",${DEEP}]`);
    ws.send('422["echo",5]');
    await until(() => messages.includes('432[5]'));
    assert.ok(lines.some((line) => /EVENTS_LOST: A message can’t be written/.test(line)));
    ws.close();
  });

  it('handle the next message where a listener puts into data what can’t be written', async () => {
    const socket = connect();
    await socket.timeout(5_000).emitWithAck('keep circles');
    assert.equal(await socket.timeout(5_000).emitWithAck('echo', 2), 2);
    assert.ok(lines.some((line) => /SESSION_NOT_SAVED.*data can’t be written/.test(line)));
  });

  it('handle the next message where a listener emits what can’t be written', async () => {
    const socket = connect();
    await socket.timeout(5_000).emitWithAck('emit circles');
    assert.equal(await socket.timeout(5_000).emitWithAck('echo', 3), 3);
  });

  it('deliver very much that one listener emits, in order', async () => {
    const socket = connect();
    const got = [];
    socket.on('n', (n) => got.push(n));
    await socket.emitWithAck('emit many', 2_500);
    await until(() => got.length === 2_500);
    assert.ok(got.every((n, i) => n === i));
  });

  it('take messages of so many bytes only while no app node handles them', async () => {
    const raw = createClient({ url: redis.url });
    await raw.connect();
    const log = (line) => lines.push(line);
    const options = { prefix: 'bytes', streams: 1, maxBacklogBytes: 100_000, log };
    const full = await startIoNode(redis, options);
    const socket = full.connect();
    await connected(socket);
    const isFull = () => lines.some((line) => /BACKLOG_FULL.*100000 bytes wait/.test(line));
    // At once, so that no node has time to ask how many bytes there are.
    for (let i = 0; i < 100; i += 1) socket.emit('echo', 'x'.repeat(5_000));
    await until(isFull);
    assert.ok((await raw.memoryUsage('bytes:in:0')) < 150_000);
    // Once they are handled, more is taken.
    const other = await getClient({ redis: redis.url, ...options });
    other.on('connection', (it) => it.on('echo', (value, done) => done?.(value)));
    await until(() =>
      socket
        .timeout(200)
        .emitWithAck('echo', 1)
        .catch(() => false),
    );
    await full.stop();
    await other.close();
    raw.destroy();
  });

  it('take news of connections twice as long as messages, and leave nothing of those that are given up', async () => {
    const raw = createClient({ url: redis.url });
    await raw.connect();
    const log = (line) => lines.push(line);
    const options = { prefix: 'connects', streams: 1, maxBacklog: 5, log };
    const full = await startIoNode(redis, options);
    const open = () => full.connect();
    const early = Array.from({ length: 10 }, open);
    await Promise.all(early.map(connected));
    await until(async () => (await raw.xLen('connects:in:0')) === 10);
    const late = Array.from({ length: 5 }, open);
    await Promise.all(late.map(connected));
    await until(() => lines.some((line) => /BACKLOG_FULL.*news of a connection/.test(line)));
    const [stays, ...others] = late;
    const keyOf = ({ id }) => `connects:session:/:${full.server.sockets.sockets.get(id).pid}`;
    const keys = others.map(keyOf);
    await until(async () => (await raw.exists(keys)) === keys.length);
    for (const socket of others) socket.disconnect();
    await until(async () => (await raw.exists(keys)) === 0);
    assert.equal(await raw.xLen('connects:in:0'), 10);
    // The end of one that is in the stream is said in any case.
    early[0].disconnect();
    await until(async () => (await raw.xLen('connects:in:0')) === 11);
    const other = await getClient({ redis: redis.url, ...options });
    const seen = [];
    other.on('connection', (it, { isReconnect }) => {
      seen.push(isReconnect);
      it.on('echo', (value, done) => done(value));
    });
    await until(async () => (await raw.xLen('connects:in:0')) === 0);
    assert.deepEqual(seen, Array(10).fill(false));
    assert.equal(await stays.emitWithAck('echo', 1), 1);
    assert.deepEqual(seen.slice(10), [true]);
    await full.stop();
    await other.close();
    raw.destroy();
  });

  it('let no more acknowledgements wait for a node that does not read than are bounded', async () => {
    const raw = createClient({ url: redis.url });
    await raw.connect();
    const stream = 'hadoken:node:ghost';
    const fill = `for i = 1, ${OWN_LENGTH} do redis.call('XADD', KEYS[1], '*', 'h', 'ack', 'd', '1') end`;
    await raw.eval(fill, { keys: [stream] });
    lines.length = 0;
    const message = { nsp: '/', sid: 'ghost', pid: 'ghost', event: ['echo', 1], ack: 1 };
    await raw.xAdd('hadoken:in:0', '*', { h: 'event ghost', d: JSON.stringify(message) });
    await until(() => lines.some((line) => /BACKLOG_FULL: 1 answers.*does not read/.test(line)));
    await until(async () => (await raw.xLen('hadoken:in:0')) === 0);
    assert.equal(await raw.xLen(stream), OWN_LENGTH);
    await raw.del(stream);
    raw.destroy();
  });

  it('wait for so many acknowledgements of one socket only', async () => {
    const said = [];
    const link = {
      uid: 'io',
      report: ({ message }) => said.push(message),
      reported: (task) => task(),
      writer: { append: async () => '1-0' },
    };
    const options = { keys: { inbound: () => 's' }, streams: 1, maxBacklog: 1, maxBacklogBytes: 1 };
    const relay = new Relay(link, options);
    let onAny;
    const nsp = { name: '/', adapter: { fenceOf: () => undefined } };
    relay.take({ nsp, id: 'a', handshake: {}, onAny: (it) => (onAny = it), on: () => {} });
    const answered = [];
    for (let i = 1; i <= 10_001; i += 1) onAny('say', () => answered.push(i));
    assert.equal(said.length, 1);
    assert.match(said[0], /10000 acknowledgements of one socket are waited for/);
    for (const ack of [1, 2, 10_001]) relay.acknowledge({ ack, args: [] });
    assert.deepEqual(answered, [2, 10_001]);
  });

  it('forget the acknowledgement of a message that is given up', async () => {
    const link = {
      uid: 'io',
      report: () => {},
      reported: (task) => task(),
      writer: { append: async ({ head }) => (head.startsWith('event') ? 'full' : '1-0') },
    };
    const options = {
      keys: { inbound: () => 's' },
      streams: 1,
      maxBacklog: 1,
      maxBacklogBytes: 1e6,
    };
    const relay = new Relay(link, options);
    let onAny;
    const nsp = { name: '/', adapter: { fenceOf: () => undefined } };
    relay.take({ nsp, id: 'a', handshake: {}, onAny: (it) => (onAny = it), on: () => {} });
    onAny('say', () => assert.fail('nobody has handled it'));
    await new Promise((resolve) => setImmediate(resolve));
    relay.acknowledge({ ack: 1, args: [] });
  });
});

describe('the durable adapter', { timeout: 60_000 }, () => {
  let redis;
  let node;
  before(async () => {
    redis = await startRedis();
    node = await startNode(redis, { recovery: { maxDisconnectionDuration: 3_000 } });
  });
  after(async () => {
    await node?.stop();
    await redis?.stop();
  });

  it('takes no pid that would name a session of another namespace', async () => {
    node.server.of('/admin:public');
    node.server.of('/admin').use((_socket, done) => done(new Error('no entry')));
    const socket = await connected(node.connect('/admin:public'));
    const { pid } = node.server.of('/admin:public').sockets.get(socket.id);
    const auth = { pid: `public:${pid}`, offset: socket._lastOffset };
    const thief = node.connect('/admin', { auth });
    const came = await Promise.race([
      next(thief, 'connect_error').then(([error]) => error.message),
      next(thief, 'connect').then(() => 'it came in'),
    ]);
    assert.equal(came, 'no entry');
  });

  it('replays nothing from before a client has connected, whatever it asks for', async () => {
    const witness = await connected(node.connect());
    const heard = next(witness, 'n');
    node.server.emit('n', 'before');
    await heard;
    const raw = createClient({ url: redis.url });
    await raw.connect();
    const [{ id: offset }] = await raw.xRange('hadoken:events:/', '-', '+', { COUNT: 1 });
    raw.destroy();
    const socket = await connected(node.connect());
    const { pid } = node.server.sockets.sockets.get(socket.id);
    socket.io.reconnection(false);
    const greedy = node.connect('/', { auth: { pid, offset } });
    const got = [];
    greedy.on('n', (n) => got.push(n));
    await next(greedy, 'connect');
    assert.equal(greedy.id, socket.id);
    node.server.emit('n', 'after');
    await until(() => got.includes('after'));
    assert.deepEqual(got, ['after']);
  });

  it('goes on where data can’t be written: rooms are, and so are other sessions', async () => {
    const [bad, good] = [await connected(node.connect()), await connected(node.connect())];
    const [own, other] = [bad, good].map(({ id }) => node.server.sockets.sockets.get(id));
    own.data.timer = circular;
    await own.join('room');
    const raw = createClient({ url: redis.url });
    await raw.connect();
    const keyOf = ({ pid }) => `hadoken:session:/:${pid}`;
    assert.match(await raw.hGet(keyOf(own), 's'), /"room"/);
    assert.ok(
      node.problems.some(({ message }) => /data of a socket can’t be written/.test(message)),
    );
    // The next renewal, a second from here, begins with the bad one.
    const position = await raw.hGet(keyOf(other), 'a');
    node.server.emit('n', 1);
    await until(async () => (await raw.hGet(keyOf(other), 'a')) !== position);
    raw.destroy();
  });

  it('reports an event that can’t be written, and delivers the next', async () => {
    const socket = await connected(node.connect());
    node.problems.length = 0;
    node.server.emit('n', circular);
    await until(() => node.problems.length);
    assert.equal(node.problems[0].code, 'EVENTS_LOST');
    const heard = next(socket, 'n');
    node.server.emit('n', 'next');
    assert.equal((await heard)[0], 'next');
  });
});
