/** Sessions and replay: what a client gets that comes back, to the same node or another. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { createDurableAdapter, saveSession } from '../index.js';
import { compareIds } from '../src/stream-id.js';
import { connected, cut, moveTo, next, startNode, until } from './support/nodes.mjs';
import { startRedis } from './support/redis-server.mjs';

/** Collects the first argument of each `event`. */
function collect(socket, event = 'n') {
  const got = [];
  socket.on(event, (value) => got.push(value));
  return got;
}

describe('a session of the durable adapter', { timeout: 120_000 }, () => {
  let redis;
  let raw;
  let a;
  let b;
  before(async () => {
    redis = await startRedis();
    raw = createClient({ url: redis.url });
    await raw.connect();
    [a, b] = await Promise.all([startNode(redis), startNode(redis)]);
    for (const { server } of [a, b])
      server.on('connection', (socket) => {
        socket.on('join', async (room, done) => done(await socket.join(room)));
        socket.on('leave', async (room, done) => done(await socket.leave(room)));
        socket.on('set', async (data, done) => {
          socket.data = data;
          await saveSession(socket);
          done();
        });
        socket.on('data', (done) => done(socket.data, [...socket.rooms]));
      });
  });
  after(async () => {
    raw?.destroy();
    await Promise.all([a, b].map((node) => node?.stop()));
    await redis?.stop();
  });

  /** Cuts the client's connection; it comes back to `node` after `meanwhile()`. */
  async function away(socket, node, meanwhile = () => {}) {
    const { reconnection } = socket.io.opts;
    socket.io.reconnection(false);
    const gone = next(socket, 'disconnect');
    cut(socket);
    await gone;
    await meanwhile();
    socket.io.reconnection(reconnection !== false);
    moveTo(socket, node);
    const back = next(socket, 'connect');
    socket.connect();
    await back;
  }
  /** Emits and waits until both nodes have delivered it. */
  async function emit(io, event, value, room) {
    const stream = 'hadoken:events:/';
    const [last] = await raw.xRevRange(stream, '+', '-', { COUNT: 1 });
    (room ? io.to(room) : io).emit(event, value);
    const isIt = ({ message: { d } }) =>
      d.startsWith('{') && isDeepStrictEqual(JSON.parse(d).packet?.data, [event, value]);
    let id;
    await until(async () => {
      id = (await raw.xRange(stream, `(${last?.id ?? '0-0'}`, '+')).find(isIt)?.id;
      return id;
    });
    const hasRead = ({ server }) => compareIds(server.of('/').adapter.position().read, id) >= 0;
    await until(() => [a, b].every(hasRead));
  }

  it('is restored on another node, with id, rooms, data and what was missed, in order', async () => {
    const socket = await connected(a.connect());
    const got = collect(socket);
    const { id } = socket;
    await socket.emitWithAck('join', 'room1');
    await socket.emitWithAck('set', { name: 'Ryu', bytes: Buffer.from([7]) });
    await away(socket, b, async () => {
      for (let i = 0; i < 30; i += 1) [a, b][i % 2].server.to('room1').emit('n', i);
      await emit(b.server, 'n', 'not for it', 'room2');
    });
    await until(() => got.length >= 30);
    assert.equal(socket.recovered, true);
    assert.equal(socket.id, id);
    assert.deepEqual(
      got.toSorted((x, y) => x - y),
      Array.from({ length: 30 }, (_, i) => i),
    );
    const [data, rooms] = await new Promise((resolve) =>
      socket.emit('data', (...all) => resolve(all)),
    );
    assert.deepEqual(data, { name: 'Ryu', bytes: Buffer.from([7]) });
    assert.deepEqual(rooms.sort(), [id, 'room1'].sort());
  });

  it('gives what was missed behind the CONNECT, so a cut in between makes nothing come twice', async () => {
    const socket = await connected(a.connect());
    const packets = [];
    await away(socket, b, async () => {
      await emit(a.server, 'n', 1);
      socket.io.on('packet', ({ type }) => packets.push(type));
    });
    await until(() => packets.length >= 2);
    assert.deepEqual(packets.slice(0, 2), [0, 2]);
  });

  it('is restored before its first event', async () => {
    const socket = await connected(a.connect());
    const got = collect(socket);
    await away(socket, b, () => emit(a.server, 'n', 1));
    await until(() => got.length > 0);
    assert.deepEqual([socket.recovered, got], [true, [1]]);
  });

  it('is there from the connect on, and after a disconnect() no more', async () => {
    const socket = await connected(a.connect());
    const { pid } = a.server.sockets.sockets.get(socket.id);
    await until(() => raw.exists(`hadoken:session:/:${pid}`));
    socket.disconnect();
    await until(async () => !(await raw.exists(`hadoken:session:/:${pid}`)));
  });

  it('gives nothing from before it joined a room, and all until it left one', async () => {
    const socket = await connected(a.connect());
    const got = collect(socket);
    await emit(a.server, 'n', 'before', 'room3');
    await socket.emitWithAck('join', 'room3');
    socket.io.engine.transport.onPacket = () => {}; // from here on it gets nothing more
    await emit(a.server, 'n', 'inside', 'room3');
    await until(() => a.server.sockets.adapter.rooms.has('room3'));
    await a.server.sockets.sockets.get(socket.id).leave('room3');
    await emit(a.server, 'n', 'after', 'room3');
    await emit(a.server, 'n', 'end');
    await away(socket, b);
    await until(() => got.includes('end'));
    assert.deepEqual(got, ['inside', 'end']);
  });

  it('joins and leaves what it was told to while no node had it', async () => {
    const socket = await connected(a.connect());
    const got = collect(socket);
    const { id } = socket;
    await socket.emitWithAck('join', 'old');
    await away(socket, b, async () => {
      a.server.in(id).socketsJoin('new');
      a.server.in('old').socketsLeave('old');
      a.server.to('old').emit('n', 'old');
      await emit(a.server, 'n', 'new', 'new');
    });
    await until(() => got.length > 0);
    const [, rooms] = await new Promise((resolve) => socket.emit('data', (...all) => resolve(all)));
    assert.deepEqual([got, rooms.includes('new'), rooms.includes('old')], [['new'], true, false]);
  });

  it('ends where the server disconnects it while no node has it', async () => {
    const socket = await connected(a.connect());
    const { id } = socket;
    await away(socket, b, async () => {
      a.server.in(id).disconnectSockets();
      await emit(a.server, 'n', 1);
    });
    assert.equal(socket.recovered, false);
    assert.notEqual(socket.id, id);
  });

  it('replays no volatile event and none with an acknowledgement, so nothing comes twice', async () => {
    const socket = await connected(a.connect());
    const got = collect(socket);
    const asked = collect(socket, 'ask');
    a.server.emit('n', 1);
    a.server.sockets.sockets.get(socket.id).emit('ask', 'once', () => {});
    await until(() => got.length === 1 && asked.length === 1);
    a.server.volatile.emit('n', 'volatile');
    await until(() => got.length === 2);
    await away(socket, b);
    await emit(a.server, 'n', 2);
    await until(() => got.length === 3);
    assert.deepEqual([got, asked], [[1, 'volatile', 2], ['once']]);
  });

  it('loses nothing while asynchronous middlewares of a recovered socket take their time', async () => {
    const slow = await startNode(redis, { recovery: { skipMiddlewares: false } });
    let enter;
    let goOn;
    const entered = new Promise((resolve) => (enter = resolve));
    let isSlow = false;
    slow.server.use(async (_socket, done) => {
      if (isSlow) {
        enter();
        await new Promise((resolve) => (goOn = resolve));
      }
      done();
    });
    const socket = await connected(slow.connect());
    const got = collect(socket);
    isSlow = true;
    const back = away(socket, slow, () => emit(a.server, 'n', 1));
    await entered;
    await emit(a.server, 'n', 2);
    await until(async () => {
      const { read } = slow.server.of('/').adapter.position();
      return read === (await raw.xRevRange('hadoken:events:/', '+', '-', { COUNT: 1 }))[0].id;
    });
    goOn();
    await back;
    await emit(a.server, 'n', 3);
    await until(() => got.length >= 3);
    assert.deepEqual([socket.recovered, got], [true, [1, 2, 3]]);
    await slow.stop();
  });

  it('is owned by who claims it last: the earlier socket is closed and writes nothing more', async () => {
    const socket = await connected(a.connect());
    const { id } = socket;
    const before = a.server.sockets.sockets.get(id);
    const key = `hadoken:session:/:${before.pid}`;
    const gone = once(before, 'disconnect');
    // Or both would claim it in turns.
    socket.io.reconnection(false);
    const thief = b.connect('/', { auth: { pid: before.pid, offset: socket._lastOffset } });
    await next(thief, 'connect');
    assert.equal(thief.id, id);
    const [reason] = await gone;
    assert.equal(reason, 'forced close');
    const token = await raw.hGet(key, 't');
    const state = await raw.hGet(key, 's');
    // What the earlier socket's node still does is refused.
    before.adapter.addAll(id, new Set(['late']));
    await before.adapter.saveSession(before);
    assert.deepEqual([await raw.hGet(key, 't'), await raw.hGet(key, 's')], [token, state]);
  });

  it('is kept where a claim is heard of late, and the client has come back since', async () => {
    const socket = await connected(a.connect());
    const { pid, adapter } = a.server.sockets.sockets.get(socket.id);
    const { token } = adapter.fenceOf(socket.id);
    const tell = (old) =>
      raw.xAdd(`hadoken:node:${adapter.uid}`, '*', {
        h: `claimed ${old}`,
        d: JSON.stringify({ nsp: '/', pid, token: 'another.1' }),
      });
    let gone = 0;
    socket.on('disconnect', () => (gone += 1));
    await tell(`${token}0`);
    await emit(a.server, 'n', 1);
    // An own entry behind it has been read when this is answered.
    await a.server.timeout(5_000).in(socket.id).fetchSockets();
    assert.equal(gone, 0);
    await tell(token);
    await until(() => gone === 1);
  });

  it('is taken over within one node, and keeps its rooms when the earlier connection ends', async () => {
    const socket = await connected(a.connect());
    await socket.emitWithAck('join', 'room4');
    const { pid } = a.server.sockets.sockets.get(socket.id);
    const again = a.connect('/', { auth: { pid, offset: socket._lastOffset } });
    socket.io.reconnection(false);
    const gone = next(socket, 'disconnect');
    await next(again, 'connect');
    await gone;
    assert.equal(again.recovered || again.id === socket.id || again.id !== undefined, true);
    const got = collect(again);
    await emit(b.server, 'n', 'still', 'room4');
    await until(() => got.length > 0);
  });

  it('is not restored from an offset that is none, or for a pid that is nobody’s', async () => {
    for (const auth of [
      { pid: 'nobody', offset: '1-1' },
      { pid: '*', offset: '1-1' },
      { pid: { evil: 1 }, offset: '1-1' },
    ]) {
      const socket = await connected(a.connect('/', { auth }));
      assert.equal(socket.recovered, false);
    }
    const socket = await connected(a.connect());
    const { pid } = a.server.sockets.sockets.get(socket.id);
    for (const offset of ['', '$', '+', '0', '1-1; DEL', '99999999999999999999-1', 5, ['1-1']]) {
      const other = await connected(b.connect('/', { auth: { pid, offset } }));
      assert.notEqual(other.id, socket.id);
    }
    assert.equal(socket.connected, true);
  });

  it('is not restored where the history does not reach back, and it is said why', async () => {
    const small = await startNode(redis, { prefix: 'small' });
    const socket = await connected(small.connect());
    const got = collect(socket);
    const other = await startNode(redis, { prefix: 'small' });
    await away(socket, other, async () => {
      await small.server.close();
      await raw.xTrim('small:events:/', 'MAXLEN', 0);
      other.server.emit('n', 1);
    });
    assert.deepEqual([socket.recovered, got], [false, []]);
    assert.ok(
      other.problems.some(({ code }) => code === 'HISTORY_TOO_SHORT'),
      other.logged.join(),
    );
    assert.ok(other.logged.some((line) => /Raise maxAge or maxBytes/.test(line)));
    await Promise.all([small.stop(), other.stop()]);
  });

  it('is not restored where it has left more rooms than are remembered, and it is said why', async () => {
    const socket = await connected(a.connect());
    const got = collect(socket);
    const own = a.server.sockets.sockets.get(socket.id);
    await own.join('first left');
    socket.io.engine.transport.onPacket = () => {}; // from here on it gets nothing more
    await emit(a.server, 'n', 'missed', 'first left');
    await own.leave('first left');
    for (let i = 0; i < 100; i += 1) {
      own.join(`room${i}`);
      await own.leave(`room${i}`);
    }
    await emit(a.server, 'n', 'end');
    b.problems.length = 0;
    await away(socket, b);
    assert.deepEqual([socket.recovered, got], [false, []]);
    const [{ code, message }] = b.problems;
    assert.equal(code, 'HISTORY_TOO_SHORT');
    assert.match(message, /left too many rooms/);
  });

  it('shares nothing with a cluster of another prefix on the same Redis', async () => {
    const other = await startNode(redis, { prefix: 'other' });
    const [ours, theirs] = [await connected(a.connect()), await connected(other.connect())];
    theirs.on('n', () => assert.fail('is of another cluster'));
    const { pid } = a.server.sockets.sockets.get(ours.id);
    const got = collect(ours);
    await emit(a.server, 'n', 1);
    await until(() => got.length === 1);
    const claim = await connected(other.connect('/', { auth: { pid, offset: ours._lastOffset } }));
    assert.notEqual(claim.id, ours.id);
    assert.equal((await other.server.fetchSockets()).length, 2);
    await other.stop();
  });

  it('delivers the first entry of a quiet stream, also of a namespace that is new', async () => {
    const [one, two] = [
      await startNode(redis, { prefix: 'quiet' }),
      await startNode(redis, { prefix: 'quiet' }),
    ];
    for (const nsp of ['/', '/late']) {
      for (const { server } of [one, two]) server.of(nsp);
      const socket = await connected(one.connect(nsp));
      const got = collect(socket);
      two.server.of(nsp).emit('n', nsp);
      await until(() => got.length === 1);
    }
    await Promise.all([one.stop(), two.stop()]);
  });

  it('lets a busy namespace push nothing out of another’s history', async () => {
    const node = await startNode(redis, { prefix: 'busy', maxBytes: 200_000 });
    node.server.of('/busy');
    const socket = await connected(node.connect());
    const got = collect(socket);
    const text = 'x'.repeat(10_000);
    await away(socket, node, async () => {
      node.server.emit('n', 1);
      for (let i = 0; i < 100; i += 1) node.server.of('/busy').emit('n', text);
      const trimmed = next(node.server.of('/busy').adapter, 'problem');
      const [error] = await trimmed;
      assert.equal(error.code, 'HISTORY_TRIMMED');
      assert.match(error.message, /more than maxBytes \(200000\)/);
    });
    await until(() => got.length === 1);
    assert.equal(socket.recovered, true);
    assert.ok((await raw.xLen('busy:events:/busy')) < 100);
    await node.stop();
  });
});

