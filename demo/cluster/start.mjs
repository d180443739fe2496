/**
 * `npm run start:cluster`: the demo on a cluster. Redis, three io nodes behind a proxy that gives connections to them in turn, two
 * app nodes; the page and host.js are those of the other demos.
 */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { addresses } from '../server/addresses.mjs';
import { createAppServer, isOwn } from '../server/app.mjs';
import { listen } from '../server/listen.mjs';
import { createPushService, isBuilt } from '../server/push-service.mjs';
import { sendJson, sendProblem } from '../server/reply.mjs';
import { startClock } from './clock.mjs';
import { createNodeProcess } from './node-process.mjs';
import { createProxy } from './proxy.mjs';
import { startRedis } from './redis.mjs';

const GRACE = 2_000; // ms for a clean end

try {
  await start(addresses());
} catch (error) {
  console.error(`\n  ${error.message}\n`);
  process.exit(1);
}

async function start(where) {
  if (!isBuilt())
    throw new Error('dist/ is missing or not complete. Build the SDK first: npm run build');
  const redis = await startRedis();
  const env = { REDIS_URL: redis.url, PUSH_ORIGIN: where.push, CLOCK_KEY: randomUUID() };
  const nodes = [
    ...[1, 2, 3].map((i) => createNodeProcess('io-node', `io${i}`, env)),
    ...[1, 2].map((i) => createNodeProcess('app-node', `app${i}`, env)),
  ];
  const close = async () => {
    await Promise.all(nodes.map((node) => node.kill()));
    await redis.stop();
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
    await startServers(where, nodes);
    startClock(`http://${where.host}:${where.pushPort}`, env.CLOCK_KEY);
  } catch (error) {
    await close();
    throw error;
  }
  console.log('\n  Hadoken demo, on a cluster\n');
  console.log(`    App    ${where.app}`);
  console.log(`    Push   ${where.push}   (a proxy before 3 io nodes)`);
  console.log(`    Redis  ${redis.url.replace(/\/\/.*@/, '//')}`);
  console.log(`\n  Open   ${where.app}/   and kill nodes on the Cluster card. Ctrl+C ends it.\n`);
  endOnSignal(close);
}

async function startServers(where, nodes) {
  const ioNodes = nodes.filter(({ kind }) => kind === 'io-node');
  const service = createPushService(where);
  const proxy = createProxy(() => ioNodes.map(({ port }) => port).filter(Boolean));
  const pushServer = createServer((request, response) => {
    const url = new URL(request.url, where.push);
    if (proxy.handle(request, response, url)) return;
    service.handle(request, response, url).then(
      (found) => found || sendProblem(response, 404, `There is no ${url.pathname} here.`),
      (error) =>
        response.headersSent ? response.destroy() : sendProblem(response, 500, error.message),
    );
  });
  pushServer.on('upgrade', proxy.upgrade);
  // The switch of the other demos: all io nodes at once.
  const push = {
    cluster: true,
    get running() {
      return ioNodes.some(({ running }) => running);
    },
    start: () => Promise.all(ioNodes.map((node) => node.start())),
    stop: () => Promise.all(ioNodes.map((node) => node.kill())),
  };
  const appServer = createAppServer(where, {
    push,
    also: (...args) => control(nodes, ...args),
  });
  await listen(pushServer, { port: where.pushPort, host: where.host, variable: 'PUSH_PORT' });
  await listen(appServer, { port: where.appPort, host: where.host, variable: 'PORT' });
}

/** `GET /control/cluster` tells, `POST /control/cluster/kill?node=io1` and `/start` do. For this app's own pages only. */
async function control(nodes, request, response, url) {
  const [isControl, order] = /^\/control\/cluster(?:\/(kill|start))?$/.exec(url.pathname) ?? [];
  if (!isControl) return false;
  const node = nodes.find(({ name }) => name === url.searchParams.get('node'));
  if (!isOwn(request)) sendProblem(response, 403, 'Only for the demo’s own page.');
  else if (order && request.method !== 'POST')
    sendProblem(response, 405, `${url.pathname} is for POST.`);
  else if (order && !node) sendProblem(response, 404, 'There is no such node.');
  else {
    if (order) await node[order]();
    const all = nodes.map(({ name, kind, running }) => ({ name, kind, running }));
    sendJson(response, 200, all);
  }
  return true;
}

function endOnSignal(close) {
  let ending = false;
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, async () => {
      if (ending) process.exit(1); // asked twice
      ending = true;
      setTimeout(() => process.exit(1), GRACE).unref();
      await close();
      process.exit(0);
    });
}
