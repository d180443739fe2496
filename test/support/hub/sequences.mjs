/** Generated lives of tabs that share a hub, and what must hold after each step. */
import assert from 'node:assert/strict';
import { APP, SHOP, World } from './world.mjs';

/** mulberry32: the same numbers for the same seed. */
function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Long enough for any number of hops and attempts to connect, and shorter than the linger. */
const MOMENT = 400;
/** A hub that is dead is given up by then. */
const GIVE_UP = 4_000;
const USERS = [undefined, 'ann', 'bob'];
const MAX_TABS = 6;

class Life {
  world = new World();
  steps = [];
  events = [];

  constructor(seed) {
    this.random = createRandom(seed);
    this.world.server.emitted = 0;
  }

  pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  get awake() {
    return this.world.tabs.filter(({ isFrozen }) => !isFrozen);
  }

  /** To all, to all but the shop, or to one user. */
  emit(name, to) {
    const { server } = this.world;
    server.emitted += 1;
    const event = { number: server.emitted, name, to };
    this.events.push(event);
    server.emit([name, server.emitted, to ?? null], to);
  }

  actions = {
    open: () => {
      if (this.world.tabs.length < MAX_TABS) this.world.open(this.pick([APP, SHOP]));
    },
    close: () => this.withTab((tab) => this.world.close(tab)),
    crash: () => this.withTab((tab) => this.world.close(tab, true)),
    freeze: () => this.withTab((tab) => this.world.freeze(tab)),
    thaw: async () => {
      const frozen = this.world.tabs.filter(({ isFrozen }) => isFrozen);
      if (!frozen.length) return;
      this.world.thaw(this.pick(frozen));
      // Its hub may have died in the meantime.
      await this.world.pass(GIVE_UP);
    },
    navigate: () =>
      this.withTab((tab) => {
        this.world.close(tab);
        this.world.open(tab.origin);
      }),
    /** As a site does: the sockets of the page that signs in connect anew; or all that is shared is ended. */
    sign: async () => {
      const origin = this.pick([APP, SHOP]);
      this.world.users[origin] = this.pick(USERS);
      if (this.random() < 0.3) await this.world.hub?.end();
      else
        for (const tab of this.awake)
          if (tab.origin === origin && this.random() < 0.5)
            tab.place.run(() => {
              tab.socket.disconnect();
              tab.socket.connect();
            });
    },
    emit: () => {
      for (let count = 1 + Math.floor(this.random() * 4); count > 0; count--)
        if (this.random() < 0.5) this.emit(this.pick(['news', 'secret']));
        else this.emit('mine', this.pick(USERS) ?? '');
    },
    ask: () =>
      this.withTab((tab) => {
        if (!tab.socket.connected) return;
        const question = `q${this.random()}`;
        tab.place.run(() =>
          tab.socket.emit('ask', question, (user, name, answer) => {
            assert.deepEqual([name, answer], ['ask', question], 'an answer to another');
            assert.equal(user, tab.user ?? '', 'an answer to another user');
          }),
        );
      }),
    snapshot: () => this.emit('snapshot'),
    killServer: () => this.world.server.kill(),
    cut: () => this.world.server.cut(),
    killHub: async () => {
      if (!this.world.hub) return;
      this.world.killHub();
      await this.world.pass(GIVE_UP);
    },
    /** The tab that crashed it is loaded anew before anybody has noticed. */
    killHubAndOpen: async () => {
      if (!this.world.hub) return;
      this.world.killHub();
      this.actions.open();
      await this.world.pass(GIVE_UP);
    },
  };

  withTab(act) {
    if (this.awake.length) return act(this.pick(this.awake));
  }

  async step() {
    const name = this.pick([
      ...['open', 'open', 'open', 'close', 'crash', 'freeze', 'thaw', 'thaw', 'navigate', 'sign'],
      ...[
        'emit',
        'emit',
        'emit',
        'emit',
        'ask',
        'ask',
        'snapshot',
        'killServer',
        'cut',
        'cut',
        'killHub',
        'killHubAndOpen',
      ],
    ]);
    this.steps.push(name);
    await this.actions[name]();
    await this.world.pass(MOMENT);
    for (const tab of this.awake) this.check(tab);
  }

  /** What `tab` has heard since it was last told that it begins anew. */
  check(tab) {
    const what = `the tab of ${tab.origin} as ${tab.user}`;
    assert.deepEqual(tab.errors.map(String), [], what);
    assert.ok(tab.socket.connected, `${what} is not connected`);
    const heard = tab.heard.map(({ number }) => number);
    assert.deepEqual(
      heard,
      [...new Set(heard)].sort((a, b) => a - b),
      `${what} heard twice, or out of order`,
    );
    for (const { name, user, isFrozen } of tab.heard) {
      assert.ok(!isFrozen, `${what} was posted to while frozen`);
      assert.ok(
        World.isFor(tab, { name, to: user ?? undefined }),
        `${what} heard ${name} of ${user}`,
      );
    }
    const expected = this.events
      .filter(({ number, name }) => number > tab.from && name !== 'snapshot')
      .filter((event) => World.isFor(tab, event))
      .map(({ number }) => number);
    assert.deepEqual(heard, expected, `${what} misses something and says that it does not`);
  }

  /** One connection for each identity that is there, once what was left has ended. */
  async checkSockets() {
    await this.world.pass(30_000);
    const lanes = new Set(this.awake.map(({ user }) => user ?? ''));
    assert.equal(this.world.server.links.size, lanes.size, 'connections at the server');
  }

  async end() {
    for (const tab of [...this.world.tabs]) this.world.thaw(tab);
    await this.world.pass(GIVE_UP);
    await this.checkSockets();
    for (const tab of [...this.world.tabs]) this.world.close(tab);
    await this.world.pass(60_000);
    assert.equal(this.world.server.links.size, 0, 'a connection is left');
    assert.equal(this.world.hub, undefined, 'the hub has not closed itself');
    assert.equal(this.world.clock.size, 0, 'a timer is left');
  }
}

/** Runs the life of `seed`; throws what does not hold, with the steps up to there. */
export async function live(seed, count = 25) {
  const life = new Life(seed);
  try {
    for (let i = 0; i < count; i++) await life.step();
    await life.end();
  } catch (error) {
    error.message = `seed ${seed}: ${error.message}\nafter ${life.steps.join(', ')}`;
    throw error;
  }
  return life.world.connects;
}

export { APP, SHOP, World };
