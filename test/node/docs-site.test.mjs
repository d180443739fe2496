/** `npm run docs:build`: the documentation as a site, which asks nobody else for anything. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { frameHeaders, pageHeaders } from '../../demo/server/security-headers.mjs';
import { PAGES } from '../../site/pages.mjs';
import { root } from '../support/static-files.mjs';

const built = join(root, 'site/dist');
let pages;

before(() => {
  // A dead link ends it with an error.
  const { status, stderr } = spawnSync(process.execPath, ['site/run.mjs', '--build'], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  pages = readdirSync(built, { recursive: true }).filter((name) => name.endsWith('.html'));
});

test('has each document, and the API of each module', () => {
  const wanted = [
    'index.html',
    ...PAGES.map((path) => path.replace(/\.md$/, '.html')),
    ...['hadoken/index', 'frame', 'hadoken.drop-in', 'testing', 'cluster'].map(
      (name) => `api/${name}.html`,
    ),
  ];
  assert.deepEqual(
    wanted.filter((name) => !pages.includes(name)),
    [],
  );
  const frame = readFileSync(join(built, 'api/frame.html'), 'utf8');
  for (const name of ['ServeOptions', 'FetchRule', 'onResponse', 'bodyBytes'])
    assert.ok(frame.includes(name), name);
});

test('loads nothing from elsewhere, and has a search of its own', () => {
  const files = readdirSync(built, { recursive: true });
  for (const name of pages) {
    const text = readFileSync(join(built, name), 'utf8');
    for (const [, url] of text.matchAll(/<(?:script|link|img|iframe)[^>]+(?:src|href)="([^"]+)"/g))
      assert.match(url, /^(\/(?!\/)|data:)/, `${name} loads ${url}`);
  }
  for (const name of files.filter((each) => each.endsWith('.css')))
    assert.doesNotMatch(readFileSync(join(built, name), 'utf8'), /url\(["']?https?:/, name);
  assert.ok(files.some((name) => /localSearchIndex/i.test(name)));
});

test('is the one site that may embed the demo, where it has started it', () => {
  const origins = { app: 'http://app.x', shop: 'http://shop.x', push: 'http://push.x' };
  const ancestors = (headers) =>
    /frame-ancestors ([^;]+)/.exec(headers['Content-Security-Policy'])[1];
  const docs = 'http://docs.x';
  assert.equal(ancestors(pageHeaders({ ...origins, docs })), docs);
  assert.equal(ancestors(pageHeaders(origins)), "'none'");
  assert.equal(
    ancestors(frameHeaders({ ...origins, docs }, 'frame.html')),
    'http://app.x http://shop.x http://docs.x',
  );
});
