/** `connect()`: one frame for each URL, and a handle of it for whoever asks. */
import { HadokenError } from '../rpc/errors.ts';
import { VERSIONS } from '../rpc/handshake.ts';
import { createClient, type Hadoken } from './client.ts';
import { type Connection, createConnection } from './connection/connection.ts';
import { fromDocument } from './connection/page-document.ts';
import { openSession } from './connection/session.ts';
import { listenForWakeUps } from './connection/wake-ups.ts';
import { type ConnectOptions, invalidArgument, readOptions, type Settings } from './options.ts';
import { createPushLink, type PushLink } from './push/link.ts';

/** What the handles of one frame share. */
type SharedFrame = {
  readonly connection: Connection;
  /** What it was made with; none, once other options were warned of. */
  settings: Settings | undefined;
  /** One for all handles: a session has one port for push. */
  readonly link: PushLink;
  /** How many handles are open. */
  handles: number;
};

/**
 * Raised when {@link SharedFrame}, or anything that can be reached from it, is no longer what it
 * was.
 */
const SHARED = 2;

/**
 * By the frame's URL, for every copy of this code on the page that shares in the same way and
 * speaks the same versions of the protocol. Any other copy has frames of its own.
 */
const key = Symbol.for(`hadoken.frames.${[SHARED, ...VERSIONS]}`);
const scope = globalThis as unknown as Record<symbol, Map<string, SharedFrame> | undefined>;
scope[key] ??= new Map();
const frames = scope[key];

function createFrame(url: URL, settings: Settings): SharedFrame {
  const connection = createConnection(url, settings, { openSession, listenForWakeUps });
  let link: PushLink | undefined;
  return {
    connection,
    settings,
    link: (manager) => {
      link ??= createPushLink(connection);
      return link(manager);
    },
    handles: 0,
  };
}

/** Warns, once a frame, of options that are not those it was made with. */
function warnOfOthers(frame: SharedFrame, options: ConnectOptions, settings: Settings): void {
  const { connection, settings: first } = frame;
  const names = Object.keys(settings) as (keyof Settings)[];
  const others = names.filter(
    (name) => first && options[name] !== undefined && settings[name] !== first[name],
  );
  if (!others[0]) return;
  frame.settings = undefined;
  connection.log(
    'warn',
    `connect(): the frame of ${connection.url} keeps its first options, not ${others}.`,
  );
}

/**
 * Gives the page the API and push services of `frame`'s origin. A relative URL is resolved against
 * the page's base URL. Each call gives a handle of its own, to be closed by who called; those of
 * the same frame's URL share one frame, which has the options of the first call. Throws
 * INVALID_ARGUMENT for what is no http(s) URL, and for options that can't be read, and UNSUPPORTED
 * where there is no document.
 *
 * @example
 * const hadoken = connect('https://push.example.com/hadoken/frame.html');
 * const me = await hadoken.fetch('/v1/me').then((response) => response.json());
 */
export function connect<Config = unknown>(
  frame: string | URL,
  options: ConnectOptions = {},
): Hadoken<Config> {
  const base = fromDocument('baseURI');
  if (!('any' in AbortSignal))
    throw new HadokenError('UNSUPPORTED', 'connect() needs AbortSignal.any, of 2023 and later.');
  let url: URL | undefined;
  try {
    url = new URL(frame, base);
    url.hash = '';
  } catch {}
  if (!url || !/^http/.test(url.protocol))
    throw invalidArgument(`${frame} is no http(s) URL of a frame's page`);
  const { href } = url;
  const settings = readOptions(options);
  const found = frames.get(href);
  const shared = found ?? createFrame(url, settings);
  const { connection } = shared;
  frames.set(href, shared);
  // Counted first: a listener of what follows may close the handles that there are.
  shared.handles++;
  if (found) warnOfOthers(found, options, settings);
  // Whoever connects wants it tried.
  if (connection.state === 'failed') connection.reconnect();
  return createClient(connection, shared.link, (reason) => {
    shared.handles--;
    if (shared.handles) return;
    frames.delete(href);
    connection.close(reason);
  }) as Hadoken<Config>;
}
