// The README's badges, made from figures: what dist/ weighs, and what the last run of every test said. `npm test && npm run badges`.
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
  tests: {
    label: 'tests in three engines',
    message: failed ? `${failed} failed` : `${passed.toLocaleString('en')} passed`,
    color: failed ? 'red' : 'brightgreen',
  },
  licence: { label: 'licence', message: license, color: 'lightgrey' },
};
await mkdir(new URL('docs/badges/', root), { recursive: true });
for (const [name, badge] of Object.entries(badges))
  await writeFile(new URL(`docs/badges/${name}.svg`, root), `${makeBadge(badge)}\n`);
