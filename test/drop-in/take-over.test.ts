import { expect } from '@esm-bundle/chai';
import { type TakeOverOptions, takeOver } from '../../src/drop-in/index.ts';
import { connect, type Hadoken, HadokenError } from '../../src/parent/index.ts';
import { env, frameUrl, requestLog, uniqueId, until } from '../support/env.ts';
import { next, sseUrl, thrown, wsUrl } from '../support/streams.ts';

type Seen = { url: string; method: string; headers: Record<string, string> };
type Page = Record<string, unknown>;

const page = globalThis as unknown as Page;
const NAMES = ['fetch', 'XMLHttpRequest', 'EventSource', 'WebSocket', 'io'];

/** What the page has by these names, and how. */
const globals = (): unknown[] => [
  ...NAMES.map((name) => Object.getOwnPropertyDescriptor(page, name)),
  Object.getOwnPropertyDescriptor(navigator, 'sendBeacon'),
  Object.getOwnPropertyDescriptor(Navigator.prototype, 'sendBeacon'),
];

/** The answer to a request of an XMLHttpRequest. */
function ask(url: string, method = 'GET', Class = XMLHttpRequest): Promise<XMLHttpRequest> {
  const xhr = new Class();
  return new Promise((resolve) => {
    xhr.onloadend = () => resolve(xhr);
    xhr.open(method, url);
    xhr.send();
  });
}

/** Runs `work`: for each warning of ours, whether it says what to do. */
function reportedBy(work: () => void): boolean[] {
  const { warn } = console;
  const said: boolean[] = [];
  console.warn = (...args: unknown[]) =>
    void said.push(args.join(' ').includes('Load the drop-in before it'));
  try {
    work();
  } finally {
    console.warn = warn;
  }
  return said;
}

const seenBy = async (url: string): Promise<Seen> => JSON.parse((await ask(url)).responseText);

