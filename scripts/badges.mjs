// The README's badges, made from figures: what dist/ weighs, and how many tests the last run of all had. `npm test && npm run badges`.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { makeBadge } from 'badge-maker';

const root = new URL('../', import.meta.url);
const read = (path) => readFile(new URL(path, root));

const bytes = gzipSync(await read('dist/hadoken.js'), { level: 9 }).length;
const { passed, failed } = JSON.parse(await read('.cache/tests.json'));
const { license } = JSON.parse(await read('package.json'));

const badges = {
  size: { label: 'a page loads', message: `${(bytes / 1024).toFixed(1)} KiB gzip`, color: 'blue' },
  // How many there are: whether they pass is said of each commit, by what tests it.
  tests: {
    label: 'tests, in three engines',
    message: (passed + failed).toLocaleString('en'),
    color: 'blue',
  },
  licence: { label: 'licence', message: license, color: 'lightgrey' },
};
await mkdir(new URL('docs/badges/', root), { recursive: true });
for (const [name, badge] of Object.entries(badges))
  await writeFile(new URL(`docs/badges/${name}.svg`, root), `${makeBadge(badge)}\n`);
