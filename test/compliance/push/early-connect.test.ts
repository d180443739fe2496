import { expect } from '@esm-bundle/chai';
import type { Socket } from 'socket.io-client';
import { connect, type Hadoken } from '../../../src/parent/index.ts';
import { control, frameUrl } from '../../support/env.ts';
import { both, next, pause } from './both.ts';

/** Between the loss and the first retry there is time for what a test does. */
const UNHURRIED = { reconnectionDelay: 300, reconnectionDelayMax: 300 };

/** Loses the connection once more, and has it again: whatever came before has left no manager without a timer. */
async function dropAgain(...sockets: Socket[]): Promise<void> {
  const back = Promise.all(sockets.map((socket) => next(socket, 'connect')));
  sockets[0]?.emit('drop');
  await back;
}

both('connecting while a retry is waited for', ({ io }) => {
  /** Ends connected, and then survives a second drop. */
  const sequences: Record<string, () => Promise<Socket[]>> = {
    'a new namespace, 100 ms after a drop': async () => {
      const socket = io('/', UNHURRIED);
      await next(socket, 'connect');
      const back = next(socket, 'connect');
      socket.emit('drop');
      await next(socket, 'disconnect');
      await pause();
      const other = socket.io.socket('/chat');
      await Promise.all([back, next(other, 'connect')]);
      return [socket, other];
    },
    'a new namespace in the listener of the drop': async () => {
      const socket = io('/', UNHURRIED);
      await next(socket, 'connect');
      const back = next(socket, 'connect');
      socket.io.once('close', () => void pause(0).then(() => socket.io.socket('/chat')));
      socket.emit('drop');
      await back;
      const other = socket.io.socket('/chat');
      if (!other.connected) await next(other, 'connect');
      return [socket, other];
    },
    'a new namespace while the server is down': async () => {
      const socket = io('/', UNHURRIED);
      await next(socket, 'connect');
      const lost = next(socket, 'disconnect');
      await control('io/stop');
      await lost;
      await pause();
      const other = socket.io.socket('/chat');
      await next(socket.io, 'reconnect_error');
      const back = Promise.all([next(socket, 'connect'), next(other, 'connect')]);
      await control('io/start');
      await back;
      return [socket, other];
    },
    'a server that is down at load': async () => {
      await control('io/stop');
      const socket = io('/', UNHURRIED);
      await next(socket, 'connect_error');
      const other = socket.io.socket('/chat');
      const back = Promise.all([next(socket, 'connect'), next(other, 'connect')]);
      await next(socket.io, 'reconnect_error');
      await control('io/start');
      await back;
      return [socket, other];
    },
    'connect() a while after disconnect': async () => {
      const socket = io('/', UNHURRIED);
      await next(socket, 'connect');
      const back = next(socket, 'connect');
      socket.once('disconnect', () => setTimeout(() => socket.connect(), 100));
      socket.emit('drop');
      await back;
      return [socket];
    },
    'a button that disconnects and connects': async () => {
      const socket = io('/', UNHURRIED);
      await next(socket, 'connect');
      socket.emit('drop');
      await next(socket, 'disconnect');
      await pause();
      const back = next(socket, 'connect');
      socket.disconnect().connect();
      await back;
      return [socket];
    },
    'a button that connects, pressed often': async () => {
      const socket = io('/', UNHURRIED);
      await next(socket, 'connect');
      const back = next(socket, 'connect');
      socket.emit('drop');
      await next(socket, 'disconnect');
      for (let press = 0; press < 5; press++) {
        socket.connect();
        await pause(20);
      }
      await back;
      return [socket];
    },
    'connect() a while after connect_error': async () => {
      await control('io/stop');
      const socket = io('/', UNHURRIED);
      socket.on('connect_error', () => setTimeout(() => socket.connect(), 200));
      await next(socket.io, 'reconnect_error');
      const back = next(socket, 'connect');
      await control('io/start');
      await back;
      return [socket];
    },
  };
  for (const [what, run] of Object.entries(sequences))
    it(`leaves a connection that comes back: ${what}`, async () => {
      const sockets = await run();
      expect(sockets.map(({ connected }) => connected)).to.deep.equal(sockets.map(() => true));
      expect(sockets[0]?.io._reconnecting).to.equal(false);
      await dropAgain(...sockets);
      await dropAgain(...sockets);
    });
});

describe('connecting in the very listener of a loss: hadoken.io', () => {
  // socket.io-client itself connects at once, and never comes back from the second drop: its open()
  // takes the timer of the retry away and goes on waiting for it.
  let page: Hadoken;
  before(() => {
    page = connect(frameUrl('push-plain'));
  });
  beforeEach(async () => void (await control('io/start')));
  after(() => page.close());

  const listeners: Record<string, (socket: Socket, then: () => void) => unknown> = {
    disconnect: (socket, then) => socket.once('disconnect', then),
    "the manager's close": (socket, then) => socket.io.once('close', then),
  };
  const asks: Record<string, (socket: Socket) => unknown> = {
    'connect()': (socket) => socket.connect(),
    'a new namespace': (socket) => socket.io.socket('/chat'),
    'open()': (socket) => socket.io.open(),
  };
  for (const [where, listen] of Object.entries(listeners))
    for (const [what, ask] of Object.entries(asks))
      it(`leaves a connection that comes back: ${what} in ${where}`, async () => {
        const options = { ...UNHURRIED, forceNew: true };
        const socket = page.io('/', options) as unknown as Socket;
        await next(socket, 'connect');
        listen(socket, () => ask(socket));
        await dropAgain(socket);
        await dropAgain(socket);
        await dropAgain(socket);
        socket.io._close();
      });

  it('tells a callback of open() what came of the retry', async () => {
    const slow = { reconnectionDelay: 4_000, reconnectionDelayMax: 4_000, forceNew: true };
    const socket = page.io('/', slow) as unknown as Socket;
    await next(socket, 'connect');
    const opened = new Promise((resolve) =>
      socket.io.once('close', () => setTimeout(() => socket.io.open(resolve), 50)),
    );
    await dropAgain(socket);
    expect(await opened).to.equal(undefined);
    socket.io.reconnectionDelay(30).reconnectionDelayMax(30);
    await dropAgain(socket);
    socket.io._close();
  });
});
