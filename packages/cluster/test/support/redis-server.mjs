import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { freePort } from '../../../../test/support/free-port.mjs';

/**
 * A redis-server of our own on a spare port, with its files in a directory of its own.
 *
 * @param {string[]} [args] more of its options
 */
export async function startRedis(args = []) {
  const directory = mkdtempSync(join(tmpdir(), 'hadoken-redis-'));
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child;
  const server = {
    port,
    url,
    get pid() {
      return child.pid;
    },
    async start() {
      child = spawn(
        'redis-server',
        [
          '--port',
          port,
          '--bind',
          '127.0.0.1',
          '--dir',
          directory,
          '--save',
          '',
          '--appendonly',
          'yes',
          '--maxmemory-policy',
          'noeviction',
          ...args,
        ].map(String),
        { stdio: 'ignore' },
      );
      const failed = once(child, 'error').then(([error]) => {
        throw new Error(
          `redis-server does not start: ${error.message}. Debian: apt-get install redis-server`,
        );
      });
      failed.catch(() => {});
      await Promise.race([failed, answers(url, args)]);
    },
    /** @param {NodeJS.Signals} [signal] */
    async kill(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
    },
    /** Loses what it had, as a disk does. To be called while it does not run. */
    forget() {
      rmSync(join(directory, 'appendonlydir'), { recursive: true, force: true });
    },
    async stop() {
      await server.kill('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await server.start();
  return server;
}

async function answers(url, args) {
  const at = args.indexOf('--requirepass');
  for (let i = 0; i < 300; i += 1) {
    const client = createClient({
      url,
      ...(at >= 0 && { password: args[at + 1] }),
      socket: { reconnectStrategy: false },
    });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.ping();
      await client.close();
      return;
    } catch {
      await sleep(50);
    }
  }
  throw new Error(`redis-server does not answer at ${url}`);
}
