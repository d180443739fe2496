/**
 * What must and must not compile for those who use Hadoken. Nothing here runs: `tsc -p test` reads it, and an
 * expected error that does not come is an error itself.
 */
import { notify, type ServeOptions, serve, service } from '../../src/frame/index.ts';
import {
  connect,
  type Hadoken,
  type HadokenError,
  type Transferred,
  transfer,
} from '../../src/parent/index.ts';

interface Site {
  release: string;
}
interface Prices {
  watch(symbol: string, signal?: AbortSignal): AsyncIterable<number>;
  read(): Promise<ReadableStream<string>>;
  last(): Promise<number>;
}
const admin = service(
  {
    wipe(name: string) {
      const { origin, signal } = this;
      return { name, origin, aborted: signal.aborted, again: this.wiped() };
    },
    wiped: (): boolean => true,
  },
  { origins: ['https://admin.example.com'] },
);
interface Clock {
  now(zone: string): number;
  label: string;
}
declare const hadoken: Hadoken<Site>;

export async function page(): Promise<void> {
  const response: Response = await hadoken.fetch('/v1/me', { timeout: 1_000, method: 'POST' });
  const state: 'connecting' | 'connected' | 'reconnecting' | 'failed' | 'closed' = hadoken.state;
  const release: string | undefined = hadoken.config?.release;
  const now: number = await hadoken.service<Clock>('clock').now('UTC');
  const { signal } = new AbortController();
  const off: () => void = hadoken.on('statechange', () => {}, { signal });
  hadoken.once('reconnecting', (attempt, delay) => void (attempt + delay), { signal });
  hadoken.off();
  hadoken.off('connect');
  // Bound, and typed as such: no `this` is lost.
  const { fetch, on, service, close } = hadoken;
  const ready: Hadoken<Site> = await hadoken.ready;
  const timed: number = await service<Clock>('clock', { timeout: 1_000, signal }).now('UTC');
  const typed: Hadoken<Site> = connect<Site>('https://push.example.com/frame.html', {
    log: console,
  });
  void [fetch, on, close, ready, timed, typed];
  const source: EventSource = new hadoken.EventSource('/events', { withCredentials: true });
  const socket: WebSocket = new hadoken.WebSocket('/socket', ['v1']);
  const closed: 3 = hadoken.WebSocket.CLOSED;
  void [response, state, release, now, off, source, socket, closed];

  // biome-ignore lint/suspicious/noExplicitAny: a page that does not say what it calls
  const anything: string = await hadoken.service<any>('anything').whatever(1, 'a');
  void anything;
  const prices = hadoken.service<Prices>('prices');
  for await (const price of prices.watch('ryu', signal)) void (price satisfies number);
  const read: AsyncIterable<string> = await prices.read();
  for await (const text of prices.read()) void (text satisfies string);
  const last: number = await prices.last();
  const wiped = await hadoken.service<typeof admin>('admin').wipe('all');
  void (wiped.origin satisfies string);
  hadoken.on('notify', (name, data) => void [name satisfies string, data satisfies unknown]);
  void [read, last];

  // @ts-expect-error a plain method gives no stream
  for await (const _ of prices.last());
  // @ts-expect-error what a page gets of a stream is an iterable, and no ReadableStream
  const stream: ReadableStream<string> = await prices.read();
  // @ts-expect-error the argument is a string, in a service with a rule too
  hadoken.service<typeof admin>('admin').wipe(1);
  // @ts-expect-error a service's rule is no method
  hadoken.service<typeof admin>('admin').rule;
  // @ts-expect-error the data of a notice is the site's own, and is looked at first
  hadoken.on('notify', (_name, data) => data.user);
  void stream;

  // @ts-expect-error the config is there only once connected
  hadoken.config.release;
  // @ts-expect-error the state is Hadoken's to change
  hadoken.state = 'closed';
  // @ts-expect-error milliseconds, as a number
  connect('https://push.example.com', { timeout: '10s' });
  // @ts-expect-error a frame has to be named
  connect();
  // @ts-expect-error no such option
  hadoken.fetch('/v1/me', { retries: 3 });
  // @ts-expect-error a WebSocket takes a URL
  new hadoken.WebSocket();
  // @ts-expect-error no such option of a service
  hadoken.service<Clock>('clock', { timeOut: 1 });
  // @ts-expect-error a service's time is in milliseconds, as a number
  hadoken.service<Clock>('clock', { timeout: '1s' });
  // @ts-expect-error a listener is removed by a signal
  hadoken.on('connect', () => {}, { signal: new AbortController() });
  // @ts-expect-error what `ready` is, is Hadoken's to say
  hadoken.ready = Promise.resolve(hadoken);
  // @ts-expect-error a level that there is none of
  connect('https://push.example.com', { log: 'verbose' });
  // @ts-expect-error no such event
  hadoken.on('conect', () => {});
  // @ts-expect-error a service's answer is a promise
  const wrong: number = hadoken.service<Clock>('clock').now('UTC');
  // @ts-expect-error the argument is a string
  hadoken.service<Clock>('clock').now(1);
  // @ts-expect-error only methods cross
  hadoken.service<Clock>('clock').label;
  void wrong;
}

