import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import type { StreamMessage } from '../../src/rpc/wire/stream.ts';
import { env, frameUrl, until } from '../support/env.ts';
import { next } from '../support/streams.ts';

/** The service of fixtures/hosts/fallen-streams. */
type Fallen = {
  streams(): { target: Record<string, unknown>; commands: unknown[] }[];
  post(...messages: unknown[]): void;
  postWithPorts(message: object): void;
  answer(outcome: unknown): void;
  leave(): void;
};

const WRONG_TEXTS: unknown[] = [
  null,
  7,
  7n,
  true,
  {},
  [],
  ['open'],
  { toString: 'open' },
  new Date(),
  new Error('e'),
];
const WRONG_COUNTS: unknown[] = [
  null,
  -1,
  1.5,
  Number.NaN,
  Infinity,
  2 ** 53,
  '1',
  [1],
  {},
  1n,
  true,
  new Date(),
];
const WRONG_DATA: unknown[] = [
  ...[
    null,
    7,
    7n,
    true,
    {},
    ['a'],
    { toString: 'a' },
    new Blob(['a']),
    new Uint8Array([1]),
    new Map(),
  ],
  ...[new Error('e'), new Date(), /a/, new DataView(new ArrayBuffer(1))],
];
/** What a page's stream consists of, and what a message could overwrite if it were taken over whole. */
const MEMBERS = {
  ...{
    close: 1,
    send: 1,
    addEventListener: 1,
    dispatchEvent: 1,
    constructor: 1,
    onmessage: 1,
    handler: 1,
  },
  ...{
    url: '/evil',
    target: { url: '/evil' },
    port: 1,
    abort: 1,
    binaryType: 'evil',
    bufferedAmount: 7,
  },
};
const withProto = (value: object): object =>
  JSON.parse(
    `{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}`,
    (key, found) => (key === '' ? Object.assign(found, value) : found),
  );

const message = { event: { kind: 'MessageEvent', type: 'message', data: 'forged' } };
const forged = (field: string, values: unknown[], kind = 'MessageEvent'): unknown[] =>
  values.map((value) => ({
    event: { kind, type: kind === 'Event' ? 'error' : 'message', data: 'forged', [field]: value },
  }));

