/** Every link of a document leads somewhere, in this repository and in the package that npm packs of it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The files of a package as npm packs it. */
function packed(folder) {
  const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  return JSON.parse(stdout)[0].files.map(({ path }) => path);
}

/** Without what is in a block of code, or in quotes of code. */
const prose = (text) => text.replace(/^ *```[\s\S]*?^ *```$/gm, '').replace(/`[^`\n]*`/g, 'code');

/** The names that a heading can be linked to by, as GitHub and VitePress make them of its text. */
function anchorsOf(text) {
  const seen = new Map();
  return [...text.replace(/^ *```[\s\S]*?^ *```$/gm, '').matchAll(/^#{1,6} +(.+)$/gm)].map(
    ([, heading]) => {
      const slug = heading
        .toLowerCase()
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replace(/\s/g, '-');
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count ? `${slug}-${count}` : slug;
    },
  );
}

/** The relative links of a document, as paths of the package, with their anchors. */
function linksOf(path, text) {
  return [...prose(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, link]) => link)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => {
      const [file, anchor] = link.split('#');
      return { link, anchor, file: file ? normalize(join(dirname(path), file)) : path };
    });
}

function check(folder, paths) {
  const dead = [];
  for (const path of paths.filter((each) => each.endsWith('.md'))) {
    const text = readFileSync(join(folder, path), 'utf8');
    for (const { link, file, anchor } of linksOf(path, text)) {
      if (!paths.includes(file)) dead.push(`${path}: ${link}`);
      else if (anchor && !anchorsOf(readFileSync(join(folder, file), 'utf8')).includes(anchor))
        dead.push(`${path}: ${link} (no such heading)`);
    }
  }
  return dead;
}

test('no document of the package has a dead link', () => {
  const paths = packed(root);
  for (const name of ['README.md', 'SECURITY.md', 'docs/connect.md', 'docs/guides/nginx.md'])
    assert.ok(paths.includes(name), `${name} is packed`);
  assert.deepEqual(check(root, paths), []);
});

test('no document of the repository has a dead link', () => {
  const { stdout } = spawnSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' });
  assert.deepEqual(check(root, stdout.trim().split('\n')), []);
});

test('every document of docs is reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const path of reached) {
    const text = readFileSync(join(root, path), 'utf8');
    for (const { file } of linksOf(path, text)) if (file.endsWith('.md')) reached.add(file);
  }
  const all = readdirSync(join(root, 'docs'), { recursive: true })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => join('docs', name));
  assert.deepEqual(
    all.filter((path) => !reached.has(path)),
    [],
  );
});
