import { esbuildPlugin } from '@web/dev-server-esbuild';
import { bundleTests } from './test/support/bundle-tests.mjs';
import { serveBundle } from './test/support/bundles.mjs';
import { chromiumLauncher } from './test/support/chromium-launcher.mjs';
import { engineOf, presentEngines, wantedEngines } from './test/support/engines.mjs';
import { firefoxLauncher } from './test/support/firefox-launcher.mjs';
import { freePort } from './test/support/free-port.mjs';
import { groupTests } from './test/support/group-tests.mjs';
import { recordHiddenFrames } from './test/support/hidden-frames.mjs';
import { resolveLocalhostNames } from './test/support/local-names.mjs';
import { servePages } from './test/support/page-server.mjs';
import { countingReporter } from './test/support/reporter.mjs';
import { startServers } from './test/support/servers.mjs';
import { webkitLauncher } from './test/support/webkit-launcher.mjs';

resolveLocalhostNames();
const hostname = 'app.hadoken.localhost';
const port = await freePort();
const app = `http://${hostname}:${port}`;

const launchers = { chromium: chromiumLauncher, firefox: firefoxLauncher, webkit: webkitLauncher };
const present = presentEngines();
const engines = wantedEngines().filter((name) => present.includes(name));
const env = {};
// Generated tests print theirs: HADOKEN_SEED=… npm test -- <file> runs the same again.
const seed = Number(process.env.HADOKEN_SEED ?? Math.floor(Math.random() * 2 ** 31));
// `npm run test:long`: all of a test's cases, where `npm test` has one of each kind.
const isLong = Boolean(process.env.HADOKEN_LONG);
const isPacked = Boolean(process.env.HADOKEN_PACKED);
for (const engine of engines)
  env[engine] = { engine, seed, isLong, isPacked, ...(await startServers(app)) };

/**
 * Runs before the tests. Tells the page which servers are its engine's, for the runner gives every engine the
 * same page. Shows the tests the frames that the page can't see. And makes a rejection that nobody handles fail the test it happens under: users would see it too.
 * A test that wants one to happen says so by preventDefault().
 */
const prelude = `
  (${recordHiddenFrames})();
  globalThis.__hadokenTest = ${JSON.stringify(env)}[(${engineOf})(navigator.userAgent)];
  addEventListener('unhandledrejection', (event) => setTimeout(() => { if (!event.defaultPrevented) throw event.reason; }));`;

export default {
  rootDir: import.meta.dirname,
  // `--files` names others.
  files: groupTests(import.meta.dirname),
  hostname,
  port,
  // `browser` heeds the field of that name too: engine.io-client swaps its Node transports by it.
  nodeResolve: { browser: true, exportConditions: ['browser'] },
  plugins: [
    bundleTests(import.meta.dirname),
    esbuildPlugin({ ts: true, target: 'es2022', tsconfig: 'tsconfig.json' }),
  ],
  browsers: engines.map((name) => launchers[name]()),
  concurrentBrowsers: Number(process.env.CONCURRENT_BROWSERS ?? 3),
  browserStartTimeout: 60_000,
  testsStartTimeout: 30_000,
  testsFinishTimeout: 300_000,
  testFramework: { config: { timeout: 30_000, forbidOnly: Boolean(process.env.CI) } },
  staticLogging: true,
  reporters: [countingReporter({ resultsFile: process.env.HADOKEN_RESULTS })],
  middleware: [
    // Pages of other origins run modules of the tests: see test/compliance.
    (context, next) => {
      context.set('access-control-allow-origin', '*');
      return next();
    },
    async (context, next) => {
      if (!(await serveBundle(context.res, context.URL))) return next();
      context.respond = false;
    },
    (context, next) => {
      if (
        !servePages(
          context.req,
          context.res,
          context.URL,
          env[engineOf(context.get('user-agent'))] ?? { app },
        )
      )
        return next();
      context.respond = false;
    },
  ],
  testRunnerHtml: (testFramework) => `<!doctype html>
<html>
  <head><meta charset="utf-8"><script>${prelude}</script></head>
  <body><script type="module" src="${testFramework}"></script></body>
</html>`,
};
