/** The scripts: whether each is there, is what it should be, and comes as a script. */
import { PARTS } from '../parts.mjs';
import { essenceOf } from './headers.mjs';
import { load } from './load.mjs';
import { quote } from './report.mjs';
import { corpFor, isLetByCorp } from './site.mjs';

/**
 * @typedef {import('./load.mjs').Loaded & { name: string }} File
 */

/** @see https://mimesniff.spec.whatwg.org/#javascript-mime-type */
const JAVASCRIPT =
  /^((text|application)\/(x-)?(java|ecma)script|text\/(javascript1\.[0-5]|jscript|livescript))$/;
/** No script whatsoever is of these types. */
const NEVER = /^(audio|image|video)\/|^text\/csv$/;
export const isChunk = (name) => PARTS.includes(name);

/** @returns {Promise<File>} */
export async function loadFile(name, base, from, timeout) {
  return { name, ...(await load(new URL(name, base), { from, destination: 'script', timeout })) };
}

const isThere = ({ answer }) => answer?.status === 200;
const isHtml = ({ answer }) => /^\s*<(!doctype|html|head|body|!--)/i.test(answer.text);

/** Why a file can't be had, as a sentence. */
const whyMissing = ({ url, answer, failure }) =>
  failure ? failure[1] : `${url.href} answered ${answer.status}.`;

/**
 * Whether the file is there, and is a script of ours and no error page.
 *
 * @param {File} file
 * @param {{ code: string, remedy: string }} absence the finding where it is not there, and what to do then
 * @param {{ report: import('./report.mjs').Report }} context
 */
export function checkPresence(file, { code, remedy }, { report }) {
  const { url, answer, name } = file;
  if (!isThere(file)) {
    report.add(code, `${name} could not be loaded. ${whyMissing(file)} ${remedy}`);
    return false;
  }
  if (answer.broken) {
    const encoding = quote(answer.header('content-encoding'));
    report.add(
      'file-encoding',
      `${url.href} can't be decoded from Content-Encoding: ${encoding} (${quote(answer.broken)}). Send the encoding that the body has.`,
    );
    return false;
  }
  if (isHtml(file) || (name !== 'host.js' && !/hadoken/i.test(answer.text))) {
    const what = isHtml(file) ? 'an HTML page' : 'not a file of Hadoken';
    report.add('file-other', `${url.href} is ${what}. Put ${name} there.`);
    return false;
  }
  return true;
}

/** Whether the browser takes it for a script by its `Content-Type`. @param {File} file */
export function checkType({ name, url, answer }, { report }) {
  const type = essenceOf(answer.header('content-type'));
  if (JAVASCRIPT.test(type)) return;
  const sent = `${url.href} is sent as ${type ? quote(type) : 'no type at all'}`;
  const remedy = 'Send Content-Type: text/javascript.';
  const isNoSniff = /nosniff/i.test(answer.header('x-content-type-options') ?? '');
  if (isChunk(name))
    report.add('file-type', `${sent}, and a module needs a type of JavaScript. ${remedy}`);
  else if (isNoSniff)
    report.add(
      'file-type',
      `${sent}, with X-Content-Type-Options: nosniff: it does not run. ${remedy}`,
    );
  else if (NEVER.test(type))
    report.add('file-type', `${sent}, and no browser runs that. ${remedy}`);
  else if (name === 'frame.js' || name === 'host.js')
    report.add(
      'file-type-worker',
      `${sent}: Firefox does not take it for a worker, so the host runs in the frame's window there, where timers are slow. ${remedy}`,
    );
}

/** Redirects of a script work, until they lead to another origin. @param {File} file */
export function checkRedirect({ name, url, redirects }, { frame, report }) {
  if (!redirects.length) return;
  if (url.origin === frame.origin || name.startsWith('hadoken.'))
    report.add(
      'file-redirect',
      `${name} is redirected to ${quote(url.href)}, which costs a round trip, and policies that name the file ignore its path then. Serve it without a redirect.`,
    );
  else
    report.add(
      'file-missing',
      `${name} is redirected to ${quote(url.href)}: it has to come from the frame's own origin. Serve it from ${frame.origin}.`,
    );
}

/** Who may load the two kinds of files: `Cross-Origin-Resource-Policy`. @param {File[]} files */
export function checkCorp(files, isPageIsolated, { page, report }) {
  for (const { name, url, answer } of files) {
    const policy = answer.header('cross-origin-resource-policy');
    if (name === 'hadoken.js' && page.origin !== url.origin) {
      const need = `Send ${corpFor(page, url)}.`;
      if (!isLetByCorp(policy, page, url))
        report.add(
          'script-corp',
          `Cross-Origin-Resource-Policy: ${quote(policy)} keeps ${url.href} from ${page.origin}; helmet sends same-origin by default. ${need}`,
        );
      else if (isPageIsolated && policy === undefined)
        report.add(
          'script-corp',
          `The page has Cross-Origin-Embedder-Policy, and ${url.href} no Cross-Origin-Resource-Policy. ${need}`,
        );
    }
    if (name === 'host.js' && policy !== 'same-origin')
      report.add(
        'host-corp',
        `Any page can load ${url.href} as a script and read what it gives to serve(). Send Cross-Origin-Resource-Policy: same-origin.`,
      );
  }
}

/** @param {File[]} files */
export function checkNoSniff(files, { report }) {
  const without = files.filter(
    ({ answer }) => !/nosniff/i.test(answer.header('x-content-type-options') ?? ''),
  );
  if (without.length)
    report.add(
      'nosniff-missing',
      `Without X-Content-Type-Options: nosniff: ${namesOf(without)}. Send it with each file.`,
    );
}

/** Below this a packet or two hold it all, in bytes. */
const SMALL = 1_400;

/** @param {File[]} files */
export function checkCompression(files, { report }) {
  const plain = files.filter(
    ({ answer }) => answer.sent > SMALL && !answer.header('content-encoding'),
  );
  if (!plain.length) return;
  const bytes = plain.reduce((sum, { answer }) => sum + answer.sent, 0);
  report.add(
    'not-compressed',
    `Sent without compression, ${Math.round(bytes / 1024)} KiB in all: ${namesOf(plain)}. Turn on gzip or brotli for text/javascript and application/javascript.`,
  );
}

export const namesOf = (files) => files.map(({ name }) => name).join(', ');
