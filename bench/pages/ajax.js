import { callBy, loadScript, oneAtATime, origin } from './measure.js';

const push = origin('push');
const ask = callBy(new Worker('/pages/bare-worker.js'));

async function fetchInWorker(url) {
  const bytes = await ask(url);
  return { json: () => JSON.parse(new TextDecoder().decode(bytes)) };
}

const sides = {
  'same origin': (path) => fetch(path),
  'CORS, simple': (path) => fetch(`${push}/cors${path}`),
  'CORS, by a bare worker': (path) => fetchInWorker(`${push}/cors${path}`),
  hadoken: (path) => hadoken.fetch(path),
};

async function prepare() {
  await loadScript(`${push}/hadoken/hadoken.js`);
  await hadoken.ready;
}

const AT_ONCE = 30;

window.bench = {
  ready: prepare(),
  /** ms per request, each a JSON answer of `size` bytes, parsed. */
  async measure(side, size) {
    const path = `/api/json?size=${size}`;
    const get = async () => (await sides[side](path)).json();
    const one = await oneAtATime(150, get);
    const together = () => Promise.all(Array.from({ length: AT_ONCE }, get));
    return { one, many: (await oneAtATime(10, together)) / AT_ONCE };
  },
};
