import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import type { ServeOptions } from '../../src/frame/options.ts';
import * as io from '../../src/frame/push/chunk.ts';
import { readManagerOptions } from '../../src/frame/push/manager-options.ts';
import { createPushHost } from '../../src/frame/push/push.ts';
import { createSocketLimit } from '../../src/frame/rules/socket-limit.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { readPacketData } from '../../src/rpc/wire/push-commands.ts';
import type { DecodedPacket, PushEvent } from '../../src/rpc/wire/push-packet.ts';
import { control, env, until } from '../support/env.ts';

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
    fetch: (request) => fetch(request),
    WebSocket,
    loadIo,
    log: (message: string) => void logged.push(message),
  };
  const rules = { path: '/plain.io/', transports: ['websocket' as const] };
  const createHost = createPushHost({ origins: [], io: rules, ...options }, effects);
  const life = new EventTarget();
  const context = { origin: env.app };
  const { port1, port2 } = new MessageChannel();
  const takePort = createHost({
    context,
    life,
    takeSocket: createSocketLimit(options.limits?.sockets),
  });
  takePort(port2);
  port1.onmessage = ({ data }: MessageEvent<string | PushEvent[]>) => {
    const batch: PushEvent[] = typeof data === 'string' ? JSON.parse(data) : data;
    messages.push(batch.length);
    taken += batch.length;
    for (; taken >= 256 && !busy; taken -= 256) port1.postMessage([]);
    events.push(...batch);
  };
  const packets = () =>
    events.flatMap(({ name, args: [packet] }) =>
      name === 'packet' ? [packet as DecodedPacket] : [],
    );
  return {
    events,
    logged,
    messages,
    life,
    packets,
    takePort,
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
const packet = (packet: object, connection = 1) => ({
  type: 'packet',
  manager: 1,
  connection,
  packet,
});
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

describe('a push host whose computer has slept', () => {
  it('keeps what is emitted over a connection that is overdue, and sends it over the next', async () => {
    const managers: { engine: { _pingTimeoutTime: number } }[] = [];
    class Manager extends io.Manager {
      constructor(...args: ConstructorParameters<typeof io.Manager>) {
        super(...args);
        managers.push(this as never);
      }
    }
    const host = await openConnected({ loadIo: async () => ({ ...io, Manager }) });
    const [{ engine }] = managers as [(typeof managers)[0]];
    // As at a wake-up: the time is over, and no timer has run.
    engine._pingTimeoutTime = Date.now() - 1;
    host.post(eventPacket(['echo', 'after'], { id: 7 }));
    await until(() => host.events.some(({ name }) => name === 'reconnect_attempt'));
    const closed = host.events.find(({ name }) => name === 'close');
    expect(closed?.args[0]).to.equal('ping timeout');
    host.post(open());
    await until(() => host.events.filter(({ name }) => name === 'open').length === 2);
    host.post(packet({ type: 0, nsp: '/' }, 2));
    await until(() => host.packets().some(({ type, id }) => type === 3 && id === 7));
    expect(host.packets().find(({ type }) => type === 3)?.data).to.deep.equal(['after']);
    host.close();
  });

  it('says what is wrong with the options of a later attempt, and what came of it', async () => {
    const host = await openConnected();
    const before = host.events.length;
    host.post(open(1, { options: '{"reconnectionDelay":-1}', once: true }));
    await until(() => host.events.length >= before + 2);
    const told = host.events.slice(before);
    expect(told.map(({ name }) => name)).to.deep.equal(['error', 'opened']);
    for (const { args } of told) expect(JSON.stringify(args)).to.contain('INVALID_ARGUMENT');
    host.close();
  });
});

function hostileGet(): never {
  throw new Error('planted');
}

function circular(): object {
  const circle = {};
  return Object.assign(circle, { circle });
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
    const [{ error }] = (
      event as PushEvent & { args: { error: { code: string; message: string } }[] }
    ).args as [{ error: { code: string; message: string } }];
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
      ...eventPacket(['echo', { _placeholder: true, num: 0 }], {
        id,
        binary: [new Uint8Array([id]).buffer],
      }),
    });
    host.post(
      eventPacket(['echo', odd], { id: 12 }),
      bytes(13),
      eventPacket(['echo', '/chat,3[]'], { id: 14 }),
    );
    const acks = () => host.packets().filter(({ type }) => type === 3);
    await until(() => acks().length === 3);
    const [first, second, third] = acks();
    expect(JSON.stringify(first)).to.equal(
      JSON.stringify({ type: 3, nsp: '/', id: 12, data: [odd] }),
    );
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
    host.post(
      late('emitted'),
      late('volatile', { volatile: true }),
      late('retried', { fromQueue: true }),
    );
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
    const acknowledge = (of: number | undefined) =>
      packet({ type: 3, nsp: '/', id: of, text: '[]' });
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
      expect((await until(() => host.packets().find(({ type }) => type === 3))).data).to.deep.equal(
        ['on'],
      );
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
    host.post(open(1, { options: '{"timeout":3000}' }));
    await until(() => host.events.some((event) => event.name === 'open'));
    host.post(connectPacket());
    const event = await until(() => host.events.find(({ name }) => name === 'packet'));
    const [refusal, { error }] = event.args as [
      DecodedPacket,
      { error: { code: string; message: string } },
    ];
    expect(refusal).to.deep.include({ type: 0, nsp: '/' });
    expect(error.code).to.equal('HOST_FAILED');
    expect(error.message).to.contain('auth in host.js').and.contain('3000 ms');
    host.close();
  });

  it('says once what the rules keep from being emitted', async () => {
    const host = await openConnected({
      options: {
        io: {
          path: '/plain.io/',
          transports: ['websocket'],
          namespaces: { '/': { emit: ['echo'] } },
        },
      },
    });
    host.post(
      eventPacket(['note', 1]),
      eventPacket(['note', 2]),
      eventPacket(['echo', 3], { id: 1 }),
    );
    await until(() => host.packets().some(({ type }) => type === 3));
    expect(host.logged).to.have.lengthOf(1);
    expect(host.logged[0]).to.contain("'note' may not be emitted");
    host.close();
  });

  it('lets the place that hadoken-cluster gives through without a rule, and nothing by its name', async () => {
    const host = await openConnected({
      options: {
        io: {
          path: '/plain.io/',
          transports: ['websocket'],
          namespaces: { '/': { emit: ['several'], on: ['allowed'] } },
        },
      },
    });
    const name = 'hadoken:offset';
    host.post(
      eventPacket([
        'several',
        [name, '1795866180418-0'],
        [name, 'secret'],
        [name, '5-5 secret'],
        [name, '5-5', 'secret'],
        [name, { secret: '5-5' }],
        [name],
        ['hadoken:other', '5-5'],
        ['allowed', 1],
      ]),
    );
    // 7: a place alone, which no listener of the page hears.
    const heard = () => host.packets().filter(({ type }) => type === 2 || type === 7);
    await until(() => heard().some(({ data }) => data[0] === 'allowed'));
    expect(heard().map(({ data }) => data)).to.deep.equal(['1795866180418-0', ['allowed', 1]]);
    host.close();
  });

  it('reads a limit of the back-off that is infinite', async () => {
    const { settings } = readManagerOptions(
      JSON.stringify({
        reconnectionDelayMax: Infinity,
        reconnectionAttempts: Infinity,
        timeout: Infinity,
      }),
    );
    expect(settings).to.include({
      reconnectionDelayMax: 2 ** 31 - 1,
      reconnectionAttempts: Infinity,
      timeout: 20_000,
    });
  });

  it('relays the engine’s events that are listed, and nothing of a packet with them', async () => {
    const host = await openConnected({ options: { auth: () => ({ token: 'planted' }) } });
    const listed = [
      'close',
      'heartbeat',
      'ping',
      'pong',
      'drain',
      'flush',
      'error',
      'upgrade',
      'handshake',
      'open',
    ];
    const others = [
      'packet',
      'packetCreate',
      'data',
      'message',
      'newListener',
      '__proto__',
      'constructor',
      '',
    ];
    for (const name of [...listed, ...others]) host.post({ type: 'engine', manager: 1, name });
    host.post(packet({ type: 0, nsp: '/chat' }), eventPacket(['echo', 'planted'], { id: 1 }));
    await until(() => host.packets().some(({ type }) => type === 3));
    host.post(eventPacket(['drop']));
    const ofEngine = () => host.events.filter(({ type }) => type === 'engine');
    await until(() => ofEngine().some(({ name }) => name === 'close'));
    const names = ofEngine().map(({ name }) => name);
    expect(names).to.include.members(['heartbeat', 'drain', 'flush', 'close']);
    for (const name of names) expect(listed).to.include(name);
    expect(JSON.stringify(ofEngine())).not.to.contain('planted');
    expect(host.logged).to.deep.equal([]);
    host.close();
  });

  /** What a server may put before the JSON that is no id as the Encoder writes it, and the id that it comes to. */
  const odd: [text: string, id: number | undefined][] = [
    ['2 1["x"]', 1],
    ['2\t["x"]', 0],
    ['2 ["x"]', 0],
    ['2\u00a07["x"]', 7],
    ['2\u2028["x"]', 0],
    ['2\ufeff1["x"]', 1],
    ['2007["x"]', 7],
    ['21 ["x"]', 1],
    ['21 2["x"]', Number.NaN],
    [`2${'9'.repeat(400)}["x"]`, Infinity],
    [`2${'9'.repeat(22)}["x"]`, 1e22],
    ['29007199254740993["x"]', 9007199254740992],
    ['2["x"] ', undefined],
    ['2[ "x" ]\n', undefined],
    ['2/,["x"]', undefined],
    ['2//,["x"]', undefined],
    ['2["x","]"]', undefined],
  ];
  for (const [text, id] of odd)
    it(`hands on what the decoder makes of ${JSON.stringify(text).slice(0, 30)}`, async () => {
      const host = await openConnected();
      const name = text.includes('//') ? undefined : 'x';
      host.post(eventPacket(['raw', text, '2["next"]']));
      const last = await until(() => host.packets().find(({ data }) => data?.[0] === 'next'));
      expect(last).to.deep.equal({ type: 2, nsp: '/', data: ['next'] });
      const first = host.packets().find(({ data }) => data?.[0] === 'x');
      expect(first?.data?.[0]).to.equal(name);
      if (name) expect(first?.id).to.deep.equal(id);
      host.close();
    });

  for (const text of [
    '2',
    '21',
    '2 ',
    '3',
    '31',
    '377["y"]',
    '3 ["y"]',
    '2/other,["y"]',
    '0/other,{"sid":"s"}',
    '1/other,',
  ])
    it(`lets nothing through of ${JSON.stringify(text)}, and serves on`, async () => {
      const host = await openConnected();
      const before = host.packets().length;
      host.post(eventPacket(['raw', text, '2["next"]']));
      await until(() => host.packets().some(({ data }) => data?.[0] === 'next'));
      expect(host.packets().slice(before)).to.deep.equal([{ type: 2, nsp: '/', data: ['next'] }]);
      host.close();
    });

  for (const text of [
    '2-1["x"]',
    '2["x"',
    '2["x"]y',
    '2{}',
    '2"x"',
    '2["connect"]',
    '9["x"]',
    '2\u0661["x"]',
  ])
    it(`ends the connection for ${JSON.stringify(text)}, as the original does, and takes up again`, async () => {
      const host = await openConnected();
      host.post({ type: 'settings', manager: 1, options: '{"reconnectionDelay":20}' });
      host.post(eventPacket(['raw', text]));
      const close = await until(() => host.events.find(({ name }) => name === 'close'));
      expect(close.args[0]).to.equal('parse error');
      await until(() => host.events.find(({ name }) => name === 'reconnect_attempt'));
      host.close();
    });

  // Half a surrogate pair comes back as U+FFFD, which is another namespace, to the original too.
  for (const nsp of [
    '/chat',
    '/any-"]}\\',
    '/any-\u2028\u00a0 ',
    '/any-\u{1f94b}',
    '/any-__proto__',
  ])
    it(`hands on what comes on the namespace ${JSON.stringify(nsp)}`, async () => {
      const host = await openConnected();
      host.post(packet({ type: 0, nsp }));
      await until(() => host.packets().some((found) => found.type === 0 && found.nsp !== '/'));
      const { nsp: shown } = host.packets().find((found) => found.nsp !== '/') as DecodedPacket;
      host.post(eventPacket(['raw', `2${shown}, 1["x"]`, '2["next"]']));
      await until(() => host.packets().some(({ data }) => data?.[0] === 'next'));
      const event = host.packets().find(({ data }) => data?.[0] === 'x');
      expect(event).to.deep.equal({ type: 2, nsp: shown, id: 1, data: ['x'] });
      host.close();
    });

  it('hands an acknowledgement on once, and only to who waits for it', async () => {
    const host = await openConnected();
    host.post(
      eventPacket(['silent'], { id: 5 }),
      eventPacket(['raw', '35["first"]', '35["second"]', '36["third"]']),
    );
    host.post(eventPacket(['echo'], { id: 7 }));
    await until(() => host.packets().some(({ id }) => id === 7));
    const acks = host.packets().filter(({ type }) => type === 3);
    expect(acks.map(({ id, data }) => [id, ...data])).to.deep.equal([[5, 'first'], [7]]);
    host.close();
  });

  it('keeps keys of a server’s data that are named like a prototype', async () => {
    const host = await openConnected();
    host.post(eventPacket(['raw', '2["x",{"__proto__":{"polluted":1},"constructor":2}]']));
    const { data } = await until(() => host.packets().find((found) => found.data?.[0] === 'x'));
    expect(Object.keys(data[1])).to.deep.equal(['__proto__', 'constructor']);
    expect({}).not.to.have.property('polluted');
    host.close();
  });

  it('tells a page that an old server is no server for it', async () => {
    const host = await openConnected();
    host.post(eventPacket(['raw', '0']));
    const refused = await until(() =>
      host.events.find(({ args }) => args[1] && (args[0] as DecodedPacket)?.type === 0),
    );
    expect(refused.args[1]).to.have.nested.property('error.message').that.contains('v2.x');
    host.close();
  });

  const hostileProxy = new Proxy(
    {},
    {
      get: () => {
        throw new Error('planted');
      },
    },
  );
  const failures: [what: string, reason: unknown][] = [
    ['nothing', undefined],
    ['a function', () => 'planted'],
    ['a symbol', Symbol('planted')],
    ['a text', 'planted'],
    ['an Error', new Error('planted')],
    ['an Error with a function', Object.assign(new Error('planted'), { data: () => {} })],
    ['a proxy', hostileProxy],
    ['no prototype', Object.create(null)],
    ['a Response', new Response('planted')],
    ['a HadokenError’s look-alike', { name: 'HadokenError', code: 'CLOSED', message: 'planted' }],
  ];
  for (const [what, reason] of failures)
    for (const how of ['rejects', 'throws'] as const)
      it(`tells a page that auth of host.js failed where it ${how} with ${what}`, async () => {
        const auth = (): Promise<object> => {
          if (how === 'throws') throw reason;
          return Promise.reject(reason);
        };
        const host = openHost({ options: { auth } });
        host.post(open());
        await until(() => host.events.some((event) => event.name === 'open'));
        host.post(connectPacket());
        const event = await until(() => host.events.find(({ name }) => name === 'packet'));
        expect(event.args[0]).to.deep.include({ type: 0, nsp: '/' });
        expect(event.args[1]).to.have.nested.property('error.code', 'HOST_FAILED');
        expect(event.args[1]).to.have.nested.property('error.message').that.contains('auth');
        expect(JSON.stringify(event)).not.to.contain('planted');
        expect(
          host.logged.filter((line) => line.includes('auth in host.js failed')),
        ).to.have.lengthOf(1);
        host.close();
      });

  for (const [what, given] of [
    [
      'a getter that throws',
      Object.defineProperty({}, 'token', { enumerable: true, get: hostileGet }),
    ],
    ['a toJSON that throws', { token: { toJSON: hostileGet } }],
    ['a BigInt', { token: 1n }],
    ['a circle', circular()],
  ] as [string, object][])
    it(`tells a page that auth of host.js failed where it gives ${what}`, async () => {
      const host = openHost({ options: { auth: () => given } });
      host.post(open());
      await until(() => host.events.some((event) => event.name === 'open'));
      host.post(connectPacket());
      const event = await until(() => host.events.find(({ name }) => name === 'packet'));
      expect(event.args[1]).to.have.nested.property('error.code', 'HOST_FAILED');
      expect(host.logged).to.have.lengthOf(1);
      host.close();
    });

  it('leaves at the server what a page has left before it was let in, and joins it again', async () => {
    const host = await openConnected();
    const chat = async (): Promise<number> =>
      (await control('io/clients')).clients['/chat']?.length ?? 0;
    const before = await chat();
    // In one task: the server's answer comes to a page that is gone.
    host.post(connectPacket('/chat'), packet({ type: 1, nsp: '/chat' }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await until(async () => (await chat()) === before);
    host.post(connectPacket('/chat'));
    await until(() => host.packets().some(({ type, nsp }) => type === 0 && nsp === '/chat'));
    // A second CONNECT of a client that is still there would have cost the connection.
    expect(host.events.some(({ name }) => name === 'close')).to.equal(false);
    host.close();
  });

  for (const given of ['a token', 7, ['a']])
    it(`takes ${JSON.stringify(given)} of auth of host.js for a mistake`, async () => {
      const host = openHost({ options: { auth: () => given as unknown as object } });
      host.post(open());
      await until(() => host.events.some((event) => event.name === 'open'));
      host.post(connectPacket());
      const event = await until(() => host.events.find(({ name }) => name === 'packet'));
      expect(event.args[1]).to.have.nested.property('error.code', 'HOST_FAILED');
      expect(host.logged[0]).to.contain('no object');
      host.close();
    });

  describe('asks auth of host.js again', function () {
    this.timeout(30_000);
    // However soon the page would have it: after a second.
    const hurried = { reconnectionDelay: 0, reconnectionDelayMax: 40 };
    const packets = ({ events }: { events: PushEvent[] }): number[] =>
      events
        .filter(({ name }) => name === 'packet')
        .map(({ args }) => (args[0] as DecodedPacket).type);
    const openFailing = async (settings: object, fails: number) => {
      let calls = 0;
      const auth = async (): Promise<object> => {
        calls += 1;
        if (calls <= fails) throw new Error('503');
        return { token: 'secret' };
      };
      const host = openHost({ options: { auth } });
      host.post(open(1, { options: JSON.stringify({ ...hurried, ...settings }) }));
      await until(() => host.events.some((event) => event.name === 'open'));
      host.post(connectPacket());
      return { host, count: () => calls };
    };

    it('until it answers: the page’s socket stays subscribed, and connects', async () => {
      const { host, count } = await openFailing({}, 3);
      // CONNECT with an error, which leaves a socket active, and then the server's.
      await until(() => packets(host).length === 4);
      expect(packets(host)).to.deep.equal([0, 0, 0, 0]);
      expect(count()).to.equal(4);
      host.close();
    });

    it('as often as the page’s Manager tries, and then no more', async () => {
      const start = performance.now();
      const { host, count } = await openFailing({ reconnectionAttempts: 2 }, Infinity);
      await until(() => packets(host).at(-1) === 4);
      expect(packets(host)).to.deep.equal([0, 0, 4]);
      expect(count()).to.equal(3);
      expect(performance.now() - start).to.be.at.least(1_900);
      host.close();
    });

    it('never where the page does not want to try again', async () => {
      const { host, count } = await openFailing({ reconnection: false }, Infinity);
      await until(() => packets(host).length);
      expect(packets(host)).to.deep.equal([4]);
      expect(count()).to.equal(1);
      host.close();
    });

    it('not for a page that has left meanwhile', async () => {
      const { host, count } = await openFailing({}, Infinity);
      await until(() => packets(host).length === 1);
      host.post(packet({ type: 1, nsp: '/' }));
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(count()).to.equal(1);
      host.close();
    });

    it('never for an error that host.js has made for the page, whatever its code', async () => {
      let calls = 0;
      const auth = async (): Promise<object> => {
        calls += 1;
        throw new HadokenError('HOST_FAILED', 'Sign in first.');
      };
      const host = openHost({ options: { auth } });
      host.post(open());
      await until(() => host.events.some((event) => event.name === 'open'));
      host.post(connectPacket());
      await until(() => packets(host).length);
      expect(packets(host)).to.deep.equal([4]);
      expect(calls).to.equal(1);
      host.close();
    });
  });

  it('hands on a HadokenError that auth of host.js throws: it is meant for the page', async () => {
    const refusal = new HadokenError('POLICY_REFUSED', 'Log in first.');
    const host = openHost({ options: { auth: () => Promise.reject(refusal) } });
    host.post(open());
    await until(() => host.events.some((event) => event.name === 'open'));
    host.post(connectPacket());
    const event = await until(() => host.events.find(({ name }) => name === 'packet'));
    expect(event.args[1]).to.have.nested.property('error.message', 'Log in first.');
    host.close();
  });

  it('does not give up the second CONNECT of a namespace for the first, whose auth fails late', async () => {
    const settle: ((reason?: unknown) => void)[] = [];
    const auth = (): Promise<object> =>
      new Promise((resolve, reject) => settle.push(settle.length ? () => resolve({}) : reject));
    const host = openHost({ options: { auth } });
    host.post(open());
    await until(() => host.events.some((event) => event.name === 'open'));
    host.post(connectPacket(), connectPacket());
    await until(() => settle.length === 2);
    settle[0]?.(new Error('late'));
    await new Promise((resolve) => setTimeout(resolve));
    settle[1]?.();
    const { type } = await until(() => host.packets()[0]);
    expect(type).to.equal(0);
    host.close();
  });

  it('takes one port a page: a second is refused, and nothing is heard of it', async () => {
    const host = await openConnected();
    const { port1, port2 } = new MessageChannel();
    const heard: unknown[] = [];
    port1.onmessage = ({ data }) => heard.push(data);
    for (let i = 0; i < 2; i++)
      expect(() => host.takePort(port2))
        .to.throw(HadokenError)
        .with.property('code', 'LIMIT_EXCEEDED');
    port1.postMessage([open(9)]);
    host.post(eventPacket(['echo', 'on'], { id: 1 }));
    await until(() => host.packets().some(({ type }) => type === 3));
    expect(heard).to.deep.equal([]);
    host.close();
  });

  it('lets a page say nothing in the query that is the protocol’s', async () => {
    const query = { sid: 'stolen', EIO: '3', transport: 'polling', mine: '1', plus: 'a+b' };
    for (const given of [query, 'sid=stolen&EIO=3&transport=polling&mine=1&plus=a+b']) {
      const host = openHost();
      host.post(open(1, { options: JSON.stringify({ query: given, timestampParam: 'sid' }) }));
      await until(() => host.events.some((event) => event.name === 'open'));
      host.post(connectPacket());
      await until(() => host.packets().some(({ type }) => type === 0));
      host.post(eventPacket(['whoami'], { id: 1 }));
      const ack = await until(() => host.packets().find(({ type }) => type === 3));
      expect(ack.data[0].query).to.include({
        mine: '1',
        plus: 'a+b',
        EIO: '4',
        transport: 'websocket',
      });
      expect(ack.data[0].query).not.to.have.property('sid');
      host.close();
    }
    const host = openHost();
    host.post(open(1, { uri: '/?sid=stolen&mine=1' }));
    await until(() => host.events.some((event) => event.name === 'open'));
    host.close();
  });

  it('takes a placeholder for binary data by its number alone', () => {
    const bytes = new ArrayBuffer(1);
    const read = (num: unknown): unknown =>
      (
        readPacketData(2, JSON.stringify(['x', { _placeholder: true, num }]), [bytes]) as unknown[]
      )[1];
    expect(read(0)).to.equal(bytes);
    for (const num of ['length', 'constructor', 'map', '0', -1, 1, 0.5, null])
      expect(read(num)).to.deep.equal({ _placeholder: true, num });
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
