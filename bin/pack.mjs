/** `npx hadoken pack host.js --out <folder>`: a frame in one file, and what it needs beside it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { runHost } from './check/host-file.mjs';
import { dist, misuseOf, namesIn, nothingWritten, servedFiles, writeAll } from './files.mjs';
import { loadHost } from './pack/load-host.mjs';
import { createPage, createProgram, PARTS } from './pack/program.mjs';

export const usage = 'pack host.js --out public/hadoken [--path /hadoken/] [--force]';

const options = /** @type {const} */ ({
  out: { type: 'string' },
  path: { type: 'string', default: '/hadoken/' },
  force: { type: 'boolean', default: false },
});
const misuse = misuseOf(usage);
/** How long host.js may take to call serve(), in ms. */
const TIMEOUT = 5_000;

function readArgs(args) {
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw misuse(error.message);
  }
  const { values, positionals } = parsed;
  if (positionals.length !== 1 || !positionals[0]) throw misuse('Give one host.js.');
  const { out, path, force } = values;
  if (!out) throw misuse('Give a folder with --out.');
  if (!/^\/([^?#\s]*\/)?$/.test(path))
    throw misuse(`"${path}" is no path that begins and ends with /.`);
  return { host: positionals[0], out, path, force };
}

const digest = (algorithm, text) =>
  `${algorithm}-${createHash(algorithm).update(text).digest('base64')}`;

/** Why a host.js can't be packed, by what its thread has found; undefined: it can. */
const FAULTS = {
  syntax: ({ message }) => `it does not parse: ${message}`,
  silent: () => 'it does not call hadokenFrame.serve()',
  options: ({ message }) => message.replace(/\.$/, ''),
  hangs: () => `it did not call hadokenFrame.serve() within ${TIMEOUT} ms`,
  // What a browser has and Node has not is no fault.
  throws: ({ message, lacking }) => (lacking ? undefined : `it throws: ${message}`),
};

/** The origins that `code` serves; none where it can't be run in Node. Throws for a fault, by `file`. */
async function originsOf(code, file) {
  const frame = 'https://push.example.com/hadoken/frame.html';
  const origin = 'https://app.example.com';
  const script = new URL('frame.js', frame).href;
  const found = await runHost({ code, script, frame, origin, timeout: TIMEOUT / 2 });
  const fault = FAULTS[found.failed]?.(found);
  if (fault) throw new Error(`${file}: ${fault}`);
  return found.origins ?? [];
}

const FOR_EVER = 'public, max-age=31536000, immutable';

/** What a static host such as Netlify or Cloudflare Pages reads as `_headers`. */
function createHeaders(path, files, policies) {
  const blocks = files.map((name) => {
    const isNamedByHash = /\.[0-9a-f]{16}\.js$/.test(name);
    const lines = [
      `Cache-Control: ${isNamedByHash ? FOR_EVER : 'no-cache'}`,
      'X-Content-Type-Options: nosniff',
      ...(policies[name] ? [`Content-Security-Policy: ${policies[name]}`] : []),
    ];
    return [`${path}${name}`, ...lines.map((line) => `  ${line}`)].join('\n');
  });
  return `${blocks.join('\n\n')}\n`;
}

/**
 * Packs a frame.
 *
 * @param {{ host: string, out: string, path?: string, force?: boolean }} options `host`: the path of
 *   host.js; `out`: a folder; `path`: where that is served; `force`: also into a folder that is not empty
 * @returns {Promise<{ files: string[], policies: Record<string, string>, integrity: Record<string, string>, size: number }>}
 *   the names of the files, the Content-Security-Policy of each that has one, the `integrity` of each
 *   that a page loads, and the bytes of frame.html gzipped
 */
export async function pack({ host, out, path = '/hadoken/', force = false }) {
  const folder = resolve(out);
  try {
    const present = (await namesIn(folder)) ?? [];
    if (present.length && !force)
      throw new Error(
        'it is not empty. Name another folder, or say --force to replace what is of Hadoken in it',
      );
    const code = await loadHost(host);
    const origins = await originsOf(code, host);

    const files = new Map();
    const served = await servedFiles();
    for (const name of served.filter((each) => /^hadoken\.|^LICENSES/.test(each)))
      files.set(name, { from: join(dist, name) });
    const parts = {};
    for (const name of PARTS) {
      const text = await readFile(join(dist, name), 'utf8');
      const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
      parts[name] = name.replace(/js$/, `${hash}.js`);
      files.set(parts[name], { text });
    }
    const program = createProgram(await readFile(join(dist, 'frame.js'), 'utf8'), code, parts);
    const hash = createHash('sha256').update(program).digest('hex').slice(0, 16);
    const file = `frame.${hash}.js`;
    files.set(file, { text: program });
    const { html, script } = createPage(program, file);
    files.set('frame.html', { text: html });

    const ancestors = origins.length ? origins.join(' ') : '*';
    const policies = {
      'frame.html': `default-src 'none'; script-src '${digest('sha256', script)}' 'self'; worker-src 'self' blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors ${ancestors}`,
      [file]: "default-src 'none'; script-src 'self'; connect-src 'self'",
    };
    files.set('_headers', { text: createHeaders(path, [...files.keys()], policies) });
    const integrity = {};
    for (const name of served.filter((each) => /^hadoken\.(drop-in\.|loader\.)?js$/.test(each)))
      integrity[name] = digest('sha384', await readFile(join(dist, name)));
    await writeAll(folder, files);
    return { files: [...files.keys()], policies, integrity, size: gzipSync(html).length };
  } catch (error) {
    throw nothingWritten(folder, error);
  }
}

/**
 * A plugin for rollup and Vite that packs the frame when a bundle has been written.
 *
 * @param {Parameters<typeof pack>[0]} packOptions as of `pack`; `force` is true
 */
export const hadokenPack = (packOptions) => ({
  name: 'hadoken-pack',
  async closeBundle() {
    await pack({ force: true, ...packOptions });
  },
});

export async function run(args) {
  const { files, policies, integrity, size } = await pack(readArgs(args));
  const list = (entries) =>
    Object.entries(entries)
      .map(([name, value]) => `  ${name}\n    ${value}`)
      .join('\n');
  console.log(`${files.length} files. frame.html has ${size} bytes gzipped.

Content-Security-Policy (also in _headers):
${list(policies)}

integrity, for the script tag:
${list(integrity)}`);
}
