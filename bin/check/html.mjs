/** What is read of a page's HTML: its scripts and the policies in it. */
import { parsePolicies } from './csp.mjs';

const ENTITIES = { amp: '&', quot: '"', apos: "'", '#39': "'", lt: '<', gt: '>' };
const decode = (text) =>
  text.replace(/&(amp|quot|apos|#39|lt|gt);/g, (_all, name) => ENTITIES[name]);

/** The attributes of the tags of that name. @returns {Record<string, string>[]} */
function tags(html, name) {
  const text = html.replace(/<!--[\s\S]*?-->/g, '');
  const pattern = new RegExp(`<${name}\\b((?:"[^"]*"|'[^']*'|[^>"'])*)>`, 'gi');
  return [...text.matchAll(pattern)].map(([, inside]) =>
    Object.fromEntries(
      [...inside.matchAll(/([^\s=/"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g)].map(
        ([, key, double, single, bare]) => [
          key.toLowerCase(),
          decode(double ?? single ?? bare ?? ''),
        ],
      ),
    ),
  );
}

const JAVASCRIPT = /^(|module|(text|application)\/(x-)?(java|ecma)script)$/i;

/**
 * The scripts that run: a `type` that is none of JavaScript's is data, as are those that an optimising proxy has put off.
 *
 * @param {string} html
 * @param {URL} base
 */
export function scriptsOf(html, base) {
  const [{ href } = { href: '' }] = tags(html, 'base');
  const root = new URL(href, base);
  return tags(html, 'script')
    .filter(({ type = '' }) => JAVASCRIPT.test(type.trim()))
    .map(({ src, nonce, type = '' }) => ({
      url: src !== undefined && URL.canParse(src, root) ? new URL(src, root) : undefined,
      nonce,
      isModule: type.trim().toLowerCase() === 'module',
    }));
}

/** The policies of `<meta>`. `frame-ancestors` and `sandbox` don't count there. */
export function metaPolicies(html) {
  const policies = tags(html, 'meta')
    .filter((meta) => meta['http-equiv']?.toLowerCase() === 'content-security-policy')
    .flatMap(({ content }) => parsePolicies(content));
  for (const policy of policies)
    for (const name of ['frame-ancestors', 'sandbox', 'report-uri']) policy.delete(name);
  return policies;
}

/** Whether the page loads itself, or another one, anew. */
export const refreshes = (html) =>
  tags(html, 'meta').some((meta) => meta['http-equiv']?.toLowerCase() === 'refresh');
