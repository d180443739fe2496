import { atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';
import { ROUND_TRIP } from '../servers.mjs';

const SIDES = ['CORS, preflight', 'hadoken'];
const ROUNDS = 7;

export const latency = {
  name: 'latency',
  title: `A request, ${ROUND_TRIP} ms round trip`,
  about: `GET and POST of JSON with an Authorization header, each to a URL that was not asked before, as REST URLs are;
the server allows preflights to be kept for two hours. A TCP proxy holds everything for ${ROUND_TRIP / 2} ms each way.`,

  async run({ browser, origins, seen }) {
    const profile = await browser.newProfile();
    const page = await profile.open(`${origins.app}/suites/latency?far=${origins.far}`);
    const metrics = [];
    const marks = [];
    const preflights = Object.fromEntries(SIDES.map((side) => [side, 0]));
    for (const method of ['GET', 'POST']) {
      const samples = await interleave(SIDES, ROUNDS, async (side) => {
        const before = seen.preflights;
        const sample = await page.call('measure', side, method);
        preflights[side] += seen.preflights - before;
        return sample;
      });
      const base = 'CORS, preflight';
      const one = new Metric({
        title: `${method}, one at a time`,
        unit: 'ms',
        samples: samples.one,
        base,
      });
      const many = new Metric({
        title: `${method}, 30 at once`,
        unit: 'ms for all',
        samples: samples.many,
        base,
      });
      metrics.push(one, many);
      for (const metric of [one, many])
        marks.push(atMost(metric.title, metric.ratio('hadoken'), 0.55, '×'));
    }
    await profile.close();
    marks.push(atMost('OPTIONS that the server saw', preflights.hadoken, 0, ''));
    return {
      metrics,
      marks,
      notes: [
        SIDES.map((side) => `OPTIONS that the server saw from ${side}: ${preflights[side]}.`).join(
          ' ',
        ),
      ],
      charts: { latency: metrics[2] },
    };
  },
};
