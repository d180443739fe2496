/** `npx hadoken init <folder>`: what a static server needs, in a folder, with a host.js to begin with. */
import {
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export const usage = 'init public/hadoken [--origin https://app.example.com] [--force]';

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const template = new URL('./init/host.js', import.meta.url);
const HOST = 'host.js';
const EXAMPLE = 'https://app.example.com';
/** What Node, TypeScript and bundlers take from the package itself, and no browser from a server. */
const NOT_SERVED = /\.d\.ts$|^(hadoken\.node|frame\.node|testing|globals)\.mjs/;

const options = /** @type {const} */ ({
  origin: { type: 'string' },
  force: { type: 'boolean', default: false },
});

/** An error that says how the command is used; it ends with 2. */
const misuse = (message) =>
  Object.assign(new Error(`${message}\nUsage: npx hadoken ${usage}`), { exitCode: 2 });

const isOrigin = (text) =>
  URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;

function readArgs(args) {
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw misuse(error.message);
  }
  const { values, positionals } = parsed;
  if (positionals.length !== 1 || !positionals[0]) throw misuse('Give one folder.');
  const { origin = EXAMPLE, force } = values;
  if (!isOrigin(origin))
    throw misuse(`"${origin}" is no origin. Give scheme, host and port, without a path.`);
  return { folder: resolve(positionals[0]), origin, force };
}

/** The names in `folder`; undefined where it is not there. */
const namesIn = (folder) =>
  readdir(folder).catch((error) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });

const isThere = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The files of dist that are served. */
async function servedFiles() {
  const names = (await readdir(dist).catch(() => [])).filter((name) => !NOT_SERVED.test(name));
  if (!names.includes('frame.html'))
    throw new Error(
      'The package has no dist/. In a clone of the repository run `npm run build` first',
    );
  return names;
}

/**
 * Makes `folder` and those above it. Resolves with the first that was not there. By itself, for Node's
 * `recursive` never ends where a file system such as /proc says ENOENT to it (Node 20 and 22).
 */
async function makeFolder(folder) {
  try {
    await mkdir(folder);
    return folder;
  } catch (error) {
    if (error.code === 'EEXIST') return undefined;
    if (error.code !== 'ENOENT' || (await isThere(dirname(folder)))) throw error;
  }
  const made = await makeFolder(dirname(folder));
  try {
    await mkdir(folder);
  } catch (error) {
    if (made) await rm(made, { recursive: true, force: true });
    throw error;
  }
  return made;
}

/** Writes everything into `staging`, which is not the place where it will be found. */
async function stage(staging, names, host) {
  for (const name of names) await copyFile(join(dist, name), join(staging, name));
  if (host !== undefined) await writeFile(join(staging, HOST), host);
}

/** Moves files from `staging` into `folder`. What they replace comes back if one can't be moved. */
async function moveAll(staging, folder, names) {
  const old = await mkdtemp(join(staging, 'old-'));
  const moved = [];
  try {
    for (const name of names) {
      const there = await lstat(join(folder, name)).catch(() => undefined);
      if (there?.isDirectory()) throw new Error(`${name} is a folder there`);
      if (there) await rename(join(folder, name), join(old, name));
      moved.push({ name, wasThere: !!there });
      await rename(join(staging, name), join(folder, name));
    }
  } catch (error) {
    for (const { name, wasThere } of moved.reverse()) {
      await rm(join(folder, name), { force: true });
      if (wasThere) await rename(join(old, name), join(folder, name));
    }
    throw error;
  }
}

/**
 * Writes all of the files, or none: they are written beside their places first, on the same disk, and
 * moved when all of them are there. `host`: the text of host.js; undefined: there is one, and it stays.
 */
async function writeAll(folder, names, host) {
  // The first of the folders that had to be made.
  const made = await makeFolder(folder);
  let staging;
  try {
    staging = await mkdtemp(join(folder, '.hadoken-'));
    await stage(staging, names, host);
    await moveAll(staging, folder, host === undefined ? names : [...names, HOST]);
  } catch (error) {
    if (made) await rm(made, { recursive: true, force: true });
    throw error;
  } finally {
    if (staging) await rm(staging, { recursive: true, force: true });
  }
}

/**
 * Copies the files into `folder`. A host.js that is there stays as it is: it is the site's own.
 *
 * @param {{ folder: string, origin?: string, force?: boolean }} options `force`: also into a folder that is not empty
 * @returns {Promise<{ names: string[], keptHost: boolean }>} the files written
 */
export async function init({ folder, origin = EXAMPLE, force = false }) {
  try {
    const present = (await namesIn(folder)) ?? [];
    if (present.length && !force)
      throw new Error(
        'it is not empty. Name another folder, or say --force to replace what is of Hadoken in it',
      );
    const names = await servedFiles();
    const keptHost = present.includes(HOST);
    const text = (await readFile(template, 'utf8')).replace(EXAMPLE, () => origin);
    await writeAll(folder, names, keptHost ? undefined : text);
    return { names: keptHost ? names : [...names, HOST], keptHost };
  } catch (error) {
    const why = error.code
      ? `it can't be written to (${error.code}). Name a folder that you may write to`
      : error.message;
    throw new Error(`Nothing was written to ${folder}: ${why}.`);
  }
}

export async function run(args) {
  const { folder, origin, force } = readArgs(args);
  const { names, keptHost } = await init({ folder, origin, force });
  const host = join(folder, HOST);
  console.log(`${folder} has ${names.length} new files.
${keptHost ? `${host} was there and is as it was.` : `Say in ${host} which pages may do what.`}
Serve the folder with the headers of SECURITY.md; docs/check.md has them for nginx. Then:
  npx hadoken check https://push.example.com/hadoken/frame.html --origin ${origin}`);
}
