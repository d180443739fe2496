import { expect } from '@esm-bundle/chai';
import { env, until } from '../../support/env.ts';
import { next, settle } from '../../support/streams.ts';
import { describeSockets } from './sockets.ts';

describeSockets('its bufferedAmount', (on) => {
  const { opened } = on;

  it('counts what is sent in bufferedAmount at once, and what has left off it', async () => {
    const socket = await opened('measure');
    socket.send('grün');
    expect(socket.bufferedAmount).to.equal(5);
    socket.send(new Blob(['12345']));
    socket.send(new Uint8Array(new ArrayBuffer(100), 10, 10));
    socket.send(new ArrayBuffer(7));
    expect(socket.bufferedAmount).to.equal(27);
    await until(() => socket.bufferedAmount === 0);
  });

  // WebKit's own counts the frames' heads too, while it is closing.
  if (on.side === 'hadoken' || env.engine !== 'webkit')
    it('counts what is sent after the end, and sends nothing', async () => {
      const socket = await opened();
      socket.close();
      socket.send('abc');
      expect(socket.bufferedAmount).to.equal(3);
      await next(socket, 'close');
      socket.send('abc');
      expect(socket.bufferedAmount).to.equal(6);
    });

  // The last: an engine may take its time to let go of what it has buffered.
  it('keeps what a server does not take in bufferedAmount', async function () {
    // Three engines at once send far more than they are used to.
    this.timeout(60_000);
    const socket = await opened('deaf');
    const chunk = new Uint8Array(1_000_000).map(() => Math.random() * 256);
    // Engines and the system take tens of megabytes themselves before they stop.
    for (let i = 0; i < 64; i++) socket.send(chunk);
    await settle(500);
    expect(socket.bufferedAmount).to.be.greaterThan(0);
  });
});
