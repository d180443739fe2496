import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = readFileSync(join(root, 'SECURITY.md'), 'utf8');

/** `{ file, name }` of every test that SECURITY.md names; `name` is the text after ›, up to a comma, a bar or a bracket. */
const named = [
  ...text.matchAll(/`(test\/[\w/.-]+)`(?: › ([^|`)]+?))?(?=,? `|,? \||\)|:|\.|$)/gm),
].map(([, file, name]) => ({ file, name: name?.trim() }));

test('every test that SECURITY.md names is there', () => {
  assert.ok(named.length > 30, `only ${named.length} are named`);
  for (const { file, name } of named) {
    const path = join(root, file);
    assert.ok(existsSync(path), `${file} is not there`);
    if (name) assert.ok(readFileSync(path, 'utf8').includes(name), `${file} has no test "${name}"`);
  }
});

test('every promise of SECURITY.md names a test that holds it', () => {
  const start = text.indexOf('## What is promised');
  const promises = text
    .slice(start, text.indexOf('## What is not promised'))
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'));
  assert.ok(promises.length > 25, `only ${promises.length} promises`);
  for (const line of promises)
    assert.match(line, /`test\/[\w/.-]+\.test\.(ts|mjs)`/, line.slice(0, 90));
});

test('SECURITY.md says how many mutants there are', () => {
  const mutants = readFileSync(join(root, 'test/mutants.mjs'), 'utf8');
  const entries = mutants
    .slice(mutants.indexOf('const mutants = ['))
    .match(/^ {2}(\{|stepMutant\()/gm);
  assert.match(text, new RegExp(`in a copy, ${entries.length} in all`));
});
