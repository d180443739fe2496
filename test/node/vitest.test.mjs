/** The client in vitest's environments, installed as users have it: its own tests are in test/fixtures/vitest. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startPushServer } from '../support/push-server.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hadoken-vitest-'));
const modules = join(folder, 'node_modules');
const server = await startPushServer({});
after(() => {
  server.stop();
  rmSync(folder, { recursive: true });
});

/** A user's project: the packed package in node_modules, and beside it what the tests need. */
function install() {
  mkdirSync(join(modules, 'hadoken'), { recursive: true });
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const { stdout } = spawnSync('npm', pack, { cwd: root, encoding: 'utf8' });
  const tarball = join(folder, JSON.parse(stdout)[0].filename);
  spawnSync('tar', ['xf', tarball, '--strip-components=1', '-C', join(modules, 'hadoken')]);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.') && name !== 'hadoken')
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  cpSync(join(root, 'test/fixtures/vitest'), folder, { recursive: true });
  // happy-dom's fetch keeps to the same origin, as a browser's does.
  const happyDOM = { settings: { fetch: { disableSameOriginPolicy: true } } };
  const config = { test: { include: ['*.test.mjs'], environmentOptions: { happyDOM } } };
  writeFileSync(join(folder, 'vitest.config.mjs'), `export default ${JSON.stringify(config)};`);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
}

/** What became of each test: `[{ fullName, status, failureMessages }]`. */
async function run(environment) {
  const output = join(folder, `${environment}.json`);
  const args = ['run', '--environment', environment, '--reporter=json', '--outputFile', output];
  const env = { ...process.env, ENVIRONMENT: environment, NODE_OPTIONS: '' };
  const child = spawn(process.execPath, [join(modules, 'vitest/vitest.mjs'), ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...env, PUSH_ORIGIN: `http://127.0.0.1:${server.port}` },
    timeout: 240_000,
  });
  // What the environments have to say of connections that are lost, too: of interest only then.
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  await once(child, 'close');
  assert.ok(existsSync(output), said);
  const { testResults } = JSON.parse(readFileSync(output, 'utf8'));
  return testResults.flatMap(({ name, message, assertionResults }) =>
    assertionResults.length
      ? assertionResults
      : [{ fullName: name, status: 'failed', failureMessages: [message] }],
  );
}

install();
const environments = ['node', 'jsdom', 'happy-dom'];
const results = [];
// Before the first of them is told of: what comes later is after the end, to Node's runner.
for (const environment of environments) results.push(await run(environment));
for (const [i, environment] of environments.entries())
  describe(`in vitest's environment ${environment}, the client has`, () => {
    for (const { fullName, status, failureMessages } of results[i])
      it(fullName, { skip: status === 'pending' || status === 'skipped' }, () =>
        assert.equal(status, 'passed', failureMessages.join('\n')),
      );
  });
