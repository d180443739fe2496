import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { findEngines, findProgram, wantedEngines } from './support/engines.mjs';

/** The Debian package that brings each program. */
const packages = {
  chromium: 'chromium',
  firefox: 'firefox-esr',
  driver: 'webkit2gtk-driver',
  browser: 'webkit2gtk-driver',
  xvfb: 'xvfb',
  'redis-server': 'redis-server',
  nginx: 'nginx',
  caddy: 'caddy',
};

/** What some tests need, by the path of those tests, which stands where an engine's name does. */
const neededBy = {
  'packages/cluster': 'redis-server',
  'test/node/check-nginx.test.mjs': 'nginx',
  'test/guides/nginx.test.mjs': 'nginx',
  'test/guides/caddy.test.mjs': 'caddy',
};

/** What isn't there of what this run wants: `[{ engine, program }]`. */
function findMissing() {
  const engines = findEngines();
  const missing = wantedEngines().flatMap((engine) =>
    Object.entries(engines[engine])
      .filter(([, path]) => !path)
      .map(([program]) => ({ engine, program })),
  );
  for (const [engine, program] of Object.entries(neededBy))
    if (!findProgram(program)) missing.push({ engine, program });
  return missing;
}

const packagesOf = (missing) => [...new Set(missing.map(({ program }) => packages[program]))];

function aptGet(...args) {
  console.log(`apt-get ${args.join(' ')}`);
  const options = [
    '-qq',
    '-o',
    'Acquire::Retries=3',
    '-o',
    'DPkg::Lock::Timeout=300',
    '-o',
    'Dpkg::Use-Pty=0',
  ];
  const { status } = spawnSync('apt-get', [...options, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return status === 0;
}

function install(names) {
  const arguments_ = ['install', '-y', '--no-install-recommends'];
  aptGet('update');
  // One by one if not together: a derivative may lack one of the names.
  if (!aptGet(...arguments_, ...names)) for (const name of names) aptGet(...arguments_, name);
}

/**
 * Makes sure that the programs the tests need are there. Where it can (Debian or alike, root) it installs what
 * is missing; where it can't it says what and how. Returns the engines that can't be run.
 */
export function setup() {
  let missing = findMissing();
  const canInstall =
    process.getuid?.() === 0 && existsSync('/etc/debian_version') && findProgram('apt-get');
  if (missing.length && canInstall) {
    install(packagesOf(missing));
    missing = findMissing();
  }
  if (missing.length) {
    const list = missing.map(({ engine, program }) => `${program} (for ${engine})`).join(', ');
    console.error(`
!! MISSING: ${list}
!! On Debian:  sudo apt-get install -y --no-install-recommends ${packagesOf(missing).join(' ')}
!! Elsewhere:  install the browsers and programs above by hand and put them on the PATH.
`);
  }
  return [...new Set(missing.map(({ engine }) => engine))];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) setup();
