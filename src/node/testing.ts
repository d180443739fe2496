/**
 * `hadoken/testing`: a site's host.js under test, in Node. Its rules are asked, its hooks are run,
 * and nothing goes over a network.
 */
import 'urlpattern-polyfill';
import type { Effects } from '../frame/effects.ts';
import { createHost } from '../frame/host.ts';
import type { ServeOptions } from '../frame/index.ts';
import { createIoRules } from '../frame/rules/io-rules.ts';
import { createPolicy } from '../frame/rules/policy.ts';
import { createClient } from '../parent/client.ts';
import { createConnection } from '../parent/connection/connection.ts';
import type { ErrorCode, Hadoken } from '../parent/index.ts';
import { readOptions } from '../parent/options.ts';
import { HadokenError, isHadokenError } from '../rpc/errors.ts';
import { isAllowedOrigin, parseOrigins } from '../rpc/origins.ts';
import { transfer } from '../rpc/transfer.ts';
import { createHold, UnrefChannel } from './hold.ts';
import { createNodeLink } from './push-link.ts';
import { createOpenSession } from './session.ts';

/** How a host is tested. */
export interface TestHostOptions {
  /** The frame's page: its origin is what rules are about. @default 'https://push.example.com/' */
  url?: string;
  /**
   * Answers the requests that are let through, in the API's place.
   * @default 204, without a body
   */
  respond?: (request: Request) => Response | Promise<Response>;
  /** Gets what the frame's console would. @default nobody */
  log?: (message: string) => void;
}

/** What a page would ask for: a request, if `kind` does not say another. */
export type Question = {
  /** The page's origin. */
  origin: string;
} & (
  | { kind?: 'fetch'; path: string; method?: string; headers?: HeadersInit; body?: BodyInit | null }
  | { kind: 'eventSource' | 'webSocket'; path: string }
  /** `emit`, `on`: an event, from the page and to it. */
  | { kind: 'io'; namespace?: string; emit?: string; on?: string }
);

/** `request`: the one that would be sent, after `onRequest`. Of a refusal, what the page gets. */
export type Verdict =
  | { allowed: true; request?: Request }
  | { allowed: false; code: ErrorCode; message: string };

export interface TestHost {
  /**
   * Whether a page may do that. A refusal of the rules is an answer, and so is a failure of
   * host.js, by its code. Rejects only with what is no HadokenError, such as an error of `respond`.
   *
   * @example
   * const origin = 'https://app.example.com';
   * const verdict = await host.ask({ origin, method: 'POST', path: '/v1/x' });
   */
  ask(question: Question): Promise<Verdict>;
  /** The client that a page of `origin` has, to be closed: for `fetch`, `config` and services. */
  connect(origin: string): Hadoken;
}

function refuseSockets(): never {
  throw new HadokenError(
    'UNSUPPORTED',
    'A test host has no WebSockets and no Socket.IO. Use ask() for their rules.',
  );
}

/** A host of `options`, as `serve(options)` makes one. Throws what `serve()` throws. */
export function createTestHost(options: ServeOptions, test: TestHostOptions = {}): TestHost {
  const { respond = () => new Response(null, { status: 204 }), log = () => {} } = test;
  const url = new URL(test.url ?? 'https://push.example.com/');
  const { origin: frame } = url;
  const origins = parseOrigins(options.origins);
  const rules = {
    eventSource: createPolicy(options.eventSource, frame, {
      option: 'eventSource',
      io: options.io,
    }),
    webSocket: createPolicy(options.webSocket, frame, { option: 'webSocket', io: options.io }),
    io: createIoRules(options.io, frame),
  };
  const connect = (origin: string, send: Effects['fetch']): Hadoken => {
    const effects: Effects = {
      origin: frame,
      Channel: UnrefChannel,
      fetch: send,
      WebSocket: refuseSockets as unknown as typeof WebSocket,
      canStream: () => true,
      loadIo: async () => refuseSockets(),
      log,
    };
    const hold = createHold();
    const host = createHost(options, effects);
    const target = { url, origin, headers: {} };
    const connection = createConnection(url, readOptions({ log: 'silent' }), {
      openSession: createOpenSession(host, target, hold),
      listenForWakeUps() {},
    });
    const { link } = createNodeLink(connection, hold);
    return createClient(connection, link, (reason) => connection.close(reason));
  };

  const askFetch = async (question: Question & { kind?: 'fetch' }): Promise<Request> => {
    const { origin, path, method = 'GET', headers, body = null } = question;
    let sent: Request | undefined;
    const page = connect(origin, async (request) => {
      sent = request;
      return respond(request.clone());
    });
    try {
      await page.fetch(path, { method, body, ...(headers && { headers }) });
    } finally {
      page.close();
    }
    return sent as Request;
  };

  const askStream = ({ origin, kind, path }: Question & { kind: 'eventSource' | 'webSocket' }) =>
    void rules[kind]({
      url: new URL(path, frame).href.replace(/^ws/, 'http'),
      method: 'GET',
      headers: [],
      origin,
    });

  const askIo = ({ origin, namespace = '/', emit, on }: Question & { kind: 'io' }): void => {
    const io = rules.io(origin);
    io.checkOrigin('');
    io.checkNamespace(namespace);
    for (const [way, event] of Object.entries({ emit, on }))
      if (event !== undefined && !io.allows(way as 'emit' | 'on', namespace, event))
        throw new HadokenError(
          'POLICY_REFUSED',
          `'${event}' may not cross in ${namespace}: it is not in ${way} of io.namespaces.`,
        );
  };

  // Reads all of the options, so that what can't be read is said here.
  createHost(options, { origin: frame } as Effects);
  return {
    connect: (origin) => connect(origin, async (request) => respond(request)),
    async ask(question) {
      const { origin, kind = 'fetch' } = question;
      try {
        if (!isAllowedOrigin(origin, origins))
          throw new HadokenError('ORIGIN_REFUSED', `'${origin}' is not among the frame's origins.`);
        if (kind === 'fetch')
          return {
            allowed: true,
            request: await askFetch(question as Question & { kind?: 'fetch' }),
          };
        if (kind === 'io') askIo(question as Question & { kind: 'io' });
        else askStream(question as Question & { kind: 'eventSource' });
        return { allowed: true };
      } catch (error) {
        if (!isHadokenError(error)) throw error;
        return { allowed: false, code: error.code, message: error.message };
      }
    },
  };
}

/**
 * What a plain host.js, given as its text, calls `hadokenFrame.serve()` with. Throws what it
 * throws, and INVALID_ARGUMENT where it does not call it once.
 *
 * @example
 * const host = createTestHost(readHost(readFileSync('public/hadoken/host.js', 'utf8')));
 */
export function readHost(code: string): ServeOptions {
  const given: ServeOptions[] = [];
  const serve = (options: ServeOptions): void => void given.push(options);
  const run = new Function('hadokenFrame', code);
  const hadokenFrame = {
    serve,
    endShared: async () => {},
    transfer,
    HadokenError,
    isHadokenError,
  } satisfies typeof import('../frame/index.ts');
  run(hadokenFrame);
  const [options] = given;
  if (!options || given.length > 1)
    throw new HadokenError(
      'INVALID_ARGUMENT',
      `host.js called hadokenFrame.serve() ${given.length} times, not once.`,
    );
  return options;
}
