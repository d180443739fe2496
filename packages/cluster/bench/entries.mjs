import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { createDurableAdapter } from '../index.js';

const TEXT = 'x'.repeat(100);
const READERS = 5;

/** Processor time in µs: of Redis, and of this process, which has all the nodes. */
async function usage(redis) {
  const info = await redis.info('cpu');
  const number = (name) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)[1]);
  const own = process.cpuUsage();
  return {
    redis: 1e6 * (number('used_cpu_sys') + number('used_cpu_user')),
    node: own.user + own.system,
  };
}

function startNode(url) {
  const redis = createClient({ url });
  redis.on('error', () => {});
  return new Server(createServer(), {
    adapter: createDurableAdapter(redis, { prefix: 'entries', log: () => {} }),
    connectionStateRecovery: {},
  });
}

/** What one entry costs, when `count` nodes read it and no socket of theirs is in its room. */
async function measure({ url, control, nodes: count, entries, together }) {
  const nodes = Array.from({ length: count }, () => startNode(url));
  const [first] = nodes;
  const reached = async () => {
    const [last] = await control.xRevRange('entries:events:/', '+', '-', { COUNT: 1 });
    const isThere = (node) => node.of('/').adapter.position().read >= last?.id;
    while (!nodes.every(isThere)) await sleep(5);
  };
  await sleep(500);
  await reached();
  const before = await usage(control);
  for (let i = 0; i < entries; i += together) {
    for (let j = 0; j < together; j += 1) first.to('nobody').emit('n', TEXT);
    await sleep(together > 1 ? 10 : 2);
  }
  await reached();
  const after = await usage(control);
  await Promise.all(nodes.map((node) => node.close()));
  return {
    redis: (after.redis - before.redis) / entries,
    node: (after.node - before.node) / entries,
  };
}

/**
 * What an entry costs Redis and the nodes in µs, from the difference between one node that reads it and five: taking it, handing
 * it to one node, and reading it there for nobody.
 */
export async function measureEntries({ url }) {
  const control = createClient({ url });
  await control.connect();
  const result = {};
  for (const [name, entries, together] of [
    ['100 together', 20_000, 100],
    ['one at a time', 1_000, 1],
  ]) {
    const one = await measure({ url, control, nodes: 1, entries, together });
    const many = await measure({ url, control, nodes: READERS, entries, together });
    const handing = (many.redis - one.redis) / (READERS - 1);
    const reading = (many.node - one.node) / (READERS - 1);
    result[name] = { taking: one.redis - handing, handing, reading };
  }
  control.destroy();
  return result;
}
