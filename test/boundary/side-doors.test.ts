import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { next } from '../compliance/push/both.ts';
import { frameUrl, requestLog, uniqueId } from '../support/env.ts';
import { type Recorder, recordMessages, textsIn } from '../support/side-doors.ts';

/** Every secret that test/fixtures/hosts/secrets.js and the test's server plant begins so. */
const MARK = 'secret-in-';

/** What comes of a promise, whatever that is: an attacker looks at errors as closely as at answers. */
const settled = (promise: Promise<unknown>): Promise<unknown> => promise.catch((error) => error);

/** The next event of a stream. */
const eventOf = (stream: EventTarget, type: string): Promise<Event> =>
  new Promise((resolve) => stream.addEventListener(type, resolve, { once: true }));

/** Event names of Managers and engines, those that tell of packets among them. */
const EVENTS = [
  ...[
    'open',
    'close',
    'error',
    'ping',
    'pong',
    'packet',
    'packetCreate',
    'data',
    'message',
    'drain',
  ],
  ...[
    'flush',
    'handshake',
    'heartbeat',
    'upgrade',
    'upgrading',
    'upgradeError',
    'decoded',
    'connect',
  ],
  ...['connect_error', 'disconnect', 'reconnect', 'reconnect_attempt', 'reconnect_error', 'opened'],
  ...['reconnect_failed', 'allowed', 'forbidden', 'event', 'pollComplete', 'poll', 'transport'],
];

/**
 * One page, allowed by its host, that reads all it can reach: every message that crosses, every event of every emitter,
 * answers, errors, URLs, headers, timing entries, caches and storage.
 */
