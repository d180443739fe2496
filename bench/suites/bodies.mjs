import { atLeast } from '../marks.mjs';
import { Metric } from '../metric.mjs';
import { interleave } from '../rounds.mjs';

const SIDES = ['native', 'hadoken'];
/** For the way down: what is lost by reading in another thread, before anything is handed on. */
const IN_WORKER = 'native, in a worker';
const ROUNDS = 7;
/** Of the way down, where the rate of every side swings with the page's garbage collector. */
const DOWN_ROUNDS = 21;
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
*Native, in a worker* is that in a worker of the page, where the chunks stay: Hadoken reads in one, and hands them on.
The heap is the page's JavaScript heap and its buffers, garbage collected: by how much it grew at most while another
such body went through.`,

  async run({ browser, origins }) {
    const profile = await browser.newProfile();
    const page = await profile.open(`${origins.app}/suites/bodies?push=${origins.push}`);
    const samples = await interleave(SIDES, ROUNDS, async (side) => ({
      up: await page.call('up', side, SIZE),
      downHeap: await growth(page, () => page.call('down', side, SIZE)),
      upHeap: await growth(page, () => page.call('up', side, SIZE)),
    }));
    const rates = await interleave([...SIDES, IN_WORKER], DOWN_ROUNDS, async (side) => ({
      rate: await page.call('down', side, SIZE),
    }));
    await profile.close();
    const rate = (title, of) =>
      new Metric({ title, unit: 'MB/s', samples: of, base: 'native', digits: 0 });
    const heap = (title, of) =>
      new Metric({ title, unit: 'MiB of page heap', samples: of, digits: 1 });
    const down = rate('200 MiB down', rates.rate);
    const up = rate('200 MiB up', samples.up);
    const downHeap = heap('200 MiB down', samples.downHeap);
    const upHeap = heap('200 MiB up', samples.upHeap);
    const inWorker = down.ratio(IN_WORKER);
    const why = `read in a worker, and handed on to nobody, the same body comes at ${inWorker.toFixed(2)} × of the page's own speed; what is
left is the way from thread to thread (each chunk transferred, none copied).`;
    return {
      metrics: [down, up, downHeap, upHeap],
      marks: [
        atLeast(down.title, down.ratio('hadoken'), 0.9, '×', { why }),
        atLeast(up.title, up.ratio('hadoken'), 0.9, '×'),
      ],
      charts: { bodies: down },
    };
  },
};
