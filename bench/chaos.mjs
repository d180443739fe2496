/**
 * `node bench/chaos.mjs`: what comes through when the server dies and the network fails, socket.io-client and
 * hadoken.io side by side in one page. Prints a table for docs/push.md; ends with 1 where ours is worse by
 * more than chance: one message a fault.
 *
 *   node bench/chaos.mjs [faults] [messages] [tabs]        50, 10,000 and 1 unless told
 *
 * With several tabs, on two origins in turn, hadoken.io has one connection for all of them and socket.io-client one each.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  createReadStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launchChromium } from '../test/support/chromium-launcher.mjs';
import { freePort } from '../test/support/free-port.mjs';
import { listen } from '../test/support/http-server.mjs';
import { startFaultyProxy } from './chaos/proxy.mjs';

const faults = Number(process.argv[2] ?? 50);
const messages = Number(process.argv[3] ?? 10_000);
const tabs = Number(process.argv[4] ?? 1);
/** One message each way, in ms: the faults are spread over all of them. */
const EVERY = 10;
/** For everything to come through after the last fault, in ms. */
const PATIENCE = 60_000;

const root = fileURLToPath(new URL('../', import.meta.url));
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const files = {
  '/page.js': 'bench/chaos/page.js',
  '/socket.io.js': 'node_modules/socket.io-client/dist/socket.io.js',
};

/** The page's origin and the frame's; upgrades to Socket.IO go through the proxy. */
async function startSite(proxyPort) {
  const origins = {};
  const { server, port } = await listen((_request, response, { pathname }) => {
    if (pathname === '/') {
      response.setHeader('content-type', 'text/html');
      return response.end(`<!doctype html><script src="/socket.io.js"></script>
        <script src="/hadoken/hadoken.js" data-manual></script><script src="/page.js"></script>`);
    }
    response.setHeader(
      'content-type',
      pathname.endsWith('.html') ? 'text/html' : 'text/javascript',
    );
    if (pathname === '/hadoken/host.js')
      return response.end(
        `hadokenFrame.serve({
          origins: ['${origins.app}', '${origins.shop}'],
          io: { transports: ['websocket'], shared: ${tabs > 1} },
        });`,
      );
    const file = files[pathname] ?? pathname.replace('/hadoken/', 'dist/').slice(0, 200);
    if (file.includes('..') || !existsSync(join(root, file))) return response.writeHead(404).end();
    createReadStream(join(root, file)).pipe(response);
  });
  server.on('upgrade', ({ method, url, rawHeaders }, socket, head) => {
    const upstream = connect(proxyPort, '127.0.0.1');
    const headers = [];
    for (let i = 0; i < rawHeaders.length; i += 2)
      headers.push(`${rawHeaders[i]}: ${rawHeaders[i + 1]}`);
    upstream.write(`${method} ${url} HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n`);
    upstream.write(head);
    socket.pipe(upstream).pipe(socket);
    for (const [one, other] of [
      [socket, upstream],
      [upstream, socket],
    ]) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  });
  origins.app = `http://app.hadoken.localhost:${port}`;
  origins.shop = `http://shop.hadoken.localhost:${port}`;
  origins.push = `http://push.hadoken.localhost:${port}`;
  return { origins, close: () => server.closeAllConnections() || server.close() };
}

/** What came of the numbers 0…messages-1 of one tab: how many are missing, how many came again, how many out of order. */
function judgeOne(numbers) {
  const seen = new Set();
  let repeated = 0;
  let disordered = 0;
  let last = -1;
  for (const number of numbers) {
    if (seen.has(number)) repeated++;
    else if (number < last) disordered++;
    last = Math.max(last, number);
    seen.add(number);
  }
  return { missing: messages - seen.size, repeated, disordered };
}

/** The sums over all tabs. */
const sum = (all) =>
  all.reduce(
    (sums, one) =>
      Object.fromEntries(Object.keys(one).map((key) => [key, one[key] + (sums[key] ?? 0)])),
    {},
  );
const judge = (tabsNumbers) => sum(tabsNumbers.map(judgeOne));

