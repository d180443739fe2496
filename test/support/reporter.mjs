import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';

/**
 * The runner's reporter: every failure with its file, engine, error and stack as it happens, then a line an
 * engine. What counts as failed beside a failed test: a file that could not be loaded, did not finish, threw
 * outside its tests or has no tests, and an engine that did not run every file.
 *
 * `resultsFile` receives these counts and what failed, with the first line of why, for each engine, for test/run.mjs.
 */
export function countingReporter({ resultsFile }) {
  let files = [];
  let startedAt = 0;
  return {
    start({ testFiles, startTime }) {
      files = testFiles;
      startedAt = startTime;
    },
    reportTestFileResults({ logger, sessionsForTestFile, testFile }) {
      for (const session of sessionsForTestFile) {
        const result = summarise(session);
        const name = relative(process.cwd(), testFile);
        const skipped = result.skipped ? `, ${result.skipped} skipped` : '';
        const mark = result.failures.length ? '✗' : '✓';
        logger.log(
          `${mark} ${name} (${session.browser.type}): ${result.passed} passed, ${result.failures.length} failed${skipped}`,
        );
        for (const failure of result.failures) {
          logger.log(
            indent(
              `✗ ${failure.name}\n${name} in ${session.browser.name}\n${describe(failure.error)}`,
              4,
            ),
          );
        }
        if (result.failures.length) logger.log(indent(consoleLines(session), 6));
      }
    },
    stop({ sessions }) {
      const engines = {};
      for (const session of sessions) {
        const { type, name } = session.browser;
        engines[type] ??= { name, passed: 0, failed: 0, skipped: 0, files: 0, names: [] };
        const { passed, skipped, failures } = summarise(session);
        // The launcher knows the version only once the browser has started.
        Object.assign(engines[type], { name });
        engines[type].passed += passed;
        engines[type].skipped += skipped;
        engines[type].failed += failures.length;
        engines[type].files += 1;
        const file = relative(process.cwd(), session.testFile);
        const said = ({ error }) => String(error?.message ?? 'no error given').split('\n')[0];
        engines[type].names.push(
          ...failures.map((failure) => `${failure.name} (${file}): ${said(failure)}`),
        );
      }
      console.log();
      for (const engine of Object.values(engines)) {
        engine.failed += Math.max(0, files.length - engine.files);
        const skipped = engine.skipped ? `, ${engine.skipped} skipped` : '';
        console.log(`${engine.name}: ${engine.passed} passed, ${engine.failed} failed${skipped}`);
      }
      console.log(`${files.length} files in ${((Date.now() - startedAt) / 1_000).toFixed(1)} s`);
      if (resultsFile) writeFileSync(resultsFile, JSON.stringify(engines));
    },
  };
}

function summarise(session) {
  const tests = [...testsOf(session.testResults)];
  const failures = tests.filter((test) => !test.passed && !test.skipped);
  const errors = [...(session.errors ?? [])];
  if (tests.length === 0 && errors.length === 0) errors.push({ message: 'The file has no tests.' });
  else if (!session.passed && failures.length === 0 && errors.length === 0)
    errors.push({ message: 'The runner says so.' });
  for (const error of errors) failures.push({ name: 'the file itself', error });
  return {
    passed: tests.filter((test) => test.passed && !test.skipped).length,
    skipped: tests.filter((test) => test.skipped).length,
    failures,
  };
}

function* testsOf(suite, path = []) {
  if (!suite) return;
  for (const test of suite.tests) yield { ...test, name: [...path, test.name].join(' › ') };
  for (const inner of suite.suites) yield* testsOf(inner, [...path, inner.name]);
}

function describe(error) {
  if (!error) return 'no error given';
  const { name = 'Error', message, stack, expected, actual } = error;
  const lines = [`${name}: ${message}`];
  if (expected !== undefined || actual !== undefined)
    lines.push(`expected: ${expected}`, `actual:   ${actual}`);
  if (stack) lines.push(stack.replace(`${name}: ${message}\n`, ''));
  return lines.join('\n');
}

/** The page's last words, and the files it asked the runner for in vain: a failed import names none. */
function consoleLines({ logs = [], request404s = [] }) {
  const lines = logs.slice(-20).map((args) => `console: ${args.map(toText).join(' ')}`);
  return [...lines, ...request404s.map((path) => `not found: ${path}`)].join('\n');
}
const toText = (value) =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'undefined');
const indent = (text, width) => text.replace(/^/gm, ' '.repeat(width));