/** For a failure's message; JSON knows no bigint. */
const show = (value: unknown): string =>
  `${JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}n` : part))}`;

/** None of these may be noticed by the page's code, whatever kind of stream gets them. */
const HOSTILE: unknown[] = [
  ...[
    undefined,
    null,
    0,
    7,
    '',
    'open',
    7n,
    true,
    [],
    {},
    new Date(),
    new Map(),
    new Error('e'),
    /a/,
  ],
  // As messages were in an earlier release.
  [{ readyState: 2 }, 0, 'MessageEvent', 'message', { data: 'forged' }],
  ...[null, 7, 'MessageEvent', [], ['MessageEvent', 'message', 'forged'], {}].map((event) => ({
    event,
  })),
  // Kinds that there are not: what an object inherits, the page's own classes, other events.
  ...[
    '',
    'ErrorEvent',
    'CustomEvent',
    'Blob',
    'WebSocket',
    'constructor',
    '__proto__',
    'toString',
  ].flatMap((kind) => forged('kind', [kind])),
  ...forged('kind', WRONG_TEXTS),
  ...forged('type', WRONG_TEXTS),
  ...forged('data', WRONG_DATA),
  ...forged('type', ['', 'message', 'close', 'click', 'Open', 'error '], 'Event'),
  ...forged('type', WRONG_TEXTS, 'Event'),
  ...forged('protocol', WRONG_TEXTS, 'Event'),
  ...forged('extensions', WRONG_TEXTS, 'Event'),
  ...forged('code', WRONG_COUNTS, 'CloseEvent'),
  ...forged('reason', WRONG_TEXTS, 'CloseEvent'),
  ...WRONG_COUNTS.flatMap((count) => [
    { ...message, sent: count },
    { ...message, state: { readyState: count } },
    { ...message, state: { readyState: 1, retry: count } },
  ]),
  ...[4, 7, 255].map((readyState) => ({ ...message, state: { readyState } })),
  ...WRONG_TEXTS.map((lastEventId) => ({ ...message, state: { readyState: 1, lastEventId } })),
];

describe('a frame that has fallen, at the streams of the page,', () => {
  let hadoken: Hadoken;
  let fallen: ReturnType<typeof hadoken.service<Fallen>>;
  const uncaught: unknown[] = [];
  const onUncaught = (event: ErrorEvent | PromiseRejectionEvent): void => {
    uncaught.push('reason' in event ? event.reason : event.error);
  };
  before(() => {
    addEventListener('error', onUncaught);
    addEventListener('unhandledrejection', onUncaught);
  });
  beforeEach(() => {
    hadoken = connect(frameUrl('fallen-streams'), { reconnectionDelay: 20, log: 'silent' });
    fallen = hadoken.service<Fallen>('fallen');
  });
  afterEach(() => {
    hadoken.close();
    expect(uncaught.splice(0)).to.deep.equal([]);
    expect('polluted' in {}).to.equal(false);
  });
  after(() => {
    removeEventListener('error', onUncaught);
    removeEventListener('unhandledrejection', onUncaught);
  });

  const state = { readyState: 1, lastEventId: '', retry: 3_000 };
  const data = (text: string): StreamMessage => ({
    state,
    event: { kind: 'MessageEvent', type: 'message', data: text },
  });
  const OPENING: StreamMessage = { state, event: { kind: 'Event', type: 'open', protocol: 'v1' } };
  const END = {
    kind: 'CloseEvent',
    code: 1_000,
    reason: '',
    wasClean: true,
    isError: false,
  } as const;

  const make = {
    EventSource: () => new hadoken.EventSource('/ticks'),
    WebSocket: () => new hadoken.WebSocket('/socket', ['v1']),
  };
  type Kind = keyof typeof make;
  /** `type data readyState` of all events from now on. */
  const record = (stream: EventSource | WebSocket): string[] => {
    const seen: string[] = [];
    for (const type of ['open', 'message', 'error', 'close', 'click', '', 'undefined', 'null'])
      stream.addEventListener(type, (event) =>
        seen.push(`${type} ${(event as MessageEvent).data} ${stream.readyState}`),
      );
    return seen;
  };
  /** A stream whose call has reached the frame. */
  const ask = async <K extends Kind>(kind: K): Promise<ReturnType<(typeof make)[K]>> => {
    const stream = make[kind]();
    await until(async () => (await fallen.streams()).length > 0);
    return stream as ReturnType<(typeof make)[K]>;
  };
  const open = async <K extends Kind>(kind: K): Promise<ReturnType<(typeof make)[K]>> => {
    const stream = await ask(kind);
    const opened = next(stream, 'open');
    await fallen.post(OPENING);
    await opened;
    return stream;
  };
  /** Everything that the page can see of a stream. */
  const look = (stream: EventSource | WebSocket): Record<string, unknown> => {
    const seen: Record<string, unknown> = { prototype: Object.getPrototypeOf(stream) };
    for (const key of Reflect.ownKeys(stream)) seen[`own ${String(key)}`] = true;
    for (const key in stream) seen[key] = stream[key as keyof typeof stream];
    return seen;
  };

  for (const kind of ['EventSource', 'WebSocket'] as const) {
    it(`is not heard with what is no message (${kind}), and is with the next that is one`, async function () {
      this.timeout(30_000);
      const stream = await open(kind);
      const before = look(stream);
      const seen = record(stream);
      for (const [i, hostile] of HOSTILE.entries()) {
        const marker = next(stream);
        await fallen.post(hostile, data(`marker ${i}`));
        await marker;
        expect(seen.splice(0), show(hostile)).to.deep.equal([`message marker ${i} 1`]);
      }
      expect(look(stream)).to.deep.equal(before);
    });

    it(`overwrites nothing by names that it is not asked for (${kind})`, async () => {
      const stream = await open(kind);
      stream.onmessage = () => {};
      const before = look(stream);
      const seen = record(stream);
      for (const hostile of [
        { ...data('1'), ...MEMBERS },
        { ...data('2'), state: { ...state, ...MEMBERS } },
        { ...data('3'), event: { ...data('3').event, ...MEMBERS } },
        withProto(data('4')),
        { ...data('5'), state: withProto(state) },
        { ...data('6'), event: withProto(data('6').event as object) },
      ]) {
        const got = next(stream);
        await fallen.post(hostile);
        await got;
      }
      expect(seen).to.deep.equal([1, 2, 3, 4, 5, 6].map((i) => `message ${i} 1`));
      expect(look(stream)).to.deep.equal(before);
      stream.close();
      await until(async () => (await fallen.streams())[0]?.commands.length);
      const [command] = (await fallen.streams())[0]?.commands ?? [];
      expect(command).to.include({ type: 'close' });
    });

    it(`gives its events no origin, source, ports or powers of its own (${kind})`, async () => {
      const stream = await open(kind);
      const got = next(stream);
      const powers = { bubbles: true, cancelable: true, composed: true, isTrusted: true };
      const claims = { origin: env.app, lastEventId: 'mine', userActivation: true, target: null };
      await fallen.post({ ...data('1'), event: { ...data('1').event, ...powers, ...claims } });
      const event = await got;
      const { bubbles, cancelable, composed, isTrusted, origin, lastEventId, source, target } =
        event;
      expect({
        bubbles,
        cancelable,
        composed,
        isTrusted,
        origin,
        lastEventId,
        source,
      }).to.deep.equal({
        ...{
          bubbles: false,
          cancelable: false,
          composed: false,
          isTrusted: false,
          lastEventId: '',
        },
        origin: new URL(stream.url).origin,
        source: null,
      });
      expect(target).to.equal(stream);
      expect([...event.ports]).to.deep.equal([]);
    });

    it(`hands the page no port (${kind})`, async () => {
      const stream = await open(kind);
      const seen = record(stream);
      const got = next(stream);
      await fallen.postWithPorts(data('1'));
      await fallen.post(data('2'));
      await got;
      expect(seen).to.deep.equal(['message 2 1']);
    });

    it(`can let a stream fail, and by nothing that it answers make it stay (${kind})`, async () => {
      for (const error of [
        ...[{}, 7, 'text', [], { name: {}, message: {} }, { name: 'TypeError', message: null }],
        ...[
          { name: 'HadokenError', code: {}, message: [] },
          { dom: true, name: 7, message: {} },
        ],
        { name: 'Error', message: 'm', stack: 'forged', toString: 1, cause: 'forged' },
      ]) {
        const stream = make[kind]();
        const seen = record(stream);
        const count = (await fallen.streams()).length;
        await until(async () => (await fallen.streams()).length > count - 1);
        const failed = next<ErrorEvent>(stream, 'error');
        await fallen.answer({ error });
        const event = await failed;
        expect(event.error, JSON.stringify(error)).to.be.instanceOf(Error);
        expect(event.message).to.be.a('string');
        if (kind === 'WebSocket') await until(() => seen.length === 2);
        const isSocket = kind === 'WebSocket';
        expect(seen).to.deep.equal(
          isSocket ? ['error undefined 3', 'close undefined 3'] : ['error undefined 2'],
        );
      }
    });
  }

  it('brings a WebSocket into no state but the next', async () => {
    const socket = await ask('WebSocket');
    const seen = record(socket);
    // Nothing comes before it is open.
    await fallen.post(data('early'), OPENING, OPENING, { ...OPENING, state: { readyState: 0 } });
    await fallen.post({ event: { ...OPENING.event, protocol: 'v2' } }, data('1'));
    await until(() => seen.length === 2);
    expect(seen).to.deep.equal(['open undefined 1', 'message 1 1']);
    expect(socket.protocol).to.equal('v1');
    // States are no news of their own.
    for (const readyState of [0, 2, 3]) await fallen.post({ state: { readyState } });
    await fallen.post(data('2'));
    await until(() => seen.length === 3);
    expect([seen[2], socket.readyState]).to.deep.equal(['message 2 1', 1]);
    // The end is the end.
    await fallen.post({ event: { ...END, isError: true } }, { event: END }, data('3'), OPENING);
    await until(() => seen.length === 5);
    await fallen.post({ event: END }, data('4'), { sent: 1 });
    await fallen.streams();
    expect(seen.slice(3)).to.deep.equal(['error undefined 3', 'close undefined 3']);
  });

  it('says nothing more to a WebSocket that the page has closed, but its end', async () => {
    const socket = await open('WebSocket');
    const seen = record(socket);
    socket.close(4_000, 'enough');
    await until(async () => (await fallen.streams())[0]?.commands.length);
    const [{ target, commands } = { target: {}, commands: [] }] = await fallen.streams();
    expect(target).to.deep.equal({
      kind: 'webSocket',
      url: `${env.push.replace('http', 'ws')}/socket`,
      protocols: ['v1'],
    });
    expect(commands).to.deep.equal([
      { type: 'close', code: 4_000, reason: 'enough', readyState: 1 },
    ]);
    await fallen.post(OPENING, data('late'), { state: { readyState: 1 } }, { event: END });
    await until(() => seen.length > 0);
    expect(seen).to.deep.equal(['close undefined 3']);
  });

  it('counts no more as sent than the page has sent', async () => {
    const socket = await open('WebSocket');
    socket.send('12345');
    const first = next(socket);
    await fallen.post({ sent: 2 }, data('1'));
    await first;
    expect(socket.bufferedAmount).to.equal(3);
    const second = next(socket);
    await fallen.post({ sent: Number.MAX_SAFE_INTEGER }, data('2'));
    await second;
    expect(socket.bufferedAmount).to.equal(0);
  });

  it('lets an EventSource have no state that there is not, and no end that is a WebSocket’s', async () => {
    const source = await open('EventSource');
    const seen = record(source);
    await fallen.post(
      { state: { ...state, readyState: 3 }, event: data('1').event },
      { event: END, state },
    );
    await fallen.post(data('2'));
    await until(() => seen.length === 1);
    expect(seen).to.deep.equal(['message 2 1']);
    await fallen.post({
      state: { ...state, readyState: 2 },
      event: { kind: 'Event', type: 'error' },
    });
    await until(() => seen.length === 2);
    await fallen.post(data('late'));
    await fallen.streams();
    expect(seen).to.deep.equal(['message 2 1', 'error undefined 2']);
  });

  it('moves the EventSource of the next frame nowhere: only an id and a wait go there', async () => {
    const source = await open('EventSource');
    const seen = record(source);
    const target = {
      kind: 'webSocket',
      url: 'https://evil.example/',
      protocols: ['x'],
      withCredentials: true,
    };
    await fallen.post({
      ...{ ...target, target },
      state: { readyState: 1, lastEventId: '42', retry: 5, ...target, target },
      event: data('1').event,
    });
    await until(() => seen.length === 1);
    // The frame is lost before it can answer this.
    await fallen.leave().catch(() => {});
    await until(() => seen.includes('error undefined 0'));
    await until(async () => (await fallen.streams()).length);
    const [again] = await fallen.streams();
    expect(again?.target).to.deep.equal({
      kind: 'eventSource',
      url: `${env.push}/ticks`,
      lastEventId: '42',
      retry: 5,
    });
    expect(source.url).to.equal(`${env.push}/ticks`);
    source.close();
  });
});
