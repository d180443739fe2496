import { hadoken, isOneOrigin, pushOrigin } from './client.mjs';
import { parts } from './dom.mjs';
import { problem } from './format.mjs';
import { log } from './log.mjs';
import { createLane } from './race-lane.mjs';
import { fly } from './stage.mjs';

const card = parts('#race');
const lanes = {
  cors: createLane(card.root.querySelector('[data-lane="cors"]')),
  frame: createLane(card.root.querySelector('[data-lane="frame"]')),
};

/** The two ways; the same method, headers, body and server. */
const WAYS = {
  cors: (path, init) => fetch(`${pushOrigin}/cors${path}`, init),
  frame: (path, init) => hadoken.fetch(path, init),
};

/** The same POST by plain CORS and through the frame, one way after the other so that they don't compete. */
export function startRace() {
  card.form.addEventListener('submit', async (event) => {
    event.preventDefault();
    card.run.disabled = true;
    card.verdict.textContent = '';
    try {
      await hadoken.ready; // the frame's own start is not part of a request
      const [count, delay] = [Number(card.count.value), Number(card.delay.value)];
      for (const lane of Object.values(lanes)) lane.reset(count);
      const cors = await run('cors', count, delay);
      const frame = await run('frame', count, delay);
      conclude(cors, frame);
    } catch (error) {
      const { name, message } = problem(error);
      card.verdict.textContent = `${name}: ${message}`;
      log('ajax', `race: ${name}: ${message}`, 'bad');
    } finally {
      card.run.disabled = false;
    }
  });
}

async function run(way, count, delay) {
  const id = `${way}-${crypto.randomUUID()}`;
  const times = [];
  for (let n = 1; n <= count; n++) {
    const start = performance.now();
    if (way === 'frame') fly('out', 'ajax');
    const response = await WAYS[way](`/v1/orders?run=${id}&n=${n}&delay=${delay}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Hadoken-Demo': '1' },
      body: JSON.stringify({ item: `Fireball ${n}`, quantity: 1 }),
    });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    await response.json();
    times.push(performance.now() - start);
    lanes[way].hit(n, times);
  }
  const { run: seen } = await (await hadoken.fetch(`/v1/seen?run=${id}`)).json();
  const result = { times, mean: times.reduce((a, b) => a + b) / count, seen };
  lanes[way].finish(result);
  log(
    'ajax',
    `race ${way}: ${seen.requests} requests, ${seen.options} OPTIONS, ${result.mean.toFixed(0)} ms each`,
  );
  return result;
}

function conclude(cors, frame) {
  const most = Math.max(cors.mean, frame.mean);
  for (const [way, result] of Object.entries({ cors, frame }))
    lanes[way].scale(result, most, Math.max(cors.seen.requests, frame.seen.requests));
  card.verdict.textContent = isOneOrigin
    ? 'Development mode: one origin, so plain fetch is same-origin too and nothing needs a preflight.'
    : `${(cors.mean / frame.mean).toFixed(1)} times faster, ${cors.seen.options - frame.seen.options} OPTIONS fewer.`;
}
