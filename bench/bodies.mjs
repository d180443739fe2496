/**
 * Large bodies through the frame, against the platform's own cross-origin fetch in the same run, in Chromium:
 *
 *   npm run build && node bench/bodies.mjs [MiB] [rounds]
 *
 * Speed down and up, added latency of a small GET, heap of the page, and a 1 GiB download in flat memory.
 */
import { once } from 'node:events';
import { launch } from 'puppeteer-core';
import { findEngines } from '../test/support/engines.mjs';
import { listen } from '../test/support/http-server.mjs';
import { dist, readFrom } from '../test/support/static-files.mjs';

const MIB = 1_048_576;
const [size = 200, rounds = 5] = process.argv.slice(2).map(Number);
const block = Buffer.alloc(MIB, 'x');

function cors(request, response) {
  response.setHeader('access-control-allow-origin', request.headers.origin ?? '*');
  response.setHeader('access-control-allow-headers', '*');
  response.setHeader('access-control-allow-methods', '*');
  response.setHeader('access-control-max-age', '7200');
}

async function send(response, bytes) {
  response.setHeader('content-length', bytes);
  const closed = once(response, 'close');
  for (let left = bytes; left > 0 && !response.destroyed; left -= MIB)
    if (!response.write(left >= MIB ? block : block.subarray(0, left)))
      await Promise.race([once(response, 'drain'), closed]);
  response.end();
}

const origins = {};
const { port } = await listen(async (request, response, url) => {
  cors(request, response);
  if (request.method === 'OPTIONS') return response.end();
  if (url.pathname === '/page') {
    response.setHeader('content-type', 'text/html');
    return response.end('<!doctype html><script src="/hadoken.js" data-manual></script>');
  }
  if (url.pathname === '/down') return send(response, Number(url.searchParams.get('bytes')));
  if (url.pathname === '/up') {
    let bytes = 0;
    for await (const chunk of request) bytes += chunk.length;
    return response.end(String(bytes));
  }
  if (url.pathname === '/host.js') {
    response.setHeader('content-type', 'text/javascript');
    return response.end(`hadokenFrame.serve({ origins: ['${origins.app}'], fetch: true });`);
  }
  response.setHeader('content-type', url.pathname.endsWith('.html') ? 'text/html' : 'text/javascript');
  response.end(await readFrom(dist, url.pathname.slice(1)));
});
origins.app = `http://app.hadoken.localhost:${port}`;
origins.push = `http://push.hadoken.localhost:${port}`;

const browser = await launch({
  executablePath: findEngines().chromium.chromium,
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--js-flags=--expose-gc', '--enable-precise-memory-info'],
  headless: true,
});
const page = await browser.newPage();
page.on('console', (message) => console.log(message.text()));
await page.goto(`${origins.app}/page`);
const result = await page.evaluate(
  async ({ push, size, rounds, MIB }) => {
    const client = window.hadoken.connect(`${push}/frame.html`);
    await client.ready;
    const ways = { native: (path, init) => fetch(push + path, init), hadoken: client.fetch };
    const median = (list) => list.toSorted((a, b) => a - b)[list.length >> 1];
    const round = (value) => Math.round(value * 100) / 100;

    const read = async (get, bytes, onChunk) => {
      const response = await get(`/down?bytes=${bytes}`);
      const reader = response.body.getReader();
      let length = 0;
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return length;
        length += value.byteLength;
        onChunk?.(length);
      }
    };
    const time = async (work) => {
      const start = performance.now();
      await work();
      return performance.now() - start;
    };
    /** Medians by way, the ways taking turns. */
    const compare = async (times, work) => {
      const all = { native: [], hadoken: [] };
      for (let at = 0; at < times; at++) for (const way in ways) all[way].push(await work(ways[way]));
      return { native: round(median(all.native)), hadoken: round(median(all.hadoken)) };
    };
    const heap = () => {
      gc();
      return performance.memory.usedJSHeapSize / MIB;
    };

    const out = {};
    const small = (get) => time(async () => (await get('/down?bytes=100')).text());
    await compare(30, small);
    out.smallGetMs = await compare(200, small);
    const speed = (work) => async (get) => (size / (await time(() => work(get)))) * 1_000;
    out.downStreamMiBs = await compare(
      rounds,
      speed((get) => read(get, size * MIB)),
    );
    out.downBufferMiBs = await compare(
      rounds,
      speed(async (get) => (await get(`/down?bytes=${size * MIB}`)).arrayBuffer()),
    );
    const file = new File([new Uint8Array(size * MIB)], 'file.bin');
    out.upFileMiBs = await compare(
      rounds,
      speed((get) => get('/up', { method: 'POST', body: file })),
    );
    // What garbage is left of the rounds before does not count.
    const settle = async () => {
      for (let at = 0; at < 5; at++) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      return heap();
    };
    const grow = async (work) => {
      const before = await settle();
      let peak = before;
      const look = () => {
        peak = Math.max(peak, heap());
      };
      await work(look);
      return { peakMiB: round(peak - before), afterMiB: round((await settle()) - before) };
    };
    /** Looks at the heap every 32 MiB. */
    const every = (look) => {
      let next = 32 * MIB;
      return (length) => {
        if (length < next) return;
        next += 32 * MIB;
        look();
      };
    };
    for (const way in ways)
      out[`heapOf1GiBDown: ${way}`] = await grow((look) => read(ways[way], 1024 * MIB, every(look)));
    let events = 0;
    out.heapOfFileUp = await grow((look) =>
      client.fetch('/up', { method: 'POST', body: file, onUploadProgress: () => ++events && look() }),
    );
    out.uploadProgressEvents = events;
    return out;
  },
  { push: origins.push, size, rounds, MIB },
);
console.log(JSON.stringify(result, null, 2));
await browser.close();
process.exit();
