/**
 * Real tabs of a real browser that share a connection. The generated lives, from a printed seed, are for
 * `npm run test:long`: twenty in each engine. test/node/hub.test.mjs has a thousand without a browser.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { launchChromium } from '../support/chromium-launcher.mjs';
import { wantedEngines } from '../support/engines.mjs';
import { launchFirefox } from '../support/firefox-launcher.mjs';
import { resolveLocalhostNames } from '../support/local-names.mjs';
import { startSite } from '../support/servers.mjs';
import { launchWebkitTabs } from '../support/webkit-launcher.mjs';

resolveLocalhostNames();
const seed = Number(process.env.HADOKEN_SEED ?? Math.floor(Math.random() * 2 ** 31));
const lives = Number(process.env.HADOKEN_TAB_LIVES ?? (process.env.HADOKEN_LONG ? 20 : 0));
const STEPS = 10;
const PATIENCE = 30_000;

const launchers = {
  chromium: async () => {
    const browser = await launchChromium();
    return { browser, stop: () => browser.close() };
  },
  firefox: launchFirefox,
  webkit: launchWebkitTabs,
};
/** Elsewhere there is nothing but generated lives. */
const engines = wantedEngines().filter((name) => name === 'chromium' || lives);

/** In the page: connects, and keeps what it hears since it was last told that it begins anew. */
async function join(frame, life) {
  const { connect } = await import('/hadoken/hadoken.mjs');
  const client = connect(frame, { log: 'silent', reconnectionDelay: 20 });
  const query = { life };
  const socket = client.io('/', { query, reconnectionDelay: 50, reconnectionDelayMax: 100 });
  const state = { heard: [], from: 0, recovered: 0, reasons: [] };
  Object.assign(globalThis, { socket, state });
  socket.on('disconnect', (reason) => state.reasons.push([reason, Date.now()]));
  socket.on('connect', () => {
    if (socket.recovered) state.recovered += 1;
    else Object.assign(state, { heard: [], isNew: true });
  });
  socket.on('public', (number) => state.heard.push(number));
  await new Promise((resolve) => socket.once('connect', resolve));
}