async function round(name, browser, makeFault) {
  const folder = mkdtempSync(join(tmpdir(), 'hadoken-chaos-'));
  const port = await freePort();
  let child;
  const start = async () => {
    child = fork(join(root, 'bench/chaos/server.mjs'), [port, folder, messages, EVERY]);
    await once(child, 'message');
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  await start();
  const proxy = await startFaultyProxy(port);
  const site = await startSite(proxy.port);
  const pages = [];
  for (let tab = 0; tab < tabs; tab++) {
    const page = await browser.newPage();
    const query = new URLSearchParams({ messages, every: EVERY, tab, push: site.origins.push });
    await page.goto(`${tab % 2 ? site.origins.shop : site.origins.app}/?${query}`);
    await page.evaluate(() => window.chaos.ready);
    pages.push(page);
  }
  const sockets = await pages[0].evaluate(() => window.chaos.countSockets());
  await Promise.all(pages.map((page) => page.evaluate(() => window.chaos.start())));
  writeFileSync(join(folder, 'go'), '');

  const duration = messages * EVERY;
  for (let fault = 0; fault < faults; fault++) {
    await pause((duration / faults) * (0.5 + Math.random() / 2));
    await makeFault(fault, { proxy, kill, start });
  }
  const end = Date.now() + duration + PATIENCE;
  const ask = () => Promise.all(pages.map((page) => page.evaluate(() => window.chaos.states())));
  const isDone = ({ acknowledged, down }) =>
    acknowledged === messages && down.includes(messages - 1);
  let states = await ask();
  while (!states.flatMap(Object.values).every(isDone) && Date.now() < end) {
    await pause(500);
    states = await ask();
  }
  const numbersUp = (who, tab) =>
    readFileSync(join(folder, `up-${who}-${tab}.log`), 'utf8')
      .trim()
      .split('\n')
      .map(Number);
  const result = ['direct', 'hadoken'].map((who) => {
    const ofTabs = states.map((state) => state[who]);
    const { connects, recovered } = sum(
      ofTabs.map(({ connects, recovered }) => ({ connects, recovered })),
    );
    return {
      name,
      who,
      up: judge(ofTabs.map((_, tab) => numbersUp(who, tab))),
      down: judge(ofTabs.map(({ down }) => down)),
      connects,
      recovered,
      sockets: sockets[who],
    };
  });
  for (const page of pages) await page.close();
  await kill();
  proxy.close();
  site.close();
  rmSync(folder, { recursive: true });
  return result;
}

const browser = await launchChromium();
const rows = [];
try {
  rows.push(
    ...(await round(
      `server killed and restarted ${faults} times`,
      browser,
      async (_fault, { kill, start }) => {
        await kill();
        await pause(Math.random() * 300);
        await start();
      },
    )),
  );
  rows.push(
    ...(await round(`${faults} faults of the network`, browser, async (fault, { proxy }) => {
      if (fault % 3 === 0) proxy.drop();
      else if (fault % 3 === 1) proxy.delay(400);
      else proxy.halfOpen();
    })),
  );
} finally {
  await browser.close();
}

console.log(
  `| ${messages} messages each way, ${tabs} tab${tabs > 1 ? 's' : ''} | sockets | page → server missing | repeated | out of order | server → page missing | repeated | out of order | connects, recovered |`,
);
console.log('|---|---|--:|--:|--:|--:|--:|--:|--:|');
for (const { name, who, up, down, connects, recovered, sockets } of rows) {
  const cells = [up, down].flatMap((way) => [way.missing, way.repeated, way.disordered]);
  console.log(
    `| ${name} | ${who}: ${sockets} | ${cells.join(' | ')} | ${connects}, ${recovered} |`,
  );
}
const lost = rows.filter(({ who, up }) => who === 'hadoken' && (up.missing || up.disordered));
// While the server is dead its messages are missing: who is back some ms sooner has one less of them.
const chance = faults * tabs;
const worse = rows.filter(({ who, name, down }) => {
  if (who !== 'hadoken') return false;
  const direct = rows.find((row) => row.name === name && row.who === 'direct');
  return down.missing > direct.down.missing + chance || down.repeated > direct.down.repeated;
});
for (const { name } of lost) console.error(`${name}: numbers of ours are missing or out of order.`);
for (const { name } of worse) console.error(`${name}: more is missing or repeated with ours.`);
if (lost.length || worse.length) process.exitCode = 1;