export function frame(error: HadokenError): void {
  serve({
    origins: ['https://app.example.com'],
    services: {
      admin,
      clock: {
        now(zone: string) {
          return `${zone} of ${this.origin satisfies string}`;
        },
        async *ticks() {
          while (!this.signal.aborted) yield this.now('UTC');
        },
      },
    },
  });
  notify('signed-out', { by: 'ryu' }, { origins: ['https://app.example.com'] });
  // @ts-expect-error a notice has a name
  notify();
  // @ts-expect-error no such option of a notice
  notify('a', 1, { origin: 'https://app.example.com' });
  // @ts-expect-error no such member of a service's rule
  service({}, { origin: 'https://app.example.com' });
  serve({
    origins: ['https://app.example.com'],
    fetch: [{ path: '/v1/*', methods: ['GET'] }],
    io: true,
  });
  // @ts-expect-error origins are required
  serve({ fetch: true });
  serve({ origins: [], eventSource: true, webSocket: [{ path: '/socket' }] });
  serve({ origins: [], eventSource: [{ path: '/ticks', origins: ['https://app.example.com'] }] });
  // @ts-expect-error a rule has a path
  serve({ origins: [], webSocket: [{}] });
  // @ts-expect-error a stream has no method
  serve({ origins: [], eventSource: [{ path: '/ticks', methods: ['GET'] }] });
  // @ts-expect-error a rule has a path
  serve({ origins: [], fetch: [{ methods: ['GET'] }] });
  // @ts-expect-error a namespace is allowed, or some of its events are
  serve({ origins: [], io: { namespaces: { '/': 'yes' } } });
  const options: ServeOptions = {
    origins: [],
    onRequest: (request, { origin }) => new Request(request, { referrer: origin }),
  };
  void options;
  // @ts-expect-error not one of the codes
  if (error.code === 'TIMEOUT') return;
}

/** With `exactOptionalPropertyTypes`, which tsconfig.json has: what is undefined is not given. */
export async function undefinedIsNone(): Promise<void> {
  await hadoken.fetch('/v1/me', {
    timeout: undefined,
    onUploadProgress: undefined,
    onDownloadProgress: undefined,
  });
  connect('https://push.example.com/hadoken/frame.html', {
    timeout: undefined,
    reconnectionAttempts: undefined,
    reconnectionDelay: undefined,
    reconnectionDelayMax: undefined,
    heartbeat: undefined,
    log: undefined,
    headers: undefined,
    origin: undefined,
    config: undefined,
    services: undefined,
    io: { url: undefined, path: undefined, transports: undefined, parser: undefined },
  });
  connect('https://push.example.com/hadoken/frame.html', { io: undefined });
}

export function failedStreams(): void {
  const source = new hadoken.EventSource('/events');
  source.onerror = (event) => void (event.error?.code satisfies string | undefined);
  source.addEventListener('error', ({ error }) => void error?.retryable, { once: true });
  source.addEventListener('message', ({ data }) => void data);
  const socket = new hadoken.WebSocket('/socket');
  socket.onerror = ({ error, type }) => void [error?.code, type];
  socket.addEventListener('close', ({ code }) => void (code satisfies number));
  // They stand in for the platform's.
  const classes: [typeof EventSource, typeof WebSocket] = [hadoken.EventSource, hadoken.WebSocket];
  class Own extends hadoken.WebSocket {}
  void [classes, new Own('/socket').readyState];
  source.onerror = (event: Event) => void event.type;
  // @ts-expect-error the event of a lost connection has no error
  source.onerror = ({ error }) => void error.code;
}

const files = {
  read: (stream: ReadableStream<string>) => transfer(stream, [stream as never]),
  async later(stream: ReadableStream<string>) {
    return transfer(stream, [stream as never]);
  },
  bytes: (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> =>
    transfer(bytes, [bytes.buffer]),
  iterate: (stream: ReadableStream<string>) => stream,
};
interface Files {
  read(): Transferred<ReadableStream<string>>;
}
export async function moved(stream: ReadableStream<string>): Promise<void> {
  const remote = hadoken.service<typeof files>('files');
  const streams: ReadableStream<string>[] = [
    await remote.read(stream),
    await remote.later(stream),
    await hadoken.service<Files>('files').read(),
  ];
  const bytes: Uint8Array = await remote.bytes(new Uint8Array(1));
  for await (const text of remote.iterate(stream)) void (text satisfies string);
  // @ts-expect-error a stream that is moved is no iterable by itself: it is awaited
  for await (const _ of remote.read(stream));
  void [streams, bytes];
}

export function inNode(): void {
  connect('https://push.example.com/hadoken/frame.html', {
    services: {
      prices: {
        async *watch(symbol: string) {
          while (!this.signal.aborted) yield `${symbol} for ${this.origin satisfies string}`;
        },
      },
    },
  });
}
