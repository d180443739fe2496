import { expect } from '@esm-bundle/chai';
import { uniqueId } from '../../support/env.ts';
import { both, next, pause } from './both.ts';

both('connecting', ({ io, ioShared, Manager }) => {
  it('is disconnected, without id and active, until the server has answered', async () => {
    const socket = io();
    expect(socket.connected).to.equal(false);
    expect(socket.disconnected).to.equal(true);
    expect(socket.id).to.equal(undefined);
    expect(socket.active).to.equal(true);
    expect(socket).to.have.property('nsp', '/');
    await next(socket, 'connect');
    expect(socket.connected).to.equal(true);
    expect(socket.disconnected).to.equal(false);
  });

  it('has the id that the server knows it by', async () => {
    const socket = io();
    const { id } = await socket.emitWithAck('whoami');
    expect(socket.id).to.equal(id);
  });

  it('has its state before the connect listener runs', async () => {
    const socket = io();
    const seen = await new Promise((resolve) =>
      socket.on('connect', () => resolve([socket.connected, typeof socket.id, socket.active])),
    );
    expect(seen).to.deep.equal([true, 'string', true]);
  });

  it('does nothing with autoConnect false until connect() is called', async () => {
    const socket = io('/', { autoConnect: false });
    await pause();
    expect(socket.active).to.equal(false);
    expect(socket.connected).to.equal(false);
    expect(socket.connect()).to.equal(socket);
    expect(socket.active).to.equal(true);
    await next(socket, 'connect');
  });

  it('knows open() as another name of connect()', async () => {
    const socket = io('/', { autoConnect: false });
    expect(socket.open()).to.equal(socket);
    await next(socket, 'connect');
  });

  it('ignores connect() while it is connected', async () => {
    const socket = io();
    await next(socket, 'connect');
    const { id } = socket;
    let connects = 0;
    socket.on('connect', () => connects++);
    expect(socket.connect()).to.equal(socket);
    await socket.emitWithAck('echo', 1);
    expect(connects).to.equal(0);
    expect(socket.id).to.equal(id);
  });

  it('connects to a namespace', async () => {
    const socket = io('/chat');
    expect(socket).to.have.property('nsp', '/chat');
    expect((await socket.emitWithAck('whoami')).nsp).to.equal('/chat');
  });

  it('connects to a namespace that the server makes by pattern', async () => {
    const socket = io('/any-thing');
    expect((await socket.emitWithAck('whoami')).nsp).to.equal('/any-thing');
  });

  it('sends the query of its options with the handshake', async () => {
    const socket = io('/', { query: { room: 'blue sky', n: 1 } });
    expect((await socket.emitWithAck('whoami')).query).to.include({ room: 'blue sky', n: '1' });
  });

  it('sends the query of its uri with the handshake', async () => {
    const socket = io('/chat?room=green');
    const { query, nsp } = await socket.emitWithAck('whoami');
    expect(query.room).to.equal('green');
    expect(nsp).to.equal('/chat');
  });

  it('sends a plus in the query of its uri as it is', async () => {
    const { query } = await io('/chat?token=a+b/c==&plain=1%2B1').emitWithAck('whoami');
    expect(query).to.include({ token: 'a+b/c==', plain: '1+1' });
  });

  it('sends the query of its uri and not that of its options, where it has both', async () => {
    const socket = io('/chat?room=uri', { query: { room: 'options', x: '1' } });
    const { query } = await socket.emitWithAck('whoami');
    expect(query.room).to.equal('uri');
    expect(query).not.to.have.property('x');
  });

  it('sends what is in its query as text', async () => {
    const query = { u: undefined, n: Number.NaN, z: null, l: [1, 2], b: 10n, t: true };
    const asked = await io('/', { query }).emitWithAck('whoami');
    expect(asked.query).to.include({
      u: 'undefined',
      n: 'NaN',
      z: 'null',
      l: '1,2',
      b: '10',
      t: 'true',
    });
  });

  it('makes a connection of its own by the option of Socket.IO 0.9', () => {
    const options = { 'force new connection': true, autoConnect: false } as object;
    expect(ioShared('/', options).io).not.to.equal(ioShared('/chat', options).io);
  });

  it('sends auth that is an object', async () => {
    const socket = io('/', { auth: { token: 'abc' } });
    expect((await socket.emitWithAck('whoami')).auth).to.deep.equal({ token: 'abc' });
    expect(socket.auth).to.deep.equal({ token: 'abc' });
  });

  it('sends an empty auth without any', async () => {
    expect((await io().emitWithAck('whoami')).auth).to.deep.equal({});
  });

  it('asks auth that is a function at every connect', async () => {
    let calls = 0;
    const socket = io('/', { auth: (send) => send({ call: ++calls }) });
    expect((await socket.emitWithAck('whoami')).auth).to.deep.equal({ call: 1 });
    socket.disconnect().connect();
    expect((await socket.emitWithAck('whoami')).auth).to.deep.equal({ call: 2 });
  });

  it('waits for auth that answers later', async () => {
    const socket = io('/', { auth: (send) => void setTimeout(send, 50, { late: true }) });
    expect((await socket.emitWithAck('whoami')).auth).to.deep.equal({ late: true });
  });

  it('takes auth that was reassigned at the next connect', async () => {
    const socket = io('/', { auth: { token: 'old' } });
    await next(socket, 'connect');
    socket.auth = { token: 'new' };
    socket.disconnect().connect();
    expect((await socket.emitWithAck('whoami')).auth).to.deep.equal({ token: 'new' });
  });

  it('takes auth that was changed in place at the next connect', async () => {
    const auth = { token: 'old' };
    const socket = io('/', { auth });
    await next(socket, 'connect');
    auth.token = 'new';
    socket.disconnect().connect();
    expect((await socket.emitWithAck('whoami')).auth).to.deep.equal({ token: 'new' });
  });

  it('tells of a refusal by middleware, with its message and data, and does not try again', async () => {
    const socket = io('/admin');
    let errors = 0;
    socket.on('connect_error', () => errors++);
    const [error] = await next(socket, 'connect_error');
    expect(error).to.be.instanceOf(Error);
    expect(error.message).to.equal('not an admin');
    expect(error.data).to.deep.equal({ code: 'E_ADMIN', retry: false });
    expect(socket.active).to.equal(false);
    expect(socket.connected).to.equal(false);
    await pause(150);
    expect(errors).to.equal(1);
  });

  it('gets in with the right credentials after a refusal', async () => {
    const socket = io('/auth', { auth: { token: 'wrong' } });
    const [error] = await next(socket, 'connect_error');
    expect(error.data).to.deep.equal({ code: 'E_TOKEN' });
    socket.auth = { token: 'secret' };
    socket.connect();
    await next(socket, 'connect');
    expect((await socket.emitWithAck('whoami')).auth).to.deep.equal({ token: 'secret' });
  });

  it('may connect again from the connect_error listener', async () => {
    const socket = io('/second-time', { auth: { key: uniqueId() } });
    socket.once('connect_error', () => socket.connect());
    await next(socket, 'connect');
  });

  it('is refused a namespace that there is not', async () => {
    const [error] = await next(io('/nowhere'), 'connect_error');
    expect(error.message).to.equal('Invalid namespace');
  });

  it('leaves the other namespaces of a connection alone when one is refused', async () => {
    const manager = Manager();
    const chat = manager.socket('/chat');
    const admin = manager.socket('/admin');
    await Promise.all([next(chat, 'connect'), next(admin, 'connect_error')]);
    expect(await chat.emitWithAck('echo', 'still here')).to.equal('still here');
  });

  it('is disconnected while it is connecting without an event', async () => {
    const socket = io('/slow');
    const seen: string[] = [];
    for (const event of ['connect', 'disconnect', 'connect_error'])
      socket.on(event, () => seen.push(event));
    await next(socket.io, 'open');
    socket.disconnect();
    expect(socket.active).to.equal(false);
    await pause(250);
    expect(seen).to.deep.equal([]);
    expect(socket.connected).to.equal(false);
  });

  it('is disconnected before there is a connection without an event', async () => {
    const socket = io();
    const seen: string[] = [];
    for (const event of ['connect', 'disconnect', 'connect_error'])
      socket.on(event, () => seen.push(event));
    socket.disconnect();
    await pause();
    expect(seen).to.deep.equal([]);
  });

  it('reports that the server is not there, with type and description, and keeps trying', async () => {
    const { control } = await import('../../support/env.ts');
    await control('io/stop');
    const socket = io();
    const [error] = await next(socket, 'connect_error');
    expect(error).to.be.instanceOf(Error);
    expect(error.message).to.equal('websocket error');
    expect(error.type).to.equal('TransportError');
    expect(error.description.type).to.equal('error');
    expect(socket.active).to.equal(true);
    await next(socket, 'connect_error');
    const back = next(socket, 'connect');
    await control('io/start');
    await back;
  });
});
