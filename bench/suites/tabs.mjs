import { atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';

const SIDES = ['socket.io-client', 'hadoken', 'hadoken, shared'];
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const EVENTS = 20_000;
/** How many tabs; `TABS=1,8 node bench/run.mjs tabs` takes less time. */
const COUNTS = (process.env.TABS ?? '1,2,4,8').split(',').map(Number);
let rooms = 0;

/** Opens `count` tabs on two subdomains, sends each 20,000 events, and loads the last one anew. */
async function measure({ browser, origins, countSockets }, side, count) {
  const profile = await browser.newProfile();
  const room = `room-${rooms++}`;
  const pages = [];
  const query = (of) => new URLSearchParams({ push: of, side, room });
  const open = (at, of = origins.push) =>
    profile.open(`${at % 2 ? origins.shop : origins.app}/suites/tabs?${query(of)}`);
  for (let at = 0; at < count; at++) pages.push(await open(at));
  const sockets = countSockets(room);
  for (const page of pages) await page.call('listen', EVENTS);
  const cpu = await browser.cpuTime();
  const memory = await browser.memory();
  const start = await pages[0].call('start', EVENTS);
  const ends = await Promise.all(pages.map((page) => page.call('wait')));
  const result = {
    time: Math.max(...ends.map(({ time }) => time)) - start,
    // The tab that was opened last is the one that is seen.
    block: ends.at(-1).block,
    cpu: (await browser.cpuTime()) - cpu,
    memory: memory / 2 ** 20,
    sockets,
  };
  await profile.close();
  return result;
}

/** ms until a further tab's socket is connected, with a server that is far away; the first tab stays. */
async function measureNext({ browser, origins }, side) {
  const profile = await browser.newProfile();
  const query = new URLSearchParams({ push: origins.far, side, room: `room-${rooms++}` });
  const open = () => profile.open(`${origins.app}/suites/tabs?${query}`);
  const first = await open();
  const next = await open();
  const id = await next.call('id');
  const connect = await next.call('connectTime');
  const isSame = id === (await first.call('id'));
  await profile.close();
  return { connect, isSame: Number(isSame) };
}

export const tabs = {
  name: 'tabs',
  title: 'One connection for all tabs',
  about: `1, 2, 4 and 8 tabs on two subdomains, ${EVENTS.toLocaleString('en')} small events to each in one burst of the server to a room, until
all tabs have all. *Sockets*: at the server. *CPU*: of all of the browser's processes during the burst. *Further tab*: from \`io()\` to
\`connect\`, with a round trip of 50 ms to the server.`,

  async run(place) {
    const metrics = [];
    const marks = [];
    const metric = (title, unit, samples, digits = 0) => {
      const made = new Metric({ title, unit, samples, base: SIDES[0], digits });
      metrics.push(made);
      return made;
    };
    const [, own, shared] = SIDES;
    for (const count of COUNTS) {
      const samples = await interleave(SIDES, ROUNDS, (side) => measure(place, side, count));
      const of = `${count} tab${count > 1 ? 's' : ''}`;
      const time = metric(`${of}: until all have all`, 'ms', samples.time);
      const cpu = metric(`${of}: CPU of the browser`, 'ms', samples.cpu);
      metric(`${of}: worst block of the visible tab`, 'ms', samples.block, 1);
      metric(`${of}: memory of the browser`, 'MiB', samples.memory);
      const sockets = metric(`${of}: sockets at the server`, '', samples.sockets);
      marks.push(atMost(`${of}: sockets at the server`, sockets.median(shared), 1, ''));
      if (count === 1)
        marks.push(atMost(`${of}: time`, time.ratio(shared, own), 1.05, '× not shared'));
      if (count < 8) continue;
      marks.push(atMost(`${of}: time`, time.ratio(shared), 0.35, '× socket.io-client'));
      marks.push(
        atMost(`${of}: CPU of the browser`, cpu.ratio(shared), 0.35, '× socket.io-client'),
      );
    }
    const samples = await interleave([own, shared], ROUNDS, (side) => measureNext(place, side));
    const next = new Metric({
      title: 'further tab, far server: connect',
      unit: 'ms',
      samples: samples.connect,
      base: own,
      digits: 1,
    });
    metrics.push(next);
    marks.push(atMost(next.title, next.ratio(shared), 0.5, '× a connection of its own'));
    return { metrics, marks };
  },
};
