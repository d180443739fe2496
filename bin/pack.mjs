/** `npx hadoken pack host.js --out <folder>`: a frame in one file, and what it needs beside it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readCommand } from './args.mjs';
import { isBrowserName, runHost } from './check/host-file.mjs';
import { dist, nothingWritten, readTarget, servedFiles, writeAll } from './files.mjs';
import { loadHost } from './pack/load-host.mjs';
import { createPage, createProgram } from './pack/program.mjs';
import { PARTS } from './parts.mjs';

export const usage = 'pack host.js --out public/hadoken [--path /hadoken/] [--force]';

const options = /** @type {const} */ ({
  out: { type: 'string' },
  path: { type: 'string', default: '/hadoken/' },
  force: { type: 'boolean', default: false },
});
/** How long host.js may take to call serve(), in ms. */
const TIMEOUT = 5_000;

function readArgs(args) {
  const { values, positionals, misuse } = readCommand(usage, options, args);
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
  throws: ({ message, lacking }) => (isBrowserName(lacking) ? undefined : `it throws: ${message}`),
};

/**
 * What `code` gives to serve(): its `origins`, and the `ioUrl` of its Socket.IO server; or the name that is
 * `lacking` in Node, so that they can't be read. Throws for a fault, by `file`.
 */
async function readServed(code, file) {
  const frame = 'https://push.example.com/hadoken/frame.html';
  const origin = 'https://app.example.com';
  const script = new URL('frame.js', frame).href;
  const found = await runHost({
    code,
    script,
    frame,
    origin,
    timeout: TIMEOUT / 2,
    asksConfig: false,
  });
  const fault = FAULTS[found.failed]?.(found);
  if (fault) throw new Error(`${file}: ${fault}`);
  return found;
}

const WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'";
const FOR_EVER = 'public, max-age=31536000, immutable';

const HEADERS = '_headers.example';
/** The name of a file of `text`, which has a hash of that before its ending. */
function nameByHash(name, text) {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return name.replace(/js$/, `${hash}.js`);
}

const isNamedByHash = (name) => /^frame\.(\w+\.)?[0-9a-f]{16}\.js$/.test(name);

/** @returns {string[]} the headers of a file */
function headersOf(name, policies) {
  const isFrames = name.startsWith('frame.');
  const isPage = name === 'frame.html';
  const policy = policies[name] ?? (isFrames && WORKER_POLICY);
  return [
    // A proxy that changes the page makes another script of it, which the policy's hash is not for.
    `Cache-Control: ${isNamedByHash(name) ? FOR_EVER : 'no-cache'}${isPage ? ', no-transform' : ''}`,
    'X-Content-Type-Options: nosniff',
    `Cross-Origin-Resource-Policy: ${isFrames && !isPage ? 'same-origin' : 'same-site'}`,
    ...(isFrames ? ['Cross-Origin-Embedder-Policy: require-corp'] : []),
    ...(policy ? [`Content-Security-Policy: ${policy}`] : []),
  ];
}

/** In the form that Netlify and Cloudflare Pages read, which know `/frame.html` as `/frame` too. */
function createHeaders(path, names, policies) {
  const blocks = names.flatMap((name) => {
    const lines = headersOf(name, policies).map((line) => `  ${line}`);
    const paths = name === 'frame.html' ? ['frame.html', 'frame'] : [name];
    return paths.map((each) => [`${path}${each}`, ...lines].join('\n'));
  });
  return `# For the _headers of the site's root.\n${blocks.join('\n\n')}\n`;
}

/**
 * Packs a frame.
 *
 * @param {{ host: string, out: string, path?: string, force?: boolean }} options `host`: the path of
 *   host.js; `out`: a folder; `path`: where that is served; `force`: also into a folder that is not empty
 * @returns {Promise<import('./pack.d.mts').Packed>}
 */
export async function pack({ host, out, path = '/hadoken/', force = false }) {
  const folder = resolve(out);
  try {
    const present = await readTarget(folder, force);
    const code = await loadHost(host);
    const { origins, ioUrl, lacking } = await readServed(code, host);

    const files = new Map();
    const served = await servedFiles();
    for (const name of served.filter((each) => /^hadoken\.|^LICENSES/.test(each)))
      files.set(name, { from: join(dist, name) });
    const parts = {};
    for (const name of PARTS) {
      const text = await readFile(join(dist, name), 'utf8');
      parts[name] = nameByHash(name, text);
      files.set(parts[name], { text });
    }
    const program = createProgram(await readFile(join(dist, 'frame.js'), 'utf8'), code, parts);
    const file = nameByHash('frame.js', program);
    files.set(file, { text: program });
    const { html, script } = createPage(program, file);
    files.set('frame.html', { text: html });

    // Safari before 15.4 wants the WebSocket's scheme as well.
    const server = ioUrl && new URL(ioUrl.replace(/^ws/, 'http')).origin;
    const connect = server
      ? `connect-src 'self' ${server} ${server.replace('http', 'ws')}`
      : "connect-src 'self'";
    const policies = {
      'frame.html': [
        `default-src 'none'; script-src '${digest('sha256', script)}' 'self'; worker-src 'self' blob:`,
        connect,
        "base-uri 'none'; form-action 'none'",
        ...(origins ? [`frame-ancestors ${origins.join(' ')}`] : []),
      ].join('; '),
      [file]: `default-src 'none'; script-src 'self'; ${connect}`,
    };
    // Pages that were loaded before may still ask for the files of an earlier pack.
    const names = [...new Set([...files.keys(), ...present.filter(isNamedByHash)])];
    files.set(HEADERS, { text: createHeaders(path, names, policies) });
    const warnings = origins
      ? []
      : [
          `${host} uses "${lacking}", which Node has not, so its origins can't be read: add frame-ancestors to the policy of frame.html.`,
        ];
    const integrity = {};
    for (const name of served.filter((each) => /^hadoken\.(drop-in\.|loader\.)?js$/.test(each)))
      integrity[name] = digest('sha384', await readFile(join(dist, name)));
    await writeAll(folder, files);
    return {
      files: [...files.keys()],
      policies,
      integrity,
      size: gzipSync(html).length,
      warnings,
    };
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
  // Vite's, whose development server serves what is not packed.
  apply: 'build',
  buildStart() {
    this.addWatchFile(resolve(packOptions.host));
  },
  async writeBundle() {
    await pack({ ...packOptions, force: true });
  },
});

export async function run(args) {
  const { files, policies, integrity, size, warnings } = await pack(readArgs(args));
  for (const warning of warnings) console.warn(warning);
  const list = (entries) =>
    Object.entries(entries)
      .map(([name, value]) => `  ${name}\n    ${value}`)
      .join('\n');
  console.log(`${files.length} files. frame.html has ${size} bytes gzipped.

Content-Security-Policy (all headers are in ${HEADERS}). It has a hash of the script, which is another with each host.js and
release: send the one that belongs to the files.
${list(policies)}

integrity, for the script tag:
${list(integrity)}`);
}
