/** Which origins browsers take for one site, for `Cross-Origin-Resource-Policy` and for cookies. */

/**
 * Suffixes under which anybody may register a name. The whole list is publicsuffix.org's; this is the
 * part of it that deployments meet most. With a suffix that is missing here two sites are taken for
 * one, and a problem may be missed.
 */
const SHARED =
  /^((ac|co|com|edu|go|gob|gov|ne|net|or|org)\.[a-z]{2}|github\.io|gitlab\.io|pages\.dev|workers\.dev|vercel\.app|netlify\.app|herokuapp\.com|web\.app|firebaseapp\.com|onrender\.com|fly\.dev|azurewebsites\.net|cloudfront\.net|amazonaws\.com|a\.run\.app|up\.railway\.app|ngrok\.io|ngrok-free\.app)$/;

const isAddress = (hostname) => /^[\d.]+$/.test(hostname) || hostname.startsWith('[');

/** The name that was registered: `example.com` of `push.example.com`. */
function registered(hostname) {
  if (isAddress(hostname)) return hostname;
  const labels = hostname.replace(/\.$/, '').split('.');
  let count = 2;
  while (count <= labels.length && SHARED.test(labels.slice(-count).join('.'))) count++;
  // `a.run.app` is a suffix of three labels, of which no part is one.
  if (SHARED.test(labels.slice(-3).join('.'))) count = 4;
  return labels.slice(-count).join('.');
}

/** Whether the hosts of `a` and `b` are of one site, whatever their schemes. @param {URL} a @param {URL} b */
export const hasSameSiteHost = (a, b) => registered(a.hostname) === registered(b.hostname);

/** Whether cookies of `a` are sent in a frame of it in `b`. @param {URL} a @param {URL} b */
export const isSameSite = (a, b) => a.protocol === b.protocol && hasSameSiteHost(a, b);

/** Whether browsers trust plain http there. @param {URL} url */
export const isLoopback = ({ hostname }) =>
  /(^|\.)localhost$|^127\./.test(hostname) || hostname === '[::1]';

/**
 * The `Cross-Origin-Resource-Policy` with which a page of `page` may load a file of `url`.
 *
 * @param {URL} page
 * @param {URL} url
 */
export const corpFor = (page, url) =>
  `Cross-Origin-Resource-Policy: ${isLetByCorp('same-site', page, url) ? 'same-site' : 'cross-origin'}`;

/**
 * Whether a page of `page` may load a file of `url` that has this `Cross-Origin-Resource-Policy`.
 *
 * @param {string | undefined} policy
 * @param {URL} page
 * @param {URL} url
 * @see https://fetch.spec.whatwg.org/#cross-origin-resource-policy-internal-check
 */
export function isLetByCorp(policy, page, url) {
  // What the platform does not know does not count.
  if (policy === 'same-origin') return page.origin === url.origin;
  if (policy === 'same-site')
    return hasSameSiteHost(page, url) && (page.protocol === 'https:' || url.protocol !== 'https:');
  return true;
}
