import { build } from 'esbuild';
import { sendText } from './http-server.mjs';
import { root } from './static-files.mjs';

/** What pages of the tests load as a plain script: a package of npm, with what it has in its global `name`. */
const PACKAGES = {
  sentry: '@sentry/browser',
  newrelic: '@newrelic/browser-agent/loaders/browser-agent',
  immer: 'immer',
  mobx: 'mobx',
};
const made = new Map();

async function bundle(name) {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '${PACKAGES[name]}';`, resolveDir: root },
    bundle: true,
    write: false,
    format: 'iife',
    globalName: name,
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** `/bundles/<name>.js`, made when it is first asked for. Returns false for any other path. */
export async function serveBundle(response, url) {
  const [, name] = /^\/bundles\/(\w+)\.js$/.exec(url.pathname) ?? [];
  if (!Object.hasOwn(PACKAGES, name ?? '')) return false;
  if (!made.has(name)) made.set(name, bundle(name));
  const text = await made.get(name);
  sendText(response, 200, text);
  return true;
}
