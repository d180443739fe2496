/** The frame's worker, which has the headers of frame.js and not those of frame.html. */
import {
  parsePolicies,
  refusedBy,
  sandboxLacks,
  scriptRefusedBy,
  wantsTrustedTypes,
} from './csp.mjs';
import { isIsolating } from './headers.mjs';
import { quote } from './report.mjs';

const IN_WINDOW = "so the host runs in the frame's window, where timers are slow";

/** A URL that a rule allows: its path up to the first thing that stands for others. */
const sampleOf = (path, origin) => {
  const plain = /^[^*:({?+]*/.exec(path)[0];
  return URL.canParse(plain || '/', origin) ? new URL(plain || '/', origin) : new URL(origin);
};

/** What the host will connect to, with what that is for. */
function targetsOf(allowed, origin) {
  const requests = [allowed?.fetch, allowed?.eventSource].filter(Boolean);
  const paths = requests.flatMap((rules) =>
    rules === true ? ['/'] : rules.map(({ path }) => path),
  );
  const targets = paths.slice(0, 1).map((path) => ({ what: 'fetch', url: sampleOf(path, origin) }));
  const socket = (url) => new URL(url.href.replace(/^http/, 'ws'));
  if (allowed?.webSocket) targets.push({ what: 'webSocket', url: socket(new URL(origin)) });
  if (!allowed?.io) return targets;
  const { transports } = allowed.io;
  const server = new URL(allowed.io.path, allowed.io.url);
  if (transports.includes('websocket'))
    targets.push({ what: 'io', url: socket(server), code: 'io-websocket' });
  if (transports.includes('polling')) targets.push({ what: 'io', url: server, code: 'io-polling' });
  return targets;
}

/** The policies against what the worker loads and connects to; true: the worker runs. */
function checkScripts(policies, url, { report }) {
  const host = new URL('host.js', url);
  const refusal = scriptRefusedBy(policies, host, url);
  if (refusal)
    report.add(
      'worker-csp-script',
      `The Content-Security-Policy of ${url.href}, which is its worker's, has "${quote(refusal)}" and blocks host.js there, ${IN_WINDOW}. Send script-src 'self'.`,
    );
  const isTyped = wantsTrustedTypes(policies);
  if (isTyped)
    report.add(
      'worker-trusted-types',
      `The Content-Security-Policy of ${url.href} has "require-trusted-types-for 'script'", which stops its importScripts(), ${IN_WINDOW}. Remove it.`,
    );
  const lacking = sandboxLacks(policies, ['allow-scripts', 'allow-same-origin']);
  if (lacking?.length)
    report.add(
      'worker-csp-sandbox',
      `The Content-Security-Policy of ${url.href} has "sandbox" without ${lacking.join(' and ')}, which the worker needs, ${IN_WINDOW}. Remove it.`,
    );
  return !refusal && !isTyped && !lacking?.length;
}

/** What the host will connect to, against `held`, the policies of `place`. */
function checkTargets(targets, { place, held }, { report }) {
  const blocked = targets
    .map((target) => ({ ...target, by: refusedBy(held, 'connect-src', target.url, place) }))
    .filter(({ by }) => by);
  const isIo = ({ what }) => what === 'io';
  // One transport is enough.
  const rest =
    blocked.filter(isIo).length < targets.filter(isIo).length ? blocked.filter(isIo) : [];
  for (const { code, url, by } of rest)
    report.add(
      code,
      `The Content-Security-Policy of ${place.href} has "${quote(by)}", which blocks ${url.href}, so push has one transport less. Add ${url.protocol}//${url.host} to connect-src.`,
    );
  reportBlocked(
    blocked.filter((target) => !rest.includes(target)),
    place,
    report,
  );
}

function reportBlocked(blocked, place, report) {
  if (!blocked.length) return;
  const kinds = [...new Set(blocked.map(({ what }) => what))].join(' and ');
  const origins = [...new Set(blocked.map(({ url }) => `${url.protocol}//${url.host}`))];
  report.add(
    'worker-csp-connect',
    `host.js allows ${kinds}, and the Content-Security-Policy of ${place.href} has "${quote(blocked[0].by)}", which blocks ${blocked[0].url.href}. Add to connect-src: ${origins.join(' ')}.`,
  );
}

/**
 * @param {import('./frame-page.mjs').FramePage} framePage
 * @param {import('./files.mjs').File} file frame.js
 * @param {object} [allowed] what host.js allows the page; undefined: not known
 * @param {{ report: import('./report.mjs').Report }} context
 */
export function checkWorker(framePage, file, allowed, { report }) {
  const { url, answer } = file;
  const policies = parsePolicies(answer.header('content-security-policy'));
  const isRefused =
    framePage.isIsolated && !isIsolating(answer.header('cross-origin-embedder-policy'));
  if (isRefused)
    report.add(
      'worker-coep',
      `${framePage.url.href} has Cross-Origin-Embedder-Policy and ${url.href} has not, ${IN_WINDOW}. Send Cross-Origin-Embedder-Policy: require-corp with frame.js too.`,
    );
  if (!policies.length)
    report.add(
      'worker-csp-missing',
      `${url.href} has no Content-Security-Policy, and a worker takes that of its own file. Send default-src 'none'; script-src 'self'; connect-src 'self'.`,
    );
  const runs = checkScripts(policies, url, { report }) && framePage.hasWorker && !isRefused;
  const [place, held] = runs ? [url, policies] : [framePage.url, framePage.policies];
  checkTargets(targetsOf(allowed, url.origin), { place, held }, { report });
  if (runs && allowed?.isSharing) {
    const refusal = refusedBy(framePage.policies, 'connect-src', url, framePage.url);
    if (refusal)
      report.add(
        'frame-csp-hub',
        `The Content-Security-Policy of ${framePage.url.href} has "${quote(refusal)}", so it can't read its scripts to name the hub, and nothing is shared. Send connect-src 'self'.`,
      );
  }
  // The chunks are loaded where the host is.
  const chunks = [...(allowed?.io ? ['frame.io.js'] : [])];
  if (allowed?.io?.parser === 'msgpack') chunks.push('frame.msgpack.js');
  if (allowed?.hasVault) chunks.push('frame.vault.js');
  for (const name of runs ? chunks : []) {
    const chunk = new URL(name, url);
    const refusal = scriptRefusedBy(policies, chunk, url, { byScript: true });
    if (refusal)
      report.add(
        'worker-csp-chunk',
        `The Content-Security-Policy of ${url.href} has "${quote(refusal)}", which blocks ${name}. Send script-src 'self'.`,
      );
  }
}
