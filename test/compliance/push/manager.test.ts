import { expect } from '@esm-bundle/chai';
import { control } from '../../support/env.ts';
import { both, next, pause } from './both.ts';

both('the manager', ({ io, ioShared, Manager, ManagerHanging, isShared }) => {
  it('is shared by the namespaces of one server', async () => {
    const [a, b] = [ioShared('/'), ioShared('/chat')];
    expect(a.io).to.equal(b.io);
    expect(a).not.to.equal(b);
    await Promise.all([a.emitWithAck('echo'), b.emitWithAck('echo')]);
  });

  it('is another one where the namespace is in use already', () => {
    const [a, b] = [ioShared('/any-used'), ioShared('/any-used')];
    expect(a).not.to.equal(b);
    expect(a.io).not.to.equal(b.io);
  });

  it('is another one with forceNew, and with multiplex false', () => {
    const shared = ioShared('/any-s');
    const forced = ioShared('/any-f', { forceNew: true });
    const single = ioShared('/any-m', { multiplex: false });
    expect(new Set([shared.io, forced.io, single.io]).size).to.equal(3);
  });

  it('gives the same socket for the same namespace, and connects it again', async () => {
    const manager = Manager();
    const socket = manager.socket('/chat');
    expect(manager.socket('/chat')).to.equal(socket);
    await next(socket, 'connect');
    socket.disconnect();
    expect(manager.socket('/chat')).to.equal(socket);
    expect(socket.active).to.equal(true);
    await next(socket, 'connect');
  });

  it('opens by itself, and closes with its last socket only', async () => {
    const manager = Manager();
    await next(manager, 'open');
    expect(manager._readyState).to.equal('open');
    const [a, b] = [manager.socket('/'), manager.socket('/chat')];
    await Promise.all([next(a, 'connect'), next(b, 'connect')]);
    a.disconnect();
    expect(manager._readyState).to.equal('open');
    expect(await b.emitWithAck('echo', 1)).to.equal(1);
    b.disconnect();
    expect(manager._readyState).to.equal('closed');
  });

  it('opens by open() only with autoConnect false, and tells its callback', async () => {
    const manager = Manager({ autoConnect: false });
    await pause(50);
    expect(manager._readyState).to.equal('closed');
    const error = await new Promise((resolve) => {
      expect(manager.open(resolve)).to.equal(manager);
      expect(manager._readyState).to.equal('opening');
    });
    expect(error).to.equal(undefined);
    expect(manager._readyState).to.equal('open');
  });

  it('tells the callback of open() of a failure, and does not try again', async () => {
    await control('io/stop');
    const manager = Manager({ autoConnect: false });
    let attempts = 0;
    manager.on('reconnect_attempt', () => attempts++);
    const error = await new Promise<Error | undefined>((resolve) => manager.open(resolve));
    expect(error?.message).to.equal('websocket error');
    expect(manager._readyState).to.equal('closed');
    await pause(150);
    expect(attempts).to.equal(0);
  });

  it('needs connect() for its sockets with autoConnect false', async () => {
    const manager = Manager({ autoConnect: false });
    const socket = manager.socket('/');
    await pause(50);
    expect(socket.active).to.equal(false);
    socket.connect();
    await next(socket, 'connect');
  });

  it('connects a second namespace on the connection that is there', async () => {
    const manager = Manager();
    const first = manager.socket('/');
    await next(first, 'connect');
    let opens = 0;
    manager.on('open', () => opens++);
    await next(manager.socket('/chat'), 'connect');
    expect(opens).to.equal(0);
  });

  it('has settings with the defaults of the documentation', () => {
    const manager = io('/', {
      autoConnect: false,
      reconnectionDelay: undefined,
      reconnectionDelayMax: undefined,
      randomizationFactor: undefined,
    } as object).io;
    expect(manager.reconnection()).to.equal(true);
    expect(manager.reconnectionAttempts()).to.equal(Number.POSITIVE_INFINITY);
    expect(manager.reconnectionDelay()).to.equal(1_000);
    expect(manager.reconnectionDelayMax()).to.equal(5_000);
    expect(manager.randomizationFactor()).to.equal(0.5);
    expect(manager.timeout()).to.equal(20_000);
  });

  it('sets its settings, and returns itself', () => {
    const manager = Manager({ autoConnect: false });
    expect(manager.reconnection(false)).to.equal(manager);
    expect(manager.reconnectionAttempts(3)).to.equal(manager);
    expect(manager.reconnectionDelay(4)).to.equal(manager);
    expect(manager.reconnectionDelayMax(5)).to.equal(manager);
    expect(manager.randomizationFactor(0)).to.equal(manager);
    expect(manager.timeout(false)).to.equal(manager);
    expect([
      manager.reconnection(),
      manager.reconnectionAttempts(),
      manager.reconnectionDelay(),
      manager.reconnectionDelayMax(),
      manager.randomizationFactor(),
      manager.timeout(),
    ]).to.deep.equal([false, 3, 4, 5, 0, false]);
  });

  it('heeds a setting made after it was opened', async () => {
    const socket = io();
    await next(socket, 'connect');
    socket.io.reconnectionAttempts(1);
    let attempts = 0;
    socket.io.on('reconnect_attempt', () => attempts++);
    const failed = next(socket.io, 'reconnect_failed');
    await control('io/stop');
    await failed;
    expect(attempts).to.equal(1);
  });

  it('heeds a delay that was set while it was connected', async () => {
    const socket = io('/', { reconnectionDelay: 60_000, reconnectionDelayMax: 60_000 });
    await next(socket, 'connect');
    socket.io.reconnectionDelay(20).reconnectionDelayMax(40);
    socket.emit('drop');
    await next(socket, 'disconnect');
    await next(socket, 'connect');
  });

  it('repeats what its sockets hear of errors', async () => {
    await control('io/stop');
    const manager = Manager();
    const socket = manager.socket('/');
    const [[error], [socketError]] = await Promise.all([
      next(manager, 'error'),
      next(socket, 'connect_error'),
    ]);
    expect(error.message).to.equal('websocket error');
    expect(socketError).to.equal(error);
  });

  it('times out where the server does not answer', async () => {
    const manager = ManagerHanging({ timeout: 50, reconnection: false });
    const [error] = await next(manager, 'error');
    expect(error.message).to.equal('timeout');
  });

  it('gives an engine with id, readyState and the name of its transport', async () => {
    const socket = io();
    await next(socket, 'connect');
    const { engine } = socket.io;
    expect(engine.id).to.be.a('string');
    expect(engine.readyState).to.equal('open');
    expect(engine.transport.name).to.equal('websocket');
  });

  it('gives a new engine with every connection', async () => {
    const socket = io();
    await next(socket, 'connect');
    const { engine } = socket.io;
    const { id } = engine;
    socket.emit('drop');
    await next(socket, 'connect');
    expect(socket.io.engine).not.to.equal(engine);
    expect(socket.io.engine.id).not.to.equal(id);
  });

  it('lets engine events be listened to', async () => {
    const socket = io();
    await next(socket, 'connect');
    const { engine } = socket.io;
    const seen: string[] = [];
    for (const event of ['heartbeat', 'drain', 'flush'] as const)
      engine.on(event, () => seen.push(event));
    const closed = next(engine, 'close');
    await socket.emitWithAck('echo', 'seen');
    socket.emit('drop');
    const [reason, description] = await closed;
    expect(reason).to.equal('transport close');
    expect(description.description).to.equal('websocket connection closed');
    expect(description.context.code).to.be.a('number');
    for (const event of ['heartbeat', 'drain', 'flush']) expect(seen).to.include(event);
  });

  it('tells an engine’s listeners of its end, whoever closes it', async () => {
    const ways = [
      (socket: ReturnType<typeof io>) => void socket.disconnect(),
      (socket: ReturnType<typeof io>) => socket.io._close(),
    ];
    for (const close of ways) {
      const socket = io();
      await next(socket, 'connect');
      const closed = next(socket.io.engine, 'close');
      close(socket);
      expect((await closed)[0]).to.equal('forced close');
    }
  });

  it('says of an engine’s packets whether they are compressed', async () => {
    const socket = io();
    await next(socket, 'connect');
    const created = (): Promise<unknown[]> => next(socket.io.engine, 'packetCreate');
    let packet = created();
    socket.emit('silent');
    expect((await packet)[0]).to.deep.include({ type: 'message' });
    packet = created();
    socket.compress(false).emit('silent');
    expect((await packet)[0]).to.have.nested.property('options.compress', false);
    packet = created();
    socket.compress(true).emit('silent');
    expect((await packet)[0]).to.have.nested.property('options.compress', true);
  });

  it('gives the handshake’s numbers, and an id that the next engine does not have', async () => {
    const manager = Manager();
    const seen: Record<string, unknown>[] = [];
    manager.engine.on('handshake', (handshake) => seen.push({ ...handshake }));
    const socket = manager.socket('/');
    await next(socket, 'connect');
    await socket.emitWithAck('echo');
    expect(seen).to.have.lengthOf(1);
    expect(seen[0]).to.include({
      sid: manager.engine.id,
      pingInterval: 25_000,
      pingTimeout: 20_000,
    });
    expect(seen[0]?.upgrades).to.deep.equal([]);
  });

  // A page that closes a shared engine would close it for the others: there it does nothing.
  const drops = isShared ? 'does not let engine.close() drop' : 'lets engine.close() drop';
  it(`${drops} the connection, which comes back`, async () => {
    const socket = io();
    await next(socket, 'connect');
    const lost = next(socket, 'disconnect');
    socket.io.engine.close();
    if (isShared) {
      expect(await socket.emitWithAck('echo', 1)).to.equal(1);
      return;
    }
    expect((await lost)[0]).to.equal('forced close');
    await next(socket, 'connect');
  });

  it('repeats packets', async () => {
    const socket = io();
    await next(socket, 'connect');
    const packets: unknown[] = [];
    socket.io.on('packet', ({ type, nsp, data }) => packets.push([type, nsp, data]));
    socket.emit('emit-back', 'x', 1);
    await next(socket, 'x');
    expect(packets[0]).to.deep.equal([2, '/', ['x', 1]]);
  });
});
