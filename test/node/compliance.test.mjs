/**
 * The compliance suites against the Node client: Node's own fetch and socket.io-client on the other side, and what the
 * platform's EventSource and WebSocket do in browsers as the expectation. What differs is listed in docs/node.md.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { listed, met } from '../support/node/mocha.mjs';
import { startPushServer } from '../support/push-server.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const server = await startPushServer({});
const push = `http://127.0.0.1:${server.port}`;
globalThis.__hadokenTest = { engine: 'node', seed: 1, isLong: false, push };
after(() => server.stop());

/** In the repository, so that packages are found from there. */
const folder = mkdtempSync(join(root, 'node_modules/.hadoken-compliance-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const mapped = {
  name: 'mapped',
  setup({ onResolve }) {
    const support = (name) => join(root, 'test/support/node', name);
    onResolve({ filter: /src\/parent\/index\.ts$/ }, () => ({ path: support('parent.mjs') }));
    onResolve({ filter: /^hadoken-under-test$/ }, () => ({
      path: pathToFileURL(join(root, 'dist/hadoken.node.mjs')).href,
      external: true,
    }));
  },
};

/** `files` of test/compliance as modules that Node runs. */
async function bundle(files) {
  await build({
    absWorkingDir: root,
    entryPoints: files.map((file) => join('test/compliance', file)),
    outdir: folder,
    outbase: 'test/compliance',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    mainFields: ['module', 'main'],
    define: { addEventListener: '__listen', removeEventListener: '__unlisten' },
    external: ['socket.io-client'],
    plugins: [mapped],
    logLevel: 'error',
  });
  return files.map((file) => pathToFileURL(join(folder, file.replace('.ts', '.mjs'))).href);
}

const namesIn = async (part) =>
  (await readdir(join(root, 'test/compliance', part)))
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${part}/${name}`);
/** The short form has one of each kind. */
const SHORT = [
  'push/binary.test.ts',
  'push/emitting.test.ts',
  'streams/web-socket-messages.test.ts',
];
const suites = process.env.HADOKEN_LONG
  ? [...(await namesIn('push')), ...(await namesIn('streams'))]
  : SHORT;
const [cases, outcome, ...modules] = await bundle([
  'fetch/cases.ts',
  'fetch/outcome.ts',
  ...suites,
]);

const abortError = { error: 'DOMException', name: 'AbortError' };
const rangeError = { error: 'RangeError', name: 'RangeError' };
const readers = ['text()', 'json()', 'arrayBuffer()', 'blob()', 'formData()'];
/** What ours come to, as Chromium's fetch does, where Node's own comes to something else. */
const LISTED_FETCH = {
  'fails the clone as well': [abortError, abortError],
  ...Object.fromEntries(
    readers.map((how) => [`fails ${how} with the reason when aborted after the head`, rangeError]),
  ),
  // Node's own leaves a tab at the end of a value, which no Headers may have.
  'is answered with headers: blanks about it': (theirs) =>
    JSON.parse(JSON.stringify(theirs).replaceAll('1 \\t', '1')),
};
/** What is not run, and why. Those of both sides come to the same on both. */
const NOT_RUN = [
  // socket.io-client gives a Buffer in Node, and so do ours: see client.test.mjs.
  'sends an ArrayBuffer, and gets one back',
  'gets binary events in order among others',
  // socket.io-client in Node sends no Blobs, and the connection breaks.
  'sends a Blob',
  // Its own listeners' errors are uncaught exceptions in Node, which no test can have.
  'socket.io-client itself › goes on to the next event when a listener throws',
  'socket.io-client itself › goes on when an acknowledgement throws',
  'socket.io-client itself › runs what awaited an acknowledgement before the next event',
  'socket.io-client itself › gives each event to who listens anew after each, however it waits',
  // These need a page: a host.js, a script's file, and what can't be cloned of a window.
  'a server that does not speak as the client does',
  'is patched by socketio-wildcard',
  'gives an acknowledgement to a wildcard’s listeners',
  'connects with options that are no data, and does not look into them',
  // These look at the engine's own classes, at a document, or at SharedArrayBuffer's rules in a page.
  "has every member of the engine's own, and attributes that can't be set",
  'extends EventTarget, the class and its prototype',
  'closes with a code and a reason',
  'is closed by a code and a reason, which the server gives back',
  'sends Blobs and buffers of another realm as what they are',
];
for (const name of NOT_RUN) listed.add(name);

const { parts } = await import(cases);
const { attempt } = await import(outcome);
const { connect } = await import(pathToFileURL(join(root, 'dist/hadoken.node.mjs')).href);

describe('hadoken.fetch in Node comes to what Node’s own fetch comes to', () => {
  const hadoken = connect(`${push}/hadoken/frame.html`, { log: 'silent' });
  after(() => hadoken.close());
  /** In a page of the frame's origin, relative URLs are of that origin. */
  const platform = (input, init) =>
    fetch(input instanceof Request ? input : new URL(input, push), init);
  for (const [part, all] of Object.entries(parts))
    describe(part, () => {
      for (const [name, run] of all)
        it(name, { timeout: 30_000 }, async () => {
          const theirs = await attempt(() => run({ fetch: platform, origin: push }));
          const ours = await attempt(() => run({ fetch: hadoken.fetch, origin: push }));
          // Node 24 has come to some of what is listed for those before.
          if (Object.hasOwn(LISTED_FETCH, name)) {
            const expected = LISTED_FETCH[name];
            assert.deepEqual(ours, typeof expected === 'function' ? expected(theirs) : expected);
          } else assert.deepEqual(ours, theirs);
        });
    });
});

for (const module of modules) await import(module);

if (process.env.HADOKEN_LONG)
  it('nothing is on the list that there is not', () => {
    assert.deepEqual([...met].sort(), [...NOT_RUN].sort());
  });
