/** Asks for a file and follows its redirects, as a browser does. */
import { ask } from './ask.mjs';
import { describeNetworkError } from './network-errors.mjs';
import { isSameSite } from './site.mjs';

const MOST_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * @typedef {object} Loaded
 * @property {import('./ask.mjs').Answer} [answer] the last one; undefined where there is none
 * @property {URL} url of the last answer
 * @property {URL[]} redirects where each redirect led
 * @property {[code: string, message: string]} [failure] why there is no answer
 */

/** What a browser says of a request: some servers decide by it. */
function metadata(url, from, destination) {
  const site =
    url.origin === from.origin ? 'same-origin' : isSameSite(url, from) ? 'same-site' : 'cross-site';
  const isPage = destination === 'iframe' || destination === 'document';
  return {
    'Sec-Fetch-Site': site,
    'Sec-Fetch-Mode': isPage ? 'navigate' : 'no-cors',
    'Sec-Fetch-Dest': destination,
    Referer: `${from.origin}/`,
    ...(isPage && { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }),
  };
}

/**
 * @param {URL} url
 * @param {{ from: URL, destination: 'iframe' | 'document' | 'script', timeout: number, stopAt?: (next: URL) => boolean }} options
 *   `from`: who asks. `stopAt`: redirects that are noted but not followed
 * @returns {Promise<Loaded>}
 */
export async function load(url, { from, destination, timeout, stopAt = () => false }) {
  /** @type {URL[]} */
  const redirects = [];
  let at = url;
  for (;;) {
    let answer;
    try {
      answer = await ask(at, { timeout, headers: metadata(at, from, destination) });
    } catch (error) {
      return { url: at, redirects, failure: describeNetworkError(at, error, timeout) };
    }
    const location = REDIRECTS.has(answer.status) ? answer.header('location') : undefined;
    if (location === undefined || !URL.canParse(location, at))
      return { answer, url: at, redirects };
    const next = new URL(location, at);
    redirects.push(next);
    if (!/^https?:$/.test(next.protocol) || stopAt(next)) return { answer, url: at, redirects };
    if (redirects.length > MOST_REDIRECTS) {
      const message = `${url.href} is redirected more than ${MOST_REDIRECTS} times, in the end to ${next.href}. End the loop.`;
      return { url: at, redirects, failure: ['redirect-loop', message] };
    }
    at = next;
  }
}
