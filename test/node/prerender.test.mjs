/** A page that Chromium prerenders by a speculation rule; the other engines do not prerender. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { launchChromium } from '../support/chromium-launcher.mjs';
import { wantedEngines } from '../support/engines.mjs';
import { startSite } from '../support/servers.mjs';
import { until } from '../support/tab.mjs';

it('a prerendered page connects at its activation, however long that took', {
  timeout: 120_000,
  skip: !wantedEngines().includes('chromium'),
}, async () => {
  const { app } = await startSite();
  const browser = await launchChromium();
  try {
    // Reads what the other has kept: the driver loses sight of a page that becomes another's prerendered one.
    const reader = await browser.newPage();
    await reader.goto(`${app}/pages/blank.html`);
    const seen = () => reader.evaluate(() => JSON.parse(localStorage.getItem('seen') ?? '[]'));
    const page = await browser.newPage();
    await page.goto(`${app}/pages/blank.html?first`);
    await page.evaluate(() => {
      const rules = { prerender: [{ urls: ['/pages/prerendered.html'], eagerness: 'immediate' }] };
      const script = Object.assign(document.createElement('script'), {
        type: 'speculationrules',
        textContent: JSON.stringify(rules),
      });
      document.head.append(script);
    });
    await until(async () => (await seen()).length === 2, 'it is prerendered, and waits');
    assert.deepEqual(await seen(), ['prerendering: true', 'waited']);
    await page.evaluate(() => void setTimeout(() => location.assign('/pages/prerendered.html')));
    // What comes after its activation may be late on a machine that is busy: its deadlines are short, and it tries again.
    await until(async () => (await seen()).includes('connected'), 'it is connected');
    assert.equal((await seen())[2], 'activated');
  } finally {
    await browser.close();
  }
});
