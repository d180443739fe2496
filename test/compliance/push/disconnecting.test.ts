import { expect } from '@esm-bundle/chai';
import { control, until } from '../../support/env.ts';
import { both, next, pause } from './both.ts';

both('disconnecting', ({ io, Manager }) => {
  it('is done when disconnect() returns: state, event and failed acknowledgements', async () => {
    const socket = io();
    await next(socket, 'connect');
    const seen: unknown[] = [];
    socket.on('disconnect', (...args) =>
      seen.push(...args, socket.connected, socket.id, socket.active),
    );
    socket.timeout(5_000).emit('silent', (error: Error) => seen.push(error.message));
    expect(socket.disconnect()).to.equal(socket);
    expect(seen).to.deep.equal([
      'io client disconnect',
      undefined,
      false,
      undefined,
      false,
      'socket has been disconnected',
    ]);
  });

  it('knows close() as another name of disconnect()', async () => {
    const socket = io();
    await next(socket, 'connect');
    expect(socket.close()).to.equal(socket);
    expect(socket.connected).to.equal(false);
  });

  it('fires disconnect once, however often disconnect() is called', async () => {
    const socket = io();
    await next(socket, 'connect');
    let calls = 0;
    socket.on('disconnect', () => calls++);
    socket.disconnect().disconnect();
    await pause();
    expect(calls).to.equal(1);
  });

  it('does not come back by itself after disconnect()', async () => {
    const socket = io();
    await next(socket, 'connect');
    socket.disconnect();
    await pause(200);
    expect(socket.connected).to.equal(false);
    expect(socket.active).to.equal(false);
  });

  it('lets disconnect().connect() in one tick fire disconnect and connect once each', async () => {
    const socket = io();
    await next(socket, 'connect');
    const { id } = socket;
    const seen: string[] = [];
    socket.on('connect', () => seen.push('connect'));
    socket.on('disconnect', (reason) => seen.push(reason));
    socket.disconnect().connect();
    expect(socket.active).to.equal(true);
    await next(socket, 'connect');
    await pause();
    expect(seen).to.deep.equal(['io client disconnect', 'connect']);
    expect(socket.id).not.to.equal(id);
  });

  it('leaves and joins a namespace beside another on the connection', async () => {
    const manager = Manager();
    const other = manager.socket('/chat');
    const socket = manager.socket('/');
    await Promise.all([next(socket, 'connect'), next(other, 'connect')]);
    const seen: string[] = [];
    socket.on('connect', () => seen.push('connect'));
    socket.on('disconnect', (reason) => seen.push(reason));
    other.on('disconnect', (reason) => seen.push(`other: ${reason}`));
    const { id = '' } = socket;
    socket.disconnect();
    // A server that reads both at once takes the CONNECT for a mistake, and hangs up.
    await until(async () => !(await control('io/clients')).clients['/']?.includes(id));
    socket.connect();
    await next(socket, 'connect');
    await pause();
    expect(seen).to.deep.equal(['io client disconnect', 'connect']);
    expect(await other.emitWithAck('echo', 1)).to.equal(1);
  });

  it('hears no event after disconnect()', async () => {
    const socket = io();
    await next(socket, 'connect');
    let calls = 0;
    socket.on('x', () => calls++);
    socket.emit('burst', 'x', 100);
    socket.disconnect();
    await pause(150);
    expect(calls).to.equal(0);
  });

  it('hears no event after a disconnect() in a listener', async () => {
    const socket = io();
    let calls = 0;
    socket.on('x', () => {
      calls++;
      socket.disconnect();
    });
    socket.emit('burst', 'x', 100);
    await next(socket, 'disconnect');
    await pause();
    expect(calls).to.equal(1);
  });

  it('keeps what is emitted while it is disconnected, and sends it after connect()', async () => {
    const socket = io();
    await next(socket, 'connect');
    socket.disconnect();
    const answer = socket.emitWithAck('echo', 'later');
    expect(socket.sendBuffer.length).to.equal(1);
    socket.connect();
    expect(await answer).to.equal('later');
  });

  it('drops acknowledgements that take no error in silence, and calls them never', async () => {
    const socket = io();
    await next(socket, 'connect');
    let calls = 0;
    socket.emit('delay', 20, () => calls++);
    socket.disconnect().connect();
    await next(socket, 'connect');
    await pause();
    expect(calls).to.equal(0);
  });

  it('rejects emitWithAck at disconnect', async () => {
    const socket = io();
    await next(socket, 'connect');
    const answer = socket.emitWithAck('silent').catch((error) => error.message);
    socket.disconnect();
    expect(await answer).to.equal('socket has been disconnected');
  });

  it('is thrown out by the server: io server disconnect, and it stays so', async () => {
    const socket = io();
    await next(socket, 'connect');
    const rejected = socket.emitWithAck('silent').catch((error) => error.message);
    socket.emit('kick');
    const [reason, description] = await next(socket, 'disconnect');
    expect(reason).to.equal('io server disconnect');
    expect(description).to.equal(undefined);
    expect(socket.active).to.equal(false);
    expect(await rejected).to.equal('socket has been disconnected');
    await pause(150);
    expect(socket.connected).to.equal(false);
    socket.connect();
    await next(socket, 'connect');
  });

  it('gets what the server emitted before it threw it out', async () => {
    const socket = io();
    const seen: string[] = [];
    socket.on('last words', () => seen.push('last words'));
    socket.on('disconnect', (reason) => seen.push(reason));
    socket.emit('emit-then-kick', 'last words');
    await next(socket, 'disconnect');
    expect(seen).to.deep.equal(['last words', 'io server disconnect']);
  });

  it('is thrown out of every namespace with the connection, and told of each by its own reason', async () => {
    const manager = Manager({ reconnection: false });
    const [a, b] = [manager.socket('/'), manager.socket('/chat')];
    await Promise.all([next(a, 'connect'), next(b, 'connect')]);
    a.emit('kick');
    expect((await next(a, 'disconnect'))[0]).to.equal('io server disconnect');
    expect(b.connected).to.equal(true);
    b.disconnect();
    expect(manager._readyState).to.equal('closed');
  });

  it('reports a connection that the server closed as transport close, with a description', async () => {
    const socket = io();
    await next(socket, 'connect');
    socket.emit('drop');
    const [reason, description] = await next(socket, 'disconnect');
    expect(reason).to.equal('transport close');
    expect(description.description).to.equal('websocket connection closed');
    expect(description.context.code).to.be.a('number');
    expect(socket.active).to.equal(true);
    await next(socket, 'connect');
  });

  it('reports a server that died as transport close, and comes back with a new id', async () => {
    const socket = io();
    await next(socket, 'connect');
    const { id } = socket;
    await control('io/stop');
    if (socket.connected) await next(socket, 'disconnect');
    expect(socket.id).to.equal(undefined);
    const back = next(socket, 'connect');
    await control('io/start');
    await back;
    expect(socket.id).not.to.equal(id);
  });

  it('reports what is no packet as parse error', async () => {
    const socket = io();
    await next(socket, 'connect');
    socket.emit('garbage');
    const [reason, description] = await next(socket, 'disconnect');
    expect(reason).to.equal('parse error');
    expect(description).to.be.instanceOf(Error);
    expect(description.message).to.equal('unknown packet type 9');
    await next(socket, 'connect');
  });

  it('closes the connection with its last socket, and says forced close on the manager', async () => {
    const socket = io();
    await next(socket, 'connect');
    const closed = next(socket.io, 'close');
    socket.disconnect();
    expect((await closed)[0]).to.equal('forced close');
    expect(socket.io._readyState).to.equal('closed');
  });

  it('may be disconnected and connected many times over', async () => {
    const socket = io();
    for (let i = 0; i < 10; i++) {
      await next(socket, 'connect');
      expect(await socket.emitWithAck('echo', i)).to.equal(i);
      socket.disconnect().connect();
    }
    await next(socket, 'connect');
  });

  it('ends as it was left after connect().disconnect()', async () => {
    const socket = io('/', { autoConnect: false });
    let connects = 0;
    socket.on('connect', () => connects++);
    socket.connect().disconnect();
    await pause();
    expect(connects).to.equal(0);
    expect(socket.connected).to.equal(false);
  });
});
