/**
 * Measures every side once a round, `rounds` times, each round beginning with another side: what else the machine
 * does hits all of them alike. `measure(side)` resolves with a number, or an object of them by metric. A round
 * before the first warms up and is thrown away. Returns the samples by metric and side.
 */
export async function interleave(sides, rounds, measure) {
  const samples = {};
  for (let round = -1; round < rounds; round++) {
    for (let i = 0; i < sides.length; i++) {
      const side = sides[(i + round + 1) % sides.length];
      for (const [metric, value] of Object.entries(await measure(side))) {
        if (round < 0) continue;
        samples[metric] ??= Object.fromEntries(sides.map((name) => [name, []]));
        samples[metric][side].push(value);
      }
    }
  }
  return samples;
}
