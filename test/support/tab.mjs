/** A tab of a browser that a test in Node drives itself, by engine: scripts, links, the keyboard and the mouse. */
import { launchChromium } from './chromium-launcher.mjs';
import { launchFirefox } from './firefox-launcher.mjs';
import { launchWebkit } from './webkit-launcher.mjs';

/** The same of puppeteer's pages. */
const input = (page) => ({
  type: (text) => page.keyboard.type(text),
  click: (x, y) => page.mouse.click(x, y),
});

const engines = {
  async chromium(options) {
    // puppeteer switches the cache off.
    const browser = await launchChromium({
      ignoreDefaultArgs: ['--disable-back-forward-cache'],
      ...options,
    });
    const tab = await browser.newPage();
    return { tab, ...input(tab), stop: () => browser.close() };
  },
  async firefox(options) {
    const { browser, stop } = await launchFirefox(options);
    const tab = await browser.newPage();
    return { tab, ...input(tab), stop };
  },
  async webkit(options) {
    const { newSession, stop } = await launchWebkit();
    const tab = await newSession(options);
    const type = (text) => tab.type(text);
    const click = (x, y) => tab.click(x, y);
    return { tab, type, click, stop: () => tab.quit().finally(stop) };
  },
};

/** Resolves with `{ evaluate, navigate, type, click, stop }`. `acceptInsecureCerts`: certificates that nobody has signed will do. */
export async function openTab(engine, { acceptInsecureCerts = false } = {}) {
  const start = () => engines[engine]({ acceptInsecureCerts });
  // On a busy machine one may not come up in time.
  const { tab, type, click, stop } = await start().catch(start);
  const evaluate = (run, ...args) => tab.evaluate(run, ...args);
  return {
    evaluate,
    /** As a link does: drivers wait for loads, which a page that comes back from a cache has not. */
    async navigate(url) {
      await evaluate((href) => void setTimeout(() => location.assign(href)), url);
      const isThere = (href) => location.href === href && document.readyState === 'complete';
      await until(() => evaluate(isThere, url), url);
    },
    /** Keys, for whatever has the focus. */
    type,
    /** At a point of the page, in px. */
    click,
    stop,
  };
}

/** Asks until the answer is a yes; rejects after 30 s of noes. */
export async function until(ask, what) {
  for (let tries = 0; tries < 600; tries++) {
    if (await ask().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within 30 s: ${what}`);
}
