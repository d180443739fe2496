/** The frame's page: whether a page can embed it, and whether its scripts run there. */
import {
  inlineRefusedBy,
  parsePolicies,
  refusedBy,
  sandboxLacks,
  scriptRefusedBy,
  wantsTrustedTypes,
} from './csp.mjs';
import { checkFraming } from './framing.mjs';
import { essenceOf, isIsolating } from './headers.mjs';
import { metaPolicies, refreshes, scriptsOf } from './html.mjs';
import { load } from './load.mjs';
import { quote } from './report.mjs';

/**
 * @typedef {object} FramePage
 * @property {URL} url of the page, after redirects
 * @property {URL} script of frame.js
 * @property {import('./csp.mjs').Policy[]} policies
 * @property {boolean} hasWorker whether its policies let frame.js run in a worker
 * @property {boolean} isIsolated whether it has COEP
 */

/** Follows redirects on the frame's own origin; one to another origin is the end. */
const loadPage = ({ frame, page, timeout }) =>
  load(frame, {
    from: page,
    destination: 'iframe',
    timeout,
    stopAt: (next) => next.origin !== frame.origin,
  });

/** Whether there is an HTML page at all. */
function isThere({ answer, url, redirects, failure }, { frame, report }) {
  if (failure) {
    report.add(...failure);
    return false;
  }
  const last = redirects.at(-1);
  if (last && last.origin !== frame.origin) {
    report.add(
      'frame-redirect-origin',
      `${frame.href} is redirected to ${quote(last.href)}. The page waits for a frame of ${frame.origin}: name the last URL in connect() or data-frame, or end the redirect.`,
    );
    return false;
  }
  if (last)
    report.add(
      'frame-redirect',
      `${frame.href} is redirected to ${quote(last.href)}, which costs a round trip. Name that URL in connect() or data-frame.`,
    );
  if (answer.status !== 200) {
    report.add(
      'frame-status',
      `${url.href} answered ${answer.status}. Put frame.html there, and let it be read without a login.`,
    );
    return false;
  }
  if (answer.broken) {
    report.add(
      'file-encoding',
      `${url.href} can't be decoded from Content-Encoding: ${quote(answer.header('content-encoding'))} (${quote(answer.broken)}). Send the encoding that the body has.`,
    );
    return false;
  }
  const type = answer.header('content-type');
  if (essenceOf(type) !== 'text/html') {
    report.add(
      'frame-type',
      `${url.href} is sent as ${type ? quote(type) : 'nothing in particular'}, which is shown as text or saved. Send Content-Type: text/html.`,
    );
    return false;
  }
  const disposition = answer.header('content-disposition');
  if (/^\s*attachment/i.test(disposition ?? '')) {
    report.add(
      'frame-download',
      `${url.href} has Content-Disposition: ${quote(disposition)}, so it is saved and not shown. Remove the header.`,
    );
    return false;
  }
  return true;
}

/** Of a page that `npx hadoken pack` has made: whether its own policy lets its script run. */
function checkPacked({ answer, url }, text, { report }) {
  report.add(
    'frame-packed',
    `${url.href} is packed: frame.js and host.js are in it. What that host.js allows can't be checked from here: ask your rules with hadoken/testing.`,
  );
  const policies = [
    ...parsePolicies(answer.header('content-security-policy')),
    ...metaPolicies(answer.text),
  ];
  const refusal = inlineRefusedBy(policies, text);
  if (refusal)
    report.add(
      'frame-packed-csp',
      `The Content-Security-Policy of ${url.href} has "${quote(refusal)}", which blocks the script in it: its hash is another with each host.js and each release. Send the policy that npx hadoken pack printed for these files.`,
    );
}

/** Finds frame.js among the page's scripts; 'bundled': a module, or a packed script, is there in its place. */
function findScript({ answer, url }, { report }) {
  const scripts = scriptsOf(answer.text, url);
  const own = scripts.find((script) => script.url?.pathname.endsWith('/frame.js'));
  if (own) {
    if (scripts.length > 1)
      report.add(
        'frame-more-scripts',
        `${url.href} has ${scripts.length - 1} more script(s) beside frame.js, which have all that your API gives. Take them out; a proxy may have put them in.`,
      );
    return own;
  }
  const packed = /<script>(self\.hadokenFile=[\s\S]*?)<\/script>/.exec(answer.text)?.[1];
  if (packed !== undefined) {
    checkPacked({ answer, url }, packed, { report });
    return 'bundled';
  }
  if (/hadoken/i.test(answer.text) && scripts.some(({ isModule }) => isModule)) {
    report.add(
      'frame-bundled',
      `${url.href} has a module in place of frame.js. What is in a bundle can't be checked from here: ask your rules with hadoken/testing.`,
    );
    return 'bundled';
  }
  report.add(
    'frame-other-page',
    `${url.href} is a page that does not load frame.js: a login page, or an index.html for every path. Put Hadoken's frame.html there.`,
  );
  return undefined;
}

/** The policies of the page's headers and of its `<meta>`, against what frame.js does there. */
function checkPolicies({ url }, policies, script, { report }) {
  const host = new URL('host.js', script.url);
  const refusal =
    scriptRefusedBy(policies, script.url, url, { nonce: script.nonce }) ??
    scriptRefusedBy(policies, host, url, { byScript: true });
  if (refusal)
    report.add(
      'frame-csp-script',
      `The Content-Security-Policy of ${url.href} has "${quote(refusal)}", which blocks frame.js or host.js. Send script-src 'self'.`,
    );
  const lacking = sandboxLacks(policies, ['allow-scripts', 'allow-same-origin']);
  if (lacking?.length)
    report.add(
      'frame-csp-sandbox',
      `The Content-Security-Policy of ${url.href} has "sandbox" without ${lacking.join(' and ')}. Remove it: the page's client puts the frame into a sandbox by itself.`,
    );
  if (wantsTrustedTypes(policies))
    report.add(
      'frame-trusted-types',
      `The Content-Security-Policy of ${url.href} has "require-trusted-types-for 'script'", and frame.js loads host.js and its worker by plain URLs. Remove it; "script-src 'self'" is the fence here.`,
    );
  const worker = refusedBy(policies, 'worker-src', script.url, url);
  if (worker)
    report.add(
      'frame-csp-worker',
      `The Content-Security-Policy of ${url.href} has "${quote(worker)}", so there is no worker: the host runs in the frame's window, where timers are slow. Send worker-src 'self'.`,
    );
  return !worker;
}

/**
 * @param {object} context see deployment.mjs
 * @returns {Promise<FramePage | 'bundled' | undefined>} undefined: nothing of it runs, and what it would load is not known
 */
export async function checkFramePage(context) {
  const { report } = context;
  const loaded = await loadPage(context);
  if (!isThere(loaded, context)) return undefined;
  const { answer, url } = loaded;
  const headers = parsePolicies(answer.header('content-security-policy'));
  checkFraming(loaded, headers, context);
  if (answer.header('refresh') || refreshes(answer.text))
    report.add(
      'frame-reloads',
      `${url.href} has a refresh, which ends its frame each time. Remove it.`,
    );
  const script = findScript(loaded, context);
  if (script === undefined || script === 'bundled') return script;
  const policies = [...headers, ...metaPolicies(answer.text)];
  const hasWorker = checkPolicies(loaded, policies, script, context);
  return {
    url,
    script: script.url,
    policies,
    hasWorker,
    isIsolated: isIsolating(answer.header('cross-origin-embedder-policy')),
    loaded,
  };
}
