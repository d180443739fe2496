/**
 * Servers that do not speak as the client does: what socket.io-client makes of each, and what `hadoken.io` does.
 * Where the original says nothing but 'transport close', again and again, ours says why.
 */
import { expect } from '@esm-bundle/chai';
import * as original from 'socket.io-client';
import {
  connect,
  type Hadoken,
  type HadokenError,
  type Socket,
} from '../../../src/parent/index.ts';
import * as binaryParser from '../../fixtures/hosts/push-parser/binary-parser.js';
import { control, env, frameUrl, uniqueId, until } from '../../support/env.ts';
import { next } from './both.ts';

type Options = Partial<original.ManagerOptions & original.SocketOptions>;
const HURRIED = { reconnectionDelay: 30, reconnectionDelayMax: 60, randomizationFactor: 0 };
const CLOSED = 'disconnect: transport close';
const MISMATCH = 'connect_error: UNSUPPORTED';

/** What a socket tells, one line each; an error of Hadoken's own by its code, which another's may have as well. */
function record(given: Socket | original.Socket): string[] {
  const socket = given as original.Socket;
  const seen: string[] = [];
  socket.on('connect', () => seen.push('connect'));
  socket.on('disconnect', (reason) => seen.push(`disconnect: ${reason}`));
  socket.on('connect_error', (error) => {
    const { name, message, code } = error as HadokenError;
    const text = name === 'HadokenError' ? code : [message, code].filter(Boolean).join(', ');
    seen.push(`connect_error: ${text}`);
  });
  return seen;
}

describe('a server that does not speak as the client does', function () {
  // Connections are made again and again, which takes its time on a loaded machine.
  this.timeout(30_000);
  let close: (() => void)[] = [];
  beforeEach(async () => void (await control('io/start')));
  afterEach(() => {
    for (const end of close) end();
    close = [];
  });

  const openTheirs = (path: string, options: Options = {}): original.Socket => {
    const socket = original.io(env.push, {
      ...HURRIED,
      forceNew: true,
      transports: ['websocket'],
      path,
      ...options,
    });
    close.push(() => socket.io._close());
    return socket;
  };
  const open = (site: string): Hadoken => {
    const hadoken = connect(frameUrl(site));
    close.push(() => hadoken.close());
    return hadoken;
  };
  const openOurs = (site: string, options: Options = {}, nsp = '/'): Socket =>
    open(site).io(nsp, { ...HURRIED, ...options } as object);

  const first = async (socket: Socket | original.Socket, count: number): Promise<string[]> => {
    const seen = record(socket);
    await until(() => seen.length >= count, 25_000);
    return seen.slice(0, count);
  };

  it('has another parser than the frame, which has one of its own', async () => {
    const parser: unknown = binaryParser;
    const theirs = openTheirs('/plain.io/', { parser });
    const ours = openOurs('push-parser@plain.io');
    expect(await Promise.all([first(theirs, 3), first(ours, 5)])).to.deep.equal([
      [CLOSED, CLOSED, CLOSED],
      [CLOSED, CLOSED, MISMATCH, CLOSED, MISMATCH],
    ]);
  });

  it('has a parser of its own, and the frame the default one', async () => {
    const theirs = openTheirs('/parser.io/');
    const ours = openOurs('push-to@parser.io');
    const error = next(ours, 'connect_error');
    expect(await first(theirs, 3)).to.deep.equal([CLOSED, CLOSED, CLOSED]);
    const [{ code, message }] = await error;
    expect([code, message]).to.deep.equal([
      'UNSUPPORTED',
      'The Socket.IO server hangs up at the first packet: it has another parser than ' +
        'io.parser of host.js, or is no Socket.IO server of version 3 or later.',
    ]);
    expect(ours.active).to.equal(true);
  });

  it('says so at the first loss where no other connection follows', async () => {
    const ours = openOurs('push-to@parser.io', { reconnection: false });
    expect(await first(ours, 2)).to.deep.equal([CLOSED, MISMATCH]);
  });

  it('says so to every namespace that waits', async () => {
    const manager = new (open('push-to@parser.io').Manager)(HURRIED);
    const sockets = ['/', '/chat'].map((nsp) => manager.socket(nsp));
    const errors = await Promise.all(sockets.map((socket) => next(socket, 'connect_error')));
    expect(errors.map(([{ code }]) => code)).to.deep.equal(['UNSUPPORTED', 'UNSUPPORTED']);
  });

  it('connects with the same parser on both sides', async () => {
    const parser: unknown = binaryParser;
    const theirs = openTheirs('/parser.io/', { parser });
    const ours = openOurs('push-parser@parser.io');
    for (const socket of [theirs, ours])
      expect(await socket.emitWithAck('echo', { a: 1 })).to.deep.equal({ a: 1 });
  });

  it('is only going down: nothing is said of parsers', async () => {
    const auth = (): Options => ({ auth: { key: uniqueId() } });
    const theirs = openTheirs('/plain.io/').io.socket('/going-down', auth());
    const ours = openOurs('push-to@plain.io', auth(), '/going-down');
    for (const seen of await Promise.all([theirs, ours].map((socket) => first(socket, 2))))
      expect(seen).to.deep.equal([CLOSED, 'connect']);
  });

  const OLD =
    'connect_error: It seems you are trying to reach a Socket.IO server in v2.x with a v3.x ' +
    'client, but they are not compatible (more information here: ' +
    'https://socket.io/docs/v3/migrating-from-2-x-to-3-0/)';

  it('is a Socket.IO of version 2, by WebSocket', async () => {
    const theirs = openTheirs('/v2.io/');
    const ours = openOurs('push-to@v2.io');
    expect(await Promise.all([first(theirs, 1), first(ours, 1)])).to.deep.equal([[OLD], [OLD]]);
    expect([theirs, ours].map(({ connected, active }) => [connected, active])).to.deep.equal([
      [false, true],
      [false, true],
    ]);
  });

  for (const [what, path, site, transport, error] of [
    [
      'a Socket.IO of version 2, by polling',
      '/v2.io/',
      'v2.io',
      'polling',
      'server error, parser error',
    ],
    [
      'an API that answers JSON',
      '/cors/api/echo/',
      'api:echo',
      'polling',
      'server error, parser error',
    ],
    ['nothing at all', '/cors/none/', 'none', 'polling', 'xhr poll error'],
    ['no WebSocket', '/api/echo/', 'api:echo', 'websocket', 'websocket error'],
    [
      'a WebSocket of another kind',
      '/streams/ws/headers/',
      'streams:ws:headers',
      'websocket',
      'server error, parser error',
    ],
    [
      'a WebSocket that says nothing',
      '/streams/ws/deaf/',
      'streams:ws:deaf',
      'websocket',
      'timeout',
    ],
  ] as const)
    it(`is ${what}`, async () => {
      const options = error === 'timeout' ? { timeout: 600 } : {};
      const theirs = openTheirs(path, { ...options, transports: [transport] });
      const ours = openOurs(`push-to@${site}@${transport}`, options);
      const expected = [`connect_error: ${error}`, `connect_error: ${error}`];
      expect(await first(theirs, 2)).to.deep.equal(expected);
      expect(await first(ours, 2)).to.deep.equal(expected);
    });
});
