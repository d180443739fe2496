import { atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';

const SIDES = ['socket.io-client', 'hadoken', 'hadoken, shared'];
const ROUNDS = Number(process.env.ROUNDS ?? 3);
const EVENTS = 20_000;
/** How many tabs; `TABS=1,8 node bench/run.mjs tabs` takes less time. */
const COUNTS = (process.env.TABS ?? '1,2,4,8').split(',').map(Number);
let rooms = 0;

/** ms that this process has worked: the servers, and what drives the browser. */
const ownCpuTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Opens `count` tabs on two subdomains and sends each 20,000 events. */
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
  const serverCpu = ownCpuTime();
  const memory = await browser.memory();
  const start = await pages[0].call('start', EVENTS);
  const ends = await Promise.all(pages.map((page) => page.call('wait')));
  const result = {
    time: Math.max(...ends.map(({ time }) => time)) - start,
    // The tab that was opened last is the one that is seen.
    block: ends.at(-1).block,
    cpu: (await browser.cpuTime()) - cpu,
    serverCpu: ownCpuTime() - serverCpu,
    memory: memory / 2 ** 20,
    sockets,
  };
  result.perSecond = (count * EVENTS) / (result.time / 1_000);
  await profile.close();
  return result;
}

/**
 * ms until a socket is connected, with a server that is far away: of a further tab while the first stays, and of a
 * page that is loaded anew in the only tab. `isKept`: 1 where the socket's id is the one from before.
 */
async function measureNext({ browser, origins }, side) {
  const profile = await browser.newProfile();
  const query = new URLSearchParams({ push: origins.far, side, room: `room-${rooms++}` });
  const open = () => profile.open(`${origins.app}/suites/tabs?${query}`);
  const first = await open();
  const further = await open();
  const connect = await further.call('connectTime');
  await further.close();
  const id = await first.call('id');
  await first.reload();
  const load = await first.call('connectTime');
  const isKept = Number(id === (await first.call('id')));
  await profile.close();
  return { connect, load, isKept };
}

export const tabs = {
  name: 'tabs',
  title: 'One connection for all tabs',
  about: `1, 2, 4 and 8 tabs on two subdomains, ${EVENTS.toLocaleString('en')} small events to each in one burst of the server to a room, until
all tabs have all. *Sockets*: at the server. *CPU*: of all of the browser's processes during the burst; *of the server*: of the process that
has the servers and drives the browser. *Further tab*, and *page load* in the only tab: from \`io()\` to \`connect\`, with a round trip of
50 ms to the server.`,

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
      metric(`${of}: CPU of the server`, 'ms', samples.serverCpu);
      metric(`${of}: events to pages`, '/s', samples.perSecond);
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
    const samples = await interleave(SIDES, ROUNDS, (side) => measureNext(place, side));
    const next = metric('further tab, far server: connect', 'ms', samples.connect, 1);
    metric('page load in the only tab, far server: connect', 'ms', samples.load, 1);
    const kept = new Metric({
      title: 'kept',
      unit: '',
      samples: samples.isKept,
      base: own,
      digits: 0,
    });
    marks.push(
      atMost(
        'further tab, far server: connect',
        next.ratio(shared, own),
        0.5,
        '× a connection of its own',
      ),
      atMost('page load: sockets that are lost', 1 - kept.median(shared), 0, ''),
    );
    return { metrics, marks };
  },
};
