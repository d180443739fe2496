/**
 * The paths of Socket.IO's server. Whoever reaches it by `fetch` or a WebSocket speaks engine.io
 * with it in the raw, past the rules for namespaces and events, or posts into a session that the
 * frame has opened with its own `auth`.
 */
import { attempt } from '../../rpc/errors.ts';
import type { ServeOptions } from '../options.ts';
import { foldCase, plainestTexts } from './path-readings.ts';

const DEFAULT_PATH = '/socket.io/';

export type IoPaths = {
  /** Those that a path leads to. `readings`: as {@link pathReadings} gives them. */
  reachedBy(pathname: string, readings: readonly string[] | undefined): string[];
};

/**
 * Its beginning: engine.io compares no more (`Server.attach` in engine.io's server.ts), and may be
 * told to leave the last slash.
 */
function toPrefix(path: string, frameOrigin: string): string {
  const { pathname } = new URL(`${frameOrigin}/${path.replace(/^\/+/, '')}`);
  return foldCase(plainestTexts(pathname)?.[0] ?? pathname).replace(/\/+$/, '');
}

/**
 * The origin of the Socket.IO server that `url` names, as that of requests: `wss:` is `https:`.
 * Undefined for what is more than an origin, whose rest would be without effect, or none.
 */
export function readServer(url: string): string | undefined {
  const { href, protocol, host } = attempt(() => new URL(url.replace(/^ws/i, 'http'))) ?? {};
  const isOrigin = href === `${protocol}//${host}/` && /^https?:$/.test(`${protocol}`);
  return isOrigin ? `${protocol}//${host}` : undefined;
}

/** The path that `io` gives to a server on the frame's own origin, if any. */
function ownPath(io: ServeOptions['io'], frameOrigin: string): string[] {
  if (typeof io !== 'object' || typeof io?.path !== 'string') return [];
  return readServer(io.url ?? frameOrigin) === frameOrigin ? [io.path] : [];
}

/** Socket.IO's default path, and that of `io` where it is on the frame's own origin. */
export function createIoPaths(io: ServeOptions['io'], frameOrigin: string): IoPaths {
  const paths = [DEFAULT_PATH, ...ownPath(io, frameOrigin)];
  const prefixes = [...new Set(paths.map((path) => toPrefix(path, frameOrigin)))];

  return {
    reachedBy(pathname, readings) {
      if (readings) {
        const folded = readings.map(foldCase);
        return prefixes.filter((prefix) => folded.some((reading) => reading.startsWith(prefix)));
      }
      // Where its dot segments lead differs from server to server: it must not have the last name
      // in it at all.
      const texts = plainestTexts(pathname)?.map(foldCase);
      return prefixes.filter((prefix) => {
        const lastName = prefix.slice(prefix.lastIndexOf('/'));
        return !texts || texts.some((text) => text.includes(lastName));
      });
    },
  };
}

/** Whether a rule for `path` names Socket.IO's path literally, and so lets requests reach it. */
export function namesIoPath(path: string, prefix: string): boolean {
  // As URLPattern does: a \ takes a character literally.
  const literal = path.replace(/\\(.)/g, '$1');
  return foldCase(literal).startsWith(prefix);
}
