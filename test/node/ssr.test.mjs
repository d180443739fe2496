/** A Vite application with server-side rendering: one module that calls connect(), on the server and in the browser. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { wantedEngines } from '../support/engines.mjs';
import { listen } from '../support/http-server.mjs';
import { resolveLocalhostNames } from '../support/local-names.mjs';
import { startPushServer } from '../support/push-server.mjs';
import { openTab, until } from '../support/tab.mjs';
import { createUserProject } from '../support/user-project.mjs';

resolveLocalhostNames();
const project = createUserProject('ssr');
const client = join(project.folder, 'dist/client');
const origins = {};
let push;
before(async () => {
  push = await startPushServer(origins);
  origins.push = `http://push.hadoken.localhost:${push.port}`;
  const env = { VITE_FRAME: `${origins.push}/hadoken/frame.html` };
  const build = (...args) => project.run('vite/bin/vite.js', ['build', ...args], env);
  assert.equal(await build('--outDir', 'dist/client'), '');
  assert.equal(await build('--ssr', 'src/entry-server.js', '--outDir', 'dist/server'), '');
});
after(async () => {
  await push.stop();
  project.remove();
});
const loadServer = () =>
  import(pathToFileURL(join(project.folder, 'dist/server/entry-server.js')).href);

test('the server’s build is imported, and renders what the API says', async () => {
  const { render } = await loadServer();
  const { html, props } = await render();
  assert.equal(props.asked.url, '/api/echo?from=server');
  assert.match(html, /<p id="first">\/api\/echo\?from=server<\/p>/);
});

test('the browser’s build has nothing of Node in it', () => {
  const assets = readdirSync(join(client, 'assets')).filter((name) => name.endsWith('.js'));
  const text = assets.map((name) => readFileSync(join(client, 'assets', name), 'utf8')).join();
  // The handshake is there, so this is the page's client.
  assert.match(text, /OFFER/);
  assert.doesNotMatch(text, /getBuiltinModule|["']node:|socket\.io-client|process\.versions/);
});

for (const engine of wantedEngines())
  test(`in ${engine} the page is hydrated, and asks by its frame`, {
    timeout: 120_000,
  }, async () => {
    const { render } = await loadServer();
    const { server, port } = await listen(async (_request, response, url) => {
      if (url.pathname === '/favicon.ico') return response.writeHead(204).end();
      if (url.pathname !== '/') {
        response.setHeader('content-type', 'text/javascript');
        return response.end(readFileSync(join(client, url.pathname)));
      }
      const { html, props } = await render();
      response.setHeader('content-type', 'text/html; charset=utf-8');
      response.end(
        readFileSync(join(client, 'index.html'), 'utf8')
          .replace('<!--app-->', html)
          .replace('<!--props-->', JSON.stringify(props).replaceAll('<', '\\u003c')),
      );
    });
    origins.app = `http://app.hadoken.localhost:${port}`;
    const tab = await openTab(engine);
    try {
      await tab.navigate(`${origins.app}/`);
      const textOf = (id) => tab.evaluate((name) => document.getElementById(name).textContent, id);
      assert.equal(await textOf('first'), '/api/echo?from=server');
      const expected = `/api/echo?from=browser ${origins.app}`;
      await until(async () => (await textOf('then')) === expected, expected);
      assert.deepEqual(await tab.evaluate(() => failures), []);
    } finally {
      await tab.stop();
      server.close();
    }
  });
