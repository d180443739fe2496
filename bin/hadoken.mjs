#!/usr/bin/env node
/** `npx hadoken <command>`. A command is a file beside this one, with a `run(args)` and a `usage`. */
const commands = {
  init: () => import('./init.mjs'),
  pack: () => import('./pack.mjs'),
  check: () => import('./check.mjs'),
  bookmarklet: () => import('./bookmarklet.mjs'),
};

const [name, ...args] = process.argv.slice(2);
const load = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
try {
  if (!load) {
    const usages = await Promise.all(
      Object.values(commands).map(async (each) => (await each()).usage),
    );
    throw new Error(`Usage:\n${usages.map((usage) => `  npx hadoken ${usage}`).join('\n')}`);
  }
  await (await load()).run(args);
} catch (error) {
  console.error(error.message);
  // A command that tells wrong usage from a failure says so by a code of its own.
  process.exitCode = error.exitCode ?? 1;
}
