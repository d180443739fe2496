import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'puppeteer-core';
import { startChild } from './child.mjs';
import { findEngines } from './engines.mjs';
import { createLauncher } from './launcher.mjs';
import { openPage } from './puppeteer-page.mjs';

const preferences = {
  // A headless window never has the focus, and tests open windows without a click.
  'dom.disable_open_during_load': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'browser.aboutwelcome.enabled': false,
  'app.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  // After WebSockets that failed, Firefox makes each further one to that server wait, up to a minute: tests fail many.
  'network.websocket.delay-failed-reconnects': false,
  // Six by itself. It lets go late of what a page or a worker that went away had open, and the next test would wait for it.
  'network.http.max-persistent-connections-per-server': 64,
};

/**
 * Firefox, headless, over WebDriver BiDi: a puppeteer browser, and what stops it. Started by us and then connected
 * to: puppeteer's own `launch` pins every site to one content process, unlike real life. `more` are preferences, the other
 * options puppeteer's.
 */
export async function launchFirefox({ more = {}, ...options } = {}) {
  const profile = mkdtempSync(join(tmpdir(), 'hadoken-firefox-'));
  const lines = Object.entries({ ...preferences, ...more }).map(
    ([key, value]) => `user_pref("${key}", ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const { match, stop } = await startChild(
    findEngines().firefox.firefox,
    ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port=0'],
    // Firefox refuses to run as root in somebody else's HOME.
    { until: /WebDriver BiDi listening on (ws:\S+)/, timeout: 60_000, env: { HOME: profile } },
  );
  const browser = await connect({
    browserWSEndpoint: `${match[1]}/session`,
    protocol: 'webDriverBiDi',
    ...options,
  });
  return {
    browser,
    async stop() {
      await browser.disconnect();
      stop();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

export function firefoxLauncher() {
  return createLauncher('firefox', async () => {
    const { browser, stop } = await launchFirefox();
    return {
      version: (await browser.version()).match(/\d+/)?.[0],
      open: (url) => openPage(browser, url),
      stop,
    };
  });
}
