import { expect } from '@esm-bundle/chai';
import { io, WebSocket as WebSocketTransport } from 'socket.io-client';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { env, frameUrl, until } from '../support/env.ts';

describe("a page's own socket.io-client over hadoken.WebSocket", () => {
  let hadoken: Hadoken;
  before(() => {
    hadoken = connect(frameUrl());
  });
  after(() => hadoken.close());

  /** Its WebSocket transport, which lets the constructor be changed in one place. */
  class Transport extends WebSocketTransport {
    override createSocket(uri: string, protocols: string | string[] | undefined): WebSocket {
      return new hadoken.WebSocket(uri, protocols);
    }
  }
  const open = (namespace = '/') =>
    io(env.push + namespace, { transports: [Transport], forceNew: true, reconnectionDelay: 50 });

  it('connects from the frame and acknowledges, text and binary', async () => {
    const socket = open();
    expect(await socket.emitWithAck('echo', { a: [1, 'ü'] })).to.deep.equal({ a: [1, 'ü'] });
    const { headers, transport } = await socket.emitWithAck('whoami');
    expect(headers.origin).to.equal(env.push);
    expect(transport).to.equal('websocket');
    const [info] = await new Promise<[{ isBuffer: boolean; length: number }, ArrayBuffer]>((resolve) =>
      socket.emit('binary', new Uint8Array([1, 2, 3]), (...answer: never) => resolve(answer)),
    );
    expect(info).to.deep.equal({ isBuffer: true, length: 3 });
    socket.close();
  });

  it('keeps the order of a burst', async () => {
    const socket = open('/chat');
    const numbers: number[] = [];
    socket.on('number', (number: number) => numbers.push(number));
    socket.emit('burst', 'number', 1_000);
    await until(() => numbers.length === 1_000);
    expect(numbers).to.deep.equal(Array.from({ length: 1_000 }, (_, i) => i));
    socket.close();
  });

  it('comes back after the connection was lost', async () => {
    const socket = open();
    await until(() => socket.connected);
    const lost = new Promise((resolve) => socket.once('disconnect', resolve));
    socket.emit('drop');
    expect(await lost).to.equal('transport close');
    await until(() => socket.connected);
    socket.close();
  });
});
