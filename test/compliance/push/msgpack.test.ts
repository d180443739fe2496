/**
 * `io.parser: 'msgpack'`: what socket.io-client does with socket.io-msgpack-parser, and `hadoken.io` through a frame and
 * through the hub, on a server that has that parser too.
 */
import { expect } from '@esm-bundle/chai';
import * as original from 'socket.io-client';
import * as parser from 'socket.io-msgpack-parser';
import { connect, type Socket } from '../../../src/parent/index.ts';
import { control, env, frameUrl, uniqueId } from '../../support/env.ts';
import { next } from './both.ts';

const HURRIED = { reconnectionDelay: 30, reconnectionDelayMax: 60, randomizationFactor: 0 };
const opened: (() => void)[] = [];

function openTheirs(nsp = '/'): original.Socket {
  const options = { path: '/msgpack.io/', transports: ['websocket'], forceNew: true, parser };
  const socket = original.io(env.push + nsp, { ...HURRIED, ...options });
  opened.push(() => socket.io._close());
  return socket;
}

const openOurs =
  (site: string) =>
  (nsp = '/'): original.Socket => {
    const hadoken = connect(frameUrl(site));
    opened.push(() => hadoken.close());
    const query = { client: uniqueId() };
    return hadoken.io(nsp, { ...HURRIED, query }) as Socket as unknown as original.Socket;
  };

/** As `value`, with bytes for what is binary: an ArrayBuffer in a page, a Buffer in Node. */
function withBytes(value: unknown): unknown {
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value))
    return { bytes: [...new Uint8Array(value as ArrayBuffer)] };
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withBytes(inner)]));
}

const VALUES: Record<string, unknown[]> = {
  'texts of every script': ['', 'ascii', 'žluťoučký', '漢字', '👩‍👩‍👧', '\u0000\uffff'],
  'whole numbers of every size': [0, -1, 127, 128, -129, 65_536, 2 ** 31, -(2 ** 31), 2 ** 53 - 1],
  fractions: [0.1, -1.5, 1e-300],
  'true, false and null': [true, false, null],
  'objects and lists in one another': [{ a: [{ b: {} }, []] }, [[[1]]]],
  'more than a byte counts': [
    'x'.repeat(70_000),
    Array.from({ length: 300 }, (_, at) => at),
    Object.fromEntries(Array.from({ length: 40 }, (_, at) => [`k${at}`, at])),
  ],
};

for (const [name, open] of [
  ['socket.io-client itself', openTheirs],
  ['hadoken.io', openOurs('msgpack@msgpack.io')],
  ['hadoken.io, shared', openOurs('msgpack@shared')],
] as const)
  describe(`io.parser 'msgpack': ${name}`, () => {
    beforeEach(async () => void (await control('io/start')));
    afterEach(() => {
      for (const close of opened.splice(0)) close();
    });

    for (const [what, values] of Object.entries(VALUES))
      it(`sends and gets ${what}`, async () => {
        const socket = open();
        for (const value of values)
          expect(await socket.emitWithAck('echo', value)).to.deep.equal(value);
        const back = next(socket, 'back');
        socket.emit('emit-back', 'back', ...values);
        expect(await back).to.deep.equal(values);
      });

    it('sends and gets what is binary, beside all else', async () => {
      const socket = open();
      const value = { a: [new Uint8Array([1, 2, 3]).buffer, 'text'], b: new ArrayBuffer(0) };
      const expected = { a: [{ bytes: [1, 2, 3] }, 'text'], b: { bytes: [] } };
      expect(withBytes(await socket.emitWithAck('echo', value))).to.deep.equal(expected);
      const back = next(socket, 'back');
      socket.emit('emit-back', 'back', value, value);
      expect(withBytes(await back)).to.deep.equal([expected, expected]);
    });

    it('gets a Date of the server as a Date', async () => {
      const socket = open();
      const back = next(socket, 'now');
      socket.emit('emit-date', 'now', 1_000);
      expect(await back).to.deep.equal([new Date(1_000)]);
    });

    it('answers the server, and gets its answers in their order', async () => {
      const socket = open();
      socket.on('add', (a: number, b: number, ack: (sum: number) => void) => ack(a + b));
      expect(await socket.emitWithAck('ask', 'add', 1, 2)).to.deep.equal({ answer: [3] });
      const all = Array.from({ length: 50 }, (_, at) => socket.emitWithAck('echo', at));
      expect(await Promise.all(all)).to.deep.equal(all.map((_, at) => at));
    });

    it('gets the error of a namespace that refuses it, with its data', async () => {
      const socket = open('/admin');
      const [error] = await next(socket, 'connect_error');
      expect([error.message, error.data]).to.deep.equal([
        'not an admin',
        { code: 'E_ADMIN', retry: false },
      ]);
    });

    it('connects again after the connection was cut, and after the server says goodbye', async () => {
      const socket = open();
      await next(socket, 'connect');
      const lost = next(socket, 'disconnect');
      socket.emit('drop');
      expect((await lost)[0]).to.equal('transport close');
      await next(socket, 'connect');
      const kicked = next(socket, 'disconnect');
      socket.emit('kick');
      expect((await kicked)[0]).to.equal('io server disconnect');
      socket.connect();
      await next(socket, 'connect');
      expect(await socket.emitWithAck('echo', 1)).to.equal(1);
    });
  });

