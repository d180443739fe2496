/**
 * `npm run bench -- cluster`: chaos in the long form, what it costs Redis, and many sockets; the stock adapter beside it, in one
 * run. Writes packages/cluster/bench/RESULTS.md and charts/*.svg.
 *
 *   SEED=7 npm run bench -- cluster       another course of things
 *   SOCKETS=5000 npm run bench -- cluster fewer sockets than 20,000
 *   PARTS=chaos npm run bench -- cluster  one part, to the terminal: chaos, costs, load
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { drawChart } from '../../../bench/chart.mjs';
import { Metric } from '../../../bench/metric.mjs';
import { runChaos } from '../test/support/chaos.mjs';
import { startRedis } from '../test/support/redis-server.mjs';
import { measureCosts } from './costs.mjs';
import { measureEntries } from './entries.mjs';
import { runLoad } from './load.mjs';

const SEED = Number(process.env.SEED ?? 2026);
const SOCKETS = Number(process.env.SOCKETS ?? 20_000);
const PARTS = (process.env.PARTS ?? 'chaos,costs,entries,load').split(',');
const ACTIONS = 40;

const table = (header, rows) =>
  [header, header.map((_, i) => (i ? '---:' : '---')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
const number = (value, digits = 0) =>
  value === undefined ? '–' : value.toLocaleString('en', { maximumFractionDigits: digits });

async function withRedis(work, args) {
  const redis = await startRedis(args);
  try {
    return await work(redis);
  } finally {
    await redis.stop();
  }
}

async function chaos() {
  const results = [];
  const server = ['kill', 'cut', 'halfOpen', 'hang'];
  for (const [kind, troubles] of [
    ['stock', server],
    ['durable', server],
    ['cluster', ['kill', 'killApp', 'cut', 'halfOpen', 'hang', 'hangApp']],
  ]) {
    const options = { kind, troubles, seed: SEED, actions: ACTIONS, clients: 50, rate: 200 };
    results.push(
      await withRedis(({ url }) => runChaos({ ...options, url }), ['--appendonly', 'no']),
    );
    console.log(JSON.stringify(results.at(-1)));
  }
  const lost = new Metric({
    title: 'events lost',
    unit: 'of 100,000',
    samples: Object.fromEntries(
      results.map(({ kind, missing, expected }) => [
        nameOf(kind),
        [(100_000 * missing) / expected],
      ]),
    ),
    digits: 0,
  });
  const header = [
    '',
    'client',
    'expected',
    'lost',
    'twice',
    'out of order',
    'reconnects',
    'recovered',
    'page → server',
    'not handled',
    'out of order',
    'again',
  ];
  const rows = results.flatMap((it) =>
    Object.entries(it.byClient).map(([client, { handled, ...got }]) => [
      nameOf(it.kind),
      client,
      ...[
        ...[got.expected, got.missing, got.twice, got.disordered, got.connects, got.recovered],
        ...[handled.sent, handled.lost, handled.disordered, handled.again],
      ].map((n) => number(n)),
    ]),
  );
  return {
    text: `## Chaos

${ACTIONS} troubles, one a second, seed ${SEED}; 3 nodes (and 2 app nodes), 50 clients, half of them \`hadoken.io\` (in Node), 200 events/s; kills are SIGKILL, a hang is 5 s of SIGSTOP.

${table(header, rows)}

*Again*: messages that were handled more than once, because their acknowledgement was lost or late. What their handlers emitted again is another entry of the stream.`,
    charts: { chaos: ['Events lost in chaos', lost] },
  };
}

/** What was measured beyond the idle time may come out a little below nothing. */
const costOf = (value, digits) => number(value === undefined ? value : Math.max(0, value), digits);

const nameOf = (kind) =>
  ({ stock: 'stock adapter', durable: 'hadoken durable', cluster: 'hadoken io + app' })[kind];

async function costs() {
  const results = [];
  for (const kind of ['stock', 'durable', 'cluster']) {
    results.push(await withRedis(({ url }) => measureCosts({ url, kind })));
    console.log(JSON.stringify(results.at(-1)));
  }
  const names = Object.keys(results.at(-1)).filter((name) => name !== 'kind');
  const header = [
    '',
    ...results.flatMap(({ kind }) => [`${nameOf(kind)}, commands`, 'µs of Redis']),
  ];
  const rows = names.map((name) => [
    name,
    ...results.flatMap((result) => [costOf(result[name]?.commands, 2), costOf(result[name]?.cpu)]),
  ]);
  const metric = new Metric({
    title: 'an event, one at a time',
    unit: 'µs of Redis',
    samples: Object.fromEntries(
      results.map((result) => [nameOf(result.kind), [result['event, one at a time'].cpu]]),
    ),
    digits: 0,
  });
  return {
    text: `## Costs

Of Redis, beyond what it does without clients; 3 nodes (and 2 app nodes), 50 clients, append-only. Commands count those that scripts call as well. A message is an event of a client with its acknowledgement: with an adapter it is its server's own matter.

${table(header, rows)}`,
    charts: { costs: ['What an event costs Redis', metric] },
  };
}