describe('no side door', () => {
  let recorder: Recorder;
  let hadoken: Hadoken;
  /** What the page got hold of, in any way. */
  const loot: unknown[] = [];
  const keep = <T>(value: T): T => {
    loot.push(value);
    return value;
  };

  before(async () => {
    recorder = recordMessages();
    hadoken = connect(frameUrl('secrets'), { log: 'silent' });
    await hadoken.ready;
  });
  after(() => {
    hadoken.close();
    recorder.stop();
  });

  /** Whatever the page does in `read`, and however it looks at what it got: there is no secret. */
  function itFindsNothing(name: string, read: () => Promise<unknown>): void {
    it(name, async () => {
      loot.length = 0;
      recorder.messages.length = 0;
      await read();
      const texts = [...textsIn([loot, recorder.messages, hadoken])];
      expect(texts.filter((text) => text.includes(MARK))).to.deep.equal([]);
      // Without messages there was nothing to find.
      expect(recorder.messages).not.to.have.length(0);
    });
  }

  /** Asks for `path`, and keeps everything that can be seen of the answer or the failure. */
  async function ask(path: string, init?: Parameters<Hadoken['fetch']>[1]): Promise<unknown> {
    const answer = keep(await settled(hadoken.fetch(path, init)));
    if (!(answer instanceof Response)) return answer;
    const clone = keep(answer.clone());
    keep([...answer.headers]);
    keep(await settled(answer.text()));
    keep(await settled(clone.arrayBuffer()));
    return answer;
  }

  it('the secrets are there: the server gets each of them', async () => {
    const id = uniqueId();
    await ask(`/api/echo-nothing?signed&id=${id}`);
    const [request] = await requestLog(id);
    expect(request?.headers.authorization).to.equal(`Bearer ${MARK}authorization`);
    expect(request?.headers['x-internal']).to.equal(`${MARK}a-request-header`);
    expect(request?.url).to.contain(`token=${MARK}a-url`);
  });

  for (const [what, path, init] of [
    ['an answer', '/api/echo-nothing', {}],
    ['an answer to a URL that a hook signed', '/api/echo-nothing?signed', {}],
    ['headers that a hook removes', `/api/echo-nothing?header=x-internal:${'gone'}`, {}],
    ['a redirect to a presigned URL', '/api/presigned', {}],
    ['a redirect of a signed URL', '/api/presigned?signed', {}],
    ['a redirect within the rules', '/api/presigned?allowed&signed', {}],
    ['a redirect to another origin', '/api/presigned?elsewhere', {}],
    ['a redirect that is not followed', '/api/presigned', { redirect: 'manual' }],
    ['a redirect that is an error', '/api/presigned', { redirect: 'error' }],
    ['a redirect with integrity', '/api/presigned', { integrity: 'sha256-AAAA' }],
    ['a POST that is redirected', '/api/presigned?status=307', { method: 'POST', body: 'x' }],
    ['a connection that breaks', '/api/reset?signed', {}],
    [
      'an upload with progress',
      '/api/upload?signed',
      { method: 'POST', body: 'x', onUploadProgress() {} },
    ],
    ['a path outside the rules', '/api/cookie?signed', {}],
    ['a hook that throws', '/api/echo-nothing?/fail-in-hook', {}],
    ['cached answers', '/api/echo-nothing?signed', { cache: 'force-cache' }],
    [
      'only cached answers',
      '/api/echo-nothing?signed',
      { cache: 'only-if-cached', mode: 'same-origin' },
    ],
  ] as [string, string, object][])
    itFindsNothing(`fetch: ${what}`, () => ask(path, init));

  itFindsNothing('the page’s own timing entries, caches, storage and cookies', async () => {
    await ask('/api/echo-nothing?signed');
    keep(performance.getEntries().map((entry) => JSON.stringify(entry)));
    keep([document.cookie, { ...localStorage }, { ...sessionStorage }]);
    for (const name of await caches.keys())
      for (const request of await (await caches.open(name)).keys()) keep(request.url);
    keep(hiddenFrames().map(({ src }) => src));
  });

  itFindsNothing('services: members, errors, stacks', async () => {
    type Guesses = Record<string, () => Promise<unknown>>;
    const vault = hadoken.service<Guesses>('vault') as Guesses;
    for (const method of ['open', 'fail', 'key', 'toString', 'constructor', '__proto__'])
      keep(await settled((vault[method] as () => Promise<unknown>)()));
  });

  for (const nsp of ['/secrets', '/auth', '/refused'])
    itFindsNothing(`push: every event of every emitter, on ${nsp}`, async () => {
      const socket = hadoken.io(nsp, { forceNew: true, autoConnect: false, reconnectionDelay: 10 });
      const listen = (emitter: unknown): void => {
        const { on, emit } = emitter as {
          on(name: string, listener: unknown): void;
          emit: unknown;
        };
        if (typeof on !== 'function') return;
        for (const name of EVENTS)
          on.call(emitter, name, (...args: unknown[]) => void keep([name, args]));
        if (typeof emit === 'function')
          Object.assign(emitter as object, {
            emit(...args: unknown[]) {
              keep(args);
              return emit.apply(this, args);
            },
          });
      };
      // biome-ignore lint/suspicious/noExplicitAny: an attacker looks behind the types
      const manager = socket.io as any;
      socket.onAny((...args) => void keep(args));
      socket.onAnyOutgoing((...args) => void keep(args));
      listen(manager);
      manager.open();
      listen(manager.engine);
      socket.connect();
      const connected = await Promise.race([
        next(socket, 'connect').then(() => true),
        next(socket, 'connect_error').then(() => false),
      ]);
      if (connected) {
        keep(await settled(socket.timeout(2_000).emitWithAck('hello')));
        keep(await settled(socket.timeout(2_000).emitWithAck('not-allowed')));
        listen(manager.engine);
        // The next connection asks for the secrets once more.
        manager.engine.close();
        await next(socket, 'connect');
        keep(await settled(socket.timeout(2_000).emitWithAck('hello')));
      }
      keep([socket, manager, manager.engine, manager.opts, socket.auth]);
      socket.disconnect();
    });

  itFindsNothing('streams: events, errors and URLs', async () => {
    const source = new hadoken.EventSource('/streams/sse?signed&body=data: 1%0A%0A&end=1');
    keep(await eventOf(source, 'message'));
    keep(source.url);
    source.close();
    for (const path of [
      '/api/presigned',
      '/api/presigned?elsewhere',
      '/api/presigned?signed',
      '/api/cookie',
    ]) {
      const refused = new hadoken.EventSource(path);
      keep(await eventOf(refused, 'error'));
      keep([refused.url, refused]);
      refused.close();
    }
    const socket = new hadoken.WebSocket('/streams/ws/echo');
    await eventOf(socket, 'open');
    socket.send('ping');
    keep(await eventOf(socket, 'message'));
    keep([socket.url, socket.protocol, socket.extensions]);
    socket.close();
    keep(await eventOf(socket, 'close'));
    const forbidden = new hadoken.WebSocket('/streams/ws/headers');
    keep(await eventOf(forbidden, 'error'));
  });

  it('finds a secret that is really there, in a message and in an object', () => {
    const nested = { a: [new Map([['b', new Error(`${MARK}x`)]])] };
    expect([...textsIn(nested)]).to.include(`${MARK}x`);
    const bytes = new TextEncoder().encode(`${MARK}bytes`);
    expect([...textsIn([bytes])].join()).to.contain(`${MARK}bytes`);
  });
});
