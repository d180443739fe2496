/**
 * What plugins and applications reach for inside a Socket of socket.io-client, though its types call it
 * private: in ours and in the original.
 */
import { expect } from '@esm-bundle/chai';
import type * as original from 'socket.io-client';
import { until } from '../../support/env.ts';
import { both, next } from './both.ts';

type Packet = { id?: number; data: unknown[] };
type Internals = {
  onevent(packet: Packet): void;
  acks: Record<string, unknown>;
  _queue: unknown[];
  _callbacks: Record<string, unknown[]>;
  receiveBuffer: unknown[][];
};
const inside = (socket: original.Socket): Internals => socket as unknown as Internals;

type Wildcard = (emitter: unknown) => (socket: unknown) => void;

/** The module of socketio-wildcard, which is CommonJS. */
async function loadWildcard(): Promise<Wildcard> {
  const url = new URL('../../../node_modules/socketio-wildcard/index.js', import.meta.url);
  const module = { exports: {} };
  new Function('module', 'require', await (await fetch(url)).text())(module, () => ({}));
  return module.exports as Wildcard;
}

both('onevent', ({ io, ioRecovering }) => {
  it('is patched by socketio-wildcard, with the Manager’s class', async () => {
    const patch = (await loadWildcard())(io('/', { autoConnect: false }).io.constructor);
    const socket = io();
    patch(socket);
    const seen: unknown[] = [];
    socket.on('*', ({ data }: Packet) => seen.push(['*', ...data]));
    socket.on('a', (...args) => seen.push(['a', ...args]));
    socket.emit('several', ['a', 1, 2], ['b']);
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal([
      ['*', 'a', 1, 2],
      ['a', 1, 2],
      ['*', 'b'],
    ]);
  });

  it('gives an acknowledgement to a wildcard’s listeners', async () => {
    const patch = (await loadWildcard())(io('/', { autoConnect: false }).io.constructor);
    const socket = io();
    patch(socket);
    socket.on('*', ({ data }: Packet) => (data.at(-1) as (text: string) => void)('answered'));
    expect(await socket.emitWithAck('ask', 'anything')).to.deep.equal({ answer: ['answered'] });
  });

  it('is wrapped, and called twice for an event', async () => {
    const socket = io();
    const { onevent } = inside(socket);
    inside(socket).onevent = function (packet) {
      const args = packet.data;
      onevent.call(this as unknown as Internals, packet);
      onevent.call(this as unknown as Internals, { ...packet, data: ['*', ...args] });
    };
    const seen: unknown[] = [];
    socket.on('*', (...args) => seen.push(args));
    socket.on('a', (...args) => seen.push(args));
    socket.emit('several', ['a', 1]);
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal([[1], ['a', 1]]);
  });

  it('is wrapped while connected, keeps an event from everyone, and is put back', async () => {
    const socket = io();
    await next(socket, 'connect');
    const { onevent } = inside(socket);
    const seen: unknown[] = [];
    socket.onAny((name) => seen.push(name));
    inside(socket).onevent = (packet) => {
      if (packet.data[0] !== 'spam') onevent.call(socket, packet);
    };
    socket.emit('several', ['spam'], ['ham'], ['spam']);
    await socket.emitWithAck('echo');
    inside(socket).onevent = onevent;
    socket.emit('several', ['spam']);
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal(['ham', 'spam']);
  });

  it('gets the packet, whose data it may change', async () => {
    const socket = io();
    const { onevent } = inside(socket);
    const packets: object[] = [];
    inside(socket).onevent = (packet) => {
      packets.push({ ...packet });
      packet.data = ['renamed', packet.data.length];
      onevent.call(socket, packet);
    };
    const seen = next(socket, 'renamed');
    socket.emit('several', ['a', 1]);
    expect(await seen).to.deep.equal([2]);
    expect(packets).to.deep.equal([{ type: 2, nsp: '/', data: ['a', 1] }]);
  });

  it('keeps where a recoverable session is', async () => {
    const socket = ioRecovering();
    const { onevent } = inside(socket);
    inside(socket).onevent = (packet) => onevent.call(socket, packet);
    await next(socket, 'connect');
    socket.emit('several', ['a', 1]);
    await next(socket, 'a');
    socket.emit('drop');
    await next(socket, 'connect');
    expect(socket.recovered).to.equal(true);
  });
});

