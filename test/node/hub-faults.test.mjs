/** What goes wrong around the hub, one at a time: over MessageChannels, by a clock of the test's. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadWorld } from '../support/hub/load.mjs';

const { World, APP, SHOP } = await loadWorld();

const numbers = ({ heard }) => heard.map(({ number }) => number);

/** host.js' auth, by a server that takes `ms`. */
function delayAuth(world, ms) {
  const { auth } = world;
  world.auth = async (origin) => {
    await new Promise((resolve) => world.clock.setTimeout(resolve, ms));
    return auth(origin);
  };
}

/** Tabs of these origins, connected. */
async function openTabs(world, ...origins) {
  const tabs = origins.map((origin) => world.open(origin));
  await world.pass(500);
  return tabs;
}

/** `tab` opens so many connections of its own, one after the other, and leaves each at once. */
async function openAndLeave(world, tab, count) {
  for (let i = 0; i < count; i++) {
    tab.place.run(() => {
      tab.own = tab.io('/', { query: { i } });
    });
    await world.pass(30);
    tab.place.run(() => tab.own.disconnect());
    await world.pass(5);
  }
}

/** An event stream of the server's that stays open, and can be sent to. */
function serveStream(world) {
  const server = { requests: 0, send: undefined };
  world.fetch = async () => {
    server.requests += 1;
    const body = new ReadableStream({
      start(controller) {
        server.send = (text) => controller.enqueue(new TextEncoder().encode(`${text}\n\n`));
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
  return server;
}

test('the hub › a page that is gone while host.js says who it is leaves no connection', async () => {
  const world = new World();
  delayAuth(world, 300);
  world.users[APP] = 'ann';
  const ann = world.open(APP);
  await world.pass(2_000);
  for (const isCrash of [false, true]) {
    world.users[APP] = 'bob';
    const bob = world.open(APP);
    await world.pass(150);
    world.close(bob, isCrash);
    await world.pass(60_000);
    assert.equal(world.server.links.size, 1);
  }
  world.close(ann);
  await world.pass(60_000);
  assert.deepEqual([world.server.links.size, world.hub], [0, undefined]);
});

test('the hub › a page that disconnects while host.js says who it is leaves no connection either', async () => {
  const world = new World();
  delayAuth(world, 300);
  const tab = world.open(APP);
  await world.pass(150);
  tab.place.run(() => tab.socket.disconnect());
  await world.pass(60_000);
  assert.equal(world.server.links.size, 0);
});

for (const wait of [1_000, 7_000])
  test(`the hub › what is ended for all is not resumed by a tab that slept for ${wait} ms`, async () => {
    const world = new World();
    const [tab] = await openTabs(world, APP);
    world.server.emit(['news', 1]);
    await world.pass(500);
    world.freeze(tab);
    await world.pass(wait);
    await world.hub.end();
    world.server.emit(['news', 2]);
    world.thaw(tab);
    await world.pass(10_000);
    assert.deepEqual([tab.socket.connected, tab.socket.recovered, numbers(tab)], [true, false, []]);
  });

test('the hub › what is ended for all is not resumed in the next hub', async () => {
  const world = new World();
  const [sleeper] = await openTabs(world, APP, SHOP);
  world.server.emit(['news', 1]);
  world.freeze(sleeper);
  await world.hub.end();
  world.killHub();
  await world.pass(10_000);
  world.thaw(sleeper);
  await world.pass(10_000);
  assert.deepEqual([sleeper.socket.connected, sleeper.socket.recovered], [true, false]);
  // And what began since is resumed as ever.
  world.server.emit(['news', 2]);
  await world.pass(500);
  world.killHub();
  await world.pass(10_000);
  assert.equal(sleeper.socket.recovered, true);
});

test('the hub › what one page emitted too late and in no form is not in the way of the others', async () => {
  const world = new World();
  const [shop, app] = await openTabs(world, SHOP, APP);
  world.server.cut();
  // As a page can post it: no JSON, for a connection that is over.
  const { postMessage } = MessagePort.prototype;
  MessagePort.prototype.postMessage = function post(message, ...rest) {
    if (message?.[0]?.packet?.type === 2) message[0].packet.text = '{';
    return postMessage.call(this, message, ...rest);
  };
  shop.place.run(() => shop.socket.emit('allowed', 1));
  await world.pass(1);
  MessagePort.prototype.postMessage = postMessage;
  await world.pass(5_000);
  assert.deepEqual([shop.socket.connected, app.socket.connected], [true, true]);
});

test('the hub › a page can’t fill the hub with what comes too late', async () => {
  const world = new World();
  const [tab] = await openTabs(world, APP);
  world.server.cut();
  const text = 'x'.repeat(100_000);
  tab.place.run(() => {
    for (let i = 0; i < 30; i++) tab.socket.emit('allowed', i, text);
  });
  await world.pass(5_000);
  assert.equal(world.server.hears.length, 10);
  assert.equal(world.logged.filter((line) => line.includes('too much waits')).length, 20);
});

test('the hub › host.js may give another token each time: namespaces that connect together are one user', async () => {
  const world = new World();
  let tokens = 0;
  world.auth = async () => ({ token: ++tokens });
  const [tab] = await openTabs(world, APP);
  tab.place.run(() => {
    tab.chat = tab.io('/chat');
  });
  await world.pass(15_000);
  assert.deepEqual([tab.socket.connected, tab.chat.connected], [true, true]);
  assert.equal(world.server.links.size, 1);
  assert.ok(world.server.opened <= 3, `${world.server.opened} connections were opened`);
});

test('the hub › a user who changes between two joins is asked for at the second', async () => {
  const world = new World();
  world.users[APP] = 'ann';
  const [tab] = await openTabs(world, APP);
  tab.place.run(() => {
    tab.socket.disconnect();
    tab.socket.connect();
  });
  // After the page's wish, before the answer.
  world.users[APP] = 'bob';
  await world.pass(1_000);
  world.server.emit(['mine', 1, 'ann'], 'ann');
  world.server.emit(['mine', 2, 'bob'], 'bob');
  await world.pass(500);
  assert.deepEqual(numbers(tab), [2]);
});

for (const origin of [APP, SHOP])
  test(`the hub › after the death of a hub, a page of ${origin} that is loaded first does not cost the others what they missed`, async () => {
    const world = new World();
    const [old, other] = await openTabs(world, APP, APP);
    world.server.emit(['news', 1]);
    await world.pass(500);
    world.killHub();
    const late = world.open(origin);
    world.server.emit(['news', 2]);
    await world.pass(10_000);
    world.server.emit(['news', 3]);
    await world.pass(500);
    for (const tab of [old, other])
      assert.deepEqual([tab.socket.recovered, numbers(tab)], [true, [1, 2, 3]]);
    assert.equal(late.socket.connected, true);
    assert.equal(numbers(late).at(-1), 3);
    assert.equal(world.server.links.size, 1);
  });

test('the hub › in a hub that is not new, a tab that slept for long takes nobody’s session away', async () => {
  const world = new World();
  const [sleeper] = await openTabs(world, APP);
  world.server.emit(['news', 1]);
  await world.pass(500);
  world.freeze(sleeper);
  await world.pass(20_000);
  const [fresh] = await openTabs(world, APP);
  const { id } = fresh.socket;
  world.thaw(sleeper);
  await world.pass(10_000);
  assert.deepEqual([fresh.socket.id, sleeper.socket.connected], [id, true]);
});

test('the hub › the session of a tab that sleeps outlives the disconnect() of another', async () => {
  for (const isBefore of [true, false]) {
    const world = new World();
    const [sleeper, other] = await openTabs(world, APP, APP);
    world.server.emit(['news', 1]);
    await world.pass(500);
    const disconnect = () => other.place.run(() => other.socket.disconnect());
    if (isBefore) disconnect();
    await world.pass(50);
    world.freeze(sleeper);
    if (!isBefore) disconnect();
    await world.pass(7_000);
    world.server.emit(['news', 2]);
    world.thaw(sleeper);
    await world.pass(5_000);
    assert.deepEqual([sleeper.socket.recovered, numbers(sleeper)], [true, [1, 2]]);
  }
});

test('the hub › the settings of one page keep no other from its connection', async () => {
  for (const isThere of [true, false]) {
    const world = new World();
    const shop = world.open(SHOP, { reconnection: false });
    await world.pass(500);
    const [app] = await openTabs(world, APP);
    if (!isThere) world.close(shop);
    await world.pass(500);
    world.server.cut();
    await world.pass(10_000);
    assert.equal(app.socket.connected, true);
  }
});

test('the hub › who does not want to try again does not, and nobody does so in a storm', async () => {
  for (const isOnce of [false, true]) {
    const world = new World();
    world.server.isUp = false;
    const tab = world.open(APP, isOnce ? { autoConnect: false } : { reconnection: false });
    const answers = [];
    await world.pass(300);
    if (isOnce) tab.place.run(() => tab.socket.io.open((error) => answers.push(String(error))));
    await world.pass(30_000);
    assert.equal(world.server.attempts, 1);
    assert.equal(answers.length, Number(isOnce));
  }
});

test('the hub › a page that joins an attempt of one who wants just that one tries again', async () => {
  const world = new World();
  world.server.isUp = false;
  const once = world.open(APP, { autoConnect: false });
  await world.pass(300);
  const answers = [];
  once.place.run(() => once.socket.io.open((error) => answers.push(String(error))));
  const usual = world.open(APP);
  await world.pass(3_000);
  world.server.isUp = true;
  await world.pass(30_000);
  assert.deepEqual([usual.socket.connected, answers.length], [true, 1]);
});

test('the hub › a page that wants a connection of its own is posted nothing while it sleeps', async () => {
  for (const options of [{}, { multiplex: false }, { forceNew: true }]) {
    const world = new World();
    const [tab] = await openTabs(world, APP);
    tab.place.run(() => {
      tab.own = tab.io('/chat', options);
    });
    await world.pass(500);
    world.freeze(tab);
    await world.pass(3_000);
    assert.equal(tab.place.waiting.length, 0, JSON.stringify(options));
    world.thaw(tab);
    await world.pass(5_000);
    assert.equal(tab.own.connected, true);
  }
});

test('the hub › a page can’t keep more connections by leaving them than by using them', async () => {
  const world = new World();
  const [tab] = await openTabs(world, APP);
  await openAndLeave(world, tab, 100);
  assert.ok(world.server.links.size < 15, `${world.server.links.size} connections`);
});

test('the hub › a shared stream goes on for a page that was silent for too long', async () => {
  const world = new World();
  const server = serveStream(world);
  const tab = world.openStream(APP);
  await world.pass(500);
  server.send('id: 1\ndata: one');
  await world.pass(100);
  tab.place.isAsleep = true;
  await world.pass(15_000);
  tab.place.wake();
  await world.pass(10_000);
  server.send('data: two');
  await world.pass(100);
  assert.deepEqual([tab.heard, tab.outcome], [['open', 'one', 'error', 'open', 'two'], undefined]);
});

test('the hub › a shared stream goes on for a page that slept while host.js said who it is', async () => {
  const world = new World();
  delayAuth(world, 300);
  const server = serveStream(world);
  const tab = world.openStream(APP);
  await world.pass(100);
  world.freeze(tab);
  await world.pass(100);
  world.thaw(tab);
  await world.pass(5_000);
  server.send('data: one');
  await world.pass(100);
  assert.equal(tab.heard.at(-1), 'one');
});

for (const when of ['at the start', 'after a sleep', 'after all was ended'])
  test(`the hub › a shared stream goes on where auth of host.js fails once, ${when}`, async () => {
    const world = new World();
    const server = serveStream(world);
    const { auth } = world;
    const fail = async () => {
      throw new TypeError('Failed to fetch');
    };
    if (when === 'at the start') world.auth = fail;
    const tab = world.openStream(APP);
    await world.pass(500);
    if (when !== 'at the start') {
      world.freeze(tab);
      await world.pass(1_000);
      if (when !== 'after a sleep') await world.hub.end();
      world.auth = fail;
      world.thaw(tab);
    }
    await world.pass(1_000);
    world.auth = auth;
    await world.pass(10_000);
    server.send('data: one');
    await world.pass(100);
    assert.deepEqual([tab.heard.at(-1), tab.outcome], ['one', undefined]);
  });

test('the hub › a shared stream that nobody reads ends, a linger after the last of its readers', async () => {
  const world = new World();
  const server = serveStream(world);
  const open = async () => {
    const tab = world.openStream(APP);
    await world.pass(500);
    return tab;
  };
  const first = await open();
  world.close(first);
  await world.pass(4_000);
  const second = await open();
  world.close(second);
  // The first one's five seconds are over; the second's are not.
  await world.pass(3_000);
  const third = await open();
  assert.equal(server.requests, 1);
  world.close(third);
  await world.pass(60_000);
  assert.equal(world.hub, undefined);
});

test('the hub › a reader that comes back hears what has no id too', async () => {
  const world = new World();
  const server = serveStream(world);
  const [tab, other] = [world.openStream(APP), world.openStream(APP)];
  await world.pass(500);
  server.send('id: 1\ndata: one');
  await world.pass(100);
  world.freeze(tab);
  server.send('data: two');
  await world.pass(1_000);
  world.thaw(tab);
  await world.pass(1_000);
  assert.deepEqual(
    tab.heard.filter((what) => /one|two/.test(what)),
    ['one', 'two'],
  );
  assert.equal(other.heard.at(-1), 'two');
});

test('the hub › a page that shares nothing ends what the others share', async () => {
  const world = new World();
  serveStream(world);
  const [tab] = await openTabs(world, APP);
  const { id } = tab.socket;
  const alone = world.openStream(SHOP);
  await alone.place.run(() => alone.seat.end());
  await world.pass(5_000);
  assert.equal(tab.socket.connected, true);
  assert.notEqual(tab.socket.id, id);
});

test('the hub › a page that is not seen asks a dead hub no more than a few times', async () => {
  const world = new World();
  serveStream(world);
  const tab = world.openStream(APP);
  await world.pass(500);
  const { postMessage } = MessagePort.prototype;
  let pings = 0;
  MessagePort.prototype.postMessage = function post(message, ...rest) {
    if (message?.path?.[0] === 'ping') pings += 1;
    return postMessage.call(this, message, ...rest);
  };
  try {
    tab.place.run(() => tab.sharing.show(false));
    world.killHub();
    await world.pass(600_000);
    assert.ok(pings < 10, `${pings} pings`);
  } finally {
    MessagePort.prototype.postMessage = postMessage;
  }
});

test('the hub › what host.js says of a page is not the page’s own word, whatever it says', async () => {
  const world = new World();
  // The shop's pages are nobody; the app's are who they say they are.
  world.auth = async (origin) => (origin === SHOP ? { user: undefined } : {});
  const options = { auth: { user: 'ann' } };
  const app = world.open(APP, options);
  await world.pass(500);
  const shop = world.open(SHOP, options);
  await world.pass(500);
  world.server.emit(['mine', 1, 'ann'], 'ann');
  await world.pass(500);
  assert.deepEqual([numbers(app), numbers(shop)], [[1], []]);
  assert.equal(world.server.links.size, 2);
});

test('the hub › a page that is somebody else each time connects less and less often', async () => {
  const world = new World();
  let tokens = 0;
  world.auth = async () => ({ token: ++tokens });
  const tab = world.open(APP);
  tab.place.run(() => {
    // Its own auth comes later than that of '/': in a task of its own.
    const auth = (give) => world.clock.setTimeout(() => give({}), 50);
    tab.chat = tab.io('/chat', { auth });
  });
  await world.pass(60_000);
  assert.ok(world.server.opened < 40, `${world.server.opened} connections were opened in a minute`);
});

test('the hub › a page that is back as who it was sits where there is a connection', async () => {
  const world = new World();
  world.users[APP] = 'ann';
  const [tab] = await openTabs(world, APP);
  const again = () =>
    tab.place.run(() => {
      tab.socket.disconnect();
      tab.socket.connect();
    });
  world.users[APP] = 'bob';
  again();
  await world.pass(100);
  await openAndLeave(world, tab, 9);
  world.users[APP] = 'ann';
  again();
  await world.pass(500);
  world.server.cut();
  await world.pass(10_000);
  assert.equal(tab.socket.connected, true);
});

test('the hub › pages of one origin take no linger away from those of another', async () => {
  const world = new World();
  world.users[APP] = 'ann';
  const [tab, shop] = await openTabs(world, APP, SHOP);
  const { id } = tab.socket;
  world.close(tab);
  await openAndLeave(world, shop, 12);
  const [back] = await openTabs(world, APP);
  assert.equal(back.socket.id, id);
});

test('the hub › a page can’t find out by an offset what it may not hear', async () => {
  for (const [guess, isHeard] of [
    ['approved', false],
    ['denied', false],
    ['o-news', true],
  ]) {
    const world = new World();
    const [, shop] = await openTabs(world, APP, SHOP);
    const place = (data) => world.server.send(data);
    place(['news', 1, 'o-news']);
    place(['secret', 2, 'denied']);
    await world.pass(2_000);
    shop.place.run(() => {
      const { _packet } = shop.socket.io;
      shop.socket.io._packet = (packet) => {
        if (packet.type === 0) packet.data = { ...packet.data, offset: guess };
        _packet.call(shop.socket.io, packet);
      };
    });
    world.freeze(shop);
    await world.pass(100);
    world.thaw(shop);
    await world.pass(5_000);
    assert.equal(shop.socket.recovered, isHeard, guess);
  }
});

test('the hub › what is ended for all is ended in the hub that there is, also where it knew another', async () => {
  const world = new World();
  const [tab, other] = await openTabs(world, APP, APP);
  const { id } = other.socket;
  world.server.emit(['news', 1]);
  await world.pass(500);
  // Nobody has noticed yet.
  world.killHub();
  const ended = tab.place.run(() => tab.seat.end());
  await new Promise((resolve) => setTimeout(resolve, 3_200));
  await world.pass(10_000);
  await ended;
  assert.equal(other.socket.connected, true);
  assert.deepEqual([other.socket.recovered, other.socket.id === id], [false, false]);
});

test('the hub › a page that does not want to try again leaves no other without its connection', async () => {
  const world = new World();
  const shop = world.open(SHOP, { reconnection: false });
  await world.pass(500);
  const [app] = await openTabs(world, APP);
  world.server.isUp = false;
  world.server.cut();
  await world.pass(200);
  // Who wanted to try again is gone in the middle of it.
  world.close(app);
  await world.pass(2_000);
  world.server.isUp = true;
  const [late] = await openTabs(world, APP);
  await world.pass(10_000);
  assert.equal(late.socket.connected, true);
  world.server.cut();
  await world.pass(10_000);
  assert.equal(late.socket.connected, true);
  world.close(shop);
});

test('the hub › what the server sends before it lets pages in comes once, and before connect', async () => {
  const world = new World();
  world.server.early = [
    ['snapshot', 7],
    ['secret', 8],
    ['news', 9, 'looks like an offset'],
  ];
  const listen = (origin) => {
    const tab = world.open(origin);
    tab.all = [];
    tab.socket.onAny((name) => tab.all.push(name));
    tab.socket.on('connect', () => tab.all.push('connect'));
    return tab;
  };
  const app = listen(APP);
  const shop = listen(SHOP);
  await world.pass(500);
  assert.deepEqual(app.all, ['snapshot', 'secret', 'news', 'connect']);
  assert.deepEqual(shop.all, ['snapshot', 'news', 'connect']);
  const late = listen(SHOP);
  await world.pass(500);
  assert.deepEqual(late.all, ['connect', 'snapshot']);
  world.server.emit(['news', 1]);
  await world.pass(500);
  const tabs = [app, shop, late];
  for (const tab of tabs) tab.all.length = 0;
  world.server.cut();
  world.server.emit(['news', 2]);
  await world.pass(10_000);
  for (const tab of tabs) assert.deepEqual(tab.all, ['connect', 'news']);
});

test('the hub › a namespace that is left and joined at once rests between the two', async () => {
  const world = new World({ linger: 0 });
  const [tab] = await openTabs(world, APP);
  const heard = [];
  tab.place.run(() => {
    tab.chat = tab.io('/chat');
    tab.chat.on('connect', () => heard.push('connect'));
  });
  await world.pass(500);
  tab.socket.on('disconnect', (reason) => heard.push(reason));
  for (let i = 0; i < 3; i++) {
    tab.place.run(() => tab.chat.disconnect());
    await world.pass(1);
    tab.place.run(() => tab.chat.connect());
    await world.pass(500);
  }
  assert.deepEqual(heard, ['connect', 'connect', 'connect', 'connect']);
  const packets = world.server.received.filter(({ nsp }) => nsp === '/chat');
  assert.deepEqual(
    packets.map(({ type }) => type),
    [0, 1, 0, 1, 0, 1, 0],
  );
  // As a server of Socket.IO may read them at once, and hangs up then.
  packets.forEach(({ type, time }, i) => {
    if (i && type === 0) assert.ok(time - packets[i - 1].time >= 100);
  });
});

test('the hub › a page that wants another connection by now gets it, also where this one is back', async () => {
  const world = new World();
  const [tab, other] = await openTabs(world, APP, APP);
  const told = [];
  tab.socket.on('disconnect', (reason) => told.push(reason));
  tab.place.run(() => {
    const { io } = tab.socket;
    io.opts.query = { round: 'two' };
    // It takes the connection for lost, and has not heard yet that it is back.
    io._readyState = 'closed';
    io.open();
  });
  await world.pass(1_000);
  assert.equal(world.server.opened, 2);
  assert.deepEqual(told, []);
  assert.notEqual(tab.socket.id, other.socket.id);
  world.server.emit(['news', 1]);
  await world.pass(500);
  for (const one of [tab, other]) assert.deepEqual(numbers(one), [1]);
});

test('the hub › a page whose auth in host.js fails for a while is connected once it answers', async () => {
  const world = new World();
  const [other] = await openTabs(world, SHOP);
  const { auth } = world;
  let calls = 0;
  world.auth = async (origin) => {
    calls += 1;
    if (calls <= 3) throw new Error('503');
    return auth(origin);
  };
  const [tab] = await openTabs(world, APP);
  assert.deepEqual(
    tab.errors.map(({ code }) => code),
    ['HOST_FAILED'],
  );
  assert.equal(tab.socket.active, true);
  await world.pass(20_000);
  assert.equal(tab.socket.connected, true);
  assert.equal(calls, 4);
  assert.equal(tab.errors.length, 3);
  // The others have noticed nothing.
  assert.equal(other.socket.connected, true);
  assert.equal(world.connects.anew, 2);
});

test('the hub › a page that leaves while auth in host.js fails is asked for no more', async () => {
  const world = new World();
  let calls = 0;
  world.auth = async () => {
    calls += 1;
    throw new Error('503');
  };
  const [tab] = await openTabs(world, APP);
  tab.place.run(() => tab.socket.disconnect());
  await world.pass(20_000);
  assert.equal(calls, 1);
});

test('the hub › a connection that nobody uses does not try again', async () => {
  const world = new World({ linger: 60_000 });
  const [tab] = await openTabs(world, APP);
  tab.place.run(() => tab.socket.disconnect());
  await world.pass(100);
  world.server.cut();
  await world.pass(30_000);
  assert.equal(world.server.attempts, 1);
  tab.place.run(() => tab.socket.connect());
  await world.pass(1_000);
  assert.equal(tab.socket.connected, true);
  assert.equal(world.server.attempts, 2);
  // With a page in it, it does.
  world.server.cut();
  await world.pass(10_000);
  assert.equal(tab.socket.connected, true);
});

test('the hub › who comes right after another has left hears nothing that was sent to that one', async () => {
  const world = new World({ linger: 0 });
  const [ann] = [world.open(APP, { auth: { user: 'ann' } })];
  await world.pass(500);
  // Keeps the connection.
  ann.place.run(() => ann.io('/chat').on('connect', () => {}));
  await world.pass(500);
  ann.place.run(() => ann.socket.disconnect());
  const bob = world.open(APP, { auth: { user: 'bob' } });
  for (let i = 1; i <= 5; i++) {
    world.server.emit(['news', i, 'ann'], 'ann');
    await world.pass(1);
  }
  await world.pass(1_000);
  assert.equal(bob.socket.connected, true);
  assert.deepEqual(bob.heard, []);
});

test('the hub › namespaces whose auth has failed ask again together', async () => {
  const world = new World();
  let calls = 0;
  world.auth = async () => {
    calls += 1;
    if (calls <= 2) throw new Error('503');
    // Another token each time: whoever asks by itself would be somebody else.
    return { token: calls };
  };
  const tab = world.open(APP);
  tab.place.run(() => {
    tab.chat = tab.io('/chat');
  });
  const told = [];
  for (const socket of [tab.socket, tab.chat])
    socket.on('disconnect', (reason) => told.push(reason));
  await world.pass(20_000);
  assert.deepEqual([tab.socket.connected, tab.chat.connected, calls], [true, true, 3]);
  assert.deepEqual(told, []);
});

test('the hub › a socket that is disconnected while auth fails gives its place back', async () => {
  const world = new World();
  const [tab] = await openTabs(world, APP);
  let calls = 0;
  world.auth = async () => {
    calls += 1;
    throw new Error('503');
  };
  tab.place.run(() => {
    tab.chat = tab.io('/chat');
  });
  await world.pass(500);
  assert.equal(calls, 1);
  // The other socket keeps the connection.
  tab.place.run(() => tab.chat.disconnect());
  await world.pass(20_000);
  assert.deepEqual([calls, tab.socket.connected], [1, true]);
});