describe('takeOver()', () => {
  let hadoken: Hadoken;
  let release = (): void => {};
  const take = (options: TakeOverOptions = {}): void => {
    release = takeOver(hadoken, options);
  };
  const before_ = globals();

  before(async () => {
    hadoken = connect(frameUrl(), { log: 'silent' });
    await hadoken.ready;
  });
  afterEach(() => release());
  after(() => hadoken.close());

  describe('the URLs that are taken', () => {
    const isTaken = async (url: string): Promise<boolean> => {
      const xhr = await ask(url);
      return xhr.responseText.includes('"hadoken-origin"');
    };

    it('are all of the frame’s origin, and none of the page’s', async () => {
      take();
      expect(await isTaken(`${env.push}/api/echo`)).to.equal(true);
      expect((await ask('/pages/blank.html')).responseURL).to.equal(`${env.app}/pages/blank.html`);
    });

    it('are paths of the page’s own origin, asked of the frame’s, and of the frame’s', async () => {
      take({ urls: ['/api/echo*', '/api/st?tus'] });
      const { url } = await seenBy('/api/echo/a?b=c#d');
      expect(url).to.equal('/api/echo/a?b=c');
      expect(await isTaken(`${env.push}/api/echo`)).to.equal(true);
      expect(await isTaken(new URL('/api/echo', env.app).href)).to.equal(true);
      // Others stay where they were.
      expect((await ask('/api/status/204')).responseURL).to.equal(`${env.app}/api/status/204`);
      expect((await ask('/pages/../pages/blank.html')).status).to.equal(200);
      expect(await isTaken(`${env.sink}/cors/api/echo`)).to.equal(false);
    });

    it('are what a pattern says, star by star', () => {
      const asked: string[] = [];
      const fetched = {
        ...hadoken,
        origin: env.push,
        fetch: async (url: string) => asked.push(url),
      };
      const cases: [entry: string, url: string, isTaken: boolean][] = [
        ['/v1/*', '/v1/', true],
        ['/v1/*', `${env.sink}/v1/`, false],
        ['/v1/*', '/v1', false],
        ['/v1/*', '/v1/a/b?c=d', true],
        ['/v1/*', '/v10/a', false],
        ['/v1/*', '/V1/a', false],
        ['/v1/*', '/v1/../v2/a', false],
        ['/v1/*', '/v1/%2e%2e/v2', false],
        ['/v1/me', '/v1/me?all', true],
        ['/v1/me', '/v1/me/more', false],
        ['/v1/me?all', '/v1/me', false],
        ['/v1/me?all', '/v1/me?all', true],
        ['/v1/me?all=*', '/v1/me?all=7', true],
        ['*', '/v1/me', false],
        ['/*.json', '/a/b.json', true],
        ['/*.json', '/a/bxjson', false],
        ['/a+b(c)', '/a+b(c)', true],
        ['/a+b(c)', '/aab(c)', false],
        ['/grün/*', '/gr%C3%BCn/a', true],
        [`${env.push}/v1/*`, `${env.push}/v1/a`, true],
        [`${env.push}/v1/*`, '/v1/a', false],
        [`${env.push.toUpperCase()}/v1/*`, `${env.push}/v1/a`, true],
        [`${env.app}/v1/*`, '/v1/a', true],
        [`${env.app}/v1/*`, `${env.push}/v1/a`, false],
        [env.push.replace('http:', ''), `${env.push}/`, true],
        [`${env.push.replace('push', '*')}/*`, `${env.push}/a`, true],
        [`${env.push.replace('push', '*')}/*`, `${env.shop}/a`, false],
      ];
      for (const [entry, url, expected] of cases) {
        if (entry === '*') continue;
        asked.length = 0;
        const off = takeOver(fetched as unknown as Hadoken, { urls: [entry] });
        const { fetch: taking } = globalThis;
        const native = taking(url).catch(() => {});
        void native;
        expect(asked.length > 0, `${entry} of ${url}`).to.equal(expected);
        off();
      }
    });

    it('are of the page’s origin, whatever the page has by the name of that', async () => {
      const own = Object.getOwnPropertyDescriptor(globalThis, 'origin') as PropertyDescriptor;
      Object.defineProperty(globalThis, 'origin', { value: 'Basel', configurable: true });
      try {
        take({ urls: ['/api/echo', `${env.app}/api/status/*`] });
      } finally {
        Object.defineProperty(globalThis, 'origin', own);
      }
      expect(await isTaken('/api/echo')).to.equal(true);
    });

    it('are what a function says: it takes, maps, or leaves', async () => {
      const heard: string[] = [];
      take({
        urls: (url, method) => {
          heard.push(`${method} ${url.pathname}${url.hash}`);
          if (url.pathname === '/map') return new URL('/api/echo?mapped', env.push);
          url.pathname = '/changed';
          return method === 'POST' || url.search === '?take';
        },
      });
      expect((await seenBy('/map')).url).to.equal('/api/echo?mapped');
      expect((await seenBy('/api/echo?take#part')).url).to.equal('/api/echo?take');
      expect(JSON.parse((await ask('/api/echo', 'post')).responseText).method).to.equal('POST');
      expect((await ask('/api/echo')).status).to.equal(404);
      expect(heard).to.deep.equal(['GET /map', 'GET /api/echo', 'POST /api/echo', 'GET /api/echo']);
    });

    it('are none where the function throws, which is reported', async () => {
      const reported: unknown[] = [];
      const { reportError } = globalThis;
      globalThis.reportError = (error) => void reported.push(error);
      const mine = new Error('mine');
      take({
        urls: [
          () => {
            throw mine;
          },
        ],
      });
      expect((await ask('/pages/blank.html')).status).to.equal(200);
      globalThis.reportError = reportError;
      expect(reported).to.deep.equal([mine]);
    });

    it('are refused with the entry named, where it can’t be read', () => {
      const wrong: unknown[] = [
        ...['v1/*', '', '*', 'http://', 'http://[', 'ftp://a/*', '/a#b', 'https://other.example/*'],
        ...[7, null, {}, ['/v1/*']],
      ];
      for (const entry of wrong) {
        const error = thrown(() =>
          takeOver(hadoken, { urls: ['/fine', entry] as never }),
        ) as HadokenError;
        expect(error, String(entry)).to.be.instanceOf(HadokenError);
        expect(error.code).to.equal('INVALID_ARGUMENT');
        expect(error.message).to.contain(String(entry));
      }
      for (const urls of [7, null, 'v1', {}])
        expect(thrown(() => takeOver(hadoken, { urls } as never))).to.have.property(
          'code',
          'INVALID_ARGUMENT',
        );
      expect(globals()).to.deep.equal(before_);
    });
  });

  describe('fetch', () => {
    it('goes through the frame, by text, URL and Request, and else stays the page’s', async () => {
      take({ urls: ['/api/*'] });
      const asked = [
        fetch('/api/echo?1'),
        fetch(new URL('/api/echo?2', env.app)),
        fetch(new Request('/api/echo?3', { method: 'PUT', body: 'body', headers: { 'x-a': 'b' } })),
        fetch(new Request('/api/echo?4'), { method: 'DELETE' }),
      ];
      const seen = await Promise.all(asked.map(async (each) => (await each).json()));
      expect(seen.map(({ method, url }: Seen) => `${method} ${url}`)).to.deep.equal([
        'GET /api/echo?1',
        'GET /api/echo?2',
        'PUT /api/echo?3',
        'DELETE /api/echo?4',
      ]);
      expect(seen.map(({ headers }: Seen) => headers['hadoken-origin'])).to.deep.equal(
        asked.map(() => env.app),
      );
      expect([seen[2].headers['x-a'], atob(seen[2].body)]).to.deep.equal(['b', 'body']);
      expect((await fetch('/pages/blank.html')).url).to.equal(`${env.app}/pages/blank.html`);
    });

    it('rejects as the platform’s for what is no URL, and has its name', async () => {
      take();
      for (const args of [[], ['http://['], [Symbol('a')]])
        expect(
          await Reflect.apply(fetch, undefined, args).catch((error: unknown) => error),
        ).to.be.instanceOf(TypeError);
      expect([fetch.name, fetch.length]).to.deep.equal(['fetch', 1]);
    });
  });

  describe('EventSource and WebSocket', () => {
    const shared = (stream: EventSource | WebSocket, Class: unknown): unknown => [
      stream instanceof (Class as typeof EventSource),
      String(stream),
      stream.readyState,
      stream.constructor === Class,
    ];

    it('are the frame’s for what is taken, and of the page’s classes all the same', async () => {
      const { EventSource: OwnSource, WebSocket: OwnSocket } = globalThis;
      take();
      const source = new EventSource(sseUrl({ event: 'a' }));
      const socket = new WebSocket(wsUrl('echo'));
      expect(shared(source, EventSource)).to.deep.equal([true, '[object EventSource]', 0, true]);
      expect(shared(socket, WebSocket)).to.deep.equal([true, '[object WebSocket]', 0, true]);
      expect([source instanceof OwnSource, socket instanceof OwnSocket]).to.deep.equal([
        true,
        true,
      ]);
      expect([EventSource.OPEN, WebSocket.CLOSED, socket.CLOSING]).to.deep.equal([1, 3, 2]);
      await new Promise((resolve) => {
        socket.onopen = resolve;
      });
      socket.send('hello');
      expect((await next(socket)).data).to.equal('hello');
      socket.close();
      await next(socket, 'close');
      if (source.readyState === 0) await next(source, 'open');
      expect(source.readyState).to.equal(1);
      source.close();
    });

    it('are the platform’s for everything else', () => {
      const { EventSource: OwnSource, WebSocket: OwnSocket } = globalThis;
      take();
      const source = new EventSource('/pages/blank.html');
      const socket = new WebSocket(wsUrl('echo').replace('push.', 'sink.'));
      // The platform's own getters read them.
      for (const [stream, Own] of [
        [source, OwnSource],
        [socket, OwnSocket],
      ] as const) {
        const { get } = Object.getOwnPropertyDescriptor(
          Own.prototype,
          'readyState',
        ) as PropertyDescriptor;
        expect(get?.call(stream)).to.equal(0);
        stream.close();
      }
    });

    it('throw what the platform throws', () => {
      take();
      for (const Class of [EventSource, WebSocket]) {
        expect(thrown(() => Reflect.construct(Class, []))).to.be.instanceOf(TypeError);
        expect(thrown(() => new Class('http://['))).to.have.property('name', 'SyntaxError');
        expect(thrown(() => Reflect.apply(Class as never, undefined, ['/']))).to.be.instanceOf(
          TypeError,
        );
      }
      expect(thrown(() => new WebSocket(wsUrl('echo'), 'a b'))).to.have.property(
        'name',
        'SyntaxError',
      );
    });

    it('are extended, and patched on the prototype', async () => {
      take();
      const log: string[] = [];
      class Own extends WebSocket {
        override send(data: string): void {
          log.push('own');
          super.send(`own ${data}`);
        }
      }
      const { send } = WebSocket.prototype;
      WebSocket.prototype.send = function (data) {
        log.push('patched');
        send.call(this, data);
      };
      const socket = new Own(wsUrl('echo'));
      await next(socket, 'open');
      socket.send('a');
      expect((await next(socket)).data).to.equal('own a');
      expect([log, socket instanceof Own]).to.deep.equal([['own', 'patched'], true]);
      WebSocket.prototype.send = send;
      socket.close();
    });
  });

  describe('navigator.sendBeacon', () => {
    it('goes through the frame with keepalive, and natively to the frame’s URL while the page is hidden', async () => {
      take({ urls: ['/api/*'] });
      const [shown, hidden] = [uniqueId(), uniqueId()];
      expect(navigator.sendBeacon(`/api/echo?id=${shown}`, 'body')).to.equal(true);
      const sent = await until(async () => (await requestLog(shown))[0], 20_000);
      expect([sent.method, sent.headers['hadoken-origin']]).to.deep.equal(['POST', env.app]);
      const own = Object.getOwnPropertyDescriptor(Document.prototype, 'visibilityState');
      Object.defineProperty(Document.prototype, 'visibilityState', { ...own, get: () => 'hidden' });
      expect(navigator.sendBeacon(`/api/echo?id=${hidden}`, 'body')).to.equal(true);
      Object.defineProperty(Document.prototype, 'visibilityState', own as PropertyDescriptor);
      const beacon = await until(async () => (await requestLog(hidden))[0], 20_000);
      expect([beacon.method, beacon.headers['hadoken-origin']]).to.deep.equal(['POST', undefined]);
    });

    it('goes natively, too, while the page is being left, which is before it is hidden', async () => {
      take({ urls: ['/api/*'] });
      const [left, back] = [uniqueId(), uniqueId()];
      dispatchEvent(new Event('pagehide'));
      expect(navigator.sendBeacon(`/api/echo?id=${left}`, 'body')).to.equal(true);
      dispatchEvent(new Event('pageshow'));
      expect(navigator.sendBeacon(`/api/echo?id=${back}`, 'body')).to.equal(true);
      const origins = await Promise.all(
        [left, back].map(async (id) => {
          const { headers } = await until(async () => (await requestLog(id))[0], 20_000);
          return headers['hadoken-origin'];
        }),
      );
      expect(origins).to.deep.equal([undefined, env.app]);
    });

    it('refuses what is too much, and throws for what is no URL', () => {
      take();
      const much = new Blob([new Uint8Array(70_000)]);
      expect(navigator.sendBeacon(`${env.push}/api/echo`, much)).to.equal(false);
      expect(thrown(() => navigator.sendBeacon('http://['))).to.be.instanceOf(TypeError);
      expect(thrown(() => Reflect.apply(navigator.sendBeacon, navigator, []))).to.be.instanceOf(
        TypeError,
      );
    });
  });

  describe('io', () => {
    it('is the frame’s where it is wanted, for the frame’s server, and the page’s own for others', async () => {
      const asked: unknown[] = [];
      page.io = (uri: unknown) => asked.push(uri);
      take({ io: true });
      const io = page.io as Hadoken['io'];
      const sockets = [io(), io('/chat'), io(env.push), io.connect(`${env.push}/chat`)];
      await Promise.all(
        sockets
          .map((socket) => next(socket as never as EventTarget, 'connect').catch(() => {}))
          .map((each, at) =>
            Promise.race([
              each,
              new Promise<void>((resolve) => sockets[at]?.on('connect', resolve)),
            ]),
          ),
      );
      expect(sockets.map(({ connected }) => connected)).to.deep.equal([true, true, true, true]);
      expect(io.protocol).to.equal(5);
      for (const socket of sockets) socket.close();
      io('https://other.example/chat');
      io('other.example:3000');
      expect(asked).to.deep.equal(['https://other.example/chat', 'other.example:3000']);
      release();
      // Who has kept it goes on with the page's own.
      io('/chat');
      (page.io as (uri: string) => void)('/mine');
      expect(asked.slice(2)).to.deep.equal(['/chat', '/mine']);
      Reflect.deleteProperty(page, 'io');
    });

    it('of a release before 1.0, which is an object, is asked for other servers by its connect()', () => {
      const asked: unknown[] = [];
      page.io = { connect: (uri: unknown) => asked.push(uri), version: '0.9.17' };
      take({ io: true });
      const io = page.io as { connect(uri: string): { close(): void } };
      io.connect('https://other.example/chat');
      io.connect(`${env.push}/chat`).close();
      expect(asked).to.deep.equal(['https://other.example/chat']);
      release();
      Reflect.deleteProperty(page, 'io');
    });

    it('is left alone by default, and is there where the page had none', () => {
      take();
      expect('io' in page).to.equal(false);
      release();
      take({ io: true });
      expect(page.io).to.be.a('function');
      release();
      expect('io' in page).to.equal(false);
    });
  });

  describe('a synchronous XMLHttpRequest', () => {
    const open = (...args: unknown[]): void => {
      const xhr = new XMLHttpRequest();
      Reflect.apply(xhr.open, xhr, args);
      xhr.send();
    };

    it('is left to the platform, with one warning', () => {
      const warned: string[] = [];
      const { warn } = console;
      console.warn = (...args) => warned.push(args.join(' '));
      take({ urls: ['/pages/*'] });
      open('GET', '/pages/blank.html', false);
      open('GET', '/pages/blank.html', undefined);
      console.warn = warn;
      expect(warned.length).to.equal(1);
      expect(warned[0]).to.contain('GET /pages/blank.html').and.to.contain('synchronous');
    });

    it('throws where that is wanted, and only if it is taken', () => {
      take({ urls: ['/api/*'], sync: 'throw' });
      expect(thrown(() => open('GET', '/api/echo', false))).to.have.property('code', 'UNSUPPORTED');
      open('GET', '/pages/blank.html', false);
    });
  });

  describe('release()', () => {
    it('puts everything back as it was, twice without harm', () => {
      take({ io: true });
      expect(globals()).not.to.deep.equal(before_);
      release();
      release();
      expect(globals()).to.deep.equal(before_);
    });

    it('takes over what is wanted, and nothing else', () => {
      for (const name of ['fetch', 'XMLHttpRequest', 'EventSource', 'WebSocket'] as const) {
        const { [name]: own } = globalThis;
        take({ [name]: false });
        expect(globalThis[name]).to.equal(own);
        release();
      }
      const { sendBeacon } = navigator;
      take({ sendBeacon: false });
      expect(navigator.sendBeacon).to.equal(sendBeacon);
    });

    it('stays under a patch of another’s, and passes everything on', async () => {
      const { fetch: own, XMLHttpRequest: OwnXhr } = globalThis;
      take({ urls: ['/pages/*'] });
      const { fetch: taking, XMLHttpRequest: Taking } = globalThis;
      globalThis.fetch = (...args) => taking(...args);
      globalThis.XMLHttpRequest = class extends Taking {};
      const { fetch: patch, XMLHttpRequest: Patch } = globalThis;
      release();
      expect([fetch === patch, XMLHttpRequest === Patch]).to.deep.equal([true, true]);
      expect((await fetch('/pages/blank.html')).url).to.equal(`${env.app}/pages/blank.html`);
      expect((await ask('/pages/blank.html')).responseURL).to.equal(`${env.app}/pages/blank.html`);
      Object.assign(globalThis, { fetch: own, XMLHttpRequest: OwnXhr });
    });

    it('stays where the prototype was patched, and passes everything on', async () => {
      const { XMLHttpRequest: Own } = globalThis;
      take({ urls: ['/pages/*'] });
      const { XMLHttpRequest: Taking } = globalThis;
      const log: string[] = [];
      const { send } = Taking.prototype;
      Taking.prototype.send = function (body) {
        log.push('send');
        send.call(this, body);
      };
      release();
      expect((await ask('/pages/blank.html')).responseURL).to.equal(`${env.app}/pages/blank.html`);
      expect([XMLHttpRequest === Taking, log]).to.deep.equal([true, ['send']]);
      globalThis.XMLHttpRequest = Own;
    });

    it('of several, in any order, leaves the page’s own', () => {
      for (const order of [
        [0, 1, 2],
        [2, 1, 0],
        [1, 0, 2],
        [1, 2, 0],
      ]) {
        const offs = [takeOver(hadoken), takeOver(hadoken), takeOver(hadoken)];
        for (const at of order) offs[at]?.();
        expect(globals()).to.deep.equal(before_);
      }
    });

    it('of several, for the same URLs, send each request once', async () => {
      const offs = [take, take].map(() => takeOver(hadoken));
      const id = uniqueId();
      const log: string[] = [];
      const xhr = new XMLHttpRequest();
      for (const type of ['loadstart', 'readystatechange', 'load', 'loadend'])
        xhr.addEventListener(type, () => log.push(`${type} ${xhr.readyState}`));
      const end = new Promise((resolve) => xhr.addEventListener('loadend', resolve));
      xhr.open('POST', `${env.push}/api/echo?id=${id}`);
      xhr.send('order');
      await end;
      for (const off of offs) off();
      expect(await requestLog(id)).to.have.length(1);
      expect(log.filter((line) => line !== 'readystatechange 3')).to.deep.equal([
        ...['readystatechange 1', 'loadstart 1', 'readystatechange 2', 'readystatechange 4'],
        ...['load 4', 'loadend 4'],
      ]);
    });

    it('lets what is under way end', async () => {
      take();
      const asked = ask(`${env.push}/api/slow?ms=300`);
      release();
      expect((await asked).responseText).to.equal('slow\n');
    });
  });

  describe('what others have patched before', () => {
    it('is called for a taken request: open, setRequestHeader, send and abort, each once, in order', async () => {
      const { prototype } = XMLHttpRequest;
      const log: string[] = [];
      const names = ['open', 'setRequestHeader', 'send', 'abort'] as const;
      const own = names.map((name) => prototype[name]);
      for (const [at, name] of names.entries())
        Object.assign(prototype, {
          [name](this: XMLHttpRequest, ...args: unknown[]) {
            log.push(name === 'open' ? name : `${name} ${this.readyState}`);
            Reflect.apply(own[at] as () => void, this, args);
            log.push(`${name} done`);
          },
        });
      take();
      const xhr = new XMLHttpRequest();
      for (const type of ['readystatechange', 'loadstart', 'load', 'loadend', 'error', 'progress'])
        xhr.addEventListener(type, () => {
          if (!/progress/.test(type) && xhr.readyState !== 3) log.push(`${type} ${xhr.readyState}`);
        });
      const end = new Promise((resolve) => xhr.addEventListener('loadend', resolve));
      xhr.open('POST', `${env.push}/api/echo`);
      xhr.setRequestHeader('x-a', 'b');
      xhr.send('body');
      await end;
      xhr.abort();
      for (const [at, name] of names.entries()) Object.assign(prototype, { [name]: own[at] });
      const seen = JSON.parse(xhr.responseText || 'null') as Seen | null;
      expect(seen).to.equal(null);
      expect(log).to.deep.equal([
        ...['open', 'readystatechange 1', 'open done'],
        ...['setRequestHeader 1', 'setRequestHeader done'],
        ...['send 1', 'loadstart 1', 'send done'],
        ...['readystatechange 2', 'readystatechange 4', 'load 4', 'loadend 4'],
        ...['abort 4', 'abort done'],
      ]);
    });

    for (const [what, hasPrototype] of [
      ['a function that makes one', false],
      ['one that has its prototype', true],
    ] as const)
      it(`may have put a function in the place of the class: ${what}`, async () => {
        const { XMLHttpRequest: Own } = globalThis;
        const wrapper = function wrapper() {
          return new Own();
        };
        if (hasPrototype) wrapper.prototype = Own.prototype;
        globalThis.XMLHttpRequest = wrapper as unknown as typeof XMLHttpRequest;
        take();
        try {
          const xhr = await ask(`${env.push}/api/echo`, 'POST');
          expect(xhr).to.be.instanceOf(XMLHttpRequest);
          expect(JSON.parse(xhr.responseText).headers).to.have.property('hadoken-origin');
        } finally {
          release();
          globalThis.XMLHttpRequest = Own;
        }
      });

    it('says so where each object has methods of its own, and takes none', async () => {
      const { XMLHttpRequest: Own } = globalThis;
      const said = reportedBy(() => {
        globalThis.XMLHttpRequest = function wrapper() {
          const xhr = new Own();
          xhr.open = (...args: unknown[]) => Reflect.apply(Own.prototype.open, xhr, args);
          return xhr;
        } as unknown as typeof XMLHttpRequest;
        take({ urls: ['/pages/*'] });
      });
      try {
        const xhr = await ask('/pages/blank.html');
        expect(xhr.responseURL).to.equal(`${env.app}/pages/blank.html`);
        expect(said).to.deep.equal([true]);
      } finally {
        release();
        globalThis.XMLHttpRequest = Own;
      }
    });

    it('may send later than it is told to', async () => {
      const { send } = XMLHttpRequest.prototype;
      XMLHttpRequest.prototype.send = function (body) {
        void Promise.resolve().then(() => send.call(this, body));
      };
      take();
      const id = uniqueId();
      const xhr = await ask(`${env.push}/api/echo?id=${id}`, 'POST');
      const other = new XMLHttpRequest();
      const ended = new Promise((resolve) => other.addEventListener('loadend', resolve));
      other.open('POST', `${env.push}/api/echo?id=${id}`);
      other.send();
      // To the platform it is not sent yet, and there is nothing to abort.
      other.abort();
      await ended;
      XMLHttpRequest.prototype.send = send;
      for (const { responseText } of [xhr, other])
        expect(JSON.parse(responseText).headers).to.have.property('hadoken-origin');
      expect(await requestLog(id)).to.have.length(2);
    });

    it('may keep a request from being sent', async () => {
      const { send } = XMLHttpRequest.prototype;
      XMLHttpRequest.prototype.send = () => {};
      take();
      const id = uniqueId();
      const xhr = new XMLHttpRequest();
      xhr.open('GET', `${env.push}/api/echo?id=${id}`);
      xhr.send();
      expect(xhr.readyState).to.equal(1);
      await fetch('/pages/blank.html');
      XMLHttpRequest.prototype.send = send;
      expect(await requestLog(id)).to.deep.equal([]);
    });
  });

  describe('without a frame', () => {
    it('taken requests fail as by a lost network, and the others go on', async () => {
      const lost = connect(`${env.push}/hosts/silent/frame.html?drop-in`, {
        log: 'silent',
        timeout: 500,
      });
      release = takeOver(lost, { urls: ['/api/*'] });
      const [taken, other] = await Promise.all([ask('/api/echo'), ask('/pages/blank.html')]);
      expect([taken.readyState, taken.status, taken.responseText]).to.deep.equal([4, 0, '']);
      expect(other.status).to.equal(200);
      expect(await fetch('/api/echo').catch((error) => error)).to.be.instanceOf(TypeError);
      lost.close();
    });
  });

  it('asks once, in open(), and of nothing else, for what is not taken', async () => {
    let asked = 0;
    take({
      urls: () => {
        asked += 1;
        return false;
      },
    });
    const xhr = await ask('/pages/blank.html');
    expect([xhr.status, xhr.getResponseHeader('content-type')]).to.deep.equal([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(asked).to.equal(1);
  });
});
