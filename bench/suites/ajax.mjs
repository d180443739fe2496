import { atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';

const SIDES = ['same origin', 'CORS, simple', 'hadoken'];
const ROUNDS = 11;
const SIZES = { '1 KiB': 1_024, '64 KiB': 65_536 };
const WHY = `the page's own thread works for as long as with its own fetch (0.5 ms each, by schedstat); what is added is the worker's, and
its waking: a request passes one thread more each way. How long this machine takes to wake a thread twice is the row *raw* of
[rpc](#rpc), and swings between 0.04 and 0.1 ms with what else its host runs; the rest swings with it.`;

export const ajax = {
  name: 'ajax',
  title: 'A request, no network between',
  about: `GET of a JSON answer, parsed, from a server on the same machine: what the way through the frame costs by
itself. *CORS, simple* needs no preflight; it is what a request without Authorization header would be.`,

  async run({ browser, origins }) {
    const profile = await browser.newProfile();
    const page = await profile.open(`${origins.app}/suites/ajax?push=${origins.push}`);
    const metrics = [];
    const marks = [];
    for (const [name, size] of Object.entries(SIZES)) {
      const samples = await interleave(SIDES, ROUNDS, (side) => page.call('measure', side, size));
      const base = 'CORS, simple';
      const one = new Metric({ title: `${name}, one at a time`, unit: 'ms', samples: samples.one, base });
      const many = new Metric({
        title: `${name}, 30 at once`,
        unit: 'ms per request',
        samples: samples.many,
        base,
      });
      metrics.push(one, many);
      for (const metric of [one, many])
        marks.push(atMost(`${metric.title}: added`, metric.difference('hadoken'), 0.5, 'ms', { why: WHY }));
    }
    await profile.close();
    return { metrics, marks, charts: { ajax: metrics[0] } };
  },
};