async function until(what, ask) {
  const start = Date.now();
  while (!(await ask().catch(() => false))) {
    if (Date.now() - start > PATIENCE) throw new Error(`not within ${PATIENCE} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

class Life {
  tabs = [];
  steps = [];
  emitted = 0;

  constructor({ browser, origins, engine, number }) {
    Object.assign(this, { browser, origins, engine, name: `${engine} ${number}` });
    let state = number >>> 0;
    this.random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
  }

  /** The shop's tabs may not emit. */
  get emitter() {
    return this.tabs.find(({ origin }) => origin === this.origins.app);
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  /** WebKit has a hub for each top origin, and what is sent back goes to one of them. */
  async open(
    origin = this.pick(
      this.engine === 'webkit' ? [this.origins.app] : [this.origins.app, this.origins.shop],
    ),
  ) {
    const page = await this.browser.newPage();
    const tab = { page, origin };
    await this.load(tab);
    this.tabs.push(tab);
  }

  async load({ page, origin }) {
    await page.goto(`${origin}/pages/blank.html?${this.random()}`);
    await page.evaluate(join, `${this.origins.push}/hosts/hub/frame.html`, this.name);
  }

  async control(what) {
    await fetch(`${this.origins.push}/control/io/${what}`, { method: 'POST' });
  }

  actions = {
    open: () => this.tabs.length < 4 && this.open(),
    close: async () => {
      if (this.tabs.length < 2) return;
      const [tab] = this.tabs.splice(Math.floor(this.random() * this.tabs.length), 1);
      await tab.page.close();
    },
    navigate: () => this.load(this.pick(this.tabs)),
    emit: async () => {
      this.emitted += 1;
      const emit = (number) => void socket.emit('emit-back', 'public', number);
      await this.emitter.page.evaluate(emit, this.emitted);
    },
    cut: () => this.emitter.page.evaluate(() => void socket.emit('drop')),
    killServer: async () => {
      await this.control('stop');
      await this.control('start');
    },
    /** The renderer of the tab that was first, and most likely has started the hub. */
    crash: async () => {
      if (this.engine !== 'chromium' || this.tabs.length < 2) return;
      const [{ page }] = this.tabs.splice(0, 1);
      await page.goto('chrome://crash').catch(() => {});
      await page.close().catch(() => {});
    },
  };

  async step() {
    const name = this.pick([
      'open',
      'open',
      'close',
      'navigate',
      'emit',
      'emit',
      'cut',
      'killServer',
      'crash',
    ]);
    this.steps.push(name);
    await this.actions[name]();
    if (!this.emitter) await this.open(this.origins.app);
    // One more event for all: what comes before it is there by then.
    await this.settle();
  }

  async settle() {
    const isConnected = ({ page }) => page.evaluate(() => socket.connected);
    for (const tab of this.tabs) {
      await tab.page.bringToFront();
      await until('a tab is connected', () => isConnected(tab));
    }
    await until('all tabs have heard the last', async () => {
      // A tab that is hidden gives up a dead hub when it is shown.
      for (const { page } of this.tabs) await page.bringToFront();
      await this.actions.emit();
      const last = this.emitted;
      for (let tries = 0; tries < 30; tries++) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        const heard = await Promise.all(
          this.tabs.map(({ page }) => page.evaluate(() => state.heard)),
        );
        if (heard.every((numbers) => numbers.includes(last))) return true;
      }
      return false;
    });
    const heard = await Promise.all(this.tabs.map(({ page }) => page.evaluate(() => state.heard)));
    // What is lost on its way to the server is heard by none.
    const all = [...new Set(heard.flat())].sort((a, b) => a - b);
    for (const numbers of heard)
      assert.deepEqual(
        numbers,
        all.filter((number) => number >= numbers[0]),
        'twice, out of order, or missing',
      );
  }
}

describe('real tabs that share a connection', { timeout: 900_000 }, () => {
  for (const engine of engines)
    describe(engine, () => {
      let origins;
      let browser;
      let stop;
      before(async () => {
        origins = await startSite();
        ({ browser, stop } = await launchers[engine]());
      });
      after(() => stop?.());

      // First, while no hub is there: its creator has to be one of these tabs.
      if (engine === 'chromium')
        it('notice within 3 s that the hub has died with its creator, and resume without a gap', async () => {
          const life = new Life({ browser, origins, engine, number: seed + 1_000 });
          for (const origin of [origins.app, origins.app, origins.shop]) await life.open(origin);
          await life.settle();
          const [, second] = life.tabs;
          await second.page.bringToFront();
          await life.actions.crash();
          const crashed = Date.now();
          await until('the tab that is seen has noticed', () =>
            second.page.evaluate(() => state.reasons.length > 0),
          );
          const [[reason, time]] = await second.page.evaluate(() => state.reasons);
          assert.equal(reason, 'frame lost');
          assert.ok(time - crashed < 10_000, `${time - crashed} ms`);
          await until('it has resumed', () => second.page.evaluate(() => state.recovered >= 1));
          // A hidden one does when it is shown.
          for (const { page } of life.tabs) {
            await page.bringToFront();
            await until('all are connected', () => page.evaluate(() => state.recovered >= 1));
          }
          await life.settle();
          for (const { page } of life.tabs) await page.close();
        });

      for (let number = seed; number < seed + lives; number++)
        it(`hear all, once and in order: seed ${number}`, async () => {
          const life = new Life({ browser, origins, engine, number });
          try {
            await life.open(origins.app);
            await life.open();
            for (let i = 0; i < STEPS; i++) await life.step();
          } catch (error) {
            error.message = `seed ${number}: ${error.message}\nafter ${life.steps.join(', ')}`;
            throw error;
          } finally {
            for (const { page } of life.tabs) await page.close().catch(() => {});
          }
        });
    });
});
