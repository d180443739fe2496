/**
 * `hadoken/testing`: a site's host.js under test, in Node. Its rules are asked, its hooks are run,
 * and nothing goes over a network.
 */
import 'urlpattern-polyfill';
import type { Effects, VaultModule } from '../frame/effects.ts';
import { createHost } from '../frame/host.ts';
import type { ServeOptions, SignedIn } from '../frame/index.ts';
import { createNotify } from '../frame/notices.ts';
import { askAuth } from '../frame/push/credentials.ts';
import { createIoRules } from '../frame/rules/io-rules.ts';
import { createPolicy } from '../frame/rules/policy.ts';
import { service } from '../frame/services/service.ts';
import type { Vault } from '../frame/vault/contract.ts';
import { createVaultLoader } from '../frame/vault/load.ts';
import { createMemoryParts } from '../frame/vault/memory-store.ts';
import { withVault } from '../frame/vault/socket-auth.ts';
import { createVault } from '../frame/vault/vault.ts';
import { createClient } from '../parent/client.ts';
import { createConnection } from '../parent/connection/connection.ts';
import type { ErrorCode, Hadoken } from '../parent/index.ts';
import { readOptions } from '../parent/options.ts';
import { HadokenError, isHadokenError, toText } from '../rpc/errors.ts';
import { isPlatformObject } from '../rpc/is-platform-object.ts';
import { isAllowedOrigin, parseOrigins } from '../rpc/origins.ts';
import { transfer } from '../rpc/transfer.ts';
import { RESERVED } from '../rpc/wire/push-event.ts';
import { createHold, UnrefChannel } from './hold.ts';
import { createNoticeChannels, notify, runWithNotify } from './notify.ts';
import { createNodeLink } from './push-link.ts';
import { createOpenSession } from './session.ts';

/** The frame's page, if a test does not say another. */
const FRAME = 'https://push.example.com/';

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
  | { kind: 'eventSource'; path: string }
  | { kind: 'webSocket'; path: string }
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

/** What a question of each kind may have besides `kind` and `origin`. */
const MEMBERS: Record<NonNullable<Question['kind']>, string[]> = {
  fetch: ['path', 'method', 'headers', 'body'],
  eventSource: ['path'],
  webSocket: ['path'],
  io: ['namespace', 'emit', 'on'],
};

/** Throws INVALID_ARGUMENT for what would be judged as another question than was meant. */
function checkQuestion(question: Question): void {
  const refuse = (why: string): never => {
    throw new HadokenError('INVALID_ARGUMENT', `ask(): ${why}.`);
  };
  const { kind = 'fetch', origin: _, ...rest } = Object(question) as Question;
  if (!Object.hasOwn(MEMBERS, kind))
    return refuse(`there is no kind '${kind}', but ${Object.keys(MEMBERS).join(', ')}`);
  const members = MEMBERS[kind];
  const other = Object.keys(rest).find((name) => !members.includes(name));
  if (other !== undefined)
    refuse(`a question of kind '${kind}' has no ${other}, but ${members.join(', ')}`);
  if (members.includes('path') && typeof (rest as { path?: unknown }).path !== 'string')
    refuse('path has to be a string');
}

type Ask<Kind> = Extract<Question, { kind?: Kind }>;

/** The vaults of test hosts, for what a host.js calls. */
const vaults = new WeakMap<ServeOptions, Vault>();
/** What answers the `fetch` of a host.js itself, by the options that it serves. */
const fetches = new WeakMap<ServeOptions, typeof fetch>();

