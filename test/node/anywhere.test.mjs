/** One module for the server and the browser, what each of them gets, and what a test's mock sees. */
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { connect } from '../../dist/hadoken.node.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const FRAME = 'https://push.example.com/hadoken/frame.html';

/** A user's module, which connects as it is loaded, bundled; and the files of dist that went into it. */
async function bundle(platform, contents, conditions = []) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform,
    conditions,
    external: [
      'ws',
      'socket.io-client',
      'engine.io-client',
      './frame.io.js',
      './frame.msgpack.js',
      './frame.hub.js',
      './frame.vault.js',
      './frame.urlpattern.js',
    ],
    logLevel: 'error',
  });
  const ours = Object.keys(metafile.inputs).filter((name) => name.startsWith('dist/'));
  return { code: outputFiles[0].text, ours };
}

const app = `import { connect } from 'hadoken';
  export const hadoken = connect('${FRAME}', { headers: { a: 'b' } });`;

test('a bundle for browsers has the browser’s client, and one for a server Node’s', async () => {
  const page = await bundle('browser', app);
  assert.deepEqual(page.ours, ['dist/hadoken.mjs']);
  assert.doesNotMatch(page.code, /from ?["'](ws|socket\.io-client|node:)/);
  const server = await bundle('node', app);
  assert.deepEqual(server.ours, ['dist/hadoken.node.mjs']);
  // As Vite's and webpack's builds for servers ask, and as those for pages do.
  for (const [conditions, file] of [
    [['node', 'import', 'module', 'production'], 'dist/hadoken.node.mjs'],
    [['browser', 'import', 'module', 'production'], 'dist/hadoken.mjs'],
    [['import', 'module'], 'dist/hadoken.mjs'],
    [['browser', 'node', 'import'], 'dist/hadoken.mjs'],
  ])
    assert.deepEqual((await bundle('neutral', app, conditions)).ours, [file], `${conditions}`);
  const serving = `import { serve } from 'hadoken/frame'; export { serve };`;
  assert.deepEqual((await bundle('browser', serving)).ours, ['dist/frame.mjs']);
  assert.deepEqual((await bundle('node', serving)).ours, ['dist/frame.node.mjs']);
});

test('a module that connects as it is loaded does so on a server, without a guard', async () => {
  const { hadoken } = await import('../fixtures/node/app.mjs');
  assert.equal((await hadoken.ready).state, 'connected');
  hadoken.close();
});

test('where there is neither a document nor Node’s client, connect() and serve() say so', async () => {
  const page = await import('../../dist/hadoken.mjs');
  assert.throws(() => page.connect(FRAME), { code: 'UNSUPPORTED', message: /document/ });
  const options = { origins: ['https://app.example.com'] };
  for (const file of ['frame.mjs', 'frame.node.mjs']) {
    const frame = await import(`file://${join(root, 'dist', file)}`);
    assert.throws(() => frame.serve(options), {
      code: 'UNSUPPORTED',
      message: /^serve\(\)[^\n]*$/,
    });
    assert.equal(typeof frame.endShared, 'function');
  }
  const { endShared } = await import('../../dist/frame.node.mjs');
  await assert.rejects(endShared(), { code: 'UNSUPPORTED', message: /^endShared\(\)/ });
});

test('msw catches what the client asks: requests, event streams, and their bodies', async () => {
  const seen = [];
  const mock = setupServer(
    http.get('https://push.example.com/v1/me', ({ request }) => {
      seen.push(request.headers.get('authorization'));
      return HttpResponse.json({ name: 'Ada' });
    }),
    http.post('https://push.example.com/v1/echo', async ({ request }) =>
      HttpResponse.text(await request.text(), { status: 201 }),
    ),
    http.get('https://push.example.com/v1/fails', () => HttpResponse.error()),
    http.get(
      'https://push.example.com/events',
      () =>
        new HttpResponse('data: mocked\n\n', { headers: { 'content-type': 'text/event-stream' } }),
    ),
  );
  const before = connect(FRAME, { headers: { authorization: 'Bearer key' } });
  mock.listen({ onUnhandledRequest: 'error' });
  const after = connect(FRAME, { headers: { authorization: 'Bearer key' } });
  try {
    for (const client of [before, after]) {
      assert.deepEqual(await (await client.fetch('/v1/me')).json(), { name: 'Ada' });
      const echoed = await client.fetch('/v1/echo', { method: 'POST', body: 'hello' });
      assert.deepEqual([echoed.status, await echoed.text()], [201, 'hello']);
      await assert.rejects(client.fetch('/v1/fails'), TypeError);
      const source = new client.EventSource('/events');
      const { data } = await new Promise((resolve) => source.addEventListener('message', resolve));
      assert.equal(data, 'mocked');
      source.close();
    }
  } finally {
    mock.close();
    before.close();
    after.close();
  }
  assert.deepEqual(seen, ['Bearer key', 'Bearer key']);
});
