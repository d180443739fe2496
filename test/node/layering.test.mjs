/** The rules of the house, held over src and over copies of it that break each: see ../support/house-rules.mjs. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  brokenTwins,
  circles,
  crowdedFolders,
  documentReads,
  forbiddenImports,
  longLines,
  unknownRooms,
  windowUses,
} from '../support/house-rules.mjs';

const src = fileURLToPath(new URL('../../src', import.meta.url));
const files = Object.fromEntries(
  readdirSync(src, { recursive: true })
    .map((name) => name.replaceAll('\\', '/'))
    // Types for window.hadoken: no room's, and nothing imports it.
    .filter((name) => name.endsWith('.ts') && name !== 'globals.ts')
    .map((name) => [name, readFileSync(join(src, name), 'utf8')]),
);

/** What each room may import: rooms of ours, and packages; their types count. */
const rooms = {
  rpc: ['rpc', 'comlink'],
  ajax: ['ajax', 'rpc'],
  parent: ['parent', 'ajax', 'rpc'],
  frame: [
    // The hub's chunk, which `serve()` loads in the SharedWorker. Nothing of the hub's imports serve.ts.
    ...['frame', 'ajax', 'rpc', 'hub/hub.ts'],
    ...['socket.io-client', 'socket.io-parser', 'socket.io-msgpack-parser'],
    ...['leven', 'urlpattern-polyfill'],
  ],
  // Both sides in one process.
  node: [
    ...['node', 'parent', 'frame', 'rpc', 'ajax'],
    ...['ws', 'engine.io-client', 'socket.io-client', 'socket.io-parser', 'urlpattern-polyfill'],
  ],
  // Of the page's side what everybody may, and how a script tag is read.
  'drop-in': ['drop-in', 'parent/index.ts', 'parent/include/include.ts'],
  // All pages of a browser, in a SharedWorker.
  hub: ['hub', 'frame', 'rpc', 'socket.io-client'],
};

/** What is on both sides, at the same path: what the page's asks for, the frame's does. */
const twins = {
  sides: ['parent', 'frame'],
  twins: [
    ...[
      'index.ts',
      'script.ts',
      'options.ts',
      'ajax/fetch.ts',
      'ajax/exchange.ts',
      'ajax/exchanges.ts',
    ],
    ...['push/manager.ts', 'streams/event-source.ts', 'streams/web-socket.ts'],
    ...['services/service.ts', 'services/call-signals.ts'],
  ],
};

/** The frame's window is here and nowhere else: the rest of it runs in workers and in Node too. */
const windowPlaces = [
  ...['parent/', 'drop-in/', 'frame/index.ts', 'frame/script.ts', 'frame/serve.ts', 'frame/gate/'],
  'frame/ajax/uploads/upload.ts',
  // The text of the script that runs, in the frame's page.
  'frame/packed.ts',
  // Its locks, which workers have too.
  'frame/vault/chunk.ts',
];

/** More files than this in one folder, and nobody finds the one that matters. */
const FOLDER_LIMIT = 12;
/** In characters; comments and texts too, which the formatter leaves as they are. */
const LINE_LIMIT = 100;

test('each room imports what it may, and nothing else', () => {
  assert.deepEqual(unknownRooms(files, rooms), []);
  assert.deepEqual(forbiddenImports(files, rooms), []);
});

test('there is no circle of imports, types counted', () => {
  assert.deepEqual(circles(files), []);
});

test('the sides mirror each other: a file has its twin at the same path', () => {
  assert.deepEqual(brokenTwins(files, twins), []);
});

test('no folder is crowded', () => {
  assert.deepEqual(crowdedFolders(files, FOLDER_LIMIT), []);
});

test('no line is longer than a reader takes in', () => {
  assert.deepEqual(longLines(files, LINE_LIMIT), []);
});

test("only the places that are a window's touch a window's globals", () => {
  assert.deepEqual(windowUses(files, windowPlaces), []);
});

const pageDocument = { room: 'parent', except: 'parent/connection/page-document.ts' };
const dropInDocument = { room: 'drop-in', except: 'drop-in/page-document.ts' };

test('the page reads its document through page-document.ts only', () => {
  assert.deepEqual(documentReads(files, pageDocument), []);
  assert.deepEqual(documentReads(files, dropInDocument), []);
});

/** The house with some files changed or, by undefined, taken away. */
function houseWith(changes) {
  return Object.fromEntries(
    Object.entries({ ...files, ...changes }).filter(([, text]) => text !== undefined),
  );
}

