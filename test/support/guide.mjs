/** The code of a guide, run as it stands in the Markdown: a page on an app's origin, its frame and its API on another. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { listen, sendText } from './http-server.mjs';
import { dist, root, sendFile } from './static-files.mjs';
import { openTab, until } from './tab.mjs';

const APP = 'https://app.example.com';
const PUSH = 'https://push.example.com';

/** What a block's first line may be: a comment that names its file, by a name with an extension or a whole path. */
const NAMED = /^(?:\/\/|#|<!--|\/\*) ([\w@./[\]+-]+\.\w+|\/[\w./-]+)\b/;

/** `text` with the origins of this run in place of the ones that guides have. */
const withOrigins = (text, { app = APP, push = PUSH }) =>
  text.replaceAll(APP, app).replaceAll(PUSH, push);

/**
 * The blocks of code that name their file in their first line, by that name; those of one name are one file. `origins` are
 * `{ app, push }`, in place of the ones that guides have.
 */
export function readCode(path, origins = {}) {
  const files = new Map();
  for (const [, code] of readFileSync(join(root, path), 'utf8').matchAll(
    /^```\w+\n([\s\S]*?)^```$/gm,
  )) {
    const name = NAMED.exec(code)?.[1];
    if (name) files.set(name, (files.get(name) ?? '') + code);
  }
  for (const [name, text] of files) files.set(name, withOrigins(text, origins));
  return files;
}

const ALIASES = {
  'hadoken/drop-in': join(dist, 'hadoken.drop-in.mjs'),
  'hadoken/frame': join(dist, 'frame.mjs'),
  hadoken: join(dist, 'hadoken.mjs'),
};

/** A folder with `files` in it, to be removed. */
function writeFiles(files) {
  const folder = mkdtempSync(join(tmpdir(), 'hadoken-guide-'));
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

/**
 * What `name`, a guide's code for the server, exports. It is run in this process, with the packages of this repository. `guide` is its path, or its files: those that
 * `openGuide` has put the origins of its run into.
 */
export async function importCode(guide, name) {
  const folder = writeFiles(typeof guide === 'string' ? readCode(guide) : guide);
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    return await import(pathToFileURL(join(folder, name)).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Bundles `entry` of `files` for a page, which has what it exports as `window.page`. */
export async function bundle(files, entry) {
  const folder = writeFiles(files);
  try {
    const { outputFiles } = await build({
      stdin: {
        contents: `import * as page from './${entry}'; window.page = page;`,
        resolveDir: folder,
      },
      bundle: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      jsx: 'automatic',
      define: { 'process.env.NODE_ENV': '"production"' },
      alias: ALIASES,
      nodePaths: [join(root, 'node_modules')],
      logLevel: 'silent',
    });
    return outputFiles[0].text;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Opens the page of a guide in a browser.
 *
 * - `api(request, response, url, files)` answers what is asked of the push origin outside of /hadoken/; `files` are the guide's, with the origins of this run in them.
 *   `onServer(server)` gets its server, for Socket.IO.
 * - `entry` is the guide's file that the page runs, a module. With `html` the page is that file of the guide's, and nothing is bundled: the guide's other files are
 *   beside it, and so are `assets`, files of node_modules by their path in the page's origin.
 * - `more`: further files, or others in place of the guide's, by name.
 *
 * @returns {Promise<{ app: string, push: string, files: Map<string, string>, evaluate: Function, navigate: Function, stop(): Promise<void> }>}
 */
export async function openGuide(
  path,
  { api, onServer, entry = 'page.js', html, assets = {}, more = {} },
) {
  // Filled below: the handlers read it at request time.
  const files = new Map();
  let script = '';
  const push = await listen((request, response, url) => {
    const name = /^\/hadoken\/([\w.-]+)$/.exec(url.pathname)?.[1];
    if (!name) return api(request, response, url, files);
    if (!files.has(name)) return sendFile(response, [[dist, name]]);
    response.setHeader('content-type', 'text/javascript');
    response.end(files.get(name));
  });
  const app = await listen((_request, response, { pathname }) => {
    const own = pathname.slice(1);
    if (own in assets) return sendFile(response, [[join(root, 'node_modules'), assets[own]]]);
    if (html && files.has(own) && own !== html) {
      response.setHeader('content-type', 'text/javascript');
      return response.end(files.get(own));
    }
    if (pathname === '/page.js') response.setHeader('content-type', 'text/javascript');
    else if (pathname === '/favicon.ico') return sendText(response, 404, 'none');
    else response.setHeader('content-type', 'text/html; charset=utf-8');
    const page = html
      ? files.get(html)
      : '<!doctype html><title>app</title><div id="root"></div><script type="module" src="/page.js"></script>';
    response.end(pathname === '/page.js' ? script : page);
  });
  const origins = {
    app: `http://app.hadoken.localhost:${app.port}`,
    push: `http://push.hadoken.localhost:${push.port}`,
  };
  for (const [name, text] of readCode(path, origins)) files.set(name, text);
  for (const [name, text] of Object.entries(more)) files.set(name, withOrigins(text, origins));
  onServer?.(push.server);
  if (!html) script = await bundle(files, entry);
  const tab = await openTab('chromium');
  const isThere = () => tab.evaluate(() => document.readyState === 'complete');
  await tab.navigate(`${origins.app}/`);
  await until(isThere, 'the page');
  return {
    ...origins,
    files,
    evaluate: tab.evaluate,
    navigate: tab.navigate,
    async stop() {
      await tab.stop();
      for (const { server } of [app, push]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}
