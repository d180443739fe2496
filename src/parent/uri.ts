/** What `io()` is asked for. */
export type ParsedUri = {
  /** Of the server; '' where the uri names none. */
  origin: string;
  nsp: string;
  query: Record<string, string> | undefined;
};

/** Takes a uri apart as the original does: a path is the namespace, what has no scheme is a host. */
export function parseUri(uri: string, base: string): ParsedUri {
  const [, scheme = '', host, nsp, query] = /^(?:(\w+:)?\/\/)?([^/?#]*)([^?#]*)\??([^#]*)/.exec(uri) ?? [];
  return {
    origin: host ? new URL(`${scheme.replace('ws', 'http')}//${host}`, base).origin : '',
    nsp: nsp || '/',
    query: query ? Object.fromEntries(new URLSearchParams(query)) : undefined,
  };
}
