import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const root = fileURLToPath(new URL('../../', import.meta.url));
const dist = join(root, 'dist');

/** The table "What is shipped" of the public contract. */
const shipped = [
  'hadoken.js',
  'hadoken.js.map',
  'hadoken.mjs',
  'hadoken.d.ts',
  'frame.js',
  'frame.js.map',
  'frame.mjs',
  'frame.d.ts',
  'frame.html',
  'globals.d.ts',
  'globals.mjs',
];

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}${stderr}`);
}

test('dist has every file of the public contract', () => {
  assert.deepEqual(
    shipped.filter((name) => !existsSync(join(dist, name))),
    [],
  );
});

test('every source map a file of dist names is there, with its sources', () => {
  const scripts = readdirSync(dist, { recursive: true }).filter((name) => /\.m?js$/.test(name));
  for (const name of scripts) {
    const map = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(readFileSync(join(dist, name), 'utf8'))?.[1];
    assert.ok(map, `${name} names no source map`);
    const { sources, sourcesContent } = JSON.parse(readFileSync(join(dist, name, '..', map), 'utf8'));
    assert.ok(sources.length > 0 && sourcesContent?.length === sources.length, `${map} carries no sources`);
  }
});

test("the frame's page needs no inline script", () => {
  const html = readFileSync(join(dist, 'frame.html'), 'utf8');
  assert.match(html, /<script[^>]* src=/);
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)[^>]*>/);
  assert.doesNotMatch(html, /\son\w+=/);
});

test('the frame loads socket.io-client as a chunk of its own, and the page not at all', () => {
  // Every engine.io client sends its protocol version under this name.
  for (const name of ['hadoken.js', 'hadoken.mjs', 'frame.js']) {
    assert.doesNotMatch(readFileSync(join(dist, name), 'utf8'), /\bEIO\b/, name);
  }
});

test('publint finds nothing to say', async () => {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test('the types are right for every way of importing the package', () => {
  // A page has no types.
  run(
    join(root, 'node_modules/.bin/attw'),
    '--pack',
    '.',
    '--profile',
    'esm-only',
    '--exclude-entrypoints',
    'frame.html',
  );
});

test('the page side keeps to its size', () => {
  run(process.execPath, 'scripts/size.mjs');
});

test('the troubleshooting page has every code, and no other', () => {
  const [, union] = /type ErrorCode =([^;]+);/.exec(readFileSync(join(root, 'src/rpc/errors.ts'), 'utf8'));
  const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');
  assert.ok(codes.length > 10);
  const headings = [...page.matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code);
  assert.deepEqual(headings.sort(), codes.sort());
  for (const code of codes) assert.ok(page.includes(`[\`${code}\`](#${code.toLowerCase()})`), code);
});
