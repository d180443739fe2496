import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/host.ts';
import * as io from '../../src/frame/io.ts';
import { readManagerOptions } from '../../src/frame/manager-options.ts';
import type { ServeOptions } from '../../src/frame/options.ts';
import { createPushHost } from '../../src/frame/push.ts';
import { createSocketLimit } from '../../src/frame/socket-limit.ts';
import type { DecodedPacket, PushEvent } from '../../src/rpc/packet.ts';
import { env, until } from '../support/env.ts';

/** `busy`: the page does not say what it has taken, until `takeAll()`. */
type Setup = { options?: Partial<ServeOptions>; loadIo?: Effects['loadIo']; busy?: boolean };

/** A push host over a bare MessageChannel, with what it posts and what it logs. */
function openHost({ options = {}, loadIo = async () => io, busy = false }: Setup = {}) {
  const events: PushEvent[] = [];
  const logged: string[] = [];
  const messages: number[] = [];
  let taken = 0;
  const effects: Effects = {
    origin: env.push,
    fetch,
    WebSocket,
    loadIo,
    log: (message: string) => void logged.push(message),
  };
  const rules = { path: '/plain.io/', transports: ['websocket' as const] };
  const createHost = createPushHost({ origins: [], io: rules, ...options }, effects);
  const life = new EventTarget();
  const context = { origin: env.app };
  const { port1, port2 } = new MessageChannel();
  createHost({ context, life, takeSocket: createSocketLimit(options.limits?.sockets) })(port2);
  port1.onmessage = ({ data }: MessageEvent<string | PushEvent[]>) => {
    const batch: PushEvent[] = typeof data === 'string' ? JSON.parse(data) : data;
    messages.push(batch.length);
    taken += batch.length;
    for (; taken >= 256 && !busy; taken -= 256) port1.postMessage([]);
    events.push(...batch);
  };
  const packets = () =>
    events.flatMap(({ name, args: [packet] }) => (name === 'packet' ? [packet as DecodedPacket] : []));
  return {
    events,
    logged,
    messages,
    life,
    packets,
    takeAll: () => {
      busy = false;
      for (; taken >= 256; taken -= 256) port1.postMessage([]);
    },
    post: (...commands: unknown[]) => port1.postMessage(commands),
    close: () => {
      port1.postMessage([{ type: 'close', manager: 1 }]);
    },
  };
}

const open = (manager = 1, more: object = {}) => ({
  type: 'open',
  manager,
  uri: '',
  options: '{}',
  once: false,
  ...more,
});
const packet = (packet: object, connection = 1) => ({ type: 'packet', manager: 1, connection, packet });
const connectPacket = (nsp = '/') => packet({ type: 0, nsp });
const eventPacket = (data: unknown, more: object = {}) =>
  packet({ type: 2, nsp: '/', text: JSON.stringify(data), ...more });

/** A host with a connected namespace. */
async function openConnected(setup?: Setup) {
  const host = openHost(setup);
  host.post(open());
  await until(() => host.events.some((event) => event.name === 'open'));
  host.post(connectPacket());
  await until(() => host.packets().some(({ type }) => type === 0));
  return host;
}

