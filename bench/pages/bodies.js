import { readAll } from './body-reader.js';
import { loadScript, origin } from './measure.js';

const push = origin('push');
const sides = {
  native: (path, init) => fetch(`${push}/cors${path}`, init),
  hadoken: (path, init) => hadoken.fetch(path, init),
};
/** Reads a body where Hadoken's host reads it: off the page's thread. Nothing is handed on. */
const reader = new Worker('/pages/body-reader.js', { type: 'module' });

async function prepare() {
  await loadScript(`${push}/hadoken/hadoken.js`);
  await hadoken.ready;
}

/** MB/s. */
const rate = (bytes, start) => bytes / 1_000 / (performance.now() - start);

function readInWorker(url) {
  reader.postMessage(url);
  return new Promise((resolve) => {
    reader.onmessage = ({ data }) => resolve(data);
  });
}

let blob;

/** A Blob, as a file input gives one; always the same, for the browser keeps them for a while. */
function blobOf(bytes) {
  if (blob?.size !== bytes) blob = new Blob([new Uint8Array(bytes)]);
  return blob;
}

window.bench = {
  ready: prepare(),
  async down(side, bytes) {
    const path = `/api/bytes/${bytes}`;
    const start = performance.now();
    const got =
      side === 'native, in a worker'
        ? await readInWorker(`${push}/cors${path}`)
        : await readAll(await sides[side](path));
    if (got !== bytes) throw new Error(`${got} bytes came of ${bytes}`);
    return rate(bytes, start);
  },
  async up(side, bytes) {
    const body = blobOf(bytes);
    const start = performance.now();
    const response = await sides[side]('/api/upload', { method: 'POST', body });
    const { bytes: got } = await response.json();
    if (got !== bytes) throw new Error(`${got} bytes arrived of ${bytes}`);
    return rate(bytes, start);
  },
};
