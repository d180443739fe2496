import { atLeast, atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';
import { quantile } from '../statistics.mjs';

const SIDES = ['socket.io-client', 'hadoken'];
const ROUNDS = 15;
const EVENTS = 20_000;
const ACKS = 300;
const WHY_RATE = `most of the processors' time in a burst is the browser's network service's and its IO threads', which hand on
WebSocket messages one at a time, and the server's; that is the same for both, and decides the rate.`;
const WHY_BLOCK = `in a burst the page's thread waits for a processor for longer than it works, with the server, the network
service, its IO thread and the worker all busy (schedstat of the threads, on two processors).`;
const WHY_ACK = `the worst few of ${ACKS} acknowledgements are those for which a thread had to wait for a processor; a worker is one
thread more.`;

/** ms that the page's main thread was at work while `work` ran. */
async function mainThreadTime(page, work) {
  const time = async () => {
    const { metrics } = await page.send('Performance.getMetrics');
    return 1_000 * metrics.find(({ name }) => name === 'TaskDuration').value;
  };
  const before = await time();
  const value = await work();
  return { value, time: (await time()) - before };
}

export const push = {
  name: 'push',
  title: 'Socket.IO events',
  about: `${EVENTS.toLocaleString('en')} small events (\`{ id, symbol, price }\`) in one burst, every one seen by a listener on the
page, and acknowledgements one after another. *socket.io-client* runs in the page itself; both go by WebSocket. *Worst
block* is the longest that a timer of the page had to wait for its turn.`,

  async run({ browser, origins }) {
    const profile = await browser.newProfile();
    const page = await profile.open(`${origins.app}/suites/push?push=${origins.push}`);
    await page.send('Performance.enable');
    const samples = await interleave(SIDES, ROUNDS, async (side) => {
      const { value: rate, time } = await mainThreadTime(page, () =>
        page.call('burst', side, EVENTS),
      );
      const acks = await page.call('acks', side, ACKS);
      return {
        rate,
        time: time / (EVENTS / 1_000),
        block: await page.call('worstBlock', side, EVENTS),
        p50: quantile(acks, 0.5),
        p99: quantile(acks, 0.99),
      };
    });
    await profile.close();
    const metric = (title, unit, of, digits) =>
      new Metric({ title, unit, samples: samples[of], base: 'socket.io-client', digits });
    const rate = metric('a burst', 'events per s', 'rate', 0);
    const block = metric('worst block of the page in a burst', 'ms', 'block', 1);
    const time = metric('main thread in a burst', 'ms per 1,000 events', 'time', 2);
    const p50 = metric('acknowledgement, p50', 'ms', 'p50', 2);
    const p99 = metric('acknowledgement, p99', 'ms', 'p99', 2);
    return {
      metrics: [rate, block, time, p50, p99],
      marks: [
        atLeast('events per s', rate.ratio('hadoken'), 1, '×', { why: WHY_RATE }),
        atMost(block.title, block.ratio('hadoken'), 0.1, '×', { why: WHY_BLOCK }),
        atMost(time.title, time.ratio('hadoken'), 0.5, '×'),
        atMost(`${p50.title}: added`, p50.difference('hadoken'), 0.3, 'ms'),
        atMost(`${p99.title}: added`, p99.difference('hadoken'), 0.3, 'ms', { why: WHY_ACK }),
      ],
      charts: { push: block },
    };
  },
};
