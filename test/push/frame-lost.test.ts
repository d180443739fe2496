import { expect } from '@esm-bundle/chai';
import { connect } from '../../src/parent/index.ts';
import { catchRejections, next, pause } from '../compliance/push/both.ts';
import { frameUrl, uniqueId, until } from '../support/env.ts';

const frameOf = (name: string): HTMLIFrameElement | undefined =>
  hiddenFrames(`[src^="${frameUrl(name)}"]`)[0];

describe('sockets whose frame is lost', () => {
  it('are told so, keep what is emitted, and take up in the next frame', async () => {
    const hadoken = connect(frameUrl('push-plain'), { heartbeat: 300, reconnectionDelay: 20 });
    const [socket, chat] = [hadoken.io(), hadoken.io('/chat')];
    await Promise.all([next(socket, 'connect'), next(chat, 'connect')]);
    const waiting = socket.emitWithAck('silent').catch((error) => error.message);
    const lost = Promise.all([next(socket, 'disconnect'), next(chat, 'disconnect')]);
    frameOf('push-plain')?.remove();
    const [[reason, description]] = await lost;
    expect(reason).to.equal('frame lost');
    expect(description.code).to.equal('FRAME_LOST');
    expect(await waiting).to.equal('socket has been disconnected');
    expect(socket.connected).to.equal(false);
    expect(socket.active).to.equal(true);
    const key = uniqueId();
    for (let i = 0; i < 5; i++) socket.emit('note', key, i);
    expect(await socket.emitWithAck('notes', key)).to.deep.equal([0, 1, 2, 3, 4]);
    await until(() => chat.connected);
    hadoken.close();
  });

  it('are recovered with what they missed, where the server can', async () => {
    const hadoken = connect(frameUrl('push-recovery'), { heartbeat: 300, reconnectionDelay: 20 });
    const socket = hadoken.io();
    const seen: number[] = [];
    socket.on('x', (value) => seen.push(value));
    socket.emit('emit-back', 'x', 1);
    await socket.emitWithAck('echo', 0);
    const { id } = socket;
    socket.emit('later', 600, 'x', 2);
    // The frame's IndexedDB takes a moment to keep the session, and nobody outside is told.
    await pause(300);
    frameOf('push-recovery')?.remove();
    await next(socket, 'disconnect');
    await next(socket, 'connect');
    expect(socket.recovered).to.equal(true);
    expect(socket.id).to.equal(id);
    await until(() => seen.length === 2);
    expect(seen).to.deep.equal([1, 2]);
    hadoken.close();
  });

  it('take up though the page has called off() for all its listeners: ours are not among them', async () => {
    const hadoken = connect(frameUrl('push-plain'), { heartbeat: 300, reconnectionDelay: 20 });
    const socket = hadoken.io();
    await next(socket, 'connect');
    hadoken.on('connect', () => {});
    hadoken.off();
    hadoken.off('connect');
    hadoken.off('disconnect');
    const lost = next(socket, 'disconnect');
    frameOf('push-plain')?.remove();
    expect((await lost)[0]).to.equal('frame lost');
    await next(socket, 'connect');
    expect(await socket.emitWithAck('echo', 'healed')).to.equal('healed');
    hadoken.close();
  });

  it('stay so with reconnection false, until connect()', async () => {
    const hadoken = connect(frameUrl('push-plain'), { heartbeat: 300, reconnectionDelay: 20 });
    const socket = hadoken.io({ reconnection: false });
    await next(socket, 'connect');
    frameOf('push-plain')?.remove();
    await next(socket, 'disconnect');
    await until(() => hadoken.state === 'connected');
    await pause();
    expect(socket.connected).to.equal(false);
    socket.connect();
    await next(socket, 'connect');
    hadoken.close();
  });
});

describe('sockets without a frame', () => {
  it('hear of every failed attempt as connect_error, and nothing throws', async () => {
    const rejections = catchRejections();
    const hadoken = connect(frameUrl('there-is-none'), {
      timeout: 200,
      reconnectionDelay: 20,
      log: 'silent',
    });
    const socket = hadoken.io();
    const [error] = await next(socket, 'connect_error');
    expect(error.code).to.equal('FRAME_TIMEOUT');
    expect(socket.connected).to.equal(false);
    hadoken.close();
    await pause(50);
    rejections.stop();
    expect(rejections.reasons).to.deep.equal([]);
  });

  it('hear why there will be none when they are made after close()', async () => {
    const hadoken = connect(frameUrl('push-plain'));
    await hadoken.ready;
    hadoken.close();
    const [error] = await next(hadoken.io(), 'connect_error');
    expect(error.code).to.equal('CLOSED');
  });

  it('are told of close(), and stay disconnected', async () => {
    const hadoken = connect(frameUrl('push-plain'));
    const socket = hadoken.io();
    await next(socket, 'connect');
    const waiting = socket.emitWithAck('silent').catch((error) => error.message);
    const told = next(socket, 'disconnect');
    hadoken.close();
    expect(socket.connected).to.equal(false);
    expect(socket.active).to.equal(false);
    expect((await told)[0]).to.equal('io client disconnect');
    expect(await waiting).to.equal('socket has been disconnected');
  });

  it('wait no longer after close() while the frame was away', async () => {
    const hadoken = connect(frameUrl('push-plain'), { heartbeat: 300, reconnectionDelay: 5_000 });
    const socket = hadoken.io();
    await next(socket, 'connect');
    const lost = next(socket, 'disconnect');
    frameOf('push-plain')?.remove();
    await lost;
    expect(socket.active).to.equal(true);
    const told = next(socket, 'connect_error');
    hadoken.close();
    expect((await told)[0].code).to.equal('CLOSED');
    expect(socket.active).to.equal(false);
  });
});
