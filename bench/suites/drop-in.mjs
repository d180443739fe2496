import { atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';

const SIDES = ['native', 'after takeOver()'];
const ROUNDS = 20;
/** Of requests that are not taken, one after another. */
const COUNT = 300;

export const dropIn = {
  name: 'drop-in',
  title: 'Requests that are not taken',
  about: `${COUNT} requests of a page to its own origin, 1 KiB each, one after another: by XMLHttpRequest and by fetch, with
the page's own classes, and while the drop-in has taken over what goes to the frame's origin. One page, the two interleaved in ${ROUNDS} rounds.`,

  async run({ browser, origins }) {
    const profile = await browser.newProfile();
    const page = await profile.open(`${origins.app}/suites/drop-in?push=${origins.push}`);
    const samples = await interleave(SIDES, ROUNDS, (side) =>
      page.call('measure', side === SIDES[1], COUNT),
    );
    await profile.close();
    const metrics = Object.entries(samples).map(
      ([kind, sides]) =>
        new Metric({
          title: kind,
          unit: 'µs per request',
          samples: sides,
          base: SIDES[0],
          digits: 0,
        }),
    );
    return {
      metrics,
      marks: metrics.map((metric) =>
        atMost(`not taken: ${metric.title}`, metric.ratio(SIDES[1]), 1.05, '× native'),
      ),
      charts: {},
    };
  },
};
