/**
 * What Socket.IO's own tests expect of an adapter, of the durable one.
 * @see https://github.com/socketio/socket.io-redis-streams-adapter/blob/main/test/index.ts
 */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { connected, next, startNode, until } from './support/nodes.mjs';
import { startRedis } from './support/redis-server.mjs';

for (const kind of ['redis', 'ioredis'])
  describe(`the durable adapter with ${kind}`, { timeout: 120_000 }, () => {
    let redis;
    let nodes;
    let sockets;
    /** What clients have got, without the offset. */
    let got;

    before(async () => {
      redis = await startRedis();
      nodes = await Promise.all(
        [0, 1, 2].map(() => startNode(redis, { kind, heartbeatTimeout: 60_000 })),
      );
      for (const { server } of nodes)
        server
          .of('/chat')
          .on('connection', (socket) =>
            socket.on('join', (room, done) => socket.join(room)?.then(done)),
          );
      await until(async () => (await nodes[0].server.of('/').adapter.serverCount()) === 3);
      await until(async () => (await nodes[2].server.of('/').adapter.serverCount()) === 3);
      await until(async () => (await nodes[1].server.of('/chat').adapter.serverCount()) === 3);
    });
    after(async () => {
      await Promise.all((nodes ?? []).map((node) => node.stop()));
      await redis?.stop();
    });
    beforeEach(async () => {
      for (const socket of sockets ?? []) socket.disconnect();
      const [io] = nodes.map(({ server }) => server);
      await until(async () => (await io.timeout(20_000).fetchSockets()).length === 0);
      sockets = nodes.map((node) => node.connect());
      await Promise.all(sockets.map(connected));
      got = sockets.map((socket) => {
        const events = [];
        socket.onAny((...args) => {
          if (args[0] === 'hadoken:offset') return;
          events.push(
            args.slice(
              0,
              typeof args.at(-1) === 'string' && /^\d+-\d+$/.test(args.at(-1)) ? -1 : undefined,
            ),
          );
        });
        return events;
      });
    });
    const io = (i) => nodes[i].server;
    const own = (i) => io(i).sockets.sockets.get(sockets[i].id);
    /** When this event has come everywhere, everything before it has. */
    const settle = async (i = 0) => {
      const ends = sockets.map((socket) => next(socket, 'end'));
      io(i).emit('end');
      await Promise.all(ends);
      return got.map((events) => events.filter(([name]) => name !== 'end'));
    };

    it('broadcasts to all clients', async () => {
      io(0).emit('test', 1, '2', { 3: [true] });
      const event = ['test', 1, '2', { 3: [true] }];
      assert.deepEqual(await settle(), [[event], [event], [event]]);
    });

    it('broadcasts binary content, nested, and with a lone null', async () => {
      io(0).emit('test', Buffer.from([1, 2, 3]), { deep: [new Uint8Array([4, 5])] }, null);
      const event = ['test', Buffer.from([1, 2, 3]), { deep: [Buffer.from([4, 5])] }, null];
      assert.deepEqual(await settle(), [[event], [event], [event]]);
    });

    it('broadcasts to the clients of a namespace', async () => {
      const chat = nodes.map((node) => node.connect('/chat'));
      await Promise.all(chat.map(connected));
      const heard = Promise.all(chat.map((socket) => next(socket, 'test')));
      io(1).of('/chat').emit('test', 'x');
      assert.deepEqual(
        (await heard).map(([value]) => value),
        ['x', 'x', 'x'],
      );
      assert.deepEqual(await settle(), [[], [], []]);
      for (const socket of chat) socket.disconnect();
    });

    it('broadcasts to the clients in a room, once where they are in several', async () => {
      await own(1).join(['room1', 'room2']);
      io(0).to(['room1', 'room2']).emit('test');
      assert.deepEqual(await settle(), [[], [['test']], []]);
    });

    it('broadcasts to all but the clients in a room', async () => {
      await own(1).join('room1');
      io(0).of('/').except('room1').emit('test');
      assert.deepEqual(await settle(), [[['test']], [], [['test']]]);
    });

    it('broadcasts from a socket to the others', async () => {
      own(2).broadcast.emit('test');
      assert.deepEqual(await settle(2), [[['test']], [['test']], []]);
    });

    it('broadcasts to local clients only', async () => {
      io(0).local.emit('test');
      assert.deepEqual(await settle(), [[['test']], [], []]);
    });

    it('keeps the order of what different nodes emit the same for all clients', async () => {
      for (let i = 0; i < 50; i += 1) for (const n of [0, 1, 2]) io(n).emit('test', n, i);
      await until(() => got.every((events) => events.length === 150));
      assert.deepEqual(got[1], got[0]);
      assert.deepEqual(got[2], got[0]);
    });

    it('broadcasts with an acknowledgement of each client', async () => {
      for (const [i, socket] of sockets.entries()) socket.on('ask', (done) => done(i));
      const answers = await io(0).timeout(20_000).emitWithAck('ask');
      assert.deepEqual(answers.sort(), [0, 1, 2]);
    });

    it('delivers an event with an acknowledgement behind the events before it', async () => {
      for (const socket of sockets) socket.on('ask', (done) => done('yes'));
      io(0).emit('before');
      const answers = await io(0).timeout(20_000).emitWithAck('ask');
      assert.deepEqual(answers, ['yes', 'yes', 'yes']);
      for (const events of got)
        assert.deepEqual(
          events.map(([name]) => name),
          ['before', 'ask'],
        );
    });

    it('has binary acknowledgements', async () => {
      for (const socket of sockets) socket.on('ask', (done) => done(Buffer.from([9])));
      const answers = await io(0).timeout(20_000).emitWithAck('ask');
      assert.deepEqual(answers, [Buffer.from([9]), Buffer.from([9]), Buffer.from([9])]);
    });

    it('fails after the timeout where a client does not acknowledge', async () => {
      for (const socket of sockets.slice(1)) socket.on('ask', (done) => done('yes'));
      let error;
      // What a busy machine does not bring back in time is waited for longer.
      for (const ms of [1_000, 5_000, 20_000]) {
        error = await io(0)
          .timeout(ms)
          .emitWithAck('ask')
          .catch((it) => it);
        if (error.responses?.length === 2) break;
      }
      assert.match(error.message, /timed out/);
      assert.deepEqual(error.responses, ['yes', 'yes']);
    });

    it('asks one socket of its own for an acknowledgement', async () => {
      sockets[0].on('ask', (value, done) => done(value + 1));
      assert.equal(await own(0).timeout(20_000).emitWithAck('ask', 1), 2);
    });

    it('makes sockets of all nodes join, and leave, a room', async () => {
      io(0).socketsJoin('room1');
      io(0).to('room1').emit('test', 1);
      io(0).in(sockets[1].id).socketsLeave('room1');
      io(0).to('room1').emit('test', 2);
      const both = [
        ['test', 1],
        ['test', 2],
      ];
      assert.deepEqual(await settle(), [both, [['test', 1]], both]);
    });

    it('disconnects sockets of another node', async () => {
      const gone = next(sockets[1], 'disconnect');
      io(0).in(sockets[1].id).disconnectSockets();
      assert.equal((await gone)[0], 'io server disconnect');
      assert.equal(sockets[0].connected, true);
      sockets[1].connect();
      await next(sockets[1], 'connect');
    });

    it('fetches the sockets of all nodes, of a room, and local ones', async () => {
      own(1).data = { name: 'Ken' };
      await own(1).join('room1');
      const all = await io(0).timeout(20_000).fetchSockets();
      assert.deepEqual(all.map(({ id }) => id).sort(), sockets.map(({ id }) => id).sort());
      const [one, ...rest] = await io(0).timeout(20_000).in('room1').fetchSockets();
      assert.equal(rest.length, 0);
      assert.equal(one.id, sockets[1].id);
      assert.deepEqual(one.data, { name: 'Ken' });
      assert.ok(one.rooms.has('room1'));
      assert.equal(one.handshake.query.EIO, '4');
      assert.deepEqual(
        (await io(0).local.fetchSockets()).map(({ id }) => id),
        [sockets[0].id],
      );
      one.emit('test', 'remote');
      assert.deepEqual(await settle(), [[], [['test', 'remote']], []]);
    });

    it('emits to the other servers', async () => {
      const heard = [1, 2].map(
        (i) => new Promise((resolve) => io(i).once('hello', (...args) => resolve(args))),
      );
      io(0).once('hello', () => assert.fail('not to itself'));
      io(0).serverSideEmit('hello', 'world', 1, [true]);
      assert.deepEqual(await Promise.all(heard), [
        ['world', 1, [true]],
        ['world', 1, [true]],
      ]);
      io(0).removeAllListeners('hello');
    });

    // Socket.IO's timeout for these is 5 s, and can't be set.
    it('emits to the other servers, with acknowledgements, and says when one is missing', async () => {
      io(1).on('ask', (done) => done('one'));
      io(2).on('ask', (done) => done('two'));
      const ask = () => io(0).serverSideEmitWithAck('ask').catch(ask);
      assert.deepEqual((await ask()).sort(), ['one', 'two']);
      io(2).removeAllListeners('ask');
      if (kind !== 'redis') return;
      const error = await io(0)
        .serverSideEmitWithAck('ask')
        .catch((it) => it);
      assert.match(error.message, /timeout reached/);
      assert.deepEqual(error.responses, ['one']);
      io(1).removeAllListeners('ask');
    });

    it('drops volatile events never in between, and gives them no offset', async () => {
      const args = new Promise((resolve) => sockets[1].once('test', (...all) => resolve(all)));
      io(0).volatile.emit('test', 5);
      assert.deepEqual(await args, [5]);
    });

    it('joins rooms in a namespace of its own', async () => {
      const [a, b] = [nodes[0].connect('/chat'), nodes[2].connect('/chat')];
      await Promise.all([connected(a), connected(b)]);
      await a.emitWithAck('join', 'room1');
      const heard = next(a, 'test');
      b.on('test', () => assert.fail('is not in the room'));
      io(1).of('/chat').to('room1').emit('test', 1);
      io(1).to('room1').emit('test', 2);
      assert.equal((await heard)[0], 1);
      a.disconnect();
      b.disconnect();
    });
  });