both('receiveBuffer', ({ io }) => {
  it('has what comes before connect; its listeners run before those of connect', async () => {
    const socket = io('/early');
    const { onevent } = inside(socket);
    const seen: unknown[] = [];
    inside(socket).onevent = (packet) => {
      onevent.call(socket, packet);
      seen.push(['buffered', socket.connected, ...inside(socket).receiveBuffer]);
    };
    socket.onAny((...args) => seen.push([socket.connected, ...args]));
    socket.on('connect', () => seen.push('connect'));
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal([['buffered', false, ['early', 1]], [true, 'early', 1], 'connect']);
    expect(inside(socket).receiveBuffer).to.deep.equal([]);
  });

  it('is emptied by who does not want what is in it', async () => {
    const socket = io('/early');
    const { onevent } = inside(socket);
    inside(socket).onevent = (packet) => {
      onevent.call(socket, packet);
      inside(socket).receiveBuffer.length = 0;
    };
    let calls = 0;
    socket.on('early', () => calls++);
    await socket.emitWithAck('echo');
    expect(calls).to.equal(0);
  });

  it('keeps an event that asks for an answer, and gives it', async () => {
    const socket = io('/early-ask', { auth: { key: 'a' } });
    socket.on('early', (answer) => answer('kept'));
    expect(await next(socket, 'answered')).to.deep.equal(['kept']);
  });

  it('is empty of what comes after', async () => {
    const socket = io('/greet');
    await socket.emitWithAck('echo');
    expect(inside(socket).receiveBuffer).to.deep.equal([]);
  });
});

both('acks and _queue', ({ io }) => {
  it('have what is not answered yet', async () => {
    const socket = io('/', { autoConnect: false });
    socket.emit('echo', () => {});
    const answer = socket.emitWithAck('echo');
    expect(Object.keys(inside(socket).acks)).to.deep.equal(['0', '1']);
    socket.connect();
    await answer;
    expect(Object.keys(inside(socket).acks)).to.deep.equal([]);
  });

  it('let go of what a disconnect fails, and of what is late', async () => {
    const socket = io();
    await next(socket, 'connect');
    socket.emit('silent', () => {});
    socket
      .timeout(500)
      .emitWithAck('silent')
      .catch(() => {});
    expect(Object.keys(inside(socket).acks)).to.deep.equal(['0', '1']);
    await until(() => !('1' in inside(socket).acks));
    socket.disconnect();
    expect(Object.keys(inside(socket).acks)).to.deep.equal([]);
  });

  it('keep at a disconnect what was not sent', async () => {
    const socket = io('/', { autoConnect: false });
    const answer = socket.emitWithAck('echo', 'kept');
    socket.connect();
    socket.disconnect();
    expect(Object.keys(inside(socket).acks)).to.deep.equal(['0']);
    socket.connect();
    expect(await answer).to.equal('kept');
  });

  it('count what is to be retried', async () => {
    const socket = io('/', { retries: 2, ackTimeout: 10_000 });
    const lengths: number[] = [];
    const count = (): void => void lengths.push(inside(socket)._queue.length);
    socket.emit('echo', count);
    socket.emit('echo', count);
    count();
    await socket.emitWithAck('echo');
    count();
    expect(lengths).to.deep.equal([2, 2, 1, 0]);
  });

  it('send nothing that was taken out of the queue', async () => {
    const socket = io('/', { autoConnect: false, retries: 2, ackTimeout: 10_000 });
    let calls = 0;
    socket.emit('echo', () => calls++);
    socket.emit('echo', () => calls++);
    inside(socket)._queue.length = 0;
    socket.connect();
    await next(socket, 'connect');
    await socket.emitWithAck('echo');
    expect(calls).to.equal(0);
  });
});

both('the emitter', ({ io }) => {
  it('has its listeners where code in the wild looks for them', () => {
    const socket = io('/', { autoConnect: false });
    const listener = (): void => {};
    socket.on('a', listener).on('constructor', listener);
    socket.io.on('open', listener);
    expect(inside(socket)._callbacks.$a).to.deep.equal([listener]);
    expect(inside(socket)._callbacks.$constructor).to.deep.equal([listener]);
    const { _callbacks } = socket.io as unknown as Internals;
    expect(_callbacks.$open).to.deep.equal([listener]);
    expect(socket.hasListeners('toString')).to.equal(false);
    expect(Object.keys(inside(socket)._callbacks)).to.include.members(['$a', '$constructor']);
    delete inside(socket)._callbacks.$a;
    expect(socket.listeners('a')).to.deep.equal([]);
  });

  it('emits for another object’s listeners by the prototype’s method', () => {
    const socket = io('/', { autoConnect: false });
    const { emit } = socket.io.constructor.prototype;
    const calls: unknown[] = [];
    socket.on('connect', (...args: unknown[]) => calls.push(args));
    emit.call(socket, 'connect', 1, 2);
    expect(calls).to.deep.equal([[1, 2]]);
  });
});

both('the first packet', ({ io }) => {
  const auths = [
    [undefined, '0'],
    [null, '0'],
    [{}, '0{}'],
    [{ token: 'secret' }, '0{"token":"secret"}'],
    [(send: (data?: unknown) => void) => send(), '0'],
    [(send: (data?: unknown) => void) => send(null), '0'],
    [(send: (data?: unknown) => void) => setTimeout(send, 10, { late: 1 }), '0{"late":1}'],
  ] as const;
  for (const [auth, text] of auths)
    it(`is ${text} for the auth ${typeof auth === 'function' ? auth : JSON.stringify(auth)}`, async () => {
      const socket = io('/', { auth: auth as { token: string } });
      expect(await socket.emitWithAck('first-packet')).to.equal(text);
    });
});
