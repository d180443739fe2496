import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/**
 * A user's project in a folder of its own, with the files of `fixture`, or with `files`, texts by their names: the package as
 * npm packs it in node_modules, and beside it what this repository has installed. `run(command, args, env)` runs a package's command there, and
 * resolves with what it printed to stderr.
 */
export function createUserProject(fixture, files = []) {
  const folder = mkdtempSync(join(tmpdir(), 'hadoken-project-'));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, 'hadoken'), { recursive: true });
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = spawnSync('npm', pack, { cwd: root, encoding: 'utf8' });
  const tarball = join(folder, JSON.parse(stdout)[0].filename);
  spawnSync('tar', ['xf', tarball, '--strip-components=1', '-C', join(modules, 'hadoken')]);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.') && name !== 'hadoken')
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  if (fixture) cpSync(join(root, 'test/fixtures', fixture), folder, { recursive: true });
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return {
    folder,
    async run(command, args, env) {
      const child = spawn(process.execPath, [join(modules, command), ...args], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, NODE_OPTIONS: '', ...env },
        timeout: 240_000,
      });
      let said = '';
      child.stderr.on('data', (text) => {
        said += text;
      });
      await once(child, 'close');
      return said;
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
