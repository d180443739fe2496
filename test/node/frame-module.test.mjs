/** A frame whose host is bundled by Vite: built, and by its development server. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Server } from 'socket.io';
import { wantedEngines } from '../support/engines.mjs';
import { listen, sendJson, sendText } from '../support/http-server.mjs';
import { openTab } from '../support/tab.mjs';
import { createUserProject } from '../support/user-project.mjs';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };
const project = createUserProject('frame-module');
const origins = {};
let page;
let push;
let io;

/** Serves the files of `folder`, and beside them `/api/*` and Socket.IO. */
async function startPush(folder) {
  push = await listen((_request, response, { pathname }) => {
    if (pathname.startsWith('/api/')) return sendJson(response, { path: pathname });
    const file = join(folder, pathname);
    if (!existsSync(file)) return sendText(response, 404, 'Not found');
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  });
  io = new Server(push.server);
  io.on('connection', (socket) => socket.on('ask', (answer) => answer(io.engine.clientsCount)));
  origins.push = `http://push.hadoken.localhost:${push.port}`;
}

/** What a page is told by the frame at `path`, which it asks for under two names: two frames. */
async function ask(tab, path) {
  // A page of its own each time.
  await tab.navigate(`${origins.app}/?${encodeURIComponent(origins.push + path)}`);
  return tab.evaluate(async (frame) => {
    const { connect } = await import('/hadoken.mjs');
    const clients = ['?1', '?2'].map((name) => connect(`${frame}${name}`));
    const [first, second] = clients;
    const { path } = await first.fetch('/api/me').then((response) => response.json());
    const where = await first.service('host').where();
    const sockets = clients.map((client) => client.io('/'));
    for (const socket of sockets) await socket.emitWithAck('ask');
    const connections = await sockets[1].emitWithAck('ask');
    const state = second.state;
    for (const client of clients) client.close();
    return { path, where, connections, state };
  }, `${origins.push}${path}`);
}

before(async () => {
  page = await listen((_request, response, { pathname }) => {
    if (pathname === '/favicon.ico') return response.writeHead(204).end();
    const isPage = pathname === '/';
    response.setHeader('content-type', TYPES[isPage ? '.html' : '.js']);
    response.end(
      isPage ? '<!doctype html><title>page</title>' : readFileSync(join('dist', pathname)),
    );
  });
  origins.app = `http://app.hadoken.localhost:${page.port}`;
  process.env.VITE_APP = origins.app;
  const said = await project.run('vite/bin/vite.js', ['build'], { VITE_APP: origins.app });
  assert.equal(said, '');
  await startPush(join(project.folder, 'dist'));
});
after(async () => {
  await io.close();
  page.server.close();
  project.remove();
});

for (const engine of wantedEngines())
  test(`in ${engine} the built frame has its host in the worker, and one hub for two frames`, {
    timeout: 120_000,
  }, async () => {
    const tab = await openTab(engine);
    try {
      const expected = { path: '/api/me', where: 'worker', connections: 1, state: 'connected' };
      assert.deepEqual(await ask(tab, '/frame.html'), expected);
      // A module that Vite has made for a page can run in no worker.
      const { where, path } = await ask(tab, '/plain.html');
      assert.deepEqual([where, path], ['window', '/api/me']);
    } finally {
      await tab.stop();
    }
  });

test('under Vite’s development server too', { timeout: 120_000 }, async (context) => {
  const { createServer } = await import(
    pathToFileURL(join(project.folder, 'node_modules/vite/dist/node/index.js')).href
  );
  const vite = await createServer({
    root: project.folder,
    configFile: join(project.folder, 'vite.config.mjs'),
    server: { middlewareMode: true, hmr: false, ws: false, allowedHosts: true },
    optimizeDeps: { include: ['hadoken/frame'] },
  });
  const built = origins.push;
  const { server, port } = await listen((request, response, { pathname }) => {
    if (pathname.startsWith('/api/')) return sendJson(response, { path: pathname });
    return new Promise((resolve) => {
      response.on('close', resolve);
      vite.middlewares(request, response);
    });
  });
  const own = new Server(server);
  own.on('connection', (socket) => socket.on('ask', (answer) => answer(own.engine.clientsCount)));
  origins.push = `http://push.hadoken.localhost:${port}`;
  const tab = await openTab('chromium');
  context.after(async () => {
    origins.push = built;
    await tab.stop();
    await own.close();
    await vite.close();
  });
  for (const path of ['/frame.html', '/plain.html']) {
    const { where, path: asked } = await ask(tab, path);
    assert.deepEqual([where, asked], ['worker', '/api/me'], path);
  }
});