test('a forbidden import is noticed, of types too, however it is written', () => {
  for (const [path, line] of [
    ['rpc/errors.ts', `import { a } from '../frame/host.ts';`],
    ['ajax/body.ts', `export * from '../parent/index.ts';`],
    ['parent/log.ts', `import type { A } from '../frame/options.ts';`],
    ['frame/host.ts', `const a = import('../parent/log.ts');`],
    ['parent/log.ts', `import { Manager } from 'socket.io-client';`],
    ['parent/log.ts', `type A = import('socket.io-client').Manager;`],
    ['rpc/errors.ts', `import '@scope/package/deep.js';`],
    ['drop-in/fetch.ts', `import type { Lease } from '../parent/lease.ts';`],
    ['drop-in/fetch.ts', `import { toWireRequest } from '../ajax/request.ts';`],
    ['parent/log.ts', `import { takeOver } from '../drop-in/index.ts';`],
  ]) {
    const broken = houseWith({ [path]: `${files[path]}\n${line}` });
    assert.equal(forbiddenImports(broken, rooms).length, 1, `${path}: ${line}`);
  }
});

test('a room that nobody has named is noticed', () => {
  assert.deepEqual(unknownRooms(houseWith({ 'attic/box.ts': '' }), rooms), ['attic']);
});

test('a circle of imports is noticed, of two files, of three, of a file with itself, of types', () => {
  const two = houseWith({
    'rpc/a.ts': `import type { B } from './b.ts';`,
    'rpc/b.ts': `import type { A } from './a.ts';`,
  });
  assert.deepEqual(circles(two), ['rpc/a.ts ↔ rpc/b.ts']);
  const three = houseWith({
    'rpc/a.ts': `import './b.ts';`,
    'rpc/b.ts': `export * from './c.ts';`,
    'rpc/c.ts': `type A = import('./a.ts').A;`,
  });
  assert.deepEqual(circles(three), ['rpc/a.ts ↔ rpc/b.ts ↔ rpc/c.ts']);
  assert.deepEqual(circles(houseWith({ 'rpc/a.ts': `import './a.ts';` })), ['rpc/a.ts']);
});

test('a twin that is taken away is noticed, one at another path, and one that nobody has named', () => {
  const alone = houseWith({ 'frame/ajax/fetch.ts': undefined });
  assert.deepEqual(brokenTwins(alone, twins), [
    'frame/ajax/fetch.ts is not there, and its twin is',
  ]);
  const moved = houseWith({ 'frame/ajax/fetch.ts': undefined, 'frame/fetch.ts': '' });
  assert.deepEqual(brokenTwins(moved, twins), [
    'frame/ajax/fetch.ts is not there, and its twin is',
    'parent/ajax/fetch.ts has a file of its name on the other side, at another path',
  ]);
  const more = houseWith({ 'parent/ajax/new.ts': '', 'frame/ajax/new.ts': '' });
  assert.deepEqual(brokenTwins(more, twins), [
    'ajax/new.ts is on both sides and is not named as a twin',
  ]);
});

test('a crowded folder is noticed', () => {
  const more = Object.fromEntries(
    Array.from({ length: 13 }, (_, at) => [`push/more/${at}.ts`, '']),
  );
  assert.deepEqual(crowdedFolders(houseWith(more), FOLDER_LIMIT), [
    'push/more holds 13 files, more than 12',
  ]);
});

test('a long line is noticed, in a comment too', () => {
  const long = houseWith({ 'rpc/a.ts': `\n/* ${'–'.repeat(95)} */` });
  assert.deepEqual(longLines(long, LINE_LIMIT), ['rpc/a.ts has a long line (2)']);
});

test("uses of a window's globals are noticed, and nothing that only looks alike", () => {
  const bad = { 'rpc/a.ts': `parent.postMessage(1); f({ location }); globalThis.navigator;` };
  assert.deepEqual(
    windowUses(bad, windowPlaces).map((use) => use.split(' ')[2]),
    ['parent', 'location', 'navigator'],
  );
  const good = {
    'rpc/a.ts': `// window
      const a = 'document'; b.location; ({ top: 1 });
      function f(self: Self) { return self; }
      interface Side { parent: string }`,
  };
  assert.deepEqual(windowUses(good, windowPlaces), []);
  assert.deepEqual(windowUses({ 'parent/a.ts': 'document.title' }, windowPlaces), []);
});

test('a read of the page’s document is noticed, and nothing that only looks alike', () => {
  const text = `document.body; window.document['head']; const { body } = document; ({ head } = window.document);
    call(document); x.y; const { a } = b; const document = 1;`;
  assert.deepEqual(documentReads({ 'parent/a.ts': text, 'frame/a.ts': text }, pageDocument), [
    'parent/a.ts reads document.body',
    "parent/a.ts reads window.document['head']",
    'parent/a.ts reads { body } = document',
    'parent/a.ts reads { head } = window.document',
  ]);
});
