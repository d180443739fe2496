import { atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';

/** What asking in another thread costs, whoever does it. */
const BARE = 'CORS, by a bare worker';
const SIDES = ['same origin', 'CORS, simple', BARE, 'hadoken'];
const ROUNDS = 15;
const SIZES = { '1 KiB': 1_024, '64 KiB': 65_536 };
/** What one at a time may be of CORS, simple. */
const MARKS = { '1 KiB': 1.25, '64 KiB': 1.2 };

export const ajax = {
  name: 'ajax',
  title: 'A request, no network between',
  about: `GET of a JSON answer, parsed, from a server on the same machine: what the way through the frame costs by
itself. *CORS, simple* needs no preflight; it is what a request without Authorization header would be. *By a bare
worker*: a worker of the page fetches it and hands the bytes on, with none of the checks, errors, streams and looks of a real Response.`,

  async run({ browser, origins }) {
    const profile = await browser.newProfile();
    const page = await profile.open(`${origins.app}/suites/ajax?push=${origins.push}`);
    const metrics = [];
    const marks = [];
    for (const [name, size] of Object.entries(SIZES)) {
      const samples = await interleave(SIDES, ROUNDS, (side) => page.call('measure', side, size));
      const base = 'CORS, simple';
      const one = new Metric({
        title: `${name}, one at a time`,
        unit: 'ms',
        samples: samples.one,
        base,
      });
      const many = new Metric({
        title: `${name}, 30 at once`,
        unit: 'ms per request',
        samples: samples.many,
        base,
      });
      metrics.push(one, many);
      const [bare, ours] = [BARE, 'hadoken'].map((side) => one.ratio(side, base).toFixed(2));
      marks.push(
        atMost(one.title, one.ratio('hadoken', base), MARKS[name], '× CORS, simple', {
          why: `a bare worker, which only fetches and hands on, is at ${bare} ×; the rest of ${ours} × is the host's: its checks, what makes a real Request and Response of it, and errors that say who asked.`,
        }),
      );
      for (const metric of [one, many]) {
        const why = `of it, ${metric.difference(BARE).toFixed(2)} ms is what a bare worker adds, which only fetches and hands on: two threads have to wake
that need not with the page's own fetch, and how long that takes swings with what else the machine's host runs. The
rest is the host's: its checks, what makes a real Request and Response of it, and errors that say who asked.`;
        marks.push(
          atMost(`${metric.title}: added`, metric.difference('hadoken'), 0.5, 'ms', { why }),
        );
      }
    }
    await profile.close();
    return { metrics, marks, charts: { ajax: metrics[0] } };
  },
};
