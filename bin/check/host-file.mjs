/** host.js: whether it runs, serves the page's origin, and what it allows that. */
import { Worker } from 'node:worker_threads';
import { quote } from './report.mjs';

/**
 * Runs it; resolves with what host-thread.mjs found. It has `timeout` ms to run, and as many for its `config`.
 */
export function runHost(workerData) {
  const thread = new Worker(new URL('./host-thread.mjs', import.meta.url), {
    workerData,
    // Whoever runs the check has secrets there, perhaps.
    env: {},
    // What it logs is nothing to whoever runs the check.
    stdout: true,
    stderr: true,
  });
  return new Promise((resolve) => {
    const settle = (found) => {
      clearTimeout(timer);
      void thread.terminate();
      resolve(found);
    };
    const timer = setTimeout(settle, 2 * workerData.timeout, { failed: 'hangs' });
    thread.on('message', settle);
    thread.on('error', (error) =>
      settle({ failed: 'throws', message: error?.message ?? String(error) }),
    );
    thread.on('exit', () => settle({ failed: 'throws', message: 'it ended its thread' }));
  });
}

/** In characters. serve() lists all options that there are. */
const LONGEST_REFUSAL = 1_000;

const WINDOW_ONLY = /^(document|window|parent|top|frames|localStorage|sessionStorage)$/;
/** What a worker of a browser has and Node lacks. */
const PLATFORM =
  /^(importScripts|indexedDB|caches|cookieStore|scheduler|registration|createImageBitmap|(request|cancel)AnimationFrame|isSecureContext|crossOriginIsolated|XMLHttpRequest|WebTransport|Notification|FileReader(Sync)?|Image(Bitmap|Data)|OffscreenCanvas|EventSource|[A-Z]\w+(Scope|Event|Observer|Worker|Storage))$/;

/** Whether a browser has what Node lacks: then host.js can't be judged here. */
export const isBrowserName = (name = '') => WINDOW_ONLY.test(name) || PLATFORM.test(name);

/**
 * Reports a name that Node lacks and a browser has: then host.js can't be read here. False: the name
 * is no such one, and host.js fails in a browser too.
 */
function isLackingHere(name, url, { page, report }) {
  if (WINDOW_ONLY.test(name ?? '')) {
    report.add(
      'host-needs-window',
      `${url.href} uses "${name}", which a worker does not have: the host runs in the frame's window, where timers are slow, and what it allows can't be read here. Do without "${name}".`,
    );
    return true;
  }
  if (!PLATFORM.test(name ?? '')) return false;
  report.add(
    'host-not-run',
    `${url.href} uses "${name}", which Node does not have, so what it allows can't be read here. Look in a browser whether it serves ${page.origin}.`,
  );
  return true;
}

const listRules = (rules) => {
  if (rules === true) return 'everything';
  return rules
    .map(({ path, methods }) => (methods ? `${path} (${methods.join(', ')})` : path))
    .join(', ');
};

/** What the page may, in one line. */
function describeAllowed({ fetch, eventSource, webSocket, io, services }) {
  const parts = [];
  if (fetch) parts.push(`fetch ${listRules(fetch)}`);
  if (io) {
    const server = io.url + io.path;
    parts.push(
      `io ${io.namespaces?.join(', ') ?? 'every namespace'} of ${server}${io.shared ? ', shared' : ''}`,
    );
  }
  if (eventSource) parts.push(`eventSource ${listRules(eventSource)}`);
  if (webSocket) parts.push(`webSocket ${listRules(webSocket)}`);
  if (services.length) parts.push(`services ${services.join(', ')}`);
  return parts.join('; ');
}

function reportFailure({ failed, message, lacking }, url, context) {
  const { page, timeout, report } = context;
  const says = quote(message ?? '');
  switch (failed) {
    case 'syntax': {
      const isModule = /import|export/.test(says);
      const remedy = isModule
        ? 'It is a plain script and no module: use the global hadokenFrame.'
        : 'Mend it.';
      return report.add('host-syntax', `${url.href} can't be parsed: ${says}. ${remedy}`);
    }
    case 'throws':
      if (isLackingHere(lacking, url, context)) return;
      return report.add('host-throws', `${url.href} threw while it ran: ${says}. Mend it.`);
    case 'hangs':
      return report.add(
        'host-hangs',
        `${url.href} did not end within ${2 * timeout} ms. Look for a loop.`,
      );
    case 'silent':
      return report.add(
        'host-silent',
        `${url.href} did not call hadokenFrame.serve(). Call it while the script runs, and not in a callback.`,
      );
    case 'options':
      return report.add(
        'host-options',
        `serve() in ${url.href} refuses its options: ${quote(message, LONGEST_REFUSAL)}`,
      );
    default:
      return report.add(
        'host-origin',
        `${url.href} does not serve ${page.origin}; its origins are ${says}. Add '${page.origin}' to origins.`,
      );
  }
}

function reportConfig({ message, lacking, hasFetched }, url, context) {
  const { page, report } = context;
  if (isLackingHere(lacking, url, context)) return;
  if (hasFetched)
    report.add(
      'host-not-run',
      `config in ${url.href} asks a server, and fails without a user who is signed in: ${quote(message)}. Look in a browser whether ${page.origin} gets it.`,
    );
  else
    report.add(
      'host-config',
      `config in ${url.href} fails for ${page.origin}: ${quote(message)}. Return what structured clone takes.`,
    );
}

/**
 * @param {import('./files.mjs').File} file host.js, which is there
 * @param {URL} script of frame.js
 * @param {object} context see deployment.mjs
 * @returns {Promise<object | undefined>} what the page may; undefined: nothing, or it is not known
 */
export async function checkHostFile({ url, answer }, script, context) {
  const { page, frame, timeout, report } = context;
  const found = await runHost({
    code: answer.text,
    script: script.href,
    frame: frame.href,
    origin: page.origin,
    timeout,
  });
  if (found.isTwice)
    report.add(
      'host-twice',
      `${url.href} calls serve() more than once; the first call stands. Give it all pages in one call.`,
    );
  if (found.failed) {
    reportFailure(found, url, context);
    return undefined;
  }
  const { config, allowed } = found;
  if (config) reportConfig(config, url, context);
  const what = describeAllowed(allowed);
  if (what) report.add('host-allows', `${page.origin} may: ${quote(what)}.`);
  else
    report.add(
      'host-allows-nothing',
      `${url.href} serves ${page.origin} and allows it nothing. Give serve() a rule in fetch, io, eventSource, webSocket or services.`,
    );
  if (allowed.fetch === true)
    report.add(
      'host-fetch-all',
      `fetch: true lets ${page.origin} make every request that your API takes. Name paths and methods.`,
    );
  return allowed;
}
