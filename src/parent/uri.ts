/** What `io()` and `new Manager()` are asked for. */
import type { ManagerOptions } from './manager.ts';

export type Target = {
  /** Of the server; '' where the uri names none. */
  origin: string;
  nsp: string;
  opts: ManagerOptions;
};

/**
 * Takes a uri apart as the original does: a path is the namespace, what has no scheme is a host, and its query goes to the
 * options. Either argument may be left out. `base` is the origin of the frame.
 */
export function readTarget(
  base: string,
  uri: string | ManagerOptions = '',
  options: ManagerOptions = {},
): Target {
  if (typeof uri !== 'string') return readTarget(base, '', uri ?? undefined);
  const [, scheme = '', host, nsp, query] = /^(?:(\w+:)?\/\/)?([^/?#]*)([^?#]*)\??([^#]*)/.exec(uri) ?? [];
  if (query) options.query = Object.fromEntries(new URLSearchParams(query));
  return {
    origin: host ? new URL(`${scheme.replace('ws', 'http')}//${host}`, base).origin : '',
    nsp: nsp || '/',
    opts: options,
  };
}