describe('identify', { timeout: 60_000 }, () => {
  let redis;
  let node;
  let enter;
  let goOn;
  before(async () => {
    redis = await startRedis();
    node = await startNode(redis, {
      identify: async (handshake, auth) => {
        if (auth.user === 'slow') {
          enter();
          await new Promise((resolve) => (goOn = resolve));
        }
        if (auth.user === 'broken') throw new Error('no such user');
        return `${auth.user}@${handshake.headers.host.split(':')[0]}`;
      },
    });
  });
  after(async () => {
    await node?.stop();
    await redis?.stop();
  });

  for (const [who, user, isSame] of [
    ['restores a session for who it belongs to', 'ryu', true],
    ['refuses it to somebody else', 'ken', false],
    ['refuses it to nobody', undefined, false],
    ['refuses it where the identity can’t be found', 'broken', false],
  ])
    it(who, async () => {
      const socket = await connected(node.connect('/', { auth: { user: 'ryu' } }));
      const { pid, id } = node.server.sockets.sockets.get(socket.id);
      const adapter = node.server.of('/').adapter;
      await until(() => adapter.saveSession(node.server.sockets.sockets.get(id)).then(() => true));
      const auth = { user, pid, offset: socket._lastOffset };
      // Or both claim it in turns for ever, as two thieves would.
      socket.io.reconnection(false);
      const other = node.connect('/', { auth });
      await next(other, 'connect');
      assert.equal(other.id === id, isSame);
      if (!isSame) assert.equal(socket.connected, true);
    });

  /** The session of another client is written behind what is on its way. */
  async function allIsWritten() {
    const witness = await connected(node.connect('/', { auth: { user: 'ryu' } }));
    await saveSession(node.server.sockets.sockets.get(witness.id));
    witness.disconnect();
  }

  it('leaves nothing of a client that has gone before it was identified', async () => {
    const raw = createClient({ url: redis.url });
    await raw.connect();
    const entered = new Promise((resolve) => (enter = resolve));
    const socket = node.connect('/', { auth: { user: 'slow' } });
    await Promise.all([entered, next(socket, 'connect')]);
    socket.disconnect();
    const isSlow = ({ handshake }) => handshake.auth.user === 'slow';
    const find = () => [...node.server.sockets.sockets.values()].find(isSlow);
    const own = find();
    await until(() => !find());
    goOn();
    await allIsWritten();
    assert.equal(await raw.exists(`hadoken:session:/:${own.pid}`), 0);
    raw.destroy();
  });

  it('keeps a room that is joined while the client is being identified', async () => {
    const raw = createClient({ url: redis.url });
    await raw.connect();
    const entered = new Promise((resolve) => (enter = resolve));
    const socket = node.connect('/', { auth: { user: 'slow' } });
    await Promise.all([entered, next(socket, 'connect')]);
    const own = node.server.sockets.sockets.get(socket.id);
    const joined = own.join('room');
    await new Promise((resolve) => setImmediate(resolve));
    goOn();
    await joined;
    await allIsWritten();
    const { s, i } = await raw.hGetAll(`hadoken:session:/:${own.pid}`);
    assert.match(s, /"room"/);
    assert.match(i, /^=slow@/);
    socket.disconnect();
    raw.destroy();
  });

  it('gives a session that nobody could be identified for to no one', async () => {
    const socket = await connected(node.connect('/', { auth: { user: 'broken' } }));
    const { pid, id } = node.server.sockets.sockets.get(socket.id);
    for (const user of ['broken', undefined, '']) {
      const other = await connected(
        node.connect('/', { auth: { user, pid, offset: socket._lastOffset } }),
      );
      assert.notEqual(other.id, id);
    }
  });
});

describe('the durable adapter', { timeout: 60_000 }, () => {
  it('wants a client of Redis, and connectionStateRecovery', async () => {
    assert.throws(() => createDurableAdapter({}), { code: 'INVALID_REDIS' });
    assert.throws(() => createDurableAdapter('redis://'), { code: 'INVALID_REDIS' });
    const client = createClient();
    assert.throws(() => new Server(createServer(), { adapter: createDurableAdapter(client) }), {
      code: 'NO_RECOVERY',
    });
    await sleep(0);
  });
});
