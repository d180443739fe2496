// What goes into `integrity="…"` of a <script>, printed by the build: a changed file is then refused by the browser. The
// loader is inline: its hash goes into the page's `script-src`, for the whole file between the tags, byte for byte.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';

const files = [
  ['hadoken.js', 'sha384'],
  ['hadoken.drop-in.js', 'sha384'],
  ['frame.js', 'sha384'],
  ['hadoken.loader.js', 'sha256'],
];

/** Rollup plugin: prints the hashes of the files in dist/ that pages and frames load by a tag, and writes integrity.json. */
export const integrity = {
  name: 'integrity',
  async writeBundle() {
    const dist = new URL('../dist/', import.meta.url);
    const hashes = {};
    for (const [file, hash] of files) {
      const code = await readFile(new URL(file, dist));
      hashes[file] = `${hash}-${createHash(hash).update(code).digest('base64')}`;
      console.log(`${file.padEnd(18)} ${hashes[file]}`);
    }
    await writeFile(new URL('integrity.json', dist), `${JSON.stringify(hashes, null, 2)}\n`);
  },
};
