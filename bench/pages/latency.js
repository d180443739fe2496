import { loadScript, oneAtATime, origin } from './measure.js';

const far = origin('far');
const sides = {
  'CORS, preflight': (path, init) => fetch(`${far}/cors${path}`, init),
  hadoken: (path, init) => hadoken.fetch(path, init),
};
const headers = { authorization: 'Bearer 0123456789abcdef' };
const requests = {
  GET: { headers },
  POST: {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'hadoken', tags: ['new', 'blue'] }),
  },
};

async function prepare() {
  await loadScript(`${far}/hadoken/hadoken.js`);
  await hadoken.ready;
}

const AT_ONCE = 30;
let fresh = 0;

window.bench = {
  ready: prepare(),
  /** ms per request, to a URL that was never asked before. */
  async measure(side, method) {
    const ask = async () =>
      (await sides[side](`/api/json?fresh=${++fresh}`, requests[method])).json();
    const one = await oneAtATime(6, ask);
    return {
      one,
      many: await oneAtATime(1, () => Promise.all(Array.from({ length: AT_ONCE }, ask))),
    };
  },
};
