/** `npx hadoken init <folder>`: what a static server needs, in a folder, with a host.js to begin with. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readCommand } from './args.mjs';
import { dist, nothingWritten, readTarget, servedFiles, writeAll } from './files.mjs';

export const usage = 'init public/hadoken [--origin https://app.example.com] [--force]';

const template = new URL('./init/host.js', import.meta.url);
const HOST = 'host.js';
const EXAMPLE = 'https://app.example.com';

const options = /** @type {const} */ ({
  origin: { type: 'string' },
  force: { type: 'boolean', default: false },
});

const isOrigin = (text) =>
  URL.canParse(text) && /^https?:/.test(text) && new URL(text).origin === text;

function readArgs(args) {
  const { values, positionals, misuse } = readCommand(usage, options, args);
  if (positionals.length !== 1 || !positionals[0]) throw misuse('Give one folder.');
  const { origin = EXAMPLE, force } = values;
  if (!isOrigin(origin))
    throw misuse(`"${origin}" is no origin. Give scheme, host and port, without a path.`);
  return { folder: resolve(positionals[0]), origin, force };
}

/**
 * Copies the files into `folder`. A host.js that is there stays as it is: it is the site's own.
 *
 * @param {{ folder: string, origin?: string, force?: boolean }} options `force`: also into a folder that is not empty
 * @returns {Promise<{ names: string[], keptHost: boolean }>} the files written
 */
export async function init({ folder, origin = EXAMPLE, force = false }) {
  try {
    const present = await readTarget(folder, force);
    const names = await servedFiles();
    const keptHost = present.includes(HOST);
    const text = (await readFile(template, 'utf8')).replace(EXAMPLE, () => origin);
    const files = new Map(names.map((name) => [name, { from: join(dist, name) }]));
    if (!keptHost) files.set(HOST, { text });
    await writeAll(folder, files);
    return { names: keptHost ? names : [...names, HOST], keptHost };
  } catch (error) {
    throw nothingWritten(folder, error);
  }
}

export async function run(args) {
  const { folder, origin, force } = readArgs(args);
  const { names, keptHost } = await init({ folder, origin, force });
  const host = join(folder, HOST);
  console.log(`${folder} has ${names.length} new files.
${keptHost ? `${host} was there and is as it was.` : `Say in ${host} which pages may do what.`}
Serve the folder with the headers of SECURITY.md; docs/guides/nginx.md and docs/guides/caddy.md have them for those servers. Then:
  npx hadoken check https://push.example.com/hadoken/frame.html --origin ${origin}`);
}