/** A host of `options`, as `serve(options)` makes one. Throws what `serve()` throws. */
export function createTestHost(options: ServeOptions, test: TestHostOptions = {}): TestHost {
  const { respond = () => new Response(null, { status: 204 }), log = () => {} } = test;
  const url = new URL(test.url ?? FRAME);
  const { origin: frame } = url;
  // Reads all of the options, so that what can't be read is said here.
  createHost(options, { origin: frame } as Effects);
  const origins = parseOrigins(options.origins);
  const webSocket = createPolicy(options.webSocket, frame, {
    option: 'webSocket',
    io: options.io,
  });
  const createIoPolicy = createIoRules(options.io, frame);
  /** All of its pages hear of a notice. */
  const openNotices = createNoticeChannels();
  const tellPages = createNotify(options, { openNotices } as Effects, () => {});

  /** Throws what `respond` throws, and a TypeError for what is no Response. */
  const answer = async (request: Request): Promise<Response> => {
    const response = await respond(request);
    if (!isPlatformObject(response, 'Response'))
      throw new TypeError('respond() has to give a Response.');
    return response;
  };
  fetches.set(options, async (input, init) => {
    const asked = input instanceof Request ? input : new URL(input, url);
    return answer(new Request(asked, init));
  });
  // One for all pages, as a browser has.
  let vault: Vault | undefined;
  const loadVault = async (): Promise<VaultModule> => ({
    createVault(given, say) {
      vault ??= createVault(given, createMemoryParts(), say);
      return vault;
    },
  });
  const ownVault = createVaultLoader(options, { loadVault, log } as Effects);
  if (ownVault) vaults.set(options, ownVault);
  const connect = (origin: string, send: Effects['fetch']): Hadoken => {
    const effects: Effects = {
      origin: frame,
      Channel: UnrefChannel,
      fetch: send,
      WebSocket: refuseSockets as unknown as typeof WebSocket,
      canStream: () => true,
      loadIo: async () => refuseSockets(),
      loadVault,
      openNotices,
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

  /** The request that is sent while a page of `origin` does `use`. */
  const sentBy = async (
    origin: string,
    use: (page: Hadoken) => Promise<unknown>,
  ): Promise<Request> => {
    let sent: Request | undefined;
    let failure: { error: unknown } | undefined;
    const page = connect(origin, async (request) => {
      sent = request;
      return answer(request.clone()).catch((error) => {
        failure = { error };
        throw error;
      });
    });
    try {
      await use(page);
    } catch (error) {
      throw failure ? failure.error : error;
    } finally {
      page.close();
    }
    if (failure) throw failure.error;
    return sent as Request;
  };

  const askFetch = ({ origin, path, method = 'GET', headers, body = null }: Ask<'fetch'>) =>
    sentBy(origin, (page) => page.fetch(path, { method, body, ...(headers && { headers }) }));

  const askEventSource = ({ origin, path }: Ask<'eventSource'>) =>
    sentBy(origin, (page) => {
      const source = new page.EventSource(path);
      return new Promise<void>((resolve, reject) => {
        source.onopen = () => resolve();
        // An answer that is no event stream is no refusal.
        source.onerror = (event) => {
          const { error } = event as ErrorEvent;
          if (error) reject(error);
          else resolve();
        };
      });
    });

  const askWebSocket = ({ origin, path }: Ask<'webSocket'>): void => {
    const asked = new URL(path, frame).href.replace(/^ws/, 'http');
    webSocket({ url: asked, method: 'GET', headers: [], origin });
  };

  const askIo = async ({ origin, namespace = '/', emit, on }: Ask<'io'>): Promise<void> => {
    const io = createIoPolicy(origin);
    io.checkOrigin('');
    io.checkNamespace(namespace);
    for (const [way, event] of Object.entries({ emit, on })) {
      if (event === undefined) continue;
      if (RESERVED.test(event))
        throw new HadokenError(
          'POLICY_REFUSED',
          `'${event}' is a name of Socket.IO's own, and never crosses as an event.`,
        );
      if (!io.allows(way as 'emit' | 'on', namespace, event))
        throw new HadokenError(
          'POLICY_REFUSED',
          `'${event}' may not cross in ${namespace}: it is not in ${way} of io.namespaces.`,
        );
    }
    const { auth } = withVault(options, ownVault, frame);
    if (!auth) return;
    await runWithNotify(tellPages, () => askAuth(auth, { origin, attempt: 1 }, undefined, log));
  };

  const verdictOn = async (question: Question): Promise<Verdict> => {
    switch (question.kind) {
      case 'io':
        await askIo(question);
        return { allowed: true };
      case 'webSocket':
        askWebSocket(question);
        return { allowed: true };
      case 'eventSource':
        return { allowed: true, request: await askEventSource(question) };
      default:
        return { allowed: true, request: await askFetch(question) };
    }
  };

  return {
    connect: (origin) =>
      connect(origin, (request) =>
        answer(request).catch((error) => {
          log(`respond() failed: ${toText(error)}`);
          throw error;
        }),
      ),
    async ask(question) {
      checkQuestion(question);
      const { origin } = question;
      try {
        if (!isAllowedOrigin(origin, origins))
          throw new HadokenError('ORIGIN_REFUSED', `'${origin}' is not among the frame's origins.`);
        return await verdictOn(question);
      } catch (error) {
        if (!isHadokenError(error)) throw error;
        return { allowed: false, code: error.code, message: error.message };
      }
    },
  };
}

/**
 * What a plain host.js, given as its text, calls `hadokenFrame.serve()` with. `url`: what it finds
 * as `self.location`. What it asks for by `fetch` itself is answered by `respond` of the test host
 * that is made of it. Throws what it throws, and INVALID_ARGUMENT where it does not call it once.
 *
 * @example
 * const host = createTestHost(readHost(readFileSync('public/hadoken/host.js', 'utf8')));
 */
export function readHost(code: string, url: string = FRAME): ServeOptions {
  const given: ServeOptions[] = [];
  const serve = (options: ServeOptions): void => void given.push(options);
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const answering = given[0] && fetches.get(given[0]);
    return answering ? answering(input, init) : globalThis.fetch(input, init);
  };
  const events = new EventTarget();
  /** What a worker's scope has by name, beside what Node has. */
  const scope = {
    fetch,
    addEventListener: events.addEventListener.bind(events),
    removeEventListener: events.removeEventListener.bind(events),
    dispatchEvent: events.dispatchEvent.bind(events),
    reportError: (): void => {},
  };
  let run: (hadokenFrame: object, self: object, ...scope: unknown[]) => void;
  try {
    // In a function of its own, where it may have one of these names itself.
    const own = `return (function () {${code}\n})()`;
    run = new Function('hadokenFrame', 'self', ...Object.keys(scope), own) as typeof run;
  } catch (cause) {
    throw new HadokenError(
      'INVALID_ARGUMENT',
      `readHost() takes a plain host.js, and no module: ${(cause as Error).message}`,
      { cause },
    );
  }
  const vaultOf = (): Vault => {
    const vault = given[0] && vaults.get(given[0]);
    if (vault) return vault;
    throw new HadokenError('INVALID_ARGUMENT', 'vault: no test host has been made of it yet.');
  };
  const hadokenFrame = {
    serve,
    endShared: async () => {},
    vault: {
      clear: async () => vaultOf().clear(),
      signIn: async (who?: SignedIn) => vaultOf().signIn(who),
    },
    notify,
    service,
    transfer,
    HadokenError,
    isHadokenError,
  } satisfies typeof import('../frame/index.ts');
  const self = { hadokenFrame, location: new URL(url), ...scope };
  run(hadokenFrame, self, ...Object.values(scope));
  const [options] = given;
  if (!options || given.length > 1)
    throw new HadokenError(
      'INVALID_ARGUMENT',
      `host.js called hadokenFrame.serve() ${given.length} times, not once.`,
    );
  return options;
}
