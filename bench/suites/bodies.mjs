import { atLeast } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';

const SIDES = ['native', 'hadoken'];
const ROUNDS = 5;
const MEBIBYTE = 1_048_576;
const SIZE = 200 * MEBIBYTE;

/** By how much the page's heap and buffers grew at most while `work` ran, in MiB: what is in use, without garbage. */
async function growth(page, work) {
  const used = async () => {
    await page.send('HeapProfiler.collectGarbage');
    const { usedSize, backingStorageSize } = await page.send('Runtime.getHeapUsage');
    return (usedSize + backingStorageSize) / MEBIBYTE;
  };
  const before = await used();
  let most = before;
  let running = true;
  const working = work().finally(() => {
    running = false;
  });
  while (running) {
    most = Math.max(most, await used());
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await working;
  return most - before;
}

export const bodies = {
  name: 'bodies',
  title: 'Large bodies',
  about: `200 MiB down, read chunk by chunk, and up, from a Blob; *native* is \`fetch\` to the same server by simple CORS.
The heap is the page's JavaScript heap and its buffers, garbage collected: by how much it grew at most while another
such body went through.`,

  async run({ browser, origins }) {
    const profile = await browser.newProfile();
    const page = await profile.open(`${origins.app}/suites/bodies?push=${origins.push}`);
    const samples = await interleave(SIDES, ROUNDS, async (side) => ({
      down: await page.call('down', side, SIZE),
      up: await page.call('up', side, SIZE),
      downHeap: await growth(page, () => page.call('down', side, SIZE)),
      upHeap: await growth(page, () => page.call('up', side, SIZE)),
    }));
    await profile.close();
    const metric = (title, unit, of, more) =>
      new Metric({ title, unit, samples: samples[of], base: 'native', digits: 0, ...more });
    const down = metric('200 MiB down', 'MB/s', 'down');
    const up = metric('200 MiB up', 'MB/s', 'up');
    const downHeap = metric('200 MiB down', 'MiB of page heap', 'downHeap', { digits: 1, base: undefined });
    const upHeap = metric('200 MiB up', 'MiB of page heap', 'upHeap', { digits: 1, base: undefined });
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
