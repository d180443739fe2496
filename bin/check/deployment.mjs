/** Asks a deployment for all that a page of one origin needs of it. */
import { PARTS } from '../parts.mjs';
import { checkCaching } from './caching.mjs';
import {
  checkCompression,
  checkCorp,
  checkNoSniff,
  checkPresence,
  checkRedirect,
  checkType,
  loadFile,
} from './files.mjs';
import { checkFramePage } from './frame-page.mjs';
import { checkHostFile } from './host-file.mjs';
import { checkIsolation, checkPage } from './page.mjs';
import { createReport } from './report.mjs';
import { isLoopback, isSameSite } from './site.mjs';
import { checkSocketIo } from './socket-io.mjs';
import { checkVersions } from './versions.mjs';
import { checkWorker } from './worker.mjs';

/**
 * @typedef {object} Question
 * @property {string} frame URL of the frame's page
 * @property {string} origin the page's
 * @property {string} [page] URL of a page of that origin. @default its `/`
 * @property {boolean} [isModule] pages import the module: nobody loads hadoken.js. @default false
 * @property {number} [timeout] for one request, in ms. @default 10_000
 */

/** What is handed to every check. */
function createContext({ frame, origin, page, isModule = false, timeout = 10_000 }) {
  const report = createReport();
  const parse = (text) => (URL.canParse(text) ? new URL(text) : undefined);
  const isHttp = (url) => url && /^https?:$/.test(url.protocol);
  const [frameUrl, pageOrigin] = [parse(frame), parse(origin)];
  if (!isHttp(frameUrl))
    report.add(
      'url-not-http',
      `"${frame}" is no http(s) URL. Give the URL of the frame's page, as https://push.example.com/hadoken/frame.html.`,
    );
  else frameUrl.hash = '';
  const isOrigin =
    isHttp(pageOrigin) && [pageOrigin.origin, `${pageOrigin.origin}/`].includes(origin);
  if (!isOrigin) {
    const hint = isHttp(pageOrigin) ? ` Did you mean ${pageOrigin.origin}?` : '';
    report.add(
      'origin-invalid',
      `"${origin}" is no origin. Give scheme, host and port as in the address bar, without a path.${hint}`,
    );
  }
  const pageUrl = isOrigin ? (page ? parse(page) : new URL('/', pageOrigin)) : undefined;
  if (isOrigin && (!isHttp(pageUrl) || pageUrl.origin !== pageOrigin.origin)) {
    report.add(
      'origin-invalid',
      `The page "${page}" is none of ${pageOrigin.origin}. Give a URL of that origin.`,
    );
    return { report };
  }
  if (!isHttp(frameUrl) || !isOrigin) return { report };
  return { report, frame: frameUrl, page: pageOrigin, pageUrl, isModule, timeout };
}

/** What the two URLs by themselves say. */
function checkAddresses({ frame, page, report }) {
  if (page.origin === frame.origin)
    report.add(
      'same-origin',
      'Page and frame are of one origin: its sandbox keeps nothing in. That is for development only.',
    );
  if (page.protocol === 'https:' && frame.protocol === 'http:' && !isLoopback(frame))
    report.add(
      'mixed-content',
      `A page of ${page.origin} can't have the frame ${frame.href}: browsers keep http out of https. Serve the frame by https.`,
    );
  else if (frame.protocol === 'http:' && !isLoopback(frame))
    report.add(
      'plain-http',
      `${frame.href} comes by http: whoever is on the way can change it, and nothing is shared between tabs. Serve page and frame by https.`,
    );
  if (!isSameSite(page, frame))
    report.add(
      'cross-site',
      `${page.origin} and ${frame.origin} are not of one site, so browsers keep cookies from the frame. Put both under one domain and one scheme, or go by tokens.`,
    );
}

