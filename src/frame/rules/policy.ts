/** What may cross: `serve({ fetch })` as one function over the parsed URL. */
import type { FetchRule } from '../options/rules.ts';
import type { ServeOptions } from '../options.ts';
import { headerKey, isForbiddenHeader, isProxyHeader } from './header-rules.ts';
import { createIoPaths } from './io-path.ts';
import { looseForms, pathReadings } from './path-readings.ts';
import type { Judged } from './refusal.ts';
import {
  coversPath,
  refuse,
  refuseAmbiguous,
  refuseByRules,
  refuseDespiteTrue,
  refusePath,
} from './refusal.ts';
import { compileRules, type Rule, type RuleOption } from './rule.ts';

/**
 * What a rule looks at. `headers` are the page's own, also where the final URL of a redirect is
 * judged: what hooks have added is not the page's to answer for. `origin` is the page's.
 */
export type Asked = {
  url: string;
  method: string;
  headers: Iterable<[string, string]>;
  origin: string;
};

/** How an allowed request is sent. */
export type Allowed = Pick<FetchRule, 'credentials' | 'redirect' | 'cache'> & {
  /** The URL that was judged, as it is sent: a URL is parsed once. */
  url: string;
};

/** Answers with how the request is sent; throws POLICY_REFUSED. */
export type Policy = (asked: Asked) => Allowed;

export type PolicyOptions = {
  /** The option that `rules` are from. @default 'fetch' */
  option?: RuleOption;
  /** The frame's `io`, whose path is out of reach. @default Socket.IO's own path alone */
  io?: ServeOptions['io'];
  /** Allows all on the frame's origin, whatever the rules. @default none is trusted so */
  isTrusted?: true | undefined;
};

/**
 * The URL on the frame's own origin that `text` names, as the browser will send it. Throws
 * POLICY_REFUSED for any other.
 */
function ownUrl(text: string, origin: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw refuse(`${text} is no URL`, "Use an absolute URL, or a path on the frame's origin");
  }
  const hasUser = url.username !== '' || url.password !== '';
  // blob:, and in some engines filesystem: and jar:, have the origin of the URL within them.
  if (!url.href.startsWith(`${origin}/`) || hasUser) {
    const what = `${text} is not on the frame's origin ${origin}`;
    throw refuse(what, 'Use a path, or connect() to that origin');
  }
  return url;
}

/** Strictest first; undefined leaves the choice to the page. */
const CREDENTIALS = ['omit', 'same-origin', undefined, 'include'] as const;

/**
 * How a request is sent, by `rules` whose paths are like its own in any reading: the server may
 * take it for each of them. So the strictest of them counts, whatever headers they are for; and
 * where they differ in credentials, the HTTP cache would answer one with what was stored for
 * another.
 */
function howToSend(rules: readonly Rule[], { origin, method }: Judged): Omit<Allowed, 'url'> {
  const asked = rules.filter((rule) => rule.allowsPage(origin) && rule.allowsMethod(method));
  const given = asked.map((rule) => rule.given);
  const chosen = new Set(given.map((rule) => rule.credentials));
  const credentials = CREDENTIALS.find((choice) => chosen.has(choice));
  const isError = given.some(({ redirect }) => redirect === 'error');
  const differ = new Set(rules.map((rule) => rule.given.credentials)).size > 1;
  const isPrivate = differ || given.some(({ cache }) => cache === 'private');
  return {
    ...(credentials && { credentials }),
    ...(isError && { redirect: 'error' }),
    ...(isPrivate && { cache: 'private' }),
  };
}

/**
 * The policy of `serve({ fetch })`, or of another option with such rules, for a frame on
 * `frameOrigin`. Throws INVALID_ARGUMENT for rules that can't be read.
 */
export function createPolicy(
  rules: boolean | FetchRule[] | undefined,
  frameOrigin: string,
  { option = 'fetch', io, isTrusted }: PolicyOptions = {},
): Policy {
  if (isTrusted) return ({ url }) => ({ url: ownUrl(url, frameOrigin).href });
  const all = compileRules(rules, option);
  const ioPaths = createIoPaths(io, frameOrigin);
  const saysHow = all.some(({ given }) => given.credentials || given.redirect || given.cache);

  /** Throws what refuses it. */
  const judge = (judged: Judged): void => {
    const forPath = all.filter((rule) => coversPath(rule, judged));
    if (forPath.length === 0) throw refusePath(judged);
    const { origin, method, keys } = judged;
    // One rule allows all of a request, not several together.
    const isAllowed = forPath
      .filter((rule) => rule.allowsPage(origin) && rule.allowsMethod(method))
      .some((rule) => keys.every(rule.headers.allows));
    if (!isAllowed) throw refuseByRules(forPath, judged);
  };

  const likeRules = ({ readings }: Judged): Rule[] => {
    const forms = looseForms(readings);
    return all.filter((rule) => readings.some(rule.allowsPath) || forms.some(rule.isLike));
  };

  return ({ url: text, method, headers, origin }) => {
    const { pathname, href: url } = ownUrl(text, frameOrigin);
    const what = `${method} ${pathname}`;
    const pairs = [...headers];
    const forbidden = pairs.find(isForbiddenHeader);
    if (forbidden) {
      const [name] = forbidden;
      throw refuse(`${what}: no page may set the header ${name}`, 'Leave it to the browser');
    }
    const keys = pairs.map(([name]) => headerKey(name));
    const readings = pathReadings(pathname);
    const reached = ioPaths.reachedBy(pathname, readings);
    const asked = { option, method, pathname, ioPaths: reached, keys, origin };
    const judged: Judged = { ...asked, readings: readings ?? [] };
    if (rules === true) {
      const header = keys.find(isProxyHeader);
      if (reached.length || header) throw refuseDespiteTrue(judged, header);
      return { url };
    }
    if (!readings) throw refuseAmbiguous(judged);
    judge(judged);
    return saysHow ? { url, ...howToSend(likeRules(judged), judged) } : { url };
  };
}
