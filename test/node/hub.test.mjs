/** Generated lives of tabs that share a hub, over MessageChannels, by a clock of the test's. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadWorld } from '../support/hub/load.mjs';

const { live, World, APP, SHOP } = await loadWorld();
const isLong = Boolean(process.env.HADOKEN_LONG);
/** HADOKEN_SEED=… runs the same again; `npm test` runs the same each time. */
const seed = Number(process.env.HADOKEN_SEED ?? (isLong ? Math.floor(Math.random() * 2 ** 31) : 1));
const count = Number(process.env.HADOKEN_LIVES ?? (isLong ? 1_000 : 60));

test(`the hub › ${count} lives from seed ${seed}: nothing twice, out of order, or for other eyes; none lost in silence`, async () => {
  const total = { recovered: 0, anew: 0 };
  for (let i = 0; i < count; i++) {
    const { recovered, anew } = await live(seed + i);
    total.recovered += recovered;
    total.anew += anew;
  }
  // Else a hub that recovers nothing would pass.
  assert.ok(total.recovered > total.anew / 10, JSON.stringify(total));
});

/** A world in which tabs of these origins are connected. */
async function openTabs(...origins) {
  const world = new World();
  const tabs = origins.map((origin) => world.open(origin));
  await world.pass(500);
  return { world, tabs };
}

test('the hub › gives the server the first answer, of a page that was asked', async () => {
  const { world, tabs } = await openTabs(APP, APP, SHOP);
  const [one, two, shop] = tabs;
  const asked = [];
  for (const tab of tabs) tab.socket.on('question', (answer) => asked.push([tab, answer]));
  world.server.ask(['question'], 7);
  await world.pass(100);
  // The shop's rules keep it from the shop, which answers all the same.
  assert.deepEqual(
    asked.map(([tab]) => tab),
    [one, two],
  );
  const forge = (tab, id) =>
    tab.place.run(() => tab.socket.io._packet({ type: 3, nsp: '/', id, data: ['forged'] }));
  forge(shop, 7);
  forge(one, 8);
  await world.pass(100);
  assert.deepEqual(world.server.answers, []);
  for (const [tab, answer] of asked.reverse()) {
    tab.place.run(() => answer(tab === two ? 'two' : 'one'));
    await world.pass(100);
  }
  assert.deepEqual(world.server.answers, [{ id: 7, data: ['two'] }]);
});

test('the hub › drops what a page may not emit', async () => {
  const { world, tabs } = await openTabs(SHOP);
  const [shop] = tabs;
  shop.place.run(() => {
    shop.socket.emit('allowed', 1);
    shop.socket.emit('forbidden', 2);
  });
  await world.pass(100);
  assert.deepEqual(
    world.server.hears.map(({ data }) => data),
    [['allowed', 1]],
  );
});

test('the hub › tells a page where it is, and not what it may not hear', async () => {
  const { world, tabs } = await openTabs(APP, SHOP);
  const [, shop] = tabs;
  world.server.emit(['secret', 'a part of the secret']);
  await world.pass(1_000);
  const offered = [];
  const { _packet } = shop.socket.io;
  shop.socket.io._packet = (packet) => {
    if (packet.type === 0) offered.push(packet.data);
    _packet(packet);
  };
  world.killHub();
  world.server.emit(['news', 1]);
  await world.pass(10_000);
  const [{ offset }] = offered;
  // The hub is another, and the page had heard nothing: it is recovered all the same.
  assert.match(offset, /^hadoken-offset-/);
  assert.ok(!atob(offset.slice('hadoken-offset-'.length)).includes('secret'));
  assert.equal(shop.socket.recovered, true);
  assert.deepEqual(
    shop.heard.map(({ number }) => number),
    [1],
  );
});

test('the hub › drops what a page emitted too late as a former user', async () => {
  const { world, tabs } = await openTabs(APP);
  const [tab] = tabs;
  world.server.cut();
  // The page does not know yet.
  tab.place.run(() => tab.socket.emit('as nobody'));
  world.users[APP] = 'ann';
  await world.pass(2_000);
  assert.equal(tab.socket.connected, true);
  assert.deepEqual(world.server.hears, []);
  world.server.cut();
  tab.place.run(() => tab.socket.emit('as ann'));
  await world.pass(2_000);
  assert.deepEqual(
    world.server.hears.map(({ user, data }) => [user, ...data]),
    [['ann', 'as ann']],
  );
});

test('the hub › tells a late page the last of what is retained, by its own rules', async () => {
  const { world } = await openTabs(APP);
  for (const number of [1, 2]) world.server.emit(['snapshot', number]);
  await world.pass(100);
  const late = world.open(SHOP);
  await world.pass(500);
  assert.equal(late.snapshot, 2);
});

test('the hub › keeps no more than a mebibyte for a tab that hangs, and says that some is missing', async (context) => {
  const { world, tabs } = await openTabs(APP, APP);
  const [hung, other] = tabs;
  // From now on by the clock of the test; it never goes back.
  const start = performance.now() - world.clock.now;
  context.mock.method(performance, 'now', () => start + world.clock.now);
  const kilobyte = 'x'.repeat(1_000);
  let last = 0;
  const emit = (count) => {
    for (let i = 0; i < count; i++) world.server.emit(['news', ++last, null, kilobyte]);
  };
  const numbers = ({ heard }) => heard.map(({ number }) => number);
  /** What comes in a burst is put off by a few ms of real time. */
  const hears = async (tab, from) => {
    for (let tries = 0; tries < 2_000 && tab.heard.at(-1)?.number !== last; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      // Little, for a page that says nothing for long is taken for gone.
      await world.pass(1);
    }
    assert.deepEqual(
      numbers(tab),
      Array.from({ length: last + 1 - from }, (_, at) => from + at),
    );
  };
  // More than are sent ahead of a page that takes nothing, and then more than may wait for it.
  hung.place.isAsleep = true;
  emit(1_100);
  await hears(other, 1);
  await world.pass(3_000);
  emit(2_000);
  await hears(other, 1);
  hung.place.wake();
  for (let tries = 0; tries < 500 && world.connects.anew < 3; tries++) await world.pass(20);
  assert.deepEqual(world.connects, { recovered: 0, anew: 3 });
  emit(5);
  await hears(hung, last - 4);
  await hears(other, 1);
});

test('the hub › takes a page that gives no sign of life for gone', async () => {
  const { world, tabs } = await openTabs(APP);
  world.close(tabs[0], true);
  await world.pass(10_000);
  assert.equal(world.server.links.size, 1);
  await world.pass(30_000);
  assert.equal(world.server.links.size, 0);
  assert.equal(world.hub, undefined);
});

test('the hub › tells what a server recovers to those who missed it, and to no page that begins anew', async () => {
  const { world, tabs } = await openTabs(APP, SHOP);
  const [app, shop] = tabs;
  // The shop does not hear it, and has not been told yet where it is.
  world.server.emit(['secret', 1]);
  await world.pass(20);
  world.killHub();
  world.server.emit(['news', 2]);
  await world.pass(10_000);
  const numbers = ({ heard }) => heard.map(({ number }) => number);
  assert.deepEqual([app.socket.recovered, numbers(app)], [true, [1, 2]]);
  assert.deepEqual([shop.socket.recovered, numbers(shop)], [false, []]);
});