/** The files beside frame.js and hadoken.js, asked for all at once. */
async function loadFiles(framePage, { frame, page, timeout }) {
  const own = ['frame.js', 'host.js', ...PARTS];
  const files = await Promise.all([
    ...own.map((name) => loadFile(name, framePage.script, frame, timeout)),
    ...['hadoken.js', 'hadoken.drop-in.js'].map((name) => loadFile(name, frame, page, timeout)),
  ]);
  return Object.fromEntries(files.map((file) => [file.name, file]));
}

const COPY = 'Copy it from dist/.';

/** What a missing file means, by what host.js allows. */
function needsOf(name, allowed, { isModule }) {
  const unused = { code: 'file-unused', remedy: 'Nothing needs it as things are.' };
  switch (name) {
    case 'frame.io.js':
      return allowed?.io
        ? { code: 'file-missing', remedy: `host.js allows io, which needs it. ${COPY}` }
        : unused;
    case 'frame.msgpack.js':
      return allowed?.io?.parser === 'msgpack'
        ? { code: 'file-missing', remedy: `host.js has io.parser, which needs it. ${COPY}` }
        : unused;
    case 'frame.vault.js':
      return allowed?.hasVault
        ? { code: 'file-missing', remedy: `host.js has a vault, which needs it. ${COPY}` }
        : unused;
    case 'frame.hub.js':
      return allowed?.isSharing
        ? { code: 'hub-missing', remedy: `Without it nothing is shared between tabs. ${COPY}` }
        : unused;
    case 'frame.urlpattern.js':
      return {
        code: 'file-missing',
        remedy: `Firefox before 142 and Safari before 26 need it. ${COPY}`,
      };
    case 'hadoken.js':
      return isModule
        ? unused
        : {
            code: 'file-missing',
            remedy: `${COPY} If your pages import the module, say --module.`,
          };
    case 'host.js':
      return { code: 'file-missing', remedy: 'Put it beside frame.js, served as JavaScript.' };
    default:
      return { code: 'file-missing', remedy: COPY };
  }
}

/**
 * @param {Question} question
 * @returns {Promise<import('./report.mjs').Finding[]>}
 */
export async function checkDeployment(question) {
  const context = createContext(question);
  const { report } = context;
  if (!context.frame) return report.findings;
  checkAddresses(context);
  const framePage = await checkFramePage(context);
  if (framePage === 'bundled') await checkPage(context);
  if (framePage === 'bundled' || !framePage) return report.findings;
  const [isPageIsolated, files] = await Promise.all([
    checkPage(context),
    loadFiles(framePage, context),
  ]);
  checkIsolation(framePage, isPageIsolated, context);

  const isThere = (name, allowed) =>
    checkPresence(files[name], needsOf(name, allowed, context), context);
  const present = ['frame.js', 'host.js'].filter((name) => isThere(name));
  const hasHost = present.includes('host.js');
  const allowed = hasHost
    ? await checkHostFile(files['host.js'], framePage.script, context)
    : undefined;
  const others = [...PARTS, ...(context.isModule ? [] : ['hadoken.js'])];
  present.push(...others.filter((name) => isThere(name, allowed)));
  const scripts = present.map((name) => files[name]);
  for (const file of scripts) {
    checkType(file, context);
    checkRedirect(file, context);
  }
  checkCorp(scripts, isPageIsolated, context);
  if (present.includes('frame.js')) checkWorker(framePage, files['frame.js'], allowed, context);
  const all = [{ ...framePage.loaded, name: 'frame.html' }, ...scripts];
  checkNoSniff(all, context);
  checkCaching(all, context);
  checkCompression(scripts, context);
  const dropIn = files['hadoken.drop-in.js'];
  const isDropIn = dropIn.answer?.status === 200 && /hadoken/i.test(dropIn.answer.text);
  const ours = scripts.filter(({ name }) => name !== 'host.js');
  await checkVersions(isDropIn ? [...ours, dropIn] : ours, context);
  if (allowed?.io) await checkSocketIo(allowed.io, context);
  return report.findings;
}
