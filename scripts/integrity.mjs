// What goes into `integrity="…"` of a <script>, printed by the build: a changed file is then refused by the browser.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Rollup plugin: prints the hashes of the files in dist/ that pages and frames load by a tag. */
export const integrity = {
  name: 'integrity',
  async writeBundle() {
    for (const file of ['hadoken.js', 'frame.js']) {
      const code = await readFile(new URL(`../dist/${file}`, import.meta.url));
      console.log(
        `${file.padEnd(11)} sha384-${createHash('sha384').update(code).digest('base64')}`,
      );
    }
  },
};
