/**
 * What must and must not compile for those who use Hadoken. Nothing here runs: `tsc -p test` reads it, and an
 * expected error that does not come is an error itself.
 */
import { type ServeOptions, serve } from '../../src/frame/index.ts';
import { connect, type Hadoken, type HadokenError } from '../../src/parent/index.ts';

interface Site {
  release: string;
}
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
