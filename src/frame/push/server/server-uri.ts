/** The uris of `io()` and `new Manager()`. */

/**
 * Takes a uri apart as the original does: a path is the namespace, which the page has read; what
 * has no scheme is a host. `origin` is '' where it names none; `base` is the frame's. Throws for a
 * host that can't be.
 */
export function readUri(uri: string, base: string): { origin: string; query: string | undefined } {
  const [, scheme = '', host, query] = /^(?:(\w*:)?\/\/)?([^/?#]*)[^?#]*\??([^#]*)/.exec(uri) ?? [];
  return {
    origin: host ? new URL(`${scheme.replace('ws', 'http')}//${host}`, base).origin : '',
    query: query || undefined,
  };
}
