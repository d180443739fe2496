#!/usr/bin/env node
import { createRequire } from 'node:module';

/** `npx hadoken <command>`. A command is a file beside this one, with a `run(args)` and a `usage`. */
const commands = {
  init: () => import('./init.mjs'),
  pack: () => import('./pack.mjs'),
  check: () => import('./check.mjs'),
  bookmarklet: () => import('./bookmarklet.mjs'),
};

const [name, ...args] = process.argv.slice(2);
const load = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;

/** How the commands that `loads` give are used. */
async function usageOf(loads) {
  const usages = await Promise.all(loads.map(async (each) => (await each()).usage));
  return `Usage:\n${usages.map((usage) => `  npx hadoken ${usage}`).join('\n')}`;
}

try {
  if (name === '--version') {
    const { version } = createRequire(import.meta.url)('../package.json');
    console.log(version);
  } else if ([name, ...args].includes('--help'))
    console.log(await usageOf(load ? [load] : Object.values(commands)));
  else if (load) await (await load()).run(args);
  else throw new Error(await usageOf(Object.values(commands)));
} catch (error) {
  console.error(error.message);
  // A command that tells wrong usage from a failure says so by a code of its own.
  process.exitCode = error.exitCode ?? 1;
}
