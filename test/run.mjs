/**
 * `npm test`: sets up, builds, lints, checks types, then runs the tests in Node and in every engine.
 *
 *   npm test                                        everything
 *   npm test -- test/boundary test/rpc/calls.test.ts  those folders and files only, without the checks
 *   npm test -- --no-build …                        with the dist that is there
 *   ENGINES=chromium,firefox npm test               in these engines
 *   npm run test:long                               what takes over a minute: see LONG
 *
 * Its last line is `N passed, N failed`, over everything; each check counts as one.
 */
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setup } from './setup.mjs';
import { presentEngines, wantedEngines } from './support/engines.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'hadoken-test-'));
const total = { passed: 0, failed: 0 };
const failures = [];
process.chdir(root);

const args = process.argv.slice(2);
/** Tests that have a short form in `npm test` and all their cases under `npm run test:long`. */
const LONG = [
  'test/node/hub.test.mjs',
  'test/node/tabs.test.mjs',
  'test/boundary/shared',
  'test/node/nothing-left.test.mjs',
  'test/boundary/nothing-left.test.ts',
  'test/boundary/redirects.test.ts',
  'test/boundary/uploads.test.ts',
  'test/parent/real-pages.test.ts',
  'test/compliance/push',
  'test/node/compliance.test.mjs',
  'test/node/reconnecting.test.mjs',
];
/** Tests of their own that only `npm run test:long` runs. */
const isLongOnly = (file) => file.includes('.long.test.');
const isLong = args.includes('--long');
if (isLong) process.env.HADOKEN_LONG = '1';
/** A file itself, or the tests in a folder. */
const testsIn = (path) =>
  statSync(path).isFile()
    ? [path]
    : readdirSync(path, { recursive: true })
        .filter((name) => /\.test\.m?[jt]s$/.test(name))
        .map((name) => join(path, name));
const named = args.filter((arg) => !arg.startsWith('--')).flatMap(testsIn);

const isNodeTest = (file) => file.endsWith('.mjs');
/** The Node tests: ours, and those of the packages. */
const nodeFolders = [
  'test/node',
  'test/guides',
  ...readdirSync('packages').map((name) => join('packages', name, 'test')),
].filter((folder) => existsSync(folder));
const longOnly = ['test', ...nodeFolders.slice(1)].flatMap(testsIn).filter(isLongOnly);
const files = isLong && !named.length ? [...LONG.flatMap(testsIn), ...longOnly] : named;
const nodeFiles = files.length
  ? files.filter(isNodeTest)
  : nodeFolders.flatMap((folder) =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.test.mjs') && !isLongOnly(name))
        .map((name) => join(folder, name)),
    );
const pageFiles = files.filter((file) => !isNodeTest(file));

/** Counts them; `names` of what failed are said again at the end, where a log is read first. */
function add(what, passed, failed, names = []) {
  total.passed += passed;
  total.failed += failed;
  if (failed) failures.push([`${what}: ${failed} failed`, ...names].join('\n    ✗ '));
}

/** Runs a program of node_modules/.bin (or node itself) on our terminal; true if it ended well in time. */
function runProgram(name, programArgs, { env, timeout = 300_000 } = {}) {
  const command = name === 'node' ? process.execPath : join('node_modules/.bin', name);
  const { status, error } = spawnSync(command, programArgs, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
    timeout,
    killSignal: 'SIGTERM',
  });
  if (error) console.error(`${name}: ${error.message}`);
  return status === 0;
}

function check(what, program, ...programArgs) {
  console.log(`\n== ${what}`);
  const passed = runProgram(program, programArgs);
  add(what, Number(passed), Number(!passed));
}

function build() {
  if (existsSync('rollup.config.mjs')) return check('build', 'rollup', '-c', '--silent');
  console.error(
    '\n== build\nThere is no rollup.config.mjs, so dist/ is not made: tests of the frame will fail.',
  );
  add('build', 0, 1);
}

function runNodeTests(unavailable) {
  const present = nodeFiles.filter((file) => !unavailable.some((name) => file.startsWith(name)));
  if (!present.length) return;
  console.log('\n== tests in Node');
  const tap = join(scratch, 'node.tap');
  const reporters = ['spec', 'stdout', 'tap', tap].map(
    (value, i) => `--test-reporter${i % 2 ? '-destination' : ''}=${value}`,
  );
  // A file that does not end is one failure, and not the end of all that come after it.
  const timeouts = isLong ? { file: 1_800_000, all: 7_200_000 } : { file: 600_000, all: 2_400_000 };
  // Most of them start a browser of their own, and wait for it most of the time.
  const nodeArgs = ['--test', `--test-timeout=${timeouts.file}`, '--test-concurrency=2'];
  const ended = runProgram('node', [...nodeArgs, ...reporters, ...present], {
    timeout: timeouts.all,
  });
  const text = existsSync(tap) ? readFileSync(tap, 'utf8') : '';
  const count = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
  const failed = count('fail') + count('cancelled');
  const names = [...text.matchAll(/^ *not ok \d+ - (.*)$/gm)].map(([, name]) => name);
  add('tests in Node', count('pass'), failed || Number(!ended), names);
}

function runBrowserTests(unavailable) {
  if (files.length && !pageFiles.length) return;
  const engines = wantedEngines().filter((name) => presentEngines().includes(name));
  console.log(`\n== tests in ${engines.join(', ') || 'no browser at all'}`);
  const resultsFile = join(scratch, 'engines.json');
  const ended =
    engines.length > 0 &&
    runProgram('web-test-runner', pageFiles.length ? ['--files', ...pageFiles] : [], {
      env: { HADOKEN_RESULTS: resultsFile },
      timeout: 1_800_000,
    });
  const results = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
  let counted = 0;
  for (const engine of engines) {
    // An engine that says nothing has not run: that is a failure, whatever the exit code.
    const { passed, failed, names } = results[engine] ?? { passed: 0, failed: 1 };
    add(engine, passed, passed + failed === 0 ? 1 : failed, names);
    counted += failed;
  }
  if (!ended && counted === 0) add('the runner ended with an error', 0, 1);
  if (process.env.CI) for (const engine of unavailable) add(`${engine} is not installed`, 0, 1);
}

let unavailable = [];
try {
  console.log('== setup');
  unavailable = setup();
  if (!args.includes('--no-build')) build();
  if (!files.length) {
    check('lint', 'biome', 'check', '.');
    check('types of src', 'tsc', '--noEmit');
    check('types of the packages', 'tsc', '--noEmit', '-p', 'packages/cluster');
    check('types of test, and what must not compile', 'tsc', '--noEmit', '-p', 'test');
  }
  runNodeTests(unavailable);
  runBrowserTests(unavailable);
} catch (error) {
  console.error(error);
  add('the run itself', 0, 1);
}
rmSync(scratch, { recursive: true, force: true });
for (const failure of failures) console.log(`✗ ${failure}`);
if (unavailable.length)
  console.log(`!! NOT TESTED, for it is not installed: ${unavailable.join(', ')}`);
process.exitCode = total.failed ? 1 : 0;
// What `npm run badges` draws: the figures of the last run of everything.
if (!files.length) {
  mkdirSync('.cache', { recursive: true });
  writeFileSync('.cache/tests.json', JSON.stringify(total));
}
console.log(`${total.passed} passed, ${total.failed} failed`);