async function entries() {
  const result = await withRedis(({ url }) => measureEntries({ url }));
  console.log(JSON.stringify(result));
  const rows = Object.entries(result).map(([name, { taking, handing, reading }]) => [
    name,
    ...[taking, handing, reading].map((value) => number(value, 1)),
  ]);
  const header = [
    '',
    'µs of Redis to take it',
    'µs of Redis for each node',
    'µs of a node to read it',
  ];
  return {
    text: `## Entries

One entry of the stream with 100 bytes of text, for a room that nobody is in; from the difference between one node that reads it and five.

${table(header, rows)}`,
    charts: {},
  };
}

async function load() {
  const results = [];
  for (const kind of ['memory', 'durable', 'cluster']) {
    results.push(await withRedis(({ url }) => runLoad({ url, kind, sockets: SOCKETS })));
    console.log(JSON.stringify(results.at(-1)));
  }
  const rows = results.map((it) => [
    it.kind === 'memory' ? 'in memory' : nameOf(it.kind),
    number(it.sockets),
    number(it.connectTime / 1_000, 1),
    number(it.memory / 1_024, 1),
    number(it.appMemory === undefined ? undefined : it.appMemory / 1_024, 1),
    number((1_000 * it.events) / it.fanOut),
    number(it.cpuOfDelivery, 1),
    ...[it.back === undefined ? undefined : it.back / 1_000].map((n) => number(n, 1)),
    ...[it.returned, it.recovered, it.missing, it.twice].map((n) => number(n)),
  ]);
  const header = [
    '',
    'sockets',
    's to connect',
    'KiB each',
    'KiB on the app node',
    'deliveries/s',
    'µs of a node each',
    's until all are back',
    'came back',
    'recovered',
    'lost',
    'twice',
  ];
  const memory = new Metric({
    title: 'memory of a socket',
    unit: 'KiB',
    samples: Object.fromEntries(rows.map(([name], i) => [name, [results[i].memory / 1_024]])),
    digits: 1,
  });
  const fanOut = new Metric({
    title: 'deliveries',
    unit: '/s',
    samples: Object.fromEntries(
      rows.map(([name], i) => [name, [(1_000 * results[i].events) / results[i].fanOut]]),
    ),
    digits: 0,
  });
  return {
    text: `## Load

Raw WebSockets of two processes over 3 nodes, all on this machine, \`hadoken io + app\` with one app node; 10 broadcasts to all; then one node is killed, and its clients come back with jitter (0.5 to 1.5 s) while events go on, at a quarter of the deliveries/s before.

${table(header, rows)}`,
    charts: {
      'load-memory': ['Memory of a socket on its node', memory],
      'load-fan-out': ['A broadcast to all sockets', fanOut],
    },
  };
}

const parts = { chaos, costs, entries, load };
const sections = [];
const before = loadavg()[0];
for (const name of PARTS) {
  console.log(`\n== ${name}`);
  sections.push(await parts[name]());
}
const charts = Object.assign({}, ...sections.map((section) => section.charts));
const machine = `${cpus().length} × ${cpus()[0].model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}; load ${before.toFixed(1)} at the start, ${loadavg()[0].toFixed(1)} at the end`;
const text = [
  `# Results of the cluster\n\nMade by \`npm run bench -- cluster\` on ${new Date().toISOString().slice(0, 10)}; don't edit. ${machine}.`,
  ...sections.map(({ text: section }) => section),
  ...Object.entries(charts).map(([name, [title]]) => `![${title}](charts/${name}.svg)`),
].join('\n\n');
console.log(`\n${text}`);
if (!process.env.PARTS) {
  await mkdir(new URL('./charts/', import.meta.url), { recursive: true });
  await writeFile(new URL('./RESULTS.md', import.meta.url), `${text}\n`);
  for (const [name, [title, metric]] of Object.entries(charts))
    await writeFile(new URL(`./charts/${name}.svg`, import.meta.url), drawChart(title, metric));
}
process.exit();
