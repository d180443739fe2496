import { launch } from 'puppeteer-core';
import { findEngines } from './engines.mjs';
import { createLauncher } from './launcher.mjs';
import { openPage } from './puppeteer-page.mjs';

const args = [
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  // Else each window loads two pages for its own address bar, on the two cores that a page is measured on.
  '--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup',
  // Without it a container's small /dev/shm kills the tab.
  '--disable-dev-shm-usage',
  // Root, and many a container, has no user namespace to sandbox with. These pages are our own.
  '--no-sandbox',
];

// puppeteer switches timer throttling off; users' browsers throttle, and so shall ours.
const ignoreDefaultArgs = [
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
];

/** Chromium, headless, over CDP, as a puppeteer browser. `options` are puppeteer's. */
export function launchChromium(options = {}) {
  const { chromium } = findEngines().chromium;
  const all = {
    executablePath: chromium,
    args,
    ignoreDefaultArgs,
    headless: true,
    timeout: 60_000,
  };
  return launch({ ...all, ...options });
}

export function chromiumLauncher() {
  return createLauncher('chromium', async () => {
    const browser = await launchChromium();
    return {
      version: (await browser.version()).match(/\d+/)?.[0],
      open: (url) => openPage(browser, url),
      stop: () => browser.close(),
    };
  });
}
