/** The Node client in the releases of Node that it is for. `npm test` has the one that runs it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { arch, platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hadoken-nodes-'));
after(() => rmSync(folder, { recursive: true }));

const files = ['compliance', 'client', 'client-faults', 'context', 'reconnecting', 'testing'];

async function run(command, args, options) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text) => {
      output += text;
    });
  const [code] = await once(child, 'close');
  return { code, output };
}

/** The program, from the packages that hold Node's own builds. */
async function download(version) {
  const into = join(folder, version);
  mkdirSync(into);
  const name = `node-${platform()}-${arch()}@${version}`;
  const packed = await run('npm', ['pack', name, '--silent'], { cwd: into });
  assert.equal(packed.code, 0, packed.output);
  const file = packed.output.trim().split('\n').at(-1);
  const unpacked = await run('tar', ['xf', file, 'package/bin/node'], { cwd: into });
  assert.equal(unpacked.code, 0, unpacked.output);
  return join(into, 'package/bin/node');
}

for (const version of ['20.19', '22', '24'])
  describe(`Node ${version}`, { timeout: 1_200_000 }, async () => {
    let node;
    it('can be had', async () => {
      node = await download(version);
    });
    for (const name of files)
      it(`passes ${name}.test.mjs`, async () => {
        const args = ['--test', '--test-reporter=tap', `test/node/${name}.test.mjs`];
        // Not as a part of this run: the runner would send its results here. And in the short form:
        // the long one is run in one release.
        const env = { ...process.env, NODE_TEST_CONTEXT: undefined, HADOKEN_LONG: undefined };
        const { code, output } = await run(node, args, { cwd: root, env });
        const failed = [...output.matchAll(/^ *not ok \d+ - .*$/gm)].map(([line]) => line.trim());
        assert.deepEqual(failed, [], output.slice(-4_000));
        assert.equal(code, 0, output.slice(-2_000));
      });
  });
