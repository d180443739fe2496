import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { catchRejections, next, pause } from '../compliance/push/both.ts';
import { frameUrl, uniqueId, until } from '../support/env.ts';
import { reportedBy } from '../support/reported.ts';

const frameOf = (name: string): HTMLIFrameElement | undefined =>
  hiddenFrames(`[src^="${frameUrl(name)}"]`)[0];

describe('sockets whose frame is lost', () => {
  it('are told so, keep what is emitted, and take up in the next frame', async () => {
    const hadoken = connect(frameUrl('push-plain'), { reconnectionDelay: 20 });
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
    const hadoken = connect(frameUrl('push-recovery'), { reconnectionDelay: 20 });
    const socket = hadoken.io();
    const seen: number[] = [];
    socket.on('x', (value) => seen.push(value));
    socket.emit('emit-back', 'x', 1);
    await socket.emitWithAck('echo', 0);
    const { id } = socket;
    socket.emit('later', 3_000, 'x', 2);
    // The frame's IndexedDB takes a moment to keep the session, and nobody outside is told.
    await pause(2_500);
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
    const hadoken = connect(frameUrl('push-plain'), { reconnectionDelay: 20 });
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
    const hadoken = connect(frameUrl('push-plain'), { reconnectionDelay: 20 });
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

/** What code in the wild looks at, and no type shows. */
const inside = (of: object) =>
  of as {
    _queue: { tryCount: number }[];
    _readyState: string;
    _callbacks: object;
    engine: { on(name: () => void, listener: () => void): void };
  };
const fail = (): never => {
  throw new Error('the listener threw');
};

describe('a listener of `disconnect` that throws', () => {
  it('keeps no other connection from hearing of a lost frame, nor from taking up', async () => {
    const [one, two] = [1, 2].map(() =>
      connect(frameUrl('push-plain'), { reconnectionDelay: 20 }),
    ) as [Hadoken, Hadoken];
    const [mine, forced, theirs] = [one.io(), one.io({ forceNew: true }), two.io()];
    const all = [mine, forced, theirs];
    await Promise.all(all.map((socket) => next(socket, 'connect')));
    mine.once('disconnect', fail);
    const reported = await reportedBy(async () => {
      const told = Promise.all([forced, theirs].map((socket) => next(socket, 'disconnect')));
      frameOf('push-plain')?.remove();
      for (const [reason] of await told) expect(reason).to.equal('frame lost');
      await until(() => all.every(({ connected }) => connected), 10_000);
    });
    expect(reported.map(String)).to.deep.equal(['Error: the listener threw']);
    for (const socket of all) expect(await socket.emitWithAck('echo', 'on')).to.equal('on');
    one.close();
    two.close();
  });

  it('keeps close() from nothing: the other namespaces and what they wait for end', async () => {
    const [one, two] = [connect(frameUrl('push-plain')), connect(frameUrl('push-plain'))];
    const [mine, chat] = [one.io('/'), one.io('/chat')];
    await Promise.all([mine, chat].map((socket) => next(socket, 'connect')));
    mine.on('disconnect', fail);
    const waiting = chat.emitWithAck('silent').catch(({ message }) => message);
    const reported = await reportedBy(async () => one.close());
    expect(reported.map(String)).to.deep.equal(['Error: the listener threw']);
    expect([chat.connected, chat.active]).to.deep.equal([false, false]);
    expect(await waiting).to.equal('socket has been disconnected');
    two.close();
  });

  it('leaves what has `retries` to go on after it', async () => {
    const hadoken = connect(frameUrl('push-plain'), { reconnectionDelay: 20 });
    const socket = hadoken.io({ retries: 3 });
    await next(socket, 'connect');
    socket.once('disconnect', fail);
    const key = uniqueId();
    socket.emit('silent');
    socket.emit('note', key, 1, () => {});
    await reportedBy(async () => {
      frameOf('push-plain')?.remove();
      await next(socket, 'connect');
    });
    // Sent again, and out of the way after its last attempt.
    await until(() => inside(socket)._queue[0]?.tryCount === 2);
    hadoken.close();
  });
});

describe('a Manager that is opened with a callback', () => {
  const openFails = async (
    hadoken: Hadoken,
    uri = '',
    options = {},
  ): Promise<Record<string, unknown>> => {
    const manager = new hadoken.Manager(uri, { autoConnect: false, ...options });
    const seen: string[] = [];
    manager.on('error', () => seen.push('error'));
    const error = await new Promise<{ code?: string } | undefined>((resolve) => {
      manager.open((given) => {
        seen.push('callback');
        resolve(given as { code?: string });
      });
    });
    return { code: error?.code, seen, state: inside(manager)._readyState };
  };

  it('has it called where no frame can be had', async () => {
    const hadoken = connect(frameUrl('there-is-none'), { timeout: 200, log: 'silent' });
    expect(await openFails(hadoken)).to.deep.equal({
      code: 'FRAME_TIMEOUT',
      seen: ['error', 'callback'],
      state: 'closed',
    });
    hadoken.close();
  });

  it('has it called after close()', async () => {
    const hadoken = connect(frameUrl('push-plain'));
    await hadoken.ready;
    hadoken.close();
    expect(await openFails(hadoken)).to.include({ code: 'CLOSED', state: 'closed' });
  });

  it('has it called where the rules refuse the server, or its options can’t be read', async () => {
    const hadoken = connect(frameUrl('push-plain'), { log: 'silent' });
    const refused = await openFails(hadoken, 'https://elsewhere.example');
    expect(refused).to.deep.equal({
      code: 'POLICY_REFUSED',
      seen: ['error', 'callback'],
      state: 'closed',
    });
    const unread = await openFails(hadoken, '', { timeout: -1 });
    expect(unread).to.include({ code: 'INVALID_ARGUMENT', state: 'closed' });
    hadoken.close();
  });

  it('has it called without an error where it opens', async () => {
    const hadoken = connect(frameUrl('push-plain'));
    const manager = new hadoken.Manager('', { autoConnect: false });
    const error = await new Promise((resolve) => manager.open(resolve));
    expect([error, inside(manager)._readyState]).to.deep.equal([undefined, 'open']);
    hadoken.close();
  });
});

describe('push commands', () => {
  it('go on after one that can’t be sent', async () => {
    const hadoken = connect(frameUrl('push-plain'));
    const socket = hadoken.io();
    await next(socket, 'connect');
    const reported = await reportedBy(async () => {
      inside(socket.io).engine.on(
        () => {},
        () => {},
      );
      await pause();
    });
    expect(reported).to.have.length(1);
    expect(await socket.emitWithAck('echo', 'on')).to.equal('on');
    hadoken.close();
  });

  it('carry shared memory as its bytes', async () => {
    const hadoken = connect(frameUrl('push-plain'));
    const socket = hadoken.io();
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    const view = new Uint8Array(buffer, 8, 3);
    view.set([1, 2, 3]);
    const back = await socket.emitWithAck('echo', view);
    expect([...new Uint8Array(back)]).to.deep.equal([1, 2, 3]);
    hadoken.close();
  });

  it('leave nothing behind of events that are listened to once', async () => {
    const hadoken = connect(frameUrl('push-plain'));
    const socket = hadoken.io();
    await next(socket, 'connect');
    const names = (): string[] => Object.keys(inside(socket)._callbacks);
    const before = names().length;
    for (let i = 0; i < 20; i++) {
      const answered = next(socket, `reply:${i}`);
      socket.emit('emit-back', `reply:${i}`);
      await answered;
    }
    expect(names()).to.have.length(before);
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
    const hadoken = connect(frameUrl('push-plain'), { reconnectionDelay: 5_000 });
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
