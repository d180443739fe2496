/**
 * Nodes are killed and hang, and connections are cut or go dead, at random from a seed, with socket.io-client and `hadoken.io`.
 * `npm run bench -- cluster` is the long form.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { runChaos } from './support/chaos.mjs';
import { startRedis } from './support/redis-server.mjs';

/** Nothing was lost either way, whichever client it was. */
function assertNothingLost({ byClient, handled }) {
  for (const [name, result] of Object.entries(byClient)) {
    const { missing, twice, disordered, alien, connects, recovered, expected } = result;
    const wrong = { missing, twice, disordered, alien };
    assert.deepEqual(wrong, { missing: 0, twice: 0, disordered: 0, alien: 0 }, name);
    assert.equal(recovered, connects, name);
    assert.ok(connects > 0 && expected > 1_000, name);
  }
  assert.deepEqual([handled.lost, handled.disordered], [0, 0]);
}

describe('chaos', { timeout: 180_000 }, () => {
  let redis;
  before(async () => {
    redis = await startRedis(['--appendonly', 'no']);
  });
  after(() => redis?.stop());

  it('loses nothing with the durable adapter, and something with the stock one', async (t) => {
    const options = {
      url: redis.url,
      seed: 15,
      actions: 4,
      every: 600,
      troubles: ['hang', 'kill', 'cut', 'halfOpen'],
    };
    const [durable, stock] = await Promise.all(
      ['durable', 'stock'].map((kind) => runChaos({ ...options, kind })),
    );
    t.diagnostic(JSON.stringify(durable));
    t.diagnostic(JSON.stringify(stock));
    assertNothingLost(durable);
    assert.ok(stock.missing > 0 && stock.recovered < stock.connects, 'the comparison sees losses');
  });

  it('loses nothing where io nodes and app nodes are killed and hang', async (t) => {
    const troubles = ['hang', 'hangApp', 'halfOpen', 'kill', 'killApp', 'cut'];
    const result = await runChaos({
      url: redis.url,
      kind: 'cluster',
      seed: 16,
      actions: 6,
      every: 600,
      troubles,
    });
    t.diagnostic(JSON.stringify(result));
    assertNothingLost(result);
  });
});
