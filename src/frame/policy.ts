/** What may cross: `serve({ fetch })` as one function over the parsed URL. */
import { HadokenError } from '../rpc/errors.ts';
import { isAllowedOrigin, parseOriginPattern } from '../rpc/origins.ts';
import type { FetchRule } from './options.ts';
import { pathReadings } from './path-readings.ts';

/** What a rule looks at; `origin` is the page's. */
export type Asked = { url: string; method: string; headers: Iterable<[string, string]>; origin: string };

/** How an allowed request is sent. */
export type Allowed = Pick<FetchRule, 'credentials' | 'redirect' | 'cache'> & {
  /** The URL that was judged, as it is sent: a URL is parsed once. */
  url: string;
};

/** Answers with how the request is sent; throws POLICY_REFUSED. */
export type Policy = (asked: Asked) => Allowed;

/** Headers any request may carry: see the Fetch standard, "CORS-safelisted request-header". */
const SAFE_HEADERS = ['accept', 'accept-language', 'content-language', 'content-type', 'range'];
/** Headers by which some servers let a POST be another method: a rule that names methods refuses them unless it names them too. */
const METHOD_OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];

function refuse(what: string, todo: string): HadokenError {
  return new HadokenError('POLICY_REFUSED', `${what}. ${todo}.`);
}

/** The URL on the frame's own origin that `text` names, as the browser will send it. Throws POLICY_REFUSED for any other. */
function ownUrl(text: string, origin: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse(`${text} is no URL`, "Use an absolute URL, or a path on the frame's origin");
  }
  // A blob: URL has the origin of whoever made it.
  if (url.protocol === 'blob:' || url.origin !== origin || url.username !== '' || url.password !== '')
    throw refuse(`${text} is not on the frame's origin ${origin}`, 'Use a path, or a frame on that origin');
  return url;
}

type Compiled = {
  allowsPath(pathname: string): boolean;
  allowsPage(origin: string): boolean;
  allowsMethod(method: string): boolean;
  allowsHeader(name: string): boolean;
  rule: FetchRule;
};

function compile(rule: FetchRule, option: string): Compiled {
  const { path, methods, headers, origins } = rule;
  const invalid = (why: unknown): HadokenError =>
    new HadokenError(
      'INVALID_ARGUMENT',
      `serve(): ${option} has a rule with the path ${JSON.stringify(path)}: ${why}. Use a URLPattern pathname such as '/v1/*'.`,
    );
  if (typeof path !== 'string' || !/^[/*]/.test(path)) throw invalid('it does not start with / or *');
  let pattern: URLPattern;
  try {
    pattern = new URLPattern({ pathname: path });
  } catch (error) {
    throw invalid(error);
  }
  const pages = origins?.map(parseOriginPattern);
  const upperMethods = methods?.map((method) => method.toUpperCase());
  const crossing = headers && [...SAFE_HEADERS, ...headers.map((name) => name.toLowerCase())];
  return {
    allowsPath: (pathname) => pattern.test({ pathname }),
    allowsPage: (origin) => !pages || isAllowedOrigin(origin, pages),
    allowsMethod: (method) => !upperMethods || upperMethods.includes(method.toUpperCase()),
    allowsHeader: (name) =>
      crossing ? crossing.includes(name) : !methods || !METHOD_OVERRIDES.includes(name),
    rule,
  };
}

/**
 * The policy of `serve({ fetch })`, or of another `option` with such rules, for a frame on `frameOrigin`. Throws
 * INVALID_ARGUMENT for rules that can't be read.
 */
export function createPolicy(
  rules: boolean | FetchRule[] | undefined,
  frameOrigin: string,
  option: 'fetch' | 'eventSource' | 'webSocket' = 'fetch',
): Policy {
  const all = rules === true ? [] : (rules || []).map((rule) => compile(rule, option));
  return ({ url, method, headers, origin }) => {
    const { pathname, href } = ownUrl(url, frameOrigin);
    if (rules === true) return { url: href };
    const what = `${method} ${pathname}`;
    const readings = pathReadings(pathname);
    if (!readings) throw refuse(`${what} can be read in two ways`, 'Ask for the plain path');
    // However the server may read it, it has to be the same rule that allows it.
    const forPath = all.filter(
      ({ allowsPath, allowsPage }) => readings.every(allowsPath) && allowsPage(origin),
    );
    if (forPath.length === 0)
      throw refuse(
        `${what} is outside the rules`,
        `Add { path: '${pathname}' } to ${option} in host.js to allow it`,
      );
    const forMethod = forPath.filter(({ allowsMethod }) => allowsMethod(method));
    if (forMethod.length === 0)
      throw refuse(
        `${what}: the method is outside the rules`,
        `Add '${method}' to that path's methods in host.js`,
      );
    const names = [...headers].map(([name]) => name.toLowerCase());
    const refused = forMethod.map(({ allowsHeader }) => names.find((name) => !allowsHeader(name)));
    const allowing = forMethod[refused.indexOf(undefined)];
    if (allowing) return { ...allowing.rule, url: href };
    throw refuse(
      `${what}: the header ${refused[0]} may not cross`,
      `Add '${refused[0]}' to that path's headers in host.js`,
    );
  };
}
