/** A tab of a browser that a test in Node drives itself, by engine: it has `evaluate(run, ...args)`. */
import { launchChromium } from './chromium-launcher.mjs';
import { launchFirefox } from './firefox-launcher.mjs';
import { launchWebkit } from './webkit-launcher.mjs';

const engines = {
  async chromium(options) {
    // puppeteer switches the cache off.
    const browser = await launchChromium({ ignoreDefaultArgs: ['--disable-back-forward-cache'], ...options });
    return { tab: await browser.newPage(), stop: () => browser.close() };
  },
  async firefox(options) {
    const { browser, stop } = await launchFirefox(options);
    return { tab: await browser.newPage(), stop };
  },
  async webkit(options) {
    const { newSession, stop } = await launchWebkit();
    const tab = await newSession(options);
    return { tab, stop: () => tab.quit().finally(stop) };
  },
};

/** Resolves with `{ evaluate, navigate, stop }`. `acceptInsecureCerts`: certificates that nobody has signed will do. */
export async function openTab(engine, { acceptInsecureCerts = false } = {}) {
  const { tab, stop } = await engines[engine]({ acceptInsecureCerts });
  const evaluate = (run, ...args) => tab.evaluate(run, ...args);
  return {
    evaluate,
    /** As a link does: drivers wait for loads, which a page that comes back from a cache has not. */
    async navigate(url) {
      await evaluate((href) => void setTimeout(() => location.assign(href)), url);
      const isThere = (href) => location.href === href && document.readyState === 'complete';
      await until(() => evaluate(isThere, url), url);
    },
    stop,
  };
}

/** Asks until the answer is a yes; rejects after 10 s of noes. */
export async function until(ask, what) {
  for (let tries = 0; tries < 200; tries++) {
    if (await ask().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within 10 s: ${what}`);
}
