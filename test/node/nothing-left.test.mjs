/** What use leaves behind, counted by the browser after it has collected its garbage: nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { launchChromium } from '../support/chromium-launcher.mjs';
import { findEngines } from '../support/engines.mjs';
import { startSite } from '../support/servers.mjs';

const skip = findEngines().chromium.chromium ? false : 'Chromium is not installed';
/** What an engine keeps for itself, in bytes: compiled code, caches that have a limit. */
const SLACK = 150_000;
let origins;
let browser;

before(async () => {
  if (skip) return;
  origins = await startSite();
  browser = await launchChromium();
});

after(() => browser?.close());

/** What there is in `page`, its frames and their workers. */
async function count(page) {
  const heapOf = async (client) => {
    // What a first collection finalizes goes with the next.
    for (let i = 0; i < 3; i++) await client.send('HeapProfiler.collectGarbage');
    return (await client.send('Runtime.getHeapUsage')).usedSize;
  };
  const session = await page.createCDPSession();
  const workers = page.workers();
  const [heap, ...workerHeaps] = await Promise.all(
    [session, ...workers.map(({ client }) => client)].map(heapOf),
  );
  const {
    JSEventListeners: listeners,
    Documents: documents,
    Frames: frames,
  } = await page.metrics();
  await session.detach();
  return {
    heap,
    workerHeap: workerHeaps.reduce((sum, bytes) => sum + bytes, 0),
    counts: { listeners, documents, frames, workers: workers.length },
  };
}

async function openPage() {
  const page = await browser.newPage();
  await page.goto(`${origins.app}/pages/blank.html`);
  await page.evaluate(async (frame) => {
    const { connect } = await import('/hadoken/hadoken.mjs');
    const client = connect(frame, { log: 'silent' });
    await client.ready;
    /** Calls `run` so many times, so many of them at once. */
    const repeat = (times, atOnce, run) => {
      let left = times;
      return Promise.all(
        Array.from({ length: atOnce }, async () => {
          while (left > 0) await run(left--);
        }),
      );
    };
    const once = (target, name) =>
      new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
    globalThis.requests = (times) =>
      repeat(times, 50, async () => {
        const text = await (await client.fetch('/api/status/200')).text();
        if (text !== 'status 200') throw new Error(`a wrong answer: ${text}`);
      });
    globalThis.sockets = (times) =>
      repeat(times, 10, async (i) => {
        if (i % 2) {
          const socket = client.io('/', { forceNew: i % 4 === 1 });
          if ((await socket.emitWithAck('echo', i)) !== i) throw new Error('a wrong answer');
          socket.disconnect();
        } else if (i % 4) {
          const socket = new client.WebSocket('/streams/ws/echo');
          await once(socket, 'open');
          socket.close();
          await once(socket, 'close');
        } else {
          const source = new client.EventSource('/streams/sse');
          await once(source, 'open');
          source.close();
        }
      });
    globalThis.cycles = (times) =>
      repeat(times, 1, async (i) => {
        const other = connect(`${frame}?${i}`, { log: 'silent', timeout: 1_000 });
        // Some of them in the middle of the handshake.
        if (i % 4) await other.ready;
        other.close();
      });
    const { signal } = new AbortController();
    globalThis.handles = (times) =>
      repeat(times, 20, async (i) => {
        const other = connect(frame);
        other.on('connect', () => {}, i % 2 ? {} : { signal: AbortSignal.any([signal]) });
        const call = other
          .service('none', { signal, timeout: 500 })
          .f()
          .catch(() => {});
        if (i % 4) await call;
        const socket = i % 50 ? undefined : other.io('/');
        if (socket && i % 100) await new Promise((resolve) => socket.on('connect', resolve));
        other.close();
        await call;
      });
    /** Handles that nobody closes: a component that connects whenever it is drawn. */
    globalThis.forgotten = (times) =>
      repeat(times, 20, async () => {
        const text = await (await connect(frame).fetch('/api/status/200')).text();
        if (text !== 'status 200') throw new Error(`a wrong answer: ${text}`);
      });
  }, `${origins.push}/hosts/default/frame.html`);
  return page;
}

/** `npm run test:long` does all of it, `npm test` a fifth. */
const SCALE = process.env.HADOKEN_LONG ? 1 : 0.2;

for (const [what, all] of Object.entries({
  requests: 10_000,
  sockets: 1_000,
  cycles: 200,
  handles: 2_000,
  forgotten: 1_000,
})) {
  const times = all * SCALE;
  test(`${times} ${what} leave nothing behind`, { skip, timeout: 180_000 }, async () => {
    const page = await openPage();
    const half = () => page.evaluate((name, n) => globalThis[name](n), what, times / 2);
    const settle = () => new Promise((resolve) => setTimeout(resolve, 1_500));
    /** Once two counts in a row are the same. */
    const countQuiet = async () => {
      await settle();
      let last = await count(page);
      for (let tries = 0; tries < 20; tries++) {
        await settle();
        const now = await count(page);
        if (isDeepStrictEqual(now.counts, last.counts)) return now;
        last = now;
      }
      return last;
    };
    // The first half is where caches and code come into being.
    await half();
    const before = await countQuiet();
    await half();
    const after = await countQuiet();
    assert.deepEqual(after.counts, before.counts);
    assert.ok(
      after.heap - before.heap < SLACK,
      `the page's heap grew from ${before.heap} to ${after.heap} bytes`,
    );
    assert.ok(
      after.workerHeap - before.workerHeap < SLACK,
      `the worker's heap grew from ${before.workerHeap} to ${after.workerHeap} bytes`,
    );
    await page.close();
  });
}
