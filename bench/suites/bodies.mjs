import { atLeast } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';

const SIDES = ['native', 'hadoken'];
const ROUNDS = 5;
const MEBIBYTE = 1_048_576;
const SIZE = 200 * MEBIBYTE;

/** Runs `work` and resolves with its value and by how much the page's heap and buffers grew at most, in MiB. */
async function watchHeap(page, work) {
  await page.send('HeapProfiler.collectGarbage');
  const used = async () => {
    const { usedSize, backingStorageSize = 0 } = await page.send('Runtime.getHeapUsage');
    return (usedSize + backingStorageSize) / MEBIBYTE;
  };
  const before = await used();
  let most = before;
  let running = true;
  const watching = (async () => {
    while (running) {
      most = Math.max(most, await used());
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const value = await work().finally(() => {
    running = false;
  });
  await watching;
  return { value, heap: most - before };
}

export const bodies = {
  name: 'bodies',
  title: 'Large bodies',
  about: `200 MiB down, read chunk by chunk, and up, from a Blob; *native* is \`fetch\` to the same server by simple CORS.
The heap is the page's JavaScript heap and its buffers, by how much it grew at most while the body went through.`,

  async run({ browser, origins }) {
    const profile = await browser.newProfile();
    const page = await profile.open(`${origins.app}/suites/bodies?push=${origins.push}`);
    const samples = await interleave(SIDES, ROUNDS, async (side) => {
      const down = await watchHeap(page, () => page.call('down', side, SIZE));
      const up = await watchHeap(page, () => page.call('up', side, SIZE));
      return { down: down.value, up: up.value, downHeap: down.heap, upHeap: up.heap };
    });
    await profile.close();
    const metric = (title, unit, of, more) =>
      new Metric({ title, unit, samples: samples[of], base: 'native', digits: 0, ...more });
    const down = metric('200 MiB down', 'MB/s', 'down');
    const up = metric('200 MiB up', 'MB/s', 'up');
    const downHeap = metric('200 MiB down', 'MiB of page heap', 'downHeap', { digits: 1 });
    const upHeap = metric('200 MiB up', 'MiB of page heap', 'upHeap', { digits: 1 });
    return {
      metrics: [down, up, downHeap, upHeap],
      marks: [
        atLeast(down.title, down.ratio('hadoken'), 0.9, '×'),
        atLeast(up.title, up.ratio('hadoken'), 0.9, '×'),
      ],
      charts: { bodies: down },
    };
  },
};