describe('the push host over a bare port', () => {
  it('opens, connects, emits and hands the acknowledgement back', async () => {
    const host = await openConnected();
    host.post(eventPacket(['echo', 7], { id: 3 }));
    const ack = await until(() => host.packets().find(({ type }) => type === 3));
    expect(ack).to.deep.include({ nsp: '/', id: 3, data: [7] });
    host.close();
  });

  it('loads nothing before the first connection', async () => {
    let loads = 0;
    const host = openHost({
      loadIo: async () => {
        loads++;
        return io;
      },
    });
    host.post({ type: 'close', manager: 1 }, { type: 'settings', manager: 1, options: '{}' });
    host.post(open());
    await until(() => host.events.length);
    expect(loads).to.equal(1);
    host.close();
  });

  it('names the file where socket.io-client can’t be loaded', async () => {
    const host = openHost({ loadIo: () => Promise.reject(new TypeError('404')) });
    host.post(open());
    const event = await until(() => host.events[0]);
    expect(event).to.deep.include({ type: 'event', name: 'error' });
    const [{ error }] = (event as PushEvent & { args: { error: { code: string; message: string } }[] })
      .args as [{ error: { code: string; message: string } }];
    expect(error.code).to.equal('HOST_FAILED');
    expect(error.message).to.contain('frame.io.js');
  });

  it('posts the events of one task as one message, and no message of more than 256', async () => {
    const host = await openConnected();
    host.messages.length = 0;
    host.post(eventPacket(['burst', 'x', 1_000]), eventPacket(['echo'], { id: 1 }));
    await until(() => host.packets().some(({ type }) => type === 3));
    expect(host.messages.reduce((a, b) => a + b)).to.equal(1_001);
    expect(Math.max(...host.messages)).to.be.at.most(256);
    expect(host.messages.length).to.be.below(1_001);
    host.close();
  });

  it('hands on what the server sent word by word, and in order with what carries bytes', async () => {
    const host = await openConnected();
    const odd = JSON.parse('{"__proto__":1,"-":[null,"\\u2028\\ud800,]}\\"",0.1]}');
    const bytes = (id: number) => ({
      ...eventPacket(['echo', { _placeholder: true, num: 0 }], { id, binary: [new Uint8Array([id]).buffer] }),
    });
    host.post(
      eventPacket(['echo', odd], { id: 12 }),
      bytes(13),
      eventPacket(['echo', '/chat,3[]'], { id: 14 }),
    );
    const acks = () => host.packets().filter(({ type }) => type === 3);
    await until(() => acks().length === 3);
    const [first, second, third] = acks();
    expect(JSON.stringify(first)).to.equal(JSON.stringify({ type: 3, nsp: '/', id: 12, data: [odd] }));
    expect([...new Uint8Array(second?.data[0])]).to.deep.equal([13]);
    expect(third).to.deep.equal({ type: 3, nsp: '/', id: 14, data: ['/chat,3[]'] });
    host.close();
  });

  it('keeps to itself what a busy page has not taken yet', async () => {
    const host = await openConnected({ busy: true });
    host.messages.length = 0;
    host.post(eventPacket(['burst', 'x', 3_000]));
    await until(() => host.packets().length > 1_000);
    host.post(eventPacket(['echo'], { id: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(host.packets().length).to.be.below(1_100);
    expect(host.packets().some(({ type }) => type === 3)).to.equal(false);
    host.takeAll();
    await until(() => host.packets().some(({ type }) => type === 3));
    const numbers = host.packets().flatMap(({ data }) => (data as unknown[])[1] ?? []);
    expect(numbers).to.deep.equal(Array.from({ length: 3_000 }, (_, i) => i));
    host.close();
  });

  it('sends what a page emitted before it knew that the connection was gone, first and once', async () => {
    const host = await openConnected();
    const key = `late-${env.engine}-${Math.random()}`;
    const late = (value: unknown, more: object = {}) =>
      packet({ type: 2, nsp: '/', text: JSON.stringify(['note', key, value]), ...more }, 1);
    host.post({ type: 'settings', manager: 1, options: '{"reconnectionDelay":20}' });
    host.post(eventPacket(['drop']));
    await until(() => host.events.some((event) => event.name === 'reconnect_attempt'));
    host.post(late('emitted'), late('volatile', { volatile: true }), late('retried', { fromQueue: true }));
    host.post(open());
    await until(() => host.events.some((event) => event.name === 'reconnect'));
    host.post(packet({ type: 0, nsp: '/' }, 2));
    await until(() => host.packets().filter(({ type }) => type === 0).length === 2);
    host.post(packet({ type: 2, nsp: '/', id: 9, text: JSON.stringify(['notes', key]) }, 2));
    const ack = await until(() => host.packets().find(({ id }) => id === 9));
    expect(ack.data).to.deep.equal([['emitted']]);
    host.close();
  });

  it('closes its connection when the page goes to sleep', async () => {
    const host = await openConnected();
    host.life.dispatchEvent(new Event('freeze'));
    await until(() => host.events.some((event) => event.name === 'close'));
    host.close();
  });

  it('does not send another namespace’s packets for one that was not asked for', async () => {
    const host = await openConnected();
    host.post(packet({ type: 2, nsp: '/chat', text: '["echo",1]', id: 1 }));
    host.post(eventPacket(['echo', 2], { id: 2 }));
    await until(() => host.packets().some(({ type }) => type === 3));
    expect(host.packets().filter(({ type }) => type === 3)).to.deep.equal([
      { type: 3, nsp: '/', id: 2, data: [2] },
    ]);
    host.close();
  });

  it('lets a page acknowledge what the server asked, once, and nothing else', async () => {
    const host = await openConnected();
    host.post(eventPacket(['count-acks', 'question'], { id: 1 }));
    const { id } = await until(() => host.packets().find(({ data }) => data?.[0] === 'question'));
    const acknowledge = (of: number | undefined) => packet({ type: 3, nsp: '/', id: of, text: '[]' });
    host.post(acknowledge(77), acknowledge(id), acknowledge(id));
    const ack = await until(() => host.packets().find(({ type }) => type === 3));
    expect(ack.data).to.deep.equal([1]);
    host.close();
  });

  const hostile: [what: string, command: unknown][] = [
    ['no object', 'close'],
    ['null', null],
    ['an unknown type', { type: 'eval', manager: 1 }],
    ['a manager that is no number', { ...open(), manager: '1' }],
    ['a negative manager', { ...open(), manager: -1 }],
    ['settings that are no numbers', open(2, { options: '{"reconnectionDelay":"soon"}' })],
    ['a negative delay', open(2, { options: '{"reconnectionDelay":-1}' })],
    ['a timeout of true', { type: 'settings', manager: 1, options: '{"timeout":true}' }],
    ['options that are no JSON', open(2, { options: '{' })],
    ['a uri that is no text', open(2, { uri: {} })],
    ['a uri of no host', open(2, { uri: 'https://[/' })],
    ['a packet of a type that is the server’s', packet({ type: 4, nsp: '/' })],
    ['a binary type', packet({ type: 5, nsp: '/', text: '["x"]' })],
    ['a namespace with the wire’s separator', packet({ type: 0, nsp: '/,/admin' })],
    ['a namespace that does not start with /', packet({ type: 0, nsp: 'admin' })],
    ['a namespace that is no text', packet({ type: 0, nsp: ['/'] })],
    ['an event without data', packet({ type: 2, nsp: '/' })],
    ['data that is no JSON', packet({ type: 2, nsp: '/', text: '["x"' })],
    ['an id that is no number', eventPacket(['x'], { id: '1' })],
    ['an ACK without an id', packet({ type: 3, nsp: '/', text: '[]' })],
    ['binary that is none', eventPacket(['x'], { binary: ['text'] })],
    ['a flag that is none', eventPacket(['x'], { volatile: 1 })],
    ['a name of the engine’s event that is none', { type: 'engine', manager: 1, name: 7 }],
  ];
  for (const [what, command] of hostile)
    it(`drops ${what}, says so, and serves on`, async () => {
      const host = await openConnected();
      host.post(command);
      host.post(eventPacket(['echo', 'on'], { id: 1 }));
      const ack = await until(() => host.packets().find(({ type }) => type === 3));
      expect(ack.data).to.deep.equal(['on']);
      const refused = host.events.some((event) => event.name === 'error');
      expect(host.logged.length > 0 || refused).to.equal(true);
      host.close();
    });

  for (const [what, data] of [
    ['a reserved name', ['connect']],
    ['no name', []],
    ['a name that is an object', [{}]],
    ['data that is no list', { 0: 'echo' }],
  ] as const)
    it(`refuses an event with ${what}, and keeps the connection`, async () => {
      const host = await openConnected();
      host.post(eventPacket(data));
      await until(() => host.events.some((event) => event.name === 'error'));
      host.post(eventPacket(['echo', 'on'], { id: 1 }));
      expect((await until(() => host.packets().find(({ type }) => type === 3))).data).to.deep.equal(['on']);
      host.close();
    });

  it('leaves out options that are the frame’s', async () => {
    const host = openHost();
    const options = JSON.stringify({
      path: '/socket.io/',
      transports: ['polling'],
      hostname: 'evil.example',
      host: 'evil.example',
      extraHeaders: { a: 'b' },
      query: { mine: '1' },
    });
    host.post(open(1, { options }));
    await until(() => host.events.some((event) => event.name === 'open'));
    host.post(connectPacket());
    await until(() => host.packets().some(({ type }) => type === 0));
    host.post(eventPacket(['whoami'], { id: 1 }));
    const ack = await until(() => host.packets().find(({ type }) => type === 3));
    const [{ query, transport, headers }] = ack.data as [
      { query: Record<string, string>; transport: string; headers: Record<string, string> },
    ];
    expect(query.mine).to.equal('1');
    expect(transport).to.equal('websocket');
    expect(headers).not.to.have.property('a');
    host.close();
  });

  it('bounds how long auth of host.js may take by the timeout of a connection', async () => {
    const host = openHost({ options: { auth: () => new Promise(() => {}) } });
    host.post(open(1, { options: '{"timeout":200}' }));
    await until(() => host.events.some((event) => event.name === 'open'));
    host.post(connectPacket());
    const event = await until(() => host.events.find(({ name }) => name === 'packet'));
    const [refusal, { error }] = event.args as [DecodedPacket, { error: { code: string; message: string } }];
    expect(refusal).to.deep.include({ type: 4, nsp: '/' });
    expect(error.code).to.equal('HOST_FAILED');
    expect(error.message).to.contain('auth in host.js').and.contain('200 ms');
    host.close();
  });

  it('says once what the rules keep from being emitted', async () => {
    const host = await openConnected({
      options: {
        io: { path: '/plain.io/', transports: ['websocket'], namespaces: { '/': { emit: ['echo'] } } },
      },
    });
    host.post(eventPacket(['note', 1]), eventPacket(['note', 2]), eventPacket(['echo', 3], { id: 1 }));
    await until(() => host.packets().some(({ type }) => type === 3));
    expect(host.logged).to.have.lengthOf(1);
    expect(host.logged[0]).to.contain("'note' may not be emitted");
    host.close();
  });

  it('reads a limit of the back-off that is infinite', async () => {
    const { settings } = readManagerOptions(
      JSON.stringify({ reconnectionDelayMax: Infinity, reconnectionAttempts: Infinity, timeout: Infinity }),
    );
    expect(settings).to.include({
      reconnectionDelayMax: Infinity,
      reconnectionAttempts: Infinity,
      timeout: 20_000,
    });
  });

  it('bounds the connections of a page', async () => {
    const host = openHost({ options: { limits: { sockets: 2 } } });
    host.post(open(1), open(2), open(3));
    const event = await until(() =>
      host.events.find((candidate) => candidate.manager === 3 && candidate.type === 'event'),
    );
    expect(event).to.deep.include({ name: 'error' });
    host.post({ type: 'close', manager: 1 }, { type: 'close', manager: 2 });
  });
});
