import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const TRIES = 100; // of 100 ms each

/**
 * Redis for the demo: the one in REDIS_URL, or a redis-server of our own on a spare port, which is gone with us.
 *
 * @returns {Promise<{ url: string, stop(): Promise<void> }>}
 */
export async function startRedis() {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, stop: async () => {} };
  if (!isThere()) install();
  const directory = mkdtempSync(join(tmpdir(), 'hadoken-demo-'));
  const port = await sparePort();
  const options = { port, bind: '127.0.0.1', dir: directory, appendonly: 'yes', save: '' };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = spawn('redis-server', args, { stdio: 'ignore' });
  child.on('error', () => {});
  await answers(port);
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const isThere = () => spawnSync('redis-server', ['--version']).status === 0;

/** As the tests do: on Debian as root it is installed, elsewhere it is said how. */
function install() {
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    console.log('\n  Installing redis-server (apt-get) …');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args) => spawnSync('apt-get', ['-qq', ...args], { stdio: 'ignore', env });
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'redis-server');
    if (isThere()) return;
  }
  throw new Error(
    'There is no redis-server on the PATH. Install it (Debian: sudo apt-get install redis-server; macOS: brew install redis), ' +
      'or say where a Redis is: REDIS_URL=redis://127.0.0.1:6379 npm run start:cluster',
  );
}

async function sparePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port) {
  for (let i = 0; i < TRIES; i += 1) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch {
      await sleep(100);
    } finally {
      socket.destroy();
    }
  }
  throw new Error(`redis-server does not answer on port ${port}.`);
}
