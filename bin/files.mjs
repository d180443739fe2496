/** Folders that a command writes: all of it or nothing. */
import {
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const dist = fileURLToPath(new URL('../dist/', import.meta.url));
/** What Node, TypeScript and bundlers take from the package itself, and no browser from a server. */
const NOT_SERVED = /\.d\.ts$|^(hadoken\.node|frame\.node|testing|globals)\.mjs/;

/** The names that are in `folder`, if it is there. Throws where there are some, without `force`. */
export async function readTarget(folder, force) {
  const present = await readdir(folder).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (present.length && !force)
    throw new Error(
      'it is not empty. Name another folder, or say --force to replace what is of Hadoken in it',
    );
  return present;
}

const isThere = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The files of dist that are served. */
export async function servedFiles() {
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
async function stage(staging, files) {
  for (const [name, { from, text }] of files)
    if (from) await copyFile(from, join(staging, name));
    else await writeFile(join(staging, name), text);
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
 * moved when all of them are there.
 *
 * @param {string} folder made where it is not there
 * @param {Map<string, { from?: string, text?: string }>} files by name: copied `from` a path, or of a text
 */
export async function writeAll(folder, files) {
  // The first of the folders that had to be made.
  const made = await makeFolder(folder);
  let staging;
  try {
    staging = await mkdtemp(join(folder, '.hadoken-'));
    await stage(staging, files);
    await moveAll(staging, folder, [...files.keys()]);
  } catch (error) {
    if (made) await rm(made, { recursive: true, force: true });
    throw error;
  } finally {
    if (staging) await rm(staging, { recursive: true, force: true });
  }
}

/** The error of a command that has written nothing. */
export function nothingWritten(folder, error) {
  const why = error.code
    ? `it can't be written to (${error.code}). Name a folder that you may write to`
    : error.message;
  return new Error(`Nothing was written to ${folder}: ${why}.`);
}
