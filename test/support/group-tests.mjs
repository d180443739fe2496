import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Tests of code alone: they make no frame, and leave nothing behind in their page. */
const FOLDERS = ['test/rpc', 'test/ajax', 'test/frame'];
/** The most files of one page, so that the engines have something to share out. */
const SIZE = 12;

/**
 * What the runner is to run: a page of each file of tests costs its engines some seconds, so those of code alone share some, in files of imports
 * that are written to .cache/test-groups.
 */
export function groupTests(rootDir) {
  const folder = join(rootDir, '.cache/test-groups');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const path of FOLDERS) {
    const files = readdirSync(join(rootDir, path), { recursive: true })
      .filter((name) => name.endsWith('.test.ts') && !name.includes('.long.test.'))
      .sort();
    for (let at = 0; at < files.length; at += SIZE) {
      const imports = files.slice(at, at + SIZE).map((name) => `import '../../${path}/${name}';\n`);
      const name = `${path.replaceAll('/', '-')}-${1 + at / SIZE}.test.ts`;
      writeFileSync(join(folder, name), imports.join(''));
    }
  }
  return [
    'test/**/*.test.ts',
    '!test/**/*.long.test.ts',
    ...FOLDERS.map((path) => `!${path}/**`),
    '.cache/test-groups/*.test.ts',
  ];
}
