import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const BROADCASTS = 10;

async function startNode(kind, url) {
  const child = fork(file('./load-node.mjs'), [kind, url], { execArgv: ['--expose-gc'] });
  const [{ port }] = await once(child, 'message');
  return {
    port,
    child,
    /** @param {'memory' | 'cpu'} what */
    async ask(what) {
      child.send({ ask: what });
      return (await once(child, 'message'))[0];
    },
  };
}

/** Waits for `check()`; resolves with how long it took, in ms. */
async function time(check, limit = 120_000) {
  const start = performance.now();
  while (!(await check())) {
    if (performance.now() - start > limit) return undefined;
    await sleep(20);
  }
  return performance.now() - start;
}

/**
 * Many sockets over three nodes: what they take, how fast a broadcast reaches all, and how long it takes until all are back
 * when a node is killed.
 *
 * @param {{ url: string, kind: 'memory' | 'durable' | 'cluster', sockets: number }} options
 */
export async function runLoad({ url, kind, sockets }) {
  const isCluster = kind === 'cluster';
  const nodes = await Promise.all([0, 1, 2].map(() => startNode(isCluster ? 'io' : kind, url)));
  const app = isCluster ? await startNode('app', url) : undefined;
  const appIdle = await app?.ask('memory');
  const idle = await Promise.all(nodes.map((node) => node.ask('memory')));
  const half = Math.ceil(sockets / 2);
  const clients = [half, sockets - half].map((count) =>
    fork(file('./load-clients.mjs'), [String(count)]),
  );
  const totals = clients.map(() => ({}));
  for (const [i, child] of clients.entries())
    child.on('message', (total) => {
      totals[i] = total;
    });
  const sum = (name) => totals.reduce((all, total) => all + (total[name] ?? 0), 0);
  const tell = (message) => {
    for (const child of clients) child.send(message);
  };
  tell({ nodes: nodes.map(({ port }) => port), start: true });
  const connectTime = await time(() => sum('connected') === sockets);
  const connected = sum('connected');
  await sleep(2_000);
  const full = await Promise.all(nodes.map((node) => node.ask('memory')));
  const memory =
    full.reduce((all, { memory: bytes }, i) => all + bytes - idle[i].memory, 0) / connected;

  if (app) await time(async () => (await app.ask('memory')).sockets === connected);
  const appFull = await app?.ask('memory');
  // In memory a node has only its own sockets, so each emits to its third.
  const emitters = { memory: nodes, durable: nodes.slice(0, 1), cluster: [app] }[kind];
  const emit = (count) => {
    for (const { child } of emitters) child.send({ ask: 'emit', count });
  };
  const cpu = async () =>
    (await Promise.all(nodes.map((node) => node.ask('cpu')))).reduce((all, it) => all + it, 0);
  const cpuBefore = await cpu();
  emit(BROADCASTS);
  const fanOut = await time(() => sum('events') >= connected * BROADCASTS);
  const events = sum('events');
  const cpuOfDelivery = ((await cpu()) - cpuBefore) / events; // µs
  const result = { kind, sockets: connected, connectTime, memory, events, fanOut, cpuOfDelivery };
  if (app) result.appMemory = (appFull.memory - appIdle.memory) / connected;
  if (kind !== 'memory')
    Object.assign(result, await killOne({ nodes, emit, sum, tell, connected, fanOut }));
  for (const child of clients) child.kill('SIGKILL');
  for (const node of [...nodes, app]) node?.child.kill('SIGKILL');
  return result;
}

async function killOne({ nodes, emit, sum, tell, connected, fanOut }) {
  const connects = sum('connects');
  const victim = nodes.pop();
  victim.child.kill('SIGKILL');
  tell({ nodes: nodes.map(({ port }) => port) });
  // While a third of them is away. Not more than the machine can deliver beside the reconnects: a quarter of what it just did.
  const every = Math.max(200, (4 * (fanOut ?? 60_000)) / BROADCASTS);
  const emitting = setInterval(() => emit(1), every);
  await time(() => sum('connected') < connected);
  const back = await time(() => sum('connected') === connected);
  clearInterval(emitting);
  emit(1);
  await sleep(3_000);
  return {
    every,
    back,
    returned: sum('connects') - connects,
    recovered: sum('recovered'),
    missing: sum('missing'),
    twice: sum('twice'),
  };
}
