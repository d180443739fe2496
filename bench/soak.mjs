/**
 * Requests, sockets and frame deaths at random from a seed, in Chromium, for five minutes. Fails if a call is left
 * unsettled, an answer is wrong, or a message is lost that `retries` covers.
 *
 *   node bench/soak.mjs [seconds=300] [seed] [tabs=1]
 *
 * Several tabs, on two origins in turn, share one connection; every few seconds one of them loses its frame, or
 * the server is stopped and started.
 */
import { launchChromium } from '../test/support/chromium-launcher.mjs';
import { recordHiddenFrames } from '../test/support/hidden-frames.mjs';
import { startSite } from '../test/support/servers.mjs';

const seconds = Number(process.argv[2] ?? 300);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const tabs = Number(process.argv[4] ?? 1);

/** Runs in the page, as text. */
async function soak(frame, duration, firstSeed, isShared) {
  const { connect } = await import('/hadoken/hadoken.mjs');
  let state = firstSeed;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  const hadoken = connect(frame, {
    log: 'silent',
    heartbeat: 3_000,
    reconnectionDelay: 50,
    timeout: 20_000,
  });
  const mortal = hadoken.service('mortal');
  const count = {
    requests: 0,
    answered: 0,
    lost: 0,
    wrong: [],
    messages: 0,
    acks: 0,
    outOfOrder: 0,
    sockets: 0,
    deaths: 0,
    heals: 0,
  };
  const outstanding = new Set();
  hadoken.on('connect', () => (count.heals += 1));
  await hadoken.ready;

  const track = (call) => {
    outstanding.add(call);
    call.finally(() => outstanding.delete(call)).catch(() => {});
  };
  const request = async (n) => {
    const text = `${n}-${'x'.repeat(random() * 2_000)}`;
    const method = random() < 0.5 ? 'GET' : 'POST';
    count.requests += 1;
    try {
      const response = await hadoken.fetch(
        `/api/echo?n=${n}`,
        method === 'POST' ? { method, body: text } : {},
      );
      const seen = await response.json();
      count.answered += 1;
      if (!seen.url.endsWith(`n=${n}`) || atob(seen.body) !== (method === 'POST' ? text : ''))
        count.wrong.push(n);
    } catch (error) {
      if (error.code !== 'FRAME_LOST')
        count.wrong.push(`${method} ${n}: ${error.name} ${error.code} ${error.message}`);
      count.lost += 1;
    }
  };

  const socket = hadoken.io('/', {
    retries: 100,
    ackTimeout: 2_000,
    reconnectionDelay: 50,
    reconnectionDelayMax: 500,
  });
  let lastAck = -1;
  const message = () => {
    const n = count.messages++;
    track(
      new Promise((resolve) => {
        socket.emit('echo', n, (error, answer) => {
          if (error || answer !== n) count.wrong.push(`message ${n}: ${error ?? answer}`);
          if (n !== lastAck + 1) count.outOfOrder += 1;
          lastAck = n;
          count.acks += 1;
          resolve();
        });
      }),
    );
  };
  const visit = async () => {
    count.sockets += 1;
    const visitor = hadoken.io(isShared ? '/greet' : '/chat', {
      forceNew: true,
      reconnectionDelay: 50,
    });
    await Promise.race([new Promise((resolve) => visitor.once('connect', resolve)), wait(10_000)]);
    visitor.disconnect();
  };
  const ofFrames = [
    () => hiddenFrames()[0]?.remove(),
    () => hiddenFrames()[0]?.setAttribute('src', 'about:blank'),
  ];
  const ofWorkers = [() => mortal.die().catch(() => {}), () => mortal.dieLoudly().catch(() => {})];
  const control = (what) => fetch(new URL(`/control/io/${what}`, frame), { method: 'POST' });
  const restartServer = () => control('stop').then(() => control('start'));
  // What all tabs share dies with no worker of a page's own.
  const deaths = [...ofFrames, ...(isShared ? [restartServer] : ofWorkers)];
  const end = performance.now() + duration;
  let nextDeath = performance.now() + 2_000;
  for (let n = 0; performance.now() < end; n++) {
    const dice = random();
    if (dice < 0.6) track(request(n));
    else if (dice < 0.95) message();
    else track(visit());
    if (performance.now() > nextDeath && hadoken.state === 'connected') {
      count.deaths += 1;
      deaths[Math.floor(random() * deaths.length)]();
      nextDeath = performance.now() + (1_000 + random() * 5_000) * (isShared ? 4 : 1);
    }
    await wait(random() * 10);
    while (outstanding.size > 200) await wait(20);
  }
  for (
    const until = performance.now() + 60_000;
    outstanding.size > 0 && performance.now() < until;
  )
    await wait(50);
  const unsettled = outstanding.size;
  hadoken.close();
  return { ...count, unsettled, frames: hiddenFrames().length };
}

const origins = await startSite();
const browser = await launchChromium({ protocolTimeout: (seconds + 120) * 1_000 });
const pages = [];
for (let tab = 0; tab < tabs; tab++) {
  const page = await browser.newPage();
  // The last of them are hidden, with timers of one a second; the others count as seen.
  const session = await page.createCDPSession();
  await session.send('Emulation.setFocusEmulationEnabled', { enabled: tab < tabs - 2 || !tab });
  await page.goto(`${tab % 2 ? origins.shop : origins.app}/pages/blank.html`);
  await page.evaluate(recordHiddenFrames);
  pages.push(page);
}
const [page] = pages;
const heap = async () => {
  const session = await page.createCDPSession();
  // What a FinalizationRegistry or a WeakRef holds takes more than one turn.
  for (let i = 0; i < 4; i++) {
    await session.send('HeapProfiler.collectGarbage');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const { metrics } = await session
    .send('Performance.enable')
    .then(() => session.send('Performance.getMetrics'));
  const metric = (name) => metrics.find((entry) => entry.name === name)?.value;
  return {
    kilobytes: Math.round(usedSize / 1024),
    listeners: metric('JSEventListeners'),
    documents: metric('Documents'),
  };
};
console.log(`seed ${seed}, ${seconds} s, ${tabs} tab${tabs > 1 ? 's' : ''}`);
const frame = `${origins.push}/hosts/${tabs > 1 ? 'hub' : 'mortal'}/frame.html`;
const run = (duration) =>
  Promise.all(pages.map((one, tab) => one.evaluate(soak, frame, duration, seed + tab, tabs > 1)));
// Once in short first: what is loaded and compiled then is no growth.
await run(3_000);
const before = await heap();
const found = await run(seconds * 1_000);
const after = await heap();
for (const one of found) console.log(JSON.stringify(one));
console.log(JSON.stringify({ before, after }));
await browser.close();
const failed = found.reduce(
  (sum, one) =>
    sum +
    one.unsettled +
    one.wrong.length +
    (one.messages - one.acks) +
    one.outOfOrder +
    one.frames,
  0,
);
console.log(failed ? `${failed} failures` : '0 unsettled, 0 wrong, 0 lost that retries cover');
process.exit(failed ? 1 : 0);
