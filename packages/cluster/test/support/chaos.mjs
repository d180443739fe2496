import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { connect } from '../../../../dist/hadoken.node.mjs';
import { createDurableAdapter } from '../../index.js';
import { startBalancer } from './balancer.mjs';
import { until } from './nodes.mjs';

const FILE = fileURLToPath(new URL('./chaos-node.mjs', import.meta.url));

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A node in a process of its own, that can be killed and started again. */
function createNode(kind, url, name) {
  let child;
  const node = {
    kind,
    port: undefined,
    async start() {
      child = fork(FILE, [kind, url, name], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
      const exited = once(child, 'exit').then(([code]) => {
        throw new Error(`a node (${kind}) ended at once (${code})`);
      });
      exited.catch(() => {});
      const [{ port }] = await Promise.race([once(child, 'message'), exited]);
      node.port = port;
    },
    async kill(signal = 'SIGKILL') {
      node.port = undefined;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
    hang: () => child.kill('SIGSTOP'),
    goOn: () => child.kill('SIGCONT'),
  };
  return node;
}

/** Reads what is in a stream of events, all the time, so that nothing is trimmed away before. */
function followTruth(url, kind) {
  const stock = kind === 'stock';
  const stream = stock ? 'stock' : `${kind}:events:/`;
  const redis = createClient({ url });
  redis.on('error', () => {});
  const truth = [];
  let last = '0-0';
  let running = true;
  const add = ({ id, message }) => {
    last = id;
    const type = stock ? message.type : message.h.split(' ')[0];
    const text = stock ? message.data : message.d;
    if (type !== '3' || !text.startsWith('{')) return;
    const { packet, opts, requestId } = JSON.parse(text);
    if (packet.data[0] !== 'n' || requestId !== undefined || packet.id !== undefined) return;
    truth.push({ id, name: packet.data[1], rooms: opts.rooms });
  };
  const read = (async () => {
    await redis.connect();
    while (running) {
      const reply = await redis.xRead([{ key: stream, id: last }], { BLOCK: 200, COUNT: 1_000 });
      for (const entry of reply?.[0].messages ?? []) add(entry);
    }
    for (const entry of await redis.xRange(stream, `(${last}`, '+')) add(entry);
    redis.destroy();
  })();
  return async () => {
    running = false;
    await read;
    return truth;
  };
}

/** Compares what a client got with what should have come since its first event. */
export function judge(got, truth, rooms) {
  const places = new Map(truth.map(({ id }, i) => [id, i]));
  const due = truth.filter(
    (event) => !event.rooms.length || event.rooms.some((room) => rooms.has(room)),
  );
  const first = places.get(got[0]) ?? truth.length;
  const expected = due.filter(({ id }) => places.get(id) >= first);
  const seen = new Set();
  const result = { expected: expected.length, missing: 0, twice: 0, disordered: 0, alien: 0 };
  let latest = -1;
  for (const id of got) {
    const place = places.get(id);
    if (place === undefined) result.alien += 1;
    else if (seen.has(id)) result.twice += 1;
    else if (place < latest) result.disordered += 1;
    latest = Math.max(latest, place ?? -1);
    seen.add(id);
  }
  result.missing = expected.filter(({ id }) => !seen.has(id)).length;
  return result;
}

const optionsOf = (number) => ({
  ackTimeout: 3_000,
  forceNew: true,
  query: { number },
  reconnectionDelay: 30,
  reconnectionDelayMax: 200,
  retries: 1_000,
  timeout: 5_000,
});

function createStockClient(port, number) {
  const url = `http://127.0.0.1:${port}`;
  const socket = io(url, { ...optionsOf(number), transports: ['websocket'] });
  return watchClient('socket.io-client', socket, number, () => socket.disconnect());
}

/** `hadoken.io`, as the Node client has it: the same mirror as a page's, with a real socket behind it. */
function createHadokenClient(port, number) {
  const hadoken = connect(`http://127.0.0.1:${port}/frame.html`, {
    io: { transports: ['websocket'] },
    log: 'silent',
  });
  const socket = hadoken.io('/', optionsOf(number));
  return watchClient('hadoken.io', socket, number, () => hadoken.close());
}

/** Notes what a client gets, and sends numbered events with `retries`. */
function watchClient(kind, socket, number, close) {
  const client = {
    kind,
    number,
    socket,
    ids: new Set(),
    got: [],
    sent: 0,
    acknowledged: 0,
    connects: 0,
    recovered: 0,
  };
  socket.on('connect', () => {
    client.ids.add(socket.id);
    client.connects += 1;
    if (socket.recovered) client.recovered += 1;
  });
  // The last argument is the entry's id in the stream.
  socket.on('n', (name, ...rest) => {
    client.got.push(rest.at(-1));
    client.ended ||= name === 'end';
  });
  client.send = () => {
    client.sent += 1;
    socket.emit('do', number, client.sent, (error) => {
      if (!error) client.acknowledged += 1;
    });
  };
  client.close = close;
  return client;
}

function sumUp(clients) {
  const total = { clients: clients.length };
  for (const { result } of clients)
    for (const [name, value] of Object.entries(result)) total[name] = (total[name] ?? 0) + value;
  return total;
}

/** What came from pages: each at least once, and the first time of each in order. */
function judgeHandled(handled, clients) {
  let lost = 0;
  let disordered = 0;
  let again = 0;
  for (const { number, sent } of clients) {
    const seen = new Set();
    for (const [, n] of handled.filter(([client]) => client === number)) {
      if (seen.has(n)) again += 1;
      else if (n !== seen.size + 1) disordered += 1;
      seen.add(n);
    }
    lost += sent - seen.size;
  }
  return { sent: clients.reduce((sum, client) => sum + client.sent, 0), lost, disordered, again };
}

/**
 * Nodes, clients, a publisher, and things that go wrong at random from a seed. Then everything may heal, and what each client
 * got is compared with what is in the stream.
 *
 * @param {object} options
 * @param {string} options.url of Redis
 * @param {'stock' | 'durable' | 'cluster'} options.kind
 * @param {number} options.seed
 * @param {number} options.actions how many things go wrong
 * @param {number} [options.every] ms between them
 * @param {string[]} [options.troubles] of kill, killApp, cut, halfOpen, hang, hangApp
 * @param {number} [options.hangTime] ms that a node hangs
 * @param {number} [options.clients] how many; half of them `hadoken.io`, half socket.io-client
 * @param {number} [options.rate] events/s
 */
export async function runChaos({
  url,
  kind,
  seed,
  actions,
  every = 1_000,
  troubles = ['kill', 'cut'],
  hangTime = 5_000,
  clients: count = 20,
  rate = 200,
}) {
  const random = createRandom(seed);
  const nodes = [0, 1, 2].map((i) =>
    createNode(kind === 'cluster' ? 'cluster-io' : kind, url, `node${i}`),
  );
  const apps =
    kind === 'cluster' ? [0, 1].map((i) => createNode('cluster-app', url, `app${i}`)) : [];
  await Promise.all([...nodes, ...apps].map((node) => node.start()));
  const balancer = await startBalancer(() => nodes.map(({ port }) => port).filter(Boolean));
  const redis = createClient({ url });
  await redis.connect();
  const publisher = new Server(createServer(), {
    adapter:
      kind === 'stock'
        ? createAdapter(redis, { streamName: 'stock', maxLen: 1_000_000 })
        : createDurableAdapter(redis, { prefix: kind }),
    connectionStateRecovery: { maxDisconnectionDuration: 60_000 },
  });
  const endTruth = followTruth(url, kind);
  // In fours, so that both kinds are in both rooms.
  const clients = Array.from({ length: count }, (_, i) =>
    (i % 4 < 2 ? createStockClient : createHadokenClient)(balancer.port, i),
  );
  await until(() => clients.every(({ connects }) => connects > 0));

  let number = 0;
  const publish = () => {
    number += 1;
    const to = number % 3 ? publisher : publisher.to(`room${number % 2}`);
    to.emit('n', `p${number}`);
  };
  // In bursts, so that the timer's precision does not matter.
  const publishing = setInterval(() => {
    for (let i = 0; i < rate / 20; i += 1) publish();
  }, 50);
  const sending = setInterval(() => {
    for (const client of clients) client.send();
  }, 500);
  await until(() => clients.every(({ got }) => got.length > 0));

  const pick = (list) => list[Math.floor(random() * list.length)];
  const kill = async (list) => {
    const node = pick(list.filter(({ isBusy }) => !isBusy));
    if (!node) return;
    node.isBusy = true;
    await node.kill();
    await node.start();
    node.isBusy = false;
  };
  /** So long that clients and the other nodes go on without it. Then it goes on too. */
  const hang = async (list) => {
    const node = pick(list.filter(({ isBusy }) => !isBusy));
    if (!node) return;
    node.isBusy = true;
    node.hang();
    await sleep(hangTime);
    node.goOn();
    node.isBusy = false;
  };
  const trouble = {
    kill: () => kill(nodes),
    killApp: () => kill(apps),
    cut: async () => balancer.cut(() => random() < 0.4),
    halfOpen: async () => balancer.halfOpen(() => random() < 0.2),
    hang: () => hang(nodes),
    hangApp: () => hang(apps),
  };
  const done = [];
  const counts = {};
  for (let i = 0; i < actions; i += 1) {
    // Each kind in turn, so that a short run has all of them.
    const what = troubles[i % troubles.length];
    counts[what] = (counts[what] ?? 0) + 1;
    done.push(trouble[what]());
    await sleep(every * (0.5 + random()));
  }
  await Promise.all(done);

  clearInterval(sending);
  await until(() => clients.every(({ socket }) => socket.connected));
  await until(() => clients.every(({ sent, acknowledged }) => sent === acknowledged));
  clearInterval(publishing);
  publisher.emit('n', 'end');
  // The stock adapter may lose this too.
  const again = kind === 'stock' && setInterval(() => publisher.emit('n', 'end'), 500);
  await until(() => clients.every(({ ended }) => ended));
  clearInterval(again);
  const truth = await endTruth();
  for (const client of clients) {
    const rooms = new Set([`room${client.number % 2}`, ...client.ids]);
    client.result = judge(client.got, truth, rooms);
    client.result.connects = client.connects - 1;
    client.result.recovered = client.recovered;
  }
  const handledKey = kind === 'cluster' ? 'handled:cluster-app' : `handled:${kind}`;
  const handled = (await redis.lRange(handledKey, 0, -1)).map((text) => JSON.parse(text));
  const result = {
    kind,
    seed,
    troubles: counts,
    ...sumUp(clients),
    byClient: Object.fromEntries(
      ['socket.io-client', 'hadoken.io'].map((name) => {
        const some = clients.filter((client) => client.kind === name);
        return [name, { ...sumUp(some), handled: judgeHandled(handled, some) }];
      }),
    ),
    // A message that was handled again emitted again: two entries of the stream, each of which comes once.
    emittedAgain: truth.length - new Set(truth.map(({ name }) => name)).size,
    handled: judgeHandled(handled, clients),
  };

  for (const client of clients) client.close();
  balancer.stop();
  await publisher.close();
  await Promise.all([...nodes, ...apps].map((node) => node.kill()));
  redis.destroy();
  return result;
}
