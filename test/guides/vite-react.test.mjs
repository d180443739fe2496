/** docs/guides/vite-react.md, built by Vite: for production, and for development, where React's StrictMode mounts twice. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Server } from 'socket.io';
import { readCode } from '../support/guide.mjs';
import { listen, sendJson, sendText } from '../support/http-server.mjs';
import { openTab, until } from '../support/tab.mjs';
import { sendFileOf } from '../support/two-frames.mjs';
import { createUserProject } from '../support/user-project.mjs';

const MODES = ['production', 'development'];
const ORDERS = [
  { id: 1, sku: 'ryu' },
  { id: 2, sku: 'ken' },
];
let project;
let origins;
let app;
let push;
let io;
/** Which build the app's origin serves, and what the API answers next. */
let mode;
let status = 200;
let referrer;

function answerPush(request, response, url) {
  if (url.pathname.startsWith('/hadoken/')) {
    url.pathname = url.pathname.slice('/hadoken'.length);
    return sendFileOf(join(project.folder, 'frame/dist'))(request, response, url);
  }
  if (url.pathname !== '/v1/orders') return sendText(response, 404, 'none');
  referrer = request.headers.referer;
  sendJson(response, ORDERS, status);
}

/** Runs a program of node_modules in a folder of the project, and returns what it printed to stdout. It has to print no error. */
function run(folder, NODE_ENV, program, ...args) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [join(project.folder, 'node_modules', program), ...args],
    { cwd: join(project.folder, folder), encoding: 'utf8', env: { ...process.env, NODE_ENV } },
  );
  assert.deepEqual({ stderr, status }, { stderr: '', status: 0 }, stdout);
  return stdout;
}

before(
  async () => {
    push = await listen(answerPush);
    app = await listen((request, response, url) => {
      if (url.pathname === '/') url.pathname = '/index.html';
      sendFileOf(join(project.folder, 'app', mode))(request, response, url);
    });
    origins = {
      app: `http://app.hadoken.localhost:${app.port}`,
      push: `http://push.hadoken.localhost:${push.port}`,
    };
    io = new Server(push.server);
    io.of('/chat').on('connection', (socket) =>
      socket.on('say', (text) => io.of('/chat').emit('message', text)),
    );
    project = createUserProject(undefined, readCode('docs/guides/vite-react.md', origins));
    run('frame', 'production', 'vite/bin/vite.js', 'build');
    for (const name of MODES)
      run('app', name, 'vite/bin/vite.js', 'build', '--outDir', name, '--mode', name);
  },
  { timeout: 240_000 },
);
after(async () => {
  await io.close();
  app.server.close();
  app.server.closeAllConnections();
  project.remove();
});

test('its TypeScript compiles', () => {
  assert.equal(run('.', 'test', 'typescript/bin/tsc'), '');
});

for (const name of MODES)
  describe(`the page built for ${name}`, { timeout: 120_000 }, () => {
    let tab;
    before(async () => {
      mode = name;
      tab = await openTab('chromium');
      await tab.navigate(`${origins.app}/`);
    });
    after(() => tab.stop());
    const textOf = (selector) =>
      tab.evaluate((query) => document.querySelector(query)?.textContent.trim(), selector);
    const hasText = (selector, text) =>
      until(async () => (await textOf(selector)) === text, `${selector}: ${text}`);
    const click = (selector) =>
      tab.evaluate((query) => document.querySelector(query).click(), selector);
    const membersOfChat = () => io.of('/chat').sockets.size;

    test('has the React of this mode', () => {
      const folder = join(project.folder, 'app', name, 'assets');
      const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
      assert.equal(/React DevTools/.test(texts.join()), name === 'development');
    });

    test('shows the state, what the frame’s config says, and the orders', async () => {
      await hasText('#state', 'connected 2026.11');
      await hasText('ul', 'ryuken');
      assert.match(referrer, /\/hadoken\/assets\/host-[^/]+\.js$/, 'the host runs in its worker');
    });

    test('has one socket, and each message once', async () => {
      await until(async () => membersOfChat() === 1, 'one socket');
      await click('section button');
      await hasText('ol', 'hello');
      io.of('/chat').emit('message', ' again');
      await hasText('ol', 'hello again');
      assert.deepEqual([membersOfChat(), io.engine.clientsCount], [1, 1]);
    });

    test('disconnects the socket when its component goes', async () => {
      const [socket] = io.of('/chat').sockets.values();
      let reason;
      socket.once('disconnect', (why) => {
        reason = why;
      });
      await click('#leave');
      await until(async () => reason, 'a disconnect');
      assert.equal(reason, 'client namespace disconnect');
    });

    test('shows that the handle was closed', async () => {
      await click('#stop');
      await until(async () => (await textOf('#state')).startsWith('closed'), 'closed');
    });

    test('shows an error of the server', async () => {
      status = 503;
      await tab.navigate(`${origins.app}/?again`);
      await hasText('[role=alert]', 'The server answered 503.');
      status = 200;
    });
  });
