/** A frame whose host is bundled by Vite: built, and by its development server. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { wantedEngines } from '../support/engines.mjs';
import { openTab } from '../support/tab.mjs';
import { askTwoFrames, sendFileOf, startFrames, startPage } from '../support/two-frames.mjs';
import { createUserProject } from '../support/user-project.mjs';

const project = createUserProject('frame-module');
let page;
let push;

before(async () => {
  page = await startPage();
  // For the development server, which runs in this process.
  process.env.VITE_APP = page.origin;
  assert.equal(await project.run('vite/bin/vite.js', ['build']), '');
  push = await startFrames(sendFileOf(join(project.folder, 'dist')));
});
after(async () => {
  await push.stop();
  page.stop();
  project.remove();
});

for (const engine of wantedEngines())
  test(`in ${engine} the built frame has its host in the worker, and one hub for two frames`, {
    timeout: 120_000,
  }, async () => {
    const tab = await openTab(engine);
    try {
      const told = await askTwoFrames(tab, page.origin, `${push.origin}/frame.html`);
      assert.deepEqual(told, { path: '/api/me', where: 'worker', connections: 1 });
      // A module that Vite has made for a page can run in no worker.
      const plain = await askTwoFrames(tab, page.origin, `${push.origin}/plain.html`);
      assert.deepEqual(plain, { path: '/api/me', where: 'window', connections: 2 });
    } finally {
      await tab.stop();
    }
  });

test('under Vite’s development server too', { timeout: 120_000 }, async (context) => {
  const vitePackage = join(project.folder, 'node_modules/vite/dist/node/index.js');
  const { createServer } = await import(pathToFileURL(vitePackage).href);
  const vite = await createServer({
    root: project.folder,
    configFile: join(project.folder, 'vite.config.mjs'),
    server: { middlewareMode: true, hmr: false, ws: false, allowedHosts: true },
    optimizeDeps: { include: ['hadoken/frame'] },
  });
  const frames = await startFrames((request, response) => {
    vite.middlewares(request, response);
    return new Promise((resolve) => response.on('close', resolve));
  });
  const tab = await openTab('chromium');
  context.after(async () => {
    await tab.stop();
    await frames.stop();
    await vite.close();
  });
  for (const path of ['/frame.html', '/plain.html']) {
    const told = await askTwoFrames(tab, page.origin, `${frames.origin}${path}`);
    assert.deepEqual(told, { path: '/api/me', where: 'worker', connections: 1 }, path);
  }
});
