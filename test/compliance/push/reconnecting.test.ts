import { expect } from '@esm-bundle/chai';
import { control, uniqueId, until } from '../../support/env.ts';
import { both, next, pause } from './both.ts';

both('reconnecting', ({ io, ioRecovering, Manager }) => {
  it('tells in order: close, reconnect_attempt, reconnect, and the socket disconnect and connect', async () => {
    const socket = io();
    await next(socket, 'connect');
    const seen: unknown[] = [];
    socket.on('connect', () => seen.push('connect'));
    socket.on('disconnect', () => seen.push('disconnect'));
    for (const event of ['open', 'close', 'reconnect_attempt', 'reconnect'] as const)
      socket.io.on(event, (value?: unknown) =>
        seen.push(typeof value === 'number' ? [event, value] : event),
      );
    socket.emit('drop');
    await next(socket, 'connect');
    expect(seen).to.deep.equal([
      'disconnect',
      'close',
      ['reconnect_attempt', 1],
      'open',
      ['reconnect', 1],
      'connect',
    ]);
  });

  it('has its state right at each of them', async () => {
    const socket = io();
    await next(socket, 'connect');
    const seen: unknown[] = [];
    for (const event of ['close', 'reconnect_attempt', 'open', 'reconnect'] as const)
      socket.io.on(event, () =>
        seen.push([event, socket.io._readyState, !!socket.io._reconnecting]),
      );
    socket.emit('drop');
    await next(socket, 'connect');
    expect(seen).to.deep.equal([
      ['close', 'closed', false],
      ['reconnect_attempt', 'closed', true],
      ['open', 'open', true],
      ['reconnect', 'open', false],
    ]);
  });

  it('counts attempts, reports each error, and gives up after reconnectionAttempts', async () => {
    const socket = io('/', { reconnectionAttempts: 2 });
    await next(socket, 'connect');
    const seen: unknown[] = [];
    socket.io.on('reconnect_attempt', (attempt) => seen.push(attempt));
    socket.io.on('reconnect_error', (error) => seen.push(error.message));
    socket.on('connect_error', (error) => seen.push(`connect_error: ${error.message}`));
    const failed = next(socket.io, 'reconnect_failed');
    await control('io/stop');
    expect(await failed).to.deep.equal([]);
    await until(() => seen.length >= 6);
    expect(seen).to.deep.equal([
      1,
      'connect_error: websocket error',
      'websocket error',
      2,
      'connect_error: websocket error',
      'websocket error',
    ]);
    expect(socket.io._reconnecting).to.equal(false);
  });

  it('starts anew by connect() after it has given up', async () => {
    const socket = io('/', { reconnectionAttempts: 1 });
    await next(socket, 'connect');
    const failed = next(socket.io, 'reconnect_failed');
    await control('io/stop');
    await failed;
    await pause(20);
    await control('io/start');
    socket.connect();
    await next(socket, 'connect');
  });

  it('does not try again with reconnection false', async () => {
    const socket = io('/', { reconnection: false });
    await next(socket, 'connect');
    let attempts = 0;
    socket.io.on('reconnect_attempt', () => attempts++);
    socket.emit('drop');
    await next(socket, 'disconnect');
    await pause(150);
    expect(attempts).to.equal(0);
    expect(socket.connected).to.equal(false);
    socket.connect();
    await next(socket, 'connect');
  });

  it('stops trying by disconnect()', async () => {
    await control('io/stop');
    const socket = io();
    await next(socket, 'connect_error');
    socket.disconnect();
    await control('io/start');
    await pause(200);
    expect(socket.connected).to.equal(false);
  });

  it('stops trying by a disconnect() in reconnect_attempt', async () => {
    const socket = io();
    await next(socket, 'connect');
    socket.io.on('reconnect_attempt', () => void socket.disconnect());
    let connects = 0;
    socket.on('connect', () => connects++);
    socket.emit('drop');
    await next(socket.io, 'reconnect_attempt');
    await pause(150);
    expect(connects).to.equal(0);
  });

  it('stops trying by reconnection(false) in reconnect_attempt', async () => {
    await control('io/stop');
    const socket = io();
    const attempts: number[] = [];
    const stopped = new Promise((resolve) =>
      socket.io.on('reconnect_attempt', (attempt) => {
        attempts.push(attempt);
        if (attempt === 2) resolve(socket.io.reconnection(false));
      }),
    );
    await stopped;
    await pause(300);
    expect(attempts).to.deep.equal([1, 2]);
  });

  it('stops trying by reconnection(false) in disconnect, and goes on by a connect()', async () => {
    const socket = io();
    await next(socket, 'connect');
    socket.once('disconnect', () => void socket.io.reconnection(false));
    socket.emit('drop');
    await next(socket, 'disconnect');
    await pause(150);
    expect(socket.connected).to.equal(false);
    socket.io.reconnection(true);
    socket.connect();
    await next(socket, 'connect');
    // And is made again as before.
    socket.emit('drop');
    await next(socket, 'connect');
    expect(await socket.emitWithAck('echo', 'back')).to.equal('back');
  });

  it('stops trying by reconnection(false) in connect_error, and goes on by a connect()', async () => {
    await control('io/stop');
    const socket = io();
    let errors = 0;
    socket.on('connect_error', () => {
      errors += 1;
      socket.io.reconnection(false);
    });
    await next(socket, 'connect_error');
    await control('io/start');
    await pause(150);
    expect([errors, socket.connected]).to.deep.equal([1, false]);
    socket.connect();
    await next(socket, 'connect');
  });

  it('tells what is owed after a reconnection(false): the engine’s end, done, and reconnect_error', async () => {
    const socket = io();
    await next(socket, 'connect');
    const closed = next(socket.io.engine, 'close');
    socket.once('disconnect', () => void socket.io.reconnection(false));
    socket.emit('drop');
    expect((await closed)[0]).to.equal('transport close');

    await control('io/stop');
    const manager = Manager({ autoConnect: false });
    manager.once('error', () => void manager.reconnection(false));
    const done = await new Promise<unknown>((resolve) => void manager.open(resolve));
    expect(done).to.be.instanceOf(Error);

    const other = Manager();
    let errors = 0;
    other.on('error', () => {
      errors += 1;
      if (errors === 2) other.reconnection(false);
    });
    await next(other, 'reconnect_error');
    await pause(200);
    expect(errors).to.equal(2);
  });

  it('tells of the engine’s end once where disconnect() is called in disconnect', async () => {
    const socket = io();
    await next(socket, 'connect');
    const reasons: string[] = [];
    socket.io.engine.on('close', (reason) => reasons.push(reason));
    socket.once('disconnect', () => void socket.disconnect());
    socket.emit('drop');
    await until(() => reasons.length > 0);
    await pause(100);
    expect(reasons).to.deep.equal(['transport close']);
  });

  it('stops trying by reconnection(false)', async () => {
    await control('io/stop');
    const socket = io();
    await next(socket, 'connect_error');
    socket.io.reconnection(false);
    await control('io/start');
    await pause(200);
    expect(socket.connected).to.equal(false);
  });

  it('sends what was emitted while it was away, in order and before connect', async () => {
    const socket = io();
    await next(socket, 'connect');
    await control('io/stop');
    if (socket.connected) await next(socket, 'disconnect');
    const key = uniqueId();
    for (let i = 0; i < 5; i++) socket.emit('note', key, i);
    expect(socket.sendBuffer.length).to.equal(5);
    const back = next(socket, 'connect');
    await control('io/start');
    await back;
    expect(socket.sendBuffer.length).to.equal(0);
    expect(await socket.emitWithAck('notes', key)).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('fails at the loss of the connection what was sent, not what waits', async () => {
    const socket = io();
    await next(socket, 'connect');
    const sent = socket.emitWithAck('silent').catch((error) => error.message);
    socket.on('disconnect', () => {
      seen.push(`acks: ${socket.sendBuffer.length}`);
    });
    const seen: string[] = [];
    socket.once('disconnect', () => {
      void socket.emitWithAck('echo', 'waits').then((value) => seen.push(value));
    });
    socket.emit('drop');
    expect(await sent).to.equal('socket has been disconnected');
    await next(socket, 'connect');
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal(['acks: 0', 'waits']);
  });

  it('brings every namespace of the connection back', async () => {
    const manager = Manager();
    const sockets = ['/', '/chat', '/any-x'].map((nsp) => manager.socket(nsp));
    await Promise.all(sockets.map((socket) => next(socket, 'connect')));
    const back = Promise.all(sockets.map((socket) => next(socket, 'connect')));
    sockets[0]?.emit('drop');
    await back;
    for (const socket of sockets)
      expect((await socket.emitWithAck('whoami')).nsp).to.equal(
        (socket as unknown as { nsp: string }).nsp,
      );
  });

  it('asks for auth again', async () => {
    let call = 0;
    const socket = io('/', { auth: (send) => send({ call: ++call }) });
    await next(socket, 'connect');
    socket.emit('drop');
    await next(socket, 'connect');
    expect((await socket.emitWithAck('whoami')).auth).to.deep.equal({ call: 2 });
  });

  it('takes opts that were changed in reconnect_attempt at that very attempt', async () => {
    const socket = io('/', { query: { round: 'one' } });
    expect((await socket.emitWithAck('whoami')).query.round).to.equal('one');
    socket.io.on('reconnect_attempt', () => {
      socket.io.opts.query = { round: 'two' };
    });
    socket.emit('drop');
    await next(socket, 'connect');
    expect((await socket.emitWithAck('whoami')).query.round).to.equal('two');
  });

  it('has recovered false on a server that recovers nothing', async () => {
    const socket = io();
    await next(socket, 'connect');
    expect(!!socket.recovered).to.equal(false);
    socket.emit('drop');
    await next(socket, 'connect');
    expect(!!socket.recovered).to.equal(false);
  });

  it('is recovered with its id and what it missed, where the server can', async () => {
    const socket = ioRecovering();
    await next(socket, 'connect');
    expect(!!socket.recovered).to.equal(false);
    const { id } = socket;
    const seen: unknown[] = [];
    socket.on('x', (value) => seen.push(value));
    socket.emit('emit-back', 'x', 1);
    await socket.emitWithAck('echo', 0);
    socket.emit('later', 20, 'x', 2);
    socket.emit('vanish');
    await next(socket, 'disconnect');
    await next(socket, 'connect');
    expect(socket.recovered).to.equal(true);
    expect(socket.id).to.equal(id);
    await socket.emitWithAck('echo', 0);
    expect(seen).to.deep.equal([1, 2]);
  });

  it('is not recovered after a disconnect() of its own', async () => {
    const socket = ioRecovering();
    await next(socket, 'connect');
    const { id } = socket;
    socket.disconnect().connect();
    await next(socket, 'connect');
    expect(socket.recovered).to.equal(false);
    expect(socket.id).not.to.equal(id);
  });
});
