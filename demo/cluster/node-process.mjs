import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/**
 * A node of the cluster as a process of its own, which can be killed and started again.
 *
 * @param {'io-node' | 'app-node'} kind
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 */
export function createNodeProcess(kind, name, env) {
  const file = fileURLToPath(new URL(`./${kind}.mjs`, import.meta.url));
  let child;
  let starting;

  async function spawn() {
    const started = fork(file, [name], { env: { ...process.env, ...env } });
    child = started;
    started.once('exit', () => {
      if (child === started) child = undefined;
      if (child === undefined) node.port = undefined;
    });
    const ended = once(started, 'exit').then(() => [{ failed: `${name} ended at once.` }]);
    const [answer] = await Promise.race([once(started, 'message'), ended]);
    if (answer.failed) throw new Error(answer.failed);
    node.port = answer.port;
  }

  const node = {
    kind,
    name,
    /** Of an io node that listens. */
    port: undefined,
    get running() {
      return child !== undefined && !starting;
    },
    async start() {
      if (child && !starting) return;
      starting ??= spawn().finally(() => {
        starting = undefined;
      });
      await starting;
    },
    /** SIGKILL: it can't notice, and can't clean up. */
    async kill() {
      await starting?.catch(() => {});
      if (!child) return;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
  return node;
}
