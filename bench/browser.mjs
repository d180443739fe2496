import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { launchChromium } from '../test/support/chromium-launcher.mjs';

/** How long one measurement may take, in ms. */
const TIMEOUT = 120_000;

/** A real Chromium, as the tests start it. */
export async function startBrowser() {
  // Else every request and every WebSocket message is told to DevTools, which costs more than some of what is measured.
  const browser = await launchChromium({ protocolTimeout: TIMEOUT, networkEnabled: false });
  return {
    version: await browser.version(),
    /** ms that all its processes have worked. */
    cpuTime: async () => 10 * sumOver(browser, ({ ticks }) => ticks),
    /** Bytes that all its processes have for themselves. */
    memory: async () => sumOver(browser, ({ bytes }) => bytes),
    /** A profile of its own: nothing cached, no connection open, a renderer that has run nothing. */
    async newProfile() {
      const context = await browser.createBrowserContext();
      return {
        open: (url) => openPage(context, url),
        close: () => context.close(),
      };
    },
    stop: () => browser.close(),
  };
}

/** Of the browser's process and all that it has started, on Linux. A tick is 10 ms. */
function sumOver(browser, of) {
  const list = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const parents = new Map(
    list
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/)),
  );
  const root = String(browser.process().pid);
  const isOurs = (pid) => pid === root || (parents.has(pid) && isOurs(parents.get(pid)));
  let sum = 0;
  for (const pid of parents.keys()) {
    if (!isOurs(pid)) continue;
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
      const [, resident, shared] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
      sum += of({
        ticks: Number(fields[11]) + Number(fields[12]),
        bytes: 4_096 * (resident - shared),
      });
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum;
}

/** Opens `url`, whose module sets `window.bench` to `{ ready, … }`, and waits until that is ready. */
async function openPage(context, url) {
  const page = await context.newPage();
  const failures = [];
  page.on('pageerror', (error) => failures.push(error.message ?? String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') failures.push(message.text());
  });
  const within = async (what, work) => {
    try {
      return await work;
    } catch (error) {
      throw new Error(
        `${what} failed: ${error.message}. The page said:\n${failures.join('\n') || 'nothing'}`,
      );
    }
  };
  const load = async () => {
    await page.goto(url, { waitUntil: 'load' });
    await within(
      url,
      page.evaluate(() => window.bench.ready),
    );
  };
  await load();
  const session = await page.createCDPSession();
  return {
    /** Calls `window.bench[name](...args)` in the page. */
    call: (name, ...args) =>
      within(
        `${name}(${args})`,
        page.evaluate((fn, rest) => window.bench[fn](...rest), name, args),
      ),
    /** A command of the DevTools protocol, to this page. */
    send: (...args) => session.send(...args),
    /** Loads the page anew, as a click on a link to it does. */
    reload: load,
    close: () => page.close(),
  };
}
