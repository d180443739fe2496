/** A web server that a test starts as a program of its own. */
import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findProgram } from './engines.mjs';

/** Whether somebody listens on `port` of the loopback. */
function isOpen(port) {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}

/**
 * Starts a program of Debian's; resolves when it listens on `port`, with a function that ends it. What it writes to stderr is kept for the error.
 *
 * @returns {Promise<() => Promise<void>>}
 */
export async function startProgram(name, args, { port, env = {} }) {
  const child = spawn(findProgram(name), args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let written = '';
  child.stderr.on('data', (chunk) => {
    written += chunk;
  });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) throw new Error(`${name} has ended: ${written}`);
    if (await isOpen(port)) return stop;
    await sleep(50);
  }
  await stop();
  throw new Error(`${name} does not listen: ${written}`);
}
