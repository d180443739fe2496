/** docs/guides/server-rendering.md and sveltekit.md: Next.js and SvelteKit, as npm installs them into a folder of its own. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { startChild } from '../support/child.mjs';
import { freePort } from '../support/free-port.mjs';
import { readCode } from '../support/guide.mjs';
import { checkPage, startApi } from '../support/server-rendering.mjs';
import { root } from '../support/static-files.mjs';

const NAMES = new URL('../support/local-names.mjs', import.meta.url).href;
const QUIET = { NEXT_TELEMETRY_DISABLED: '1' };
/** Their servers have to know *.localhost, as this process does in the short test. */
const NAMES_MODULE = `import { resolveLocalhostNames } from '${NAMES}';\nresolveLocalhostNames();`;

const frameworks = [
  {
    name: 'Next.js 16',
    packages: ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'],
    /** Where the guide says that a file goes. */
    place: (file) =>
      /^(hadoken|ask-api)\.js$|^(orders|page)\.jsx$/.test(file) ? `app/${file}` : '',
    own: {
      'app/layout.jsx':
        'export default ({ children }) => <html lang="en"><body>{children}</body></html>;',
    },
    build: ['node_modules/next/dist/bin/next', 'build'],
    start: (port) => ({
      args: ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1', '-p', port],
      until: /Ready in/,
    }),
  },
  {
    name: 'SvelteKit 2',
    packages: [
      '@sveltejs/kit@2.70.4',
      '@sveltejs/adapter-node@5.5.7',
      '@sveltejs/vite-plugin-svelte@6.2.4',
      'svelte@5.57.3',
      'vite@7.3.8',
    ],
    place: (file) =>
      file.startsWith('src/')
        ? file
        : { 'hadoken.js': 'src/lib/hadoken.js', 'ask-api.js': 'src/lib/server/ask-api.js' }[file],
    own: {
      'svelte.config.js': `import adapter from '@sveltejs/adapter-node';\nexport default { kit: { adapter: adapter() } };`,
      'vite.config.js': `import { sveltekit } from '@sveltejs/kit/vite';\nexport default { plugins: [sveltekit()] };`,
      'src/app.html':
        '<!doctype html><html lang="en"><head>%sveltekit.head%</head><body><div>%sveltekit.body%</div></body></html>',
    },
    build: ['node_modules/vite/bin/vite.js', 'build'],
    start: (port) => ({
      args: ['build'],
      env: { HOST: '127.0.0.1', PORT: port },
      until: /Listening on/,
    }),
  },
];

/** Runs a program to its end, which has to be a good one. */
function run(folder, command, args) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...QUIET },
    timeout: 600_000,
  });
  assert.equal(status, 0, `${command} ${args.join(' ')}\n${stdout}\n${stderr}`.slice(-6_000));
  return stdout;
}

for (const { name, packages, place, own, build, start } of frameworks)
  describe(name, { timeout: 1_200_000 }, () => {
    const folder = mkdtempSync(join(tmpdir(), 'hadoken-server-rendering-'));
    let api;
    let stop;
    after(async () => {
      stop?.();
      await api?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    test('renders for the user, is hydrated, and goes on by the frame', async () => {
      api = await startApi();
      const port = String(await freePort());
      const origin = `http://app.hadoken.localhost:${port}`;
      const hosts = { app: origin, push: api.origin };
      const guide = new Map(
        ['server-rendering', 'sveltekit'].flatMap((page) => [
          ...readCode(`docs/guides/${page}.md`, hosts),
        ]),
      );
      api.useHost(guide.get('host.js'));
      const files = [...guide].map(([file, text]) => [place(file), text]);
      files.push(
        ...Object.entries(own),
        ['package.json', '{ "type": "module", "private": true }'],
        ['names.mjs', NAMES_MODULE],
      );
      for (const [file, text] of files) {
        if (!file) continue;
        mkdirSync(dirname(join(folder, file)), { recursive: true });
        writeFileSync(join(folder, file), text);
      }
      const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
      const [{ filename }] = JSON.parse(run(root, 'npm', pack));
      run(folder, 'npm', ['install', '--no-audit', '--no-fund', `./${filename}`, ...packages]);
      run(folder, process.execPath, build);
      const { args, env, until } = start(port);
      const names = `--import=${pathToFileURL(join(folder, 'names.mjs'))}`;
      ({ stop } = await startChild(process.execPath, args, {
        until,
        cwd: folder,
        env: { ...QUIET, NODE_OPTIONS: names, ...env },
      }));
      await checkPage(api, origin);
    });
  });
