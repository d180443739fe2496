/** Mocha's names for node:test. A test whose name is listed is skipped by its list, never by chance. */
import * as tests from 'node:test';

Object.assign(globalThis, {
  describe: tests.describe,
  before: tests.before,
  after: tests.after,
  beforeEach: tests.beforeEach,
  afterEach: tests.afterEach,
});

const path = [];
/** Differences that docs/node.md lists: by the beginning of a test's full name. */
export const listed = new Set();
export const met = new Set();

globalThis.describe = (name, define) =>
  tests.describe(name, () => {
    path.push(name);
    define.call({ timeout() {} });
    path.pop();
  });

globalThis.it = (name, run) => {
  const full = [...path, name].join(' › ');
  // Node 20 has no EventSource and no WebSocket to compare with: the browsers' expectations stand for them.
  if (full.includes('(platform)')) return;
  const entry = [...listed].find((start) => full.includes(start));
  if (entry === undefined)
    return tests.it(name, { timeout: 30_000 }, () => run.call({ timeout() {} }));
  met.add(entry);
};

// What throws in a listener ends as an unhandled rejection; a test that wants one to happen listens for it.
globalThis.__listen = (type, listener) => {
  if (type !== 'unhandledrejection') throw new Error(`no ${type} in Node`);
  const given = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  const handler = (reason) => listener({ reason, preventDefault() {} });
  handlers.set(listener, { handler, given });
  process.on('unhandledRejection', handler);
};
globalThis.__unlisten = (_type, listener) => {
  const { handler, given } = handlers.get(listener);
  process.off('unhandledRejection', handler);
  for (const each of given) process.on('unhandledRejection', each);
};
const handlers = new Map();