describe("io.parser 'msgpack', in a frame", () => {
  beforeEach(async () => void (await control('io/start')));
  afterEach(() => {
    for (const close of opened.splice(0)) close();
  });

  for (const site of ['msgpack@msgpack.io', 'msgpack@shared'])
    it(`lets nothing of a packet reach the page that the rules have not read: ${site}`, async () => {
      const socket = openOurs(site)('/chat');
      await next(socket, 'connect');
      const heard: unknown[][] = [];
      socket.onAny((...args) => heard.push(args));
      const end = next(socket, 'allowed');
      const nsp = '/chat';
      for (const packet of [
        { type: 2, nsp, data: ['allowed', 1], text: '["forbidden",1]' },
        { type: 2, nsp, data: ['forbidden', 2], text: '["allowed",2]' },
        { type: 2, nsp, data: ['forbidden', 3] },
      ])
        socket.emit('send-packet', packet);
      await end;
      // By now what came before it is here too.
      const last = new Promise((resolve) => socket.on('allowed', (at) => at === 4 && resolve(at)));
      socket.emit('send-packet', { type: 2, nsp, data: ['allowed', 4] });
      await last;
      expect(heard).to.deep.equal([
        ['allowed', 1],
        ['allowed', 4],
      ]);
    });

  it('sends a view as the bytes that it shows, which the original sends as an object', async () => {
    const socket = openOurs('msgpack@msgpack.io')();
    const large = new Uint8Array(1_000).fill(9);
    large.set([1, 2, 3], 500);
    expect(withBytes(await socket.emitWithAck('echo', large.subarray(500, 503)))).to.deep.equal({
      bytes: [1, 2, 3],
    });
  });

  for (const site of ['msgpack@msgpack.io', 'msgpack@shared'])
    for (const data of [[], ['connect'], ['disconnect', 1], [{ toString: 1 }], [null], [['a']]])
      it(`takes no event named as ${JSON.stringify(data)}, and connects again: ${site}`, async () => {
        const socket = openOurs(site)('/chat');
        await next(socket, 'connect');
        const lost = next(socket, 'disconnect');
        socket.emit('send-packet', { type: 2, nsp: '/chat', data });
        expect((await lost)[0]).to.equal('parse error');
        await next(socket, 'connect');
      });

  it('tells a page whose server has the default parser', async () => {
    const socket = openOurs('msgpack@plain.io')();
    const [{ code, message }] = await next(socket, 'connect_error');
    expect(code).to.equal('UNSUPPORTED');
    expect(message).to.contain('io.parser');
  });

  it('is told to a page whose frame has the default parser', async () => {
    const socket = openOurs('push-to@msgpack.io')();
    const [{ code, message }] = await next(socket, 'connect_error');
    expect(code).to.equal('UNSUPPORTED');
    expect(message).to.contain('io.parser');
  });
});
