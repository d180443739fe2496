import { atMost } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';

const SIDES = [
  'raw',
  'raw to the window',
  'comlink',
  'comlink on a port',
  'penpal',
  'penpal on a port',
  'post-robot',
  'hadoken',
];
const ROUNDS = 15;

/** To be read beside the rows "raw" and "raw to the window", and "comlink on a port". */
const WHY_PLAIN =
  'comlink used plainly ends in the frame’s window, and a same-site frame’s window is on the page’s own thread: no other ' +
  'thread has to wake. Hadoken’s host is in a worker, where its work does not block the page; comlink on a port to a worker ' +
  'pays for that, too.';

const WHY_RAW = `both sides' own code is the smaller part (CPU profile); the rest is how long threads take to wake, and one that is
called a little later may have to be woken from a deeper sleep.`;

export const rpc = {
  name: 'rpc',
  title: 'A call',
  about: `The page calls \`echo({ id, name, tags })\` in a frame of another origin of the same site. *raw* is a
MessagePort to a worker of the frame with a number to find the caller by: the way Hadoken's service calls take. *raw to
the window* ends in the frame's window, as comlink's \`windowEndpoint\`, penpal and post-robot do, on the page's own
thread; *on a port* it ends in a worker too.`,

  async run({ browser, origins }) {
    const profile = await browser.newProfile();
    const page = await profile.open(`${origins.app}/suites/rpc?push=${origins.push}`);
    const samples = await interleave(SIDES, ROUNDS, async (side) => {
      const slow = side === 'post-robot';
      return {
        one: await page.call('oneAtATime', side, slow ? 150 : 800),
        many: await page.call('inFlight', side, slow ? 300 : 3_000),
      };
    });
    await profile.close();

    const one = new Metric({
      title: 'one at a time',
      unit: 'µs per call',
      samples: samples.one,
      base: 'raw',
      digits: 0,
    });
    const many = new Metric({
      title: '100 in flight',
      unit: 'calls per s',
      samples: samples.many,
      base: 'raw',
      digits: 0,
    });
    return {
      metrics: [one, many],
      marks: [
        atMost('one at a time, of comlink used plainly', one.ratio('hadoken', 'comlink'), 1, '×', {
          why: WHY_PLAIN,
        }),
        atMost('one at a time, of a raw MessagePort', one.ratio('hadoken', 'raw'), 1.3, '×', {
          why: WHY_RAW,
        }),
        atMost('one at a time, of a raw MessagePort', one.ratio('hadoken', 'raw'), 1.2, '×', {
          aim: true,
        }),
      ],
      charts: { rpc: one },
    };
  },
};
