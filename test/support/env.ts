/** Where this run's servers are. One set an engine; test/support/servers.mjs says what each serves. */
export interface TestEnv {
  engine: 'chromium' | 'firefox' | 'webkit';
  /** For tests that generate their cases. */
  seed: number;
  /** Under `npm run test:long`: all cases, where `npm test` has one of each kind. */
  isLong: boolean;
  /** Frames are as `npx hadoken pack` makes them: see test/support/packed-host.mjs. */
  isPacked: boolean;
  /** The page's own origin. `/pages/*` there are pages without the runner's script. */
  app: string;
  /** The frame's origin: `/hosts/<name>/frame.html`, `/api/*`, `/socket.io/`, `/plain.io/`, `/control/*`. */
  push: string;
  /** Another site. */
  other: string;
  /** Same-site with the app, another origin. */
  shop: string;
  /** Another origin of the push server's: `requestLog()` has what reaches it. Below `/cors/` it lets any page read. */
  sink: string;
}

export const env: TestEnv = (globalThis as unknown as { __hadokenTest: TestEnv }).__hadokenTest;

/**
 * The frame's page of the host `test/fixtures/hosts/<name>.js`; of `<name>+<headers>`, every file of it has the headers
 * in `test/fixtures/headers/<headers>.json`.
 */
export const frameUrl = (name = 'default'): string => `${env.push}/hosts/${name}/frame.html`;

let count = 0;
/** An id no other test has, for `?id=` and `requestLog(id)`. */
export const uniqueId = (): string => `${env.engine}-${Date.now()}-${count++}`;

export interface LoggedRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  aborted: boolean;
  finished: boolean;
  bytesSent: number;
  bytesReceived: number;
}

/** What the push server saw of the requests with `?id=<id>`, oldest first, preflights included. */
export async function requestLog(id: string): Promise<LoggedRequest[]> {
  return (await fetch(`${env.push}/cors/api/log?id=${id}`)).json();
}

/** Stops, starts or asks the Socket.IO server of this engine. */
export async function control(
  what: 'io/stop' | 'io/start' | 'io/disconnect-all' | 'io/clients',
): Promise<{ running: boolean; clients: Record<string, string[]> }> {
  return (await fetch(`${env.push}/control/${what}`, { method: 'POST' })).json();
}

export const wait = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Resolves with the first truthy value of `check`, asked every 10 ms. */
export async function until<T>(
  check: () => T | Promise<T>,
  timeout = 20_000,
): Promise<NonNullable<T>> {
  const start = Date.now();
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() - start > timeout) throw new Error(`Not true within ${timeout} ms: ${check}`);
    await wait(10);
  }
}
