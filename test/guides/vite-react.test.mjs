/** docs/guides/vite-react.md, built by Vite: for production, and for development, where React's StrictMode mounts twice. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Server } from 'socket.io';
import { startChild } from '../support/child.mjs';
import { freePort } from '../support/free-port.mjs';
import { readCode } from '../support/guide.mjs';
import { listen, sendJson, sendText } from '../support/http-server.mjs';
import { openTab, until } from '../support/tab.mjs';
import { sendFileOf } from '../support/two-frames.mjs';
import { createUserProject } from '../support/user-project.mjs';

const GUIDE = 'docs/guides/vite-react.md';
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
    project = createUserProject(undefined, readCode(GUIDE, origins));
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

const membersOfChat = () => io.of('/chat').sockets.size;
/** What the page of a tab shows. */
function look(tab) {
  const textOf = (selector) =>
    tab.evaluate((query) => document.querySelector(query)?.textContent.trim(), selector);
  const hasText = (selector, text) =>
    until(async () => (await textOf(selector)) === text, `${selector}: ${text}`);
  return { textOf, hasText };
}

for (const name of MODES)
  describe(`the page built for ${name}`, { timeout: 120_000 }, () => {
    let tab;
    before(async () => {
      mode = name;
      tab = await openTab('chromium');
      await tab.navigate(`${origins.app}/`);
    });
    after(() => tab.stop());
    const { textOf, hasText } = look({ evaluate: (...args) => tab.evaluate(...args) });
    const click = (selector) =>
      tab.evaluate((query) => document.querySelector(query).click(), selector);

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

describe('the page under Vite’s development servers', { timeout: 120_000 }, () => {
  const servers = [];
  let development;
  let tab;
  before(async () => {
    const [appPort, pushPort] = [await freePort(), await freePort()];
    const hosts = {
      app: `http://app.hadoken.localhost:${appPort}`,
      push: `http://push.hadoken.localhost:${pushPort}`,
    };
    const files = [...readCode(GUIDE, hosts)].map(([name, text]) => [
      name,
      text.replaceAll('http://localhost:3000', `http://127.0.0.1:${push.port}`),
    ]);
    // Two projects, each with the cache of its own server.
    for (const name of ['app', 'frame']) files.push([`${name}/package.json`, '{"type":"module"}']);
    development = createUserProject(undefined, files);
    const vite = join(development.folder, 'node_modules/vite/bin/vite.js');
    const ports = { app: appPort, frame: pushPort };
    for (const [name, port] of Object.entries(ports)) {
      const args = [vite, '--host', '127.0.0.1', '--port', port, '--strictPort'];
      const options = { until: /ready in/, cwd: join(development.folder, name) };
      servers.push(await startChild(process.execPath, args, options));
    }
    tab = await openTab('chromium');
    await tab.navigate(`${hosts.app}/`);
  });
  after(async () => {
    await tab?.stop();
    for (const { stop } of servers) stop();
    development?.remove();
  });

  test('asks the API that the frame’s server passes on', async () => {
    const { hasText } = look(tab);
    await hasText('#state', 'connected 2026.11');
    await hasText('ul', 'ryuken');
    await until(async () => membersOfChat() === 1, 'one socket');
    io.of('/chat').emit('message', 'hello');
    await hasText('ol', 'hello');
  });

  function edit(file, from, to) {
    const path = join(development.folder, 'app/src', file);
    const text = readFileSync(path, 'utf8');
    assert.ok(text.includes(from));
    writeFileSync(path, text.replace(from, to));
  }

  test('has one socket, and each message once, after a component was edited', async () => {
    const { hasText } = look(tab);
    edit('Chat.tsx', 'Say hello', 'Say hi');
    await hasText('section button', 'Say hi');
    await until(async () => membersOfChat() === 1, 'one socket');
    io.of('/chat').emit('message', ' again');
    await hasText('ol', 'hello again');
  });

  test('has one handle after hadoken.ts was edited', async () => {
    const { hasText } = look(tab);
    const [old] = io.of('/chat').sockets.values();
    edit('hadoken.ts', `'/chat'`, `'/chat' as string`);
    await until(async () => !old.connected && membersOfChat() === 1, 'another socket');
    io.of('/chat').emit('message', 'anew');
    await hasText('ol', 'anew');
    assert.equal(io.engine.clientsCount, 1);
    await hasText('#state', 'connected 2026.11');
  });
});
