import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { HadokenError } from '../../dist/hadoken.node.mjs';

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
  'hadoken.node.mjs',
  'hadoken.node.d.ts',
  'frame.node.mjs',
  'testing.mjs',
  'testing.d.ts',
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
    const map = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(
      readFileSync(join(dist, name), 'utf8'),
    )?.[1];
    assert.ok(map, `${name} names no source map`);
    const { sources, sourcesContent } = JSON.parse(
      readFileSync(join(dist, name, '..', map), 'utf8'),
    );
    assert.ok(
      sources.length > 0 && sourcesContent?.length === sources.length,
      `${map} carries no sources`,
    );
  }
});

/** The packages in a bundle of dist, by its source map: `[{ name, version, license, text }]`. */
function packagesIn(name) {
  const { sources } = JSON.parse(readFileSync(join(dist, `${name}.map`), 'utf8'));
  const paths = sources.map((source) => /(node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(source)?.[1]);
  return [...new Set(paths.filter(Boolean))].map((path) => {
    const folder = join(root, path);
    const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
    const text = readFileSync(join(folder, file), 'utf8').trim();
    return { ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')), text };
  });
}

test('the licences of all that is bundled are shipped, and every bundle names them', () => {
  const scripts = readdirSync(dist).filter((name) => /\.m?js$/.test(name));
  const shippedText = readFileSync(join(dist, 'LICENSES.txt'), 'utf8');
  const expected = new Map();
  for (const script of scripts) {
    const banner = /^\/\*!(.*?)\*\//s.exec(readFileSync(join(dist, script), 'utf8'))?.[1] ?? '';
    for (const { name, version, license, text } of packagesIn(script)) {
      assert.ok(
        banner.includes(`${name} ${version}, ${license}`),
        `${script} does not name ${name} ${version}`,
      );
      assert.ok(banner.includes('LICENSES.txt'), `${script} does not say where its licences are`);
      assert.ok(shippedText.includes(`\n${text}\n`), `the licence of ${name} is not shipped`);
      const title = `${name} ${version}, ${license}, in `;
      expected.set(title, [...(expected.get(title) ?? []), script]);
    }
  }
  // Sections of exactly these packages, with the bundles that they are in.
  const titles = [...shippedText.matchAll(/^=+\n(.+ in .+)\n=+$/gm)].map(([, title]) => title);
  assert.deepEqual(
    titles.sort(),
    [...expected].map(([title, names]) => title + names.join(', ')).sort(),
  );
  assert.ok(
    titles.some((title) => title.startsWith('comlink ')),
    'comlink is bundled',
  );
  // The whole of Apache-2.0, and our own.
  assert.match(
    shippedText,
    /TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION[\s\S]+END OF TERMS/,
  );
  assert.ok(shippedText.includes(readFileSync(join(root, 'LICENSE'), 'utf8').trim()));
});

test('the package has the licences in it', () => {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
  });
  const paths = JSON.parse(stdout)[0].files.map(({ path }) => path);
  for (const name of ['LICENSE', 'dist/LICENSES.txt'])
    assert.ok(paths.includes(name), `${name} is missing`);
});

test("the frame's page needs no inline script", () => {
  const html = readFileSync(join(dist, 'frame.html'), 'utf8');
  assert.match(html, /<script[^>]* src=/);
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)[^>]*>/);
  assert.doesNotMatch(html, /\son\w+=/);
});

test('the frame loads socket.io-client as a chunk of its own, and the page not at all', () => {
  // A member of every transport of engine.io-client, which no minifier renames.
  const hasClient = (name) => /\bsupportsBinary\b/.test(readFileSync(join(dist, name), 'utf8'));
  assert.ok(hasClient('frame.io.js'));
  for (const name of ['hadoken.js', 'hadoken.mjs', 'frame.js', 'frame.mjs'])
    assert.ok(!hasClient(name), name);
});

test('nothing of Node is in what a browser loads, and nothing of a window in what Node loads', () => {
  const read = (name) => readFileSync(join(dist, name), 'utf8');
  for (const name of ['hadoken.js', 'hadoken.mjs', 'frame.js', 'frame.mjs', 'frame.io.js']) {
    assert.doesNotMatch(read(name), /\bfrom ?["'](node:|ws["'])/, name);
    const { sources } = JSON.parse(read(`${name}.map`));
    assert.ok(!sources.some((source) => source.includes('src/node/')), name);
  }
  const { sources } = JSON.parse(read('hadoken.node.mjs.map'));
  // page-document.ts is: it is asked whether the page is prerendered, where there is a document.
  for (const file of ['frame-element.ts', 'keep-focus.ts', 'shake-hands.ts'])
    assert.ok(!sources.some((source) => source.endsWith(file)), file);
});

test('the hub is of the release of the package: those of two releases do not talk', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const text = readFileSync(join(root, 'src/rpc/wire/hub.ts'), 'utf8');
  assert.equal(/RELEASE = '(.+)'/.exec(text)?.[1], version);
});

test('publint finds nothing to say', async () => {
  const { messages, pkg } = await publint({ pkgDir: root, strict: true });
  assert.deepEqual(
    messages.map((message) => formatMessage(message, pkg)),
    [],
  );
});

test('the types are right for every way of importing the package', () => {
  // A page has no types, nor have the loader and what is loaded beside frame.js.
  run(
    join(root, 'node_modules/.bin/attw'),
    '--pack',
    '.',
    '--profile',
    'esm-only',
    '--exclude-entrypoints',
    'frame.html',
    'frame.io.js',
    'frame.msgpack.js',
    'frame.hub.js',
    'frame.vault.js',
    'frame.urlpattern.js',
    'hadoken.loader.js',
  );
});

test('the page side keeps to its size', () => {
  run(process.execPath, 'scripts/size.mjs');
});

test('the troubleshooting page has every code, and no other', () => {
  const [, union] = /type ErrorCode =([^;]+);/.exec(
    readFileSync(join(root, 'src/rpc/errors.ts'), 'utf8'),
  );
  const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');
  assert.ok(codes.length > 10);
  const headings = [...page.matchAll(/^## ([A-Z_]+)$/gm)].map(([, code]) => code);
  assert.deepEqual(headings.sort(), codes.sort());
  for (const code of codes) assert.ok(page.includes(`[\`${code}\`](#${code.toLowerCase()})`), code);
  // What the table says first is what an error of that code says by itself.
  for (const code of codes) {
    const [, retryable] =
      new RegExp(`^\\| \\[\`${code}\`\\]\\S+ \\| \\S+ \\| (yes|no)\\b`, 'm').exec(page) ?? [];
    assert.equal(retryable, new HadokenError(code, 'a').retryable ? 'yes' : 'no', code);
  }
});
