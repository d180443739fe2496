/**
 * `npm run bench`: Hadoken and what would be used instead, side by side in a real Chromium, against real servers.
 *
 *   npm run bench                   every suite; writes bench/RESULTS.md and bench/charts/*.svg
 *   npm run bench -- rpc start      those suites only, to the terminal
 *   npm run bench -- cluster        packages/cluster, which needs no browser: see packages/cluster/bench/run.mjs
 */
import { resolveLocalhostNames } from '../test/support/local-names.mjs';
import { startBrowser } from './browser.mjs';
import { describeMachine } from './machine.mjs';
import { printSuite, writeResults } from './report.mjs';
import { startServers } from './servers.mjs';
import { ajax } from './suites/ajax.mjs';
import { bodies } from './suites/bodies.mjs';
import { dropIn } from './suites/drop-in.mjs';
import { latency } from './suites/latency.mjs';
import { push } from './suites/push.mjs';
import { rpc } from './suites/rpc.mjs';
import { size } from './suites/size.mjs';
import { start } from './suites/start.mjs';
import { tabs } from './suites/tabs.mjs';

const suites = [rpc, ajax, latency, bodies, push, tabs, dropIn, start, size];
const names = process.argv.slice(2);
if (names.join() === 'cluster') await import('../packages/cluster/bench/run.mjs');
const unknown = names.find((name) => !suites.some((suite) => suite.name === name));
if (unknown) {
  console.error(
    `There is no suite "${unknown}"; there are: ${suites.map(({ name }) => name).join(', ')}.`,
  );
  process.exit(1);
}

resolveLocalhostNames();
const servers = await startServers();
const browser = await startBrowser();
const machine = describeMachine(browser.version);
const results = [];
try {
  for (const suite of suites) {
    if (names.length && !names.includes(suite.name)) continue;
    const start = performance.now();
    const result = { ...suite, ...(await suite.run({ browser, ...servers })) };
    results.push(result);
    printSuite(result);
    console.log(`  (${((performance.now() - start) / 1_000).toFixed(0)} s)`);
  }
  if (!names.length) await writeResults(results, machine);
} finally {
  await browser.stop();
  await servers.stop();
}
