/**
 * Content-Security-Policy, as far as the frame and the page depend on it. Several policies all hold.
 * `Content-Security-Policy-Report-Only` blocks nothing and is not read.
 *
 * @see https://www.w3.org/TR/CSP3/
 * @typedef {Map<string, string[]>} Policy the sources of each directive
 */
import { createHash } from 'node:crypto';

/** Who stands in for a directive that a policy lacks, in order. */
const FALLBACKS = {
  'script-src-elem': ['script-src-elem', 'script-src', 'default-src'],
  'worker-src': ['worker-src', 'child-src', 'script-src', 'default-src'],
  'frame-src': ['frame-src', 'child-src', 'default-src'],
  'connect-src': ['connect-src', 'default-src'],
  // Nobody stands in for it.
  'frame-ancestors': ['frame-ancestors'],
};

/** The policies of a header; those of several headers have commas between. @returns {Policy[]} */
export function parsePolicies(header = '') {
  return header
    .split(',')
    .map((policy) => {
      const directives = new Map();
      for (const directive of policy.split(';')) {
        const [name, ...sources] = directive.split(/[\t\n\f\r ]+/).filter(Boolean);
        const key = name?.toLowerCase();
        // Of a directive that is there twice, the first counts.
        if (key !== undefined && !directives.has(key)) directives.set(key, sources);
      }
      return directives;
    })
    .filter((policy) => policy.size > 0);
}

/**
 * The sources that a policy has for a kind of request, and the directive that they are of; undefined: it has none, and
 * allows everything.
 *
 * @param {Policy} policy
 * @param {keyof typeof FALLBACKS} kind
 */
export function sourcesFor(policy, kind) {
  const name = FALLBACKS[kind].find((each) => policy.has(each));
  return name && { name, sources: policy.get(name) };
}

const PORTS = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443' };
const portOf = (url) => url.port || PORTS[url.protocol];

/** A policy's scheme covers the safer one, and that of a WebSocket. */
const SAFER = {
  'http:': ['http:', 'https:'],
  'https:': ['https:'],
  'ws:': ['ws:', 'wss:', 'http:', 'https:'],
  'wss:': ['wss:', 'https:'],
};
const coversScheme = (scheme, protocol) => (SAFER[scheme] ?? [scheme]).includes(protocol);
/** Without a scheme of its own a source has that of the place, and its WebSockets. */
const coversOwnScheme = (own, protocol) =>
  coversScheme(own, protocol) || coversScheme(own.replace('http', 'ws'), protocol);

function coversHost(pattern, hostname) {
  const wanted = pattern.toLowerCase();
  if (wanted === '*') return true;
  return wanted.startsWith('*.') ? hostname.endsWith(wanted.slice(1)) : hostname === wanted;
}

function coversPort(pattern, url) {
  if (pattern === '*') return true;
  if (pattern === undefined) return portOf(url) === PORTS[url.protocol];
  return pattern === portOf(url) || (pattern === '80' && portOf(url) === '443');
}

function coversPath(pattern, pathname) {
  if (!pattern || pattern === '/') return true;
  return pattern.endsWith('/') ? pathname.startsWith(pattern) : pathname === pattern;
}

