/** docs/guides/server-rendering.md by react-dom/server; with Next.js and SvelteKit it is server-rendering.long.test.mjs. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { readCode } from '../support/guide.mjs';
import { listen, sendText } from '../support/http-server.mjs';
import { resolveLocalhostNames } from '../support/local-names.mjs';
import { checkPage, startApi } from '../support/server-rendering.mjs';
import { createUserProject } from '../support/user-project.mjs';

resolveLocalhostNames();
let api;
let app;
let project;
let origin;
let renderPage;

before(
  async () => {
    api = await startApi();
    app = await listen(async (request, response, { pathname }) => {
      if (pathname === '/client.js') {
        response.setHeader('content-type', 'text/javascript');
        return response.end(readFileSync(join(project.folder, 'client.js')));
      }
      if (pathname !== '/') return sendText(response, 404, 'none');
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(await renderPage(request.headers.cookie ?? ''));
    });
    origin = `http://app.hadoken.localhost:${app.port}`;
    const files = readCode('docs/guides/server-rendering.md', { app: origin, push: api.origin });
    api.useHost(files.get('host.js'));
    project = createUserProject(undefined, files);
    const bundle = (entry, options) =>
      build({
        absWorkingDir: project.folder,
        entryPoints: [entry],
        bundle: true,
        format: 'esm',
        jsx: 'automatic',
        logLevel: 'silent',
        ...options,
      });
    const define = { 'process.env.NODE_ENV': '"production"' };
    await bundle('client.jsx', { outfile: 'client.js', platform: 'browser', define });
    // Node finds the packages itself.
    await bundle('render.jsx', { outfile: 'render.js', platform: 'node', packages: 'external' });
    ({ renderPage } = await import(pathToFileURL(join(project.folder, 'render.js')).href));
  },
  { timeout: 120_000 },
);
after(async () => {
  app.server.close();
  app.server.closeAllConnections();
  await api.stop();
  project.remove();
});

test('each user’s page has that user’s orders', async () => {
  const [ada, guest] = await Promise.all([renderPage('session=ada'), renderPage('')]);
  assert.match(ada, /<li>ryu<\/li><li>&lt;\/script&gt;<\/li>/);
  assert.match(guest, /<li>demo<\/li>/);
  assert.doesNotMatch(guest, /ryu/);
});

test('to render opens no socket', () => {
  assert.equal(api.countSockets(), 0);
});

test('the page is hydrated, signs in by its frame, and hears of orders', { timeout: 120_000 }, () =>
  checkPage(api, origin),
);
