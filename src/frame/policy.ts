/** What may cross: `serve({ fetch })` as one function over the parsed URL. */
import { HadokenError } from '../rpc/errors.ts';
import { isAllowedOrigin, parseOriginPattern } from '../rpc/origins.ts';
import type { FetchRule } from './options.ts';

/** What a rule looks at. `url` is parsed: as the browser will send it, after normalisation. */
export type Asked = { url: URL; method: string; headers: Iterable<[string, string]>; origin: string };

/** Answers with the rule that allows it (an empty one for `fetch: true`); throws POLICY_REFUSED. */
export type Policy = (asked: Asked) => Pick<FetchRule, 'credentials'>;

/** Headers any request may carry: see the Fetch standard, "CORS-safelisted request-header". */
const SAFE_HEADERS = ['accept', 'accept-language', 'content-language', 'content-type', 'range'];
/** Headers by which some servers let a POST be another method; a rule that names methods refuses them unless it names them. */
const METHOD_OVERRIDES = ['x-http-method-override', 'x-http-method', 'x-method-override'];

function refuse(what: string, todo: string): HadokenError {
  return new HadokenError('POLICY_REFUSED', `${what}. ${todo}`);
}

/** The URL on the frame's own origin that `text` names. Throws POLICY_REFUSED for any other. */
export function ownUrl(text: string, origin: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse(`${text} is no URL`, 'Use an absolute URL, or a path on the frame’s origin');
  }
  if (url.origin !== origin || url.username !== '' || url.password !== '')
    throw refuse(
      `${url.origin} is not the frame's origin ${origin}`,
      'Use a path, or a frame on that origin',
    );
  return url;
}

type Compiled = {
  path: URLPattern;
  methods: Set<string> | undefined;
  headers: Set<string> | undefined;
  allows(origin: string): boolean;
  rule: FetchRule;
};

function compile(rule: FetchRule): Compiled {
  const { path, methods, headers, origins } = rule;
  if (typeof path !== 'string' || !/^[/*:]/.test(path))
    throw new HadokenError(
      'INVALID_ARGUMENT',
      `serve(): fetch has a rule with the path ${JSON.stringify(path)}. Use a URLPattern pathname such as '/v1/*'.`,
    );
  const patterns = origins?.map(parseOriginPattern);
  return {
    path: new URLPattern({ pathname: path }),
    methods: methods && new Set(methods.map((method) => method.toUpperCase())),
    headers: headers && new Set([...SAFE_HEADERS, ...headers.map((name) => name.toLowerCase())]),
    allows: (origin) => !patterns || isAllowedOrigin(origin, patterns),
    rule,
  };
}

/** The first header that the rule does not let cross, or undefined. */
function refusedHeader({ methods, headers }: Compiled, names: string[]): string | undefined {
  return names.find((name) => {
    if (headers) return !headers.has(name);
    return methods !== undefined && METHOD_OVERRIDES.includes(name);
  });
}

/** The policy of `serve({ fetch })`. Throws INVALID_ARGUMENT for rules that can't be read. */
export function createPolicy(rules: boolean | FetchRule[] | undefined): Policy {
  if (rules === true) return () => ({});
  const compiled = (rules || []).map(compile);
  return ({ url, method, headers, origin }) => {
    const what = `${method} ${url.pathname}`;
    const forPath = compiled.filter(
      ({ path, allows }) => path.test({ pathname: url.pathname }) && allows(origin),
    );
    if (forPath.length === 0)
      throw refuse(
        `${what} is outside the rules`,
        `Add { path: '${url.pathname}' } to fetch in host.js to allow it`,
      );
    const forMethod = forPath.filter(({ methods }) => !methods || methods.has(method.toUpperCase()));
    if (forMethod.length === 0)
      throw refuse(
        `${what}: the method is outside the rules`,
        `Add '${method}' to that path's methods in host.js`,
      );
    const names = [...headers].map(([name]) => name.toLowerCase());
    const allowing = forMethod.find((candidate) => refusedHeader(candidate, names) === undefined);
    if (allowing) return allowing.rule;
    const name = refusedHeader(forMethod[0] as Compiled, names);
    throw refuse(
      `${what}: the header ${name} may not cross`,
      `Add '${name}' to that path's headers in host.js`,
    );
  };
}