const HOST_SOURCE = /^(?:([a-z][a-z\d+.-]*):\/\/)?([^/:]+|\[[^\]]+\])(?::(\d+|\*))?(\/[^?#]*)?$/i;

/**
 * Whether one source covers `url`, in a policy of a place on `self`.
 *
 * @param {string} source
 * @param {URL} url
 * @param {URL} self
 * @param {{ wasRedirected?: boolean }} [how] after a redirect paths don't count
 */
function covers(source, url, self, { wasRedirected = false } = {}) {
  const { protocol } = url;
  if (source === '*') return Object.hasOwn(PORTS, protocol);
  if (source.toLowerCase() === "'self'")
    return (
      url.hostname === self.hostname &&
      (portOf(url) === portOf(self) || (!url.port && !self.port)) &&
      coversOwnScheme(self.protocol, protocol)
    );
  if (source.startsWith("'")) return false;
  if (/^[a-z][a-z\d+.-]*:$/i.test(source)) return coversScheme(source.toLowerCase(), protocol);
  const [, scheme, host, port, path] = HOST_SOURCE.exec(source) ?? [];
  if (host === undefined) return false;
  const hasScheme = scheme
    ? coversScheme(`${scheme.toLowerCase()}:`, protocol)
    : coversOwnScheme(self.protocol, protocol);
  return (
    hasScheme &&
    coversHost(host, url.hostname) &&
    coversPort(port, url) &&
    (wasRedirected || coversPath(path, url.pathname))
  );
}

const isStrictDynamic = (source) => source.toLowerCase() === "'strict-dynamic'";

/**
 * The first policy that refuses `url`, as the text of the directive; undefined: all allow it.
 *
 * @param {Policy[]} policies
 * @param {keyof typeof FALLBACKS} kind
 * @param {URL} url
 * @param {URL} self where the policies are from
 * @param {{ wasRedirected?: boolean }} [how]
 */
export function refusedBy(policies, kind, url, self, how) {
  for (const policy of policies) {
    const found = sourcesFor(policy, kind);
    // A script that is allowed may start workers then.
    if (kind === 'worker-src' && found?.sources.some(isStrictDynamic)) continue;
    if (found && !found.sources.some((source) => covers(source, url, self, how)))
      return `${found.name} ${found.sources.join(' ')}`.trim();
  }
  return undefined;
}

const NONCE_OR_HASH = /^'(nonce|sha256|sha384|sha512)-/i;

/**
 * As `refusedBy`, for a script. `nonce`: that of its tag. `byScript`: an allowed script has added it,
 * as frame.js adds host.js, which is enough under 'strict-dynamic'; there, hosts and 'self' don't count.
 *
 * @param {Policy[]} policies
 * @param {URL} url
 * @param {URL} self
 * @param {{ nonce?: string, byScript?: boolean, wasRedirected?: boolean }} [script]
 */
export function scriptRefusedBy(policies, url, self, script = {}) {
  return policies
    .map((policy) => {
      const found = sourcesFor(policy, 'script-src-elem');
      if (!found) return undefined;
      const { sources } = found;
      if (script.nonce && sources.includes(`'nonce-${script.nonce}'`)) return undefined;
      const isStrict = sources.some(isStrictDynamic);
      if (isStrict && script.byScript) return undefined;
      const text = `${found.name} ${sources.join(' ')}`.trim();
      return isStrict ? text : refusedBy([policy], 'script-src-elem', url, self, script);
    })
    .find(Boolean);
}

/**
 * The first policy that refuses a script which is in the page itself, as the text of the directive.
 *
 * @param {Policy[]} policies
 * @param {string} text of the script
 */
export function inlineRefusedBy(policies, text) {
  for (const policy of policies) {
    const found = sourcesFor(policy, 'script-src-elem');
    if (!found) continue;
    const { sources } = found;
    const isAllowed = ['sha256', 'sha384', 'sha512'].some((algorithm) => {
      const hash = createHash(algorithm).update(text).digest('base64');
      return sources.includes(`'${algorithm}-${hash}'`);
    });
    const isInline = sources.some((source) => source.toLowerCase() === "'unsafe-inline'");
    // Beside a nonce or a hash it does not count.
    if (isAllowed || (isInline && !sources.some((source) => NONCE_OR_HASH.test(source)))) continue;
    return `${found.name} ${sources.join(' ')}`.trim();
  }
  return undefined;
}

/** Whether a page's policies leave it to a nonce or a hash which scripts are allowed. @param {Policy[]} policies */
export const goesByNonce = (policies) =>
  policies.some((policy) =>
    sourcesFor(policy, 'script-src-elem')?.sources.some((source) => NONCE_OR_HASH.test(source)),
  );

/**
 * The words that a `sandbox` of the policies lacks; undefined: no policy has one.
 *
 * @param {Policy[]} policies
 * @param {string[]} needed
 */
export function sandboxLacks(policies, needed) {
  const sandboxes = policies.flatMap((policy) =>
    policy.has('sandbox') ? [policy.get('sandbox')] : [],
  );
  const lacking = needed.filter((word) => sandboxes.some((words) => !words.includes(word)));
  return sandboxes.length ? lacking : undefined;
}

/** Whether a string given to `script.src`, `new Worker()` or `importScripts()` throws. @param {Policy[]} policies */
export const wantsTrustedTypes = (policies) =>
  policies.some((policy) => policy.get('require-trusted-types-for')?.includes("'script'"));
