import { spawn } from 'node:child_process';

const running = new Set();
process.on('exit', () => {
  for (const stop of running) stop();
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => process.exit(1));

/**
 * Starts a program and resolves with `{ child, match, stop }` once its output matches `until`,
 * or at once if there is no `until`.
 * The child leads a process group of its own, so `stop()` also takes the content processes a browser
 * leaves behind. Whatever is still running when this process exits is stopped then.
 */
export function startChild(
  command,
  args,
  { until, timeout = 30_000, stdio = ['ignore', 'pipe', 'pipe'], env, cwd },
) {
  const child = spawn(command, args, {
    stdio,
    cwd,
    detached: true,
    env: { ...process.env, ...env },
  });
  const stop = () => {
    running.delete(stop);
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // Already gone.
    }
  };
  running.add(stop);
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (why) => {
      stop();
      reject(new Error(`${command} ${why}. Its last output:\n${output.slice(-2_000)}`));
    };
    const timer = setTimeout(() => fail(`did not start within ${timeout} ms`), timeout);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      fail(`ended early (${signal ?? code})`);
    });
    if (!until) {
      clearTimeout(timer);
      child.once('spawn', () => resolve({ child, stop }));
    }
    for (const stream of child.stdio.slice(1)) {
      stream?.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-10_000);
        const match = until?.exec(output);
        if (!match) return;
        clearTimeout(timer);
        resolve({ child, match, stop });
      });
    }
  });
}
