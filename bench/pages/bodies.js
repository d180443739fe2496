import { loadScript, origin } from './measure.js';

const push = origin('push');
const sides = {
  native: (path, init) => fetch(`${push}/cors${path}`, init),
  hadoken: (path, init) => hadoken.fetch(path, init),
};

async function prepare() {
  await loadScript(`${push}/hadoken/hadoken.js`);
  await hadoken.ready;
}

/** MB/s. */
const rate = (bytes, start) => bytes / 1_000 / (performance.now() - start);

let blob;

/** A Blob, as a file input gives one; always the same, for the browser keeps them for a while. */
function blobOf(bytes) {
  if (blob?.size !== bytes) blob = new Blob([new Uint8Array(bytes)]);
  return blob;
}

window.bench = {
  ready: prepare(),
  async down(side, bytes) {
    const start = performance.now();
    const response = await sides[side](`/api/bytes/${bytes}`);
    const reader = response.body.getReader();
    let got = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      got += value.byteLength;
    }
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
