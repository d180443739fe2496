/**
 * Where redirects have led. No script can see that before they are followed: the answer is judged
 * as what was asked is, and withheld. What the page is told is the same whatever the reason; the
 * frame's console says it.
 */
import { isSafeMethod } from '../../ajax/request.ts';
import { HadokenError } from '../../rpc/errors.ts';
import type { Allowed, Policy } from '../rules/policy.ts';
import { FAILED } from './prepare.ts';

/**
 * What the platform leaves away when a redirect makes a GET of a request.
 *
 * @see https://fetch.spec.whatwg.org/#request-body-header-name
 */
export const BODY_HEADERS = [
  'content-encoding',
  'content-language',
  'content-location',
  'content-type',
];

export type Followed = {
  /** The page's origin. */
  origin: string;
  /** The method that the request began with. */
  method: string;
  /** The page's own headers. */
  headers: [name: string, value: string][];
  sent: Request;
};

/**
 * The rules' word on the final URL. The method may have become GET on the way, and the platform
 * does not tell: either will do. Throws POLICY_REFUSED, with a text that names the final URL.
 */
function judgeUrl(url: string, { origin, method, headers }: Followed, policy: Policy): Allowed {
  try {
    return policy({ url, method, headers, origin });
  } catch (error) {
    if (isSafeMethod(method)) throw error;
    const kept = headers.filter(([name]) => !BODY_HEADERS.includes(name.toLowerCase()));
    return policy({ url, method: 'GET', headers: kept, origin });
  }
}

/** What `sent` lacks of what the rules of its final URL ask for, or undefined. */
function whatLacks({ credentials, cache }: Request, allowed: Allowed): string | undefined {
  if (allowed.credentials === 'omit' && credentials !== 'omit') return "credentials: 'omit'";
  if (allowed.cache === 'private' && cache !== 'no-store') return "cache: 'private'";
  return undefined;
}

/**
 * Why the page must not see `answered`, or undefined: for the frame's console, since it says where
 * redirects have led.
 */
export function whyWithheld(
  answered: Response,
  followed: Followed,
  policy: Policy,
): string | undefined {
  if (!answered.redirected) return undefined;
  try {
    const lacking = whatLacks(followed.sent, judgeUrl(answered.url, followed, policy));
    if (lacking === undefined) return undefined;
    return (
      `${answered.url} is under ${lacking}. ` +
      'Say so in the rule of the path that redirects there too.'
    );
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * The error for the page. A request with `integrity` fails as it does when the content does not
 * match: two errors would tell what is behind the redirect.
 */
export function withheld(what: string, integrity: string): Error {
  if (integrity !== '') return new TypeError(FAILED);
  return new HadokenError(
    'POLICY_REFUSED',
    `${what}: a redirect led outside the rules. The frame's console says where.`,
  );
}

/**
 * The URL that the page sees: where a hook has changed the URL, which may be how a token is sent,
 * it is the one that the page asked for, and after redirects origin and path only. `asked`: as the
 * page did.
 */
export function shownUrl(answered: Response, asked: Request, sent: Request): string {
  if (sent.url === asked.url) return answered.url;
  if (!answered.redirected) return asked.url.split('#')[0] as string;
  const { origin, pathname } = new URL(answered.url);
  return origin + pathname;
}
