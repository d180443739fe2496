/** Which URLs are taken, and what is asked of the frame instead. */
import { HadokenError } from '../parent/index.ts';
import { fromDocument } from './page-document.ts';

/**
 * Which requests go through the frame: a path, or an http(s) URL, in which `*` stands for anything;
 * or a function of the URL, without its fragment, and the method in capitals. `true` takes the
 * request, a URL takes it and is asked instead, anything else leaves it to the platform.
 */
export type TakenUrl = string | ((url: URL, method: string) => URL | boolean | undefined);

/** The URL that is asked of the frame, or undefined for what is none of ours. */
export type Resolve = (url: unknown, method?: string) => string | undefined;

type Rule = Exclude<TakenUrl, string>;

function invalid(entry: unknown, why: string): HadokenError {
  return new HadokenError(
    'INVALID_ARGUMENT',
    `takeOver(): urls can't have ${String(entry)}: ${why}.`,
  );
}

/** Streams are of the same origin as what is asked by http. */
export function httpOriginOf({ protocol, host }: URL): string {
  return `${protocol.replace(/^ws/, 'http')}//${host}`;
}

/** Stands for `*` while an entry is parsed. */
const STAR = 'hadoken-star';

/** `text` as a whole, with anything where a star was. */
function toPattern(text: string): RegExp {
  const literals = text.split(STAR).map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`);
}

/** Of the page's own origin and the frame's: no other's answers can come through the frame. */
function readPattern(entry: string, origins: string[]): Rule {
  const isPath = /^\/(?!\/)/.test(entry);
  if (!isPath && !/^((http|ws)s?:)?\/\//i.test(entry))
    throw invalid(entry, "it is no path ('/v1/*'), and no http(s) URL");
  if (entry.includes('#')) throw invalid(entry, 'a fragment is never sent');
  let parsed: URL;
  try {
    // Engines don't agree about a star in a host.
    parsed = new URL(entry.replaceAll('*', STAR), fromDocument('baseURI'));
  } catch {
    throw invalid(entry, 'it is no URL');
  }
  const origin = toPattern(httpOriginOf(parsed));
  if (!isPath && !origins.some((each) => origin.test(each)))
    throw invalid(entry, `only ${origins.join(' and ')} can be taken, or a function has to map it`);
  const { pathname, search } = parsed;
  const path = toPattern(pathname + search);
  // Without a query the pattern is for all queries.
  const isPathOnly = !search;
  return (url) =>
    (isPath || origin.test(httpOriginOf(url))) &&
    path.test(isPathOnly ? url.pathname : url.pathname + url.search);
}

/** A function of the page's. One that throws takes nothing. */
function callSafely(rule: Rule): Rule {
  return (url, method) => {
    try {
      return rule(new URL(url), method);
    } catch (error) {
      reportError(error);
      return false;
    }
  };
}

/**
 * Reads `urls`; none: all of the frame's origin. Throws INVALID_ARGUMENT for what can't be read.
 * `frame` is the frame's origin.
 */
export function createResolve(urls: unknown, frame: string): Resolve {
  // A page may have a global by the name of origin. In `srcdoc` the location's is 'null'.
  const own = location.origin === 'null' ? globalThis.origin : location.origin;
  const origins = [...new Set([own, frame])];
  const isOurs = (url: URL): boolean => origins.includes(httpOriginOf(url));
  const read = (entry: unknown): Rule => {
    if (typeof entry === 'function') return callSafely(entry as Rule);
    if (typeof entry !== 'string') throw invalid(entry, 'it is no text and no function');
    const rule = readPattern(entry, origins);
    return (url) => isOurs(url) && rule(url, '');
  };
  const list = urls === undefined ? [`${frame}/*`] : typeof urls === 'function' ? [urls] : urls;
  if (!Array.isArray(list)) throw invalid(list, 'urls is a list, or a function');
  const rules = list.map(read);

  return (given, method = 'GET') => {
    let url: URL;
    try {
      url = new URL(`${given}`, fromDocument('baseURI'));
    } catch {
      return undefined;
    }
    const { hash } = url;
    url.hash = '';
    for (const rule of rules) {
      const answer = rule(url, method.toUpperCase());
      if (!answer) continue;
      const target = answer === true ? url : answer;
      const { pathname, search } = target;
      return httpOriginOf(target) === own ? frame + pathname + search + hash : `${target}${hash}`;
    }
    return undefined;
  };
}
