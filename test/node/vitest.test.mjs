/** The client in vitest's environments, installed as users have it: its own tests are in test/fixtures/vitest. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { startPushServer } from '../support/push-server.mjs';
import { createUserProject } from '../support/user-project.mjs';

const project = createUserProject('vitest');
const server = await startPushServer({});
after(() => {
  server.stop();
  project.remove();
});
// happy-dom's fetch keeps to the same origin, as a browser's does.
const happyDOM = { settings: { fetch: { disableSameOriginPolicy: true } } };
const config = {
  test: { include: ['*.test.mjs'], testTimeout: 60_000, environmentOptions: { happyDOM } },
};
const configFile = join(project.folder, 'vitest.config.mjs');
writeFileSync(configFile, `export default ${JSON.stringify(config)};`);

/** What became of each test: `[{ fullName, status, failureMessages }]`. */
async function run(environment) {
  const output = join(project.folder, `${environment}.json`);
  const args = ['run', '--environment', environment, '--reporter=json', '--outputFile', output];
  const env = { ENVIRONMENT: environment, PUSH_ORIGIN: `http://127.0.0.1:${server.port}` };
  const said = await project.run('vitest/vitest.mjs', args, env);
  assert.ok(existsSync(output), said);
  const { testResults } = JSON.parse(readFileSync(output, 'utf8'));
  return testResults.flatMap(({ name, message, assertionResults }) =>
    assertionResults.length
      ? assertionResults
      : [{ fullName: name, status: 'failed', failureMessages: [message] }],
  );
}

const environments = ['node', 'jsdom', 'happy-dom'];
const results = [];
// Before the first of them is told of: what comes later is after the end, to Node's runner.
for (const environment of environments) results.push(await run(environment));
for (const [i, environment] of environments.entries())
  describe(`in vitest's environment ${environment}, the client has`, () => {
    it('all of its tests', () => assert.ok(results[i].length > 15, `${results[i].length} of them`));
    for (const { fullName, status, failureMessages } of results[i])
      it(fullName, { skip: status === 'pending' || status === 'skipped' }, () =>
        assert.equal(status, 'passed', failureMessages.join('\n')),
      );
  });
