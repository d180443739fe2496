import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './static-files.mjs';

/** Runs `npx hadoken`; gives `{ status, stdout, stderr }`. */
export const runCommand = (...args) =>
  spawnSync(process.execPath, [join(root, 'bin/hadoken.mjs'), ...args], {
    encoding: 'utf8',
    timeout: 20_000,
  });
