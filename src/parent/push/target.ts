/** What `io()` and `new Manager()` are asked for. */
import type { ManagerOptions } from './shapes.ts';

export type Target = {
  /** As it was given; the frame reads what else is in it: see its readUri. */
  uri: string;
  /**
   * The part of the uri before the path: what has no scheme is a host. '' where it names no server.
   */
  server: string;
  /** The path. */
  nsp: string;
  opts: ManagerOptions;
};

/** Either argument may be left out. */
export function readTarget(
  uri: string | ManagerOptions = '',
  options?: ManagerOptions | null,
): Target {
  if (typeof uri !== 'string') return readTarget('', uri);
  const [, server, nsp = '/'] = /^((?:\w*:?\/\/)?[^/?#]*)([^?#]+)?/.exec(uri) as RegExpExecArray;
  return { uri, server: server as string, nsp, opts: options ?? {} };
}
