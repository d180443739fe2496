/** Generated lives of tabs that share a hub, over MessageChannels, by a clock of the test's. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { loadWorld } from '../support/hub/load.mjs';

const { live } = await loadWorld();
/** HADOKEN_SEED=… runs the same again. */
const seed = Number(process.env.HADOKEN_SEED ?? Math.floor(Math.random() * 2 ** 31));
const count = Number(process.env.HADOKEN_LIVES ?? 60);

test(`${count} lives from seed ${seed}: nothing twice, out of order, or for other eyes; none lost in silence`, async () => {
  const total = { recovered: 0, anew: 0 };
  for (let i = 0; i < count; i++) {
    const { recovered, anew } = await live(seed + i);
    total.recovered += recovered;
    total.anew += anew;
  }
  // Else a hub that recovers nothing would pass.
  assert.ok(total.recovered > total.anew / 10, JSON.stringify(total));
});
