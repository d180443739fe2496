/**
 * What the types promise is there, in ours and in the original. A member that is declared and not
 * listed here does not compile.
 */
import { expect } from '@esm-bundle/chai';
import type { Engine, Manager, Socket } from '../../../src/parent/index.ts';
import { both, next } from './both.ts';

type Kinds<T> = Record<keyof T, 'boolean' | 'function' | 'object' | 'string'>;

const emitter = {
  on: 'function',
  once: 'function',
  off: 'function',
  removeListener: 'function',
  removeAllListeners: 'function',
  emit: 'function',
  listeners: 'function',
  hasListeners: 'function',
} as const;

const ofSocket: Kinds<Socket> = {
  ...emitter,
  io: 'object',
  id: 'string',
  connected: 'boolean',
  recovered: 'boolean',
  auth: 'object',
  sendBuffer: 'object',
  receiveBuffer: 'object',
  disconnected: 'boolean',
  active: 'boolean',
  connect: 'function',
  open: 'function',
  disconnect: 'function',
  close: 'function',
  emitWithAck: 'function',
  send: 'function',
  compress: 'function',
  volatile: 'object',
  timeout: 'function',
  onAny: 'function',
  prependAny: 'function',
  offAny: 'function',
  listenersAny: 'function',
  onAnyOutgoing: 'function',
  prependAnyOutgoing: 'function',
  offAnyOutgoing: 'function',
  listenersAnyOutgoing: 'function',
};

const ofManager: Kinds<Manager> = {
  ...emitter,
  engine: 'object',
  opts: 'object',
  reconnection: 'function',
  reconnectionAttempts: 'function',
  reconnectionDelay: 'function',
  reconnectionDelayMax: 'function',
  randomizationFactor: 'function',
  timeout: 'function',
  open: 'function',
  connect: 'function',
  socket: 'function',
};

const ofEngine: Kinds<Engine> = {
  id: 'string',
  readyState: 'string',
  transport: 'object',
  close: 'function',
  on: 'function',
  once: 'function',
  off: 'function',
  hasListeners: 'function',
};

/** What `object` has by the names of `kinds`. */
function kindsIn(object: object, kinds: object): Record<string, string> {
  const names = Object.keys(kinds) as (keyof typeof object)[];
  return Object.fromEntries(names.map((name) => [name, typeof object[name]]));
}

both('the members that the types promise', ({ io, ioRecovering }) => {
  it('are there in a socket, its manager and its engine', async () => {
    // Without recovery on the server, `recovered` is undefined in the original.
    const socket = ioRecovering('/', { auth: { token: 'x' } });
    await next(socket, 'connect');
    expect(kindsIn(socket, ofSocket)).to.deep.equal(ofSocket);
    expect(kindsIn(socket.io, ofManager)).to.deep.equal(ofManager);
    expect(kindsIn(socket.io.engine, ofEngine)).to.deep.equal(ofEngine);
    expect(socket.io.engine.transport.name).to.be.a('string');
  });

  it('return what the types say they return', () => {
    const socket = io('/', { autoConnect: false });
    const listener = (): void => {};
    expect(socket.on('a', listener).once('a', listener).off('a').removeListener('a')).to.equal(
      socket,
    );
    expect(socket.removeAllListeners().compress(true).volatile.send('x').emit('a')).to.equal(
      socket,
    );
    expect(socket.onAny(listener).prependAny(listener).offAny()).to.equal(socket);
    expect(socket.onAnyOutgoing(listener).prependAnyOutgoing(listener).offAnyOutgoing()).to.equal(
      socket,
    );
    expect(socket.timeout(1).disconnect().close()).to.equal(socket);
    expect([
      socket.listeners('a'),
      socket.listenersAny(),
      socket.listenersAnyOutgoing(),
    ]).to.deep.equal([[], [], []]);
    expect(socket.hasListeners('a')).to.equal(false);
    expect(socket.sendBuffer.every(({ type }) => type === 2)).to.equal(true);
  });
});
