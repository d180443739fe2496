import { expect } from '@esm-bundle/chai';
import { Client } from '@stomp/stompjs';
import { createClient } from 'graphql-ws';
import { io, WebSocket as WebSocketTransport } from 'socket.io-client';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { env, frameUrl, until } from '../support/env.ts';
import { wsUrl } from '../support/streams.ts';

describe("a page's own socket.io-client over hadoken.WebSocket", () => {
  let hadoken: Hadoken;
  before(() => {
    hadoken = connect(frameUrl('raw-io'));
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
    const [info] = await new Promise<[{ isBuffer: boolean; length: number }, ArrayBuffer]>(
      (resolve) =>
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

describe('what else speaks over a WebSocket, over hadoken.WebSocket', () => {
  let hadoken: Hadoken;
  before(() => {
    hadoken = connect(frameUrl());
  });
  after(() => hadoken.close());

  it('graphql-ws asks, and follows a subscription to its end', async () => {
    const client = createClient({ url: wsUrl('graphql'), webSocketImpl: hadoken.WebSocket });
    const all = async (query: string): Promise<unknown[]> => {
      const results: unknown[] = [];
      for await (const { data } of client.iterate({ query })) results.push(data);
      return results;
    };
    expect(await all('{ hello(name: "Ada") }')).to.deep.equal([{ hello: 'Hello, Ada' }]);
    const counts = Array.from({ length: 100 }, (_, i) => ({ count: i + 1 }));
    expect(await all('subscription { count(to: 100) }')).to.deep.equal(counts);
    await client.dispose();
  });

  it('STOMP subscribes, sends, receives and says goodbye', async () => {
    const client = new Client({
      webSocketFactory: () => new hadoken.WebSocket(wsUrl('stomp'), ['v12.stomp']),
    });
    await new Promise((resolve) => {
      client.onConnect = resolve;
      client.activate();
    });
    const message = new Promise<string>((resolve) =>
      client.subscribe('/queue/a', ({ body }) => resolve(body)),
    );
    client.publish({ destination: '/queue/b', body: 'to nobody' });
    client.publish({ destination: '/queue/a', body: 'grün' });
    expect(await message).to.equal('grün');
    await client.deactivate();
    expect(client.connected).to.equal(false);
  });

  it('SockJS, given it in the place of the global one, as pages without modules do', async () => {
    type Sock = Pick<WebSocket, 'onopen' | 'onmessage' | 'onclose' | 'send' | 'close'> & {
      transport: string;
    };
    // Without a time of its own it falls back to XHR after a few round trips.
    type SockJS = new (url: string, protocols: null, options: { timeout: number }) => Sock;
    const page = globalThis as typeof globalThis & { SockJS: SockJS };
    const own = page.WebSocket;
    const opened: string[] = [];
    page.WebSocket = class extends hadoken.WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols);
        opened.push(`${url}`);
      }
    };
    // It takes what there is when it is loaded.
    const script = Object.assign(document.createElement('script'), {
      src: '/node_modules/sockjs-client/dist/sockjs.js',
    });
    await new Promise((resolve) => {
      script.onload = resolve;
      document.head.append(script);
    });
    page.WebSocket = own;
    const sock = new page.SockJS(`${env.push}/sockjs`, null, { timeout: 25_000 });
    const answer = new Promise<MessageEvent>((resolve) => {
      sock.onmessage = resolve;
    });
    sock.onopen = () => sock.send('grün');
    expect((await answer).data).to.equal('grün');
    expect(sock.transport).to.equal('websocket');
    expect(opened).to.have.lengthOf(1);
    const closed = new Promise<CloseEvent>((resolve) => {
      sock.onclose = resolve;
    });
    sock.close(3000, 'enough');
    expect((await closed).code).to.equal(3000);
  });
});
