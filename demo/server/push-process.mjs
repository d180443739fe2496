import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const FILE = fileURLToPath(new URL('./push.mjs', import.meta.url));

/** The push server as a process that can be stopped and started, so that one can watch the page heal. */
export function createPushProcess() {
  let child;
  let starting;

  async function spawn() {
    const started = fork(FILE);
    child = started;
    started.once('exit', () => {
      if (child === started) child = undefined;
    });
    const [answer] = await Promise.race([
      once(started, 'message'),
      once(started, 'exit').then(([code]) => [
        { failed: `The push server ended at once (${code}).` },
      ]),
    ]);
    if (answer.failed) throw new Error(answer.failed);
  }

  return {
    get running() {
      return child !== undefined;
    },
    /** Settles when it listens; two clicks start one. */
    start() {
      if (child && !starting) return Promise.resolve();
      starting ??= spawn().finally(() => {
        starting = undefined;
      });
      return starting;
    },
    async stop() {
      await starting?.catch(() => {});
      if (!child) return;
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
