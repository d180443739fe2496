/** What people have built on push since there was any; the names are those of the old examples. */
import { expect } from '@esm-bundle/chai';
import { connect, type Socket } from '../../src/parent/index.ts';
import { next } from '../compliance/push/both.ts';
import { control, frameUrl, uniqueId, until } from '../support/env.ts';

describe('the classics', () => {
  const hadoken = connect(frameUrl());
  const sockets: Socket[] = [];
  /** As another visitor would have it: a connection of its own. */
  const visitor = async (nsp = '/'): Promise<Socket> => {
    const socket = hadoken.io(nsp, { forceNew: true });
    sockets.push(socket);
    if (!socket.connected) await next(socket, 'connect');
    return socket;
  };
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.disconnect();
  });
  after(() => hadoken.close());

  it('date notifier: the server pushes the date, and the page shows each', async () => {
    const socket = await visitor();
    const dates: Date[] = [];
    socket.on('date', (date) => dates.push(new Date(date)));
    for (const [at, iso] of ['2009-07-21T00:00:00.000Z', '2026-11-21T00:00:00.000Z'].entries())
      socket.emit('later', at * 10, 'date', iso);
    await until(() => dates.length === 2);
    expect(dates.map((date) => date.getUTCFullYear())).to.deep.equal([2009, 2026]);
  });

  it('a cluster: the place in the history that it gives is kept, and shown to no listener', async () => {
    const socket = await visitor();
    const heard: unknown[] = [];
    socket.onAny((event) => heard.push(event));
    socket.on('hadoken:offset', () => heard.push('by name'));
    // As hadoken-cluster sends it.
    socket.emit('raw', '2["hadoken:offset","17-4"]');
    await socket.emitWithAck('echo', 0);
    const back = next(socket, 'connect');
    socket.emit('vanish');
    await back;
    expect((await socket.emitWithAck('whoami')).auth.offset).to.equal('17-4');
    expect(heard).to.deep.equal([]);
  });

  it('push on an existing HTTP server: /socket.io is taken, other requests are still served', async () => {
    const socket = await visitor();
    const id = uniqueId();
    const [response, echoed] = await Promise.all([
      hadoken.fetch(`/api/echo?id=${id}`, { method: 'POST', body: 'by fetch' }),
      socket.emitWithAck('echo', 'by push'),
    ]);
    expect(atob((await response.json()).body)).to.equal('by fetch');
    expect(echoed).to.equal('by push');
  });

  it('acknowledgements: both sides ask, both answer', async () => {
    const socket = await visitor();
    socket.on('what is your name?', (answer) => answer('Ada'));
    expect(await socket.emitWithAck('ask', 'what is your name?')).to.deep.include({
      answer: ['Ada'],
    });
    expect(await socket.emitWithAck('echo', 'tobi')).to.equal('tobi');
  });

  it('chat: what one says in a room, the others there hear', async () => {
    const room = uniqueId();
    const [ada, bob, eve] = (await Promise.all([visitor(), visitor(), visitor()])) as [
      Socket,
      Socket,
      Socket,
    ];
    const heard: string[] = [];
    bob.on('message', (text) => heard.push(`bob: ${text}`));
    eve.on('message', (text) => heard.push(`eve: ${text}`));
    await Promise.all([ada.emitWithAck('join', room), bob.emitWithAck('join', room)]);
    ada.emit('say', room, 'message', 'hello');
    await until(() => heard.length);
    await eve.emitWithAck('echo', 0);
    expect(heard).to.deep.equal(['bob: hello']);
  });

  it('broadcast except the sender', async () => {
    const room = uniqueId();
    const all = await Promise.all([visitor(), visitor(), visitor()]);
    const heard: number[] = [];
    for (const [at, socket] of all.entries()) {
      socket.on('news', () => heard.push(at));
      await socket.emitWithAck('join', room);
    }
    all[0]?.emit('say', room, 'news');
    await until(() => heard.length === 2);
    await all[0]?.emitWithAck('echo', 0);
    expect(heard.sort()).to.deep.equal([1, 2]);
  });

  it('rooms and namespaces (the old realm): the same names in two are two', async () => {
    const [chat, other, sender] = (await Promise.all([
      visitor('/chat'),
      visitor('/any-realm'),
      visitor('/chat'),
    ])) as [Socket, Socket, Socket];
    const room = uniqueId();
    const heard: string[] = [];
    chat.on('x', () => heard.push('/chat'));
    other.on('x', () => heard.push('/any-realm'));
    await Promise.all([chat.emitWithAck('join', room), other.emitWithAck('join', room)]);
    sender.emit('say', room, 'x');
    await until(() => heard.length);
    await other.emitWithAck('echo', 0);
    expect(heard).to.deep.equal(['/chat']);
    await chat.emitWithAck('leave', room);
    sender.emit('say', room, 'x');
    await sender.emitWithAck('echo', 0);
    await chat.emitWithAck('echo', 0);
    expect(heard).to.deep.equal(['/chat']);
  });

  it('binary data: bytes there, bytes back', async () => {
    const socket = await visitor();
    const image = crypto.getRandomValues(new Uint8Array(10_000));
    const back = await socket.emitWithAck('echo', { image, name: 'a.png' });
    expect(new Uint8Array(back.image)).to.deep.equal(image);
    expect(back.name).to.equal('a.png');
  });

  it('connection counts: they go up and down with the visitors', async () => {
    const nsp = `/any-${uniqueId()}`;
    const first = await visitor(nsp);
    expect(await first.emitWithAck('count')).to.equal(1);
    const second = await visitor(nsp);
    expect(await first.emitWithAck('count')).to.equal(2);
    second.disconnect();
    await until(async () => (await first.emitWithAck('count')) === 1);
    expect((await control('io/clients')).clients[nsp]).to.deep.equal([first.id]);
  });

  it('resource path and transports list: a server elsewhere, by polling first, upgraded to websocket', async () => {
    const old = connect(frameUrl('push-classics'));
    const socket = old.io();
    const { transport } = await socket.emitWithAck('whoami');
    expect(['polling', 'websocket']).to.include(transport);
    await until(() => socket.io.engine.transport.name === 'websocket');
    expect(await socket.emitWithAck('echo', 'upgraded')).to.equal('upgraded');
    expect((await socket.emitWithAck('whoami')).transport).to.equal('websocket');
    old.close();
  });
});
