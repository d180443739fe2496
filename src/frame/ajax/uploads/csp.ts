/**
 * Whether a Content-Security-Policy keeps requests on their own origin, redirects included. `fetch`
 * can be told so with `mode: 'same-origin'`; for an XMLHttpRequest there is nothing but the policy.
 *
 * @see https://www.w3.org/TR/CSP3/#directive-connect-src
 */

/**
 * The sources of connect-src, or of default-src in its place; undefined: the policy has neither.
 */
function connectSources(policy: string): string[] | undefined {
  const directives = new Map<string, string[]>();
  for (const directive of policy.split(';')) {
    const [name, ...sources] = directive.split(/[\t\n\f\r ]+/).filter((token) => token !== '');
    const key = name?.toLowerCase();
    // Of a directive that is there twice, the first counts.
    if (key !== undefined && !directives.has(key)) directives.set(key, sources);
  }
  return directives.get('connect-src') ?? directives.get('default-src');
}

/** Whether `source` matches nothing but `origin`, whose scheme may be that of a WebSocket. */
function isOwn(source: string, origin: string): boolean {
  const keyword = source.toLowerCase();
  if (keyword === "'self'" || keyword === "'none'") return true;
  // Wildcards, and hosts without a scheme, are more than one origin.
  if (!URL.canParse(source) || source.includes('*')) return false;
  const { protocol, host } = new URL(source);
  const own = new URL(origin);
  const socket = own.protocol.replace('http', 'ws');
  return host === own.host && [own.protocol, socket].includes(protocol);
}

/**
 * Whether a Content-Security-Policy header lets a scope on `origin` connect nowhere else: a request
 * has to pass all policies, so one that is strict enough will do.
 */
export function isConfinedBy(header: string | null, origin: string): boolean {
  const policies = (header ?? '').split(',').map(connectSources);
  return policies.some((sources) => sources?.every((source) => isOwn(source, origin)));
}

/**
 * Answers, once, whether this scope is confined. `url` is that of the worker's script or the
 * window's document, whose policy it has: read from the cache where possible, for that is the
 * answer that the scope was made of.
 */
export function createConfinement(
  url: string,
  origin: string,
  load: typeof fetch,
): () => Promise<boolean> {
  const read = async (): Promise<boolean> => {
    const response = await load(url, { cache: 'force-cache', mode: 'same-origin' });
    void response.body?.cancel();
    return response.ok && isConfinedBy(response.headers.get('content-security-policy'), origin);
  };
  let known: Promise<boolean> | undefined;
  return () => {
    known ??= read().catch(() => {
      known = undefined;
      return false;
    });
    return known;
  };
}
