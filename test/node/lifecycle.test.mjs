/** What only the browser itself can do to a frame: kill its renderer. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchChromium } from '../support/chromium-launcher.mjs';
import { findEngines } from '../support/engines.mjs';
import { startSite } from '../support/servers.mjs';

const skip = findEngines().chromium.chromium ? false : 'Chromium is not installed';
let origins;
let browser;

before(async () => {
  if (skip) return;
  origins = await startSite();
  browser = await launchChromium();
});

after(() => browser?.close());

/** A page on `origin` whose `client` is connected. */
async function openClient(origin, options) {
  const page = await browser.newPage();
  await page.goto(`${origin}/pages/blank.html`);
  await page.evaluate(
    async (frame, given) => {
      const { connect } = await import('/hadoken/hadoken.mjs');
      globalThis.states = [];
      globalThis.client = connect(frame, { log: 'silent', reconnectionDelay: 20, ...given });
      client.on('statechange', (state) => states.push(state));
      await client.ready;
    },
    `${origins.push}/hosts/mortal/frame.html`,
    options,
  );
  return page;
}

const life = (page) => page.evaluate(() => client.service('mortal').life());
const states = (page) => page.evaluate(() => states);

test('a frame whose renderer was killed is made again', { skip, timeout: 60_000 }, async () => {
  // On another site the frame has a process of its own.
  const page = await openClient(origins.other, { heartbeat: 5_000 });
  const before = await life(page);
  const target = await browser.waitForTarget((candidate) =>
    candidate.url().startsWith(`${origins.push}/hosts/mortal/`),
  );
  const session = await target.createCDPSession();
  session.send('Page.crash').catch(() => {});
  await page.waitForFunction(() => states.length >= 3, { timeout: 30_000 });
  assert.deepEqual((await states(page)).slice(0, 3), ['connected', 'reconnecting', 'connected']);
  assert.notEqual(await life(page), before);
  await page.close();
});
