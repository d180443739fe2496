import { loadScript, oneAtATime, origin } from './measure.js';

const url = '/api/bytes/1024';

const byXhr = () =>
  new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.onload = () => resolve(xhr.responseText);
    xhr.onerror = reject;
    xhr.open('GET', url);
    xhr.send();
  });
const byFetch = async () => (await fetch(url)).text();

async function prepare() {
  await loadScript(`${origin('push')}/hadoken/hadoken.drop-in.js`, { 'data-manual': '' });
  window.client = hadoken.connect(`${origin('push')}/hadoken/frame.html`);
  await client.ready;
}

window.bench = {
  ready: prepare(),
  /** µs per request. */
  async measure(isTaken, count) {
    const release = isTaken ? hadoken.takeOver(client) : () => {};
    const XMLHttpRequest = 1_000 * (await oneAtATime(count, byXhr));
    const fetch = 1_000 * (await oneAtATime(count, byFetch));
    release();
    return { XMLHttpRequest, fetch };
  },
};
