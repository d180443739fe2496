import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};

/**
 * Sends `path` (as it stands in the URL) from the folder `root`.
 *
 * @param {import('node:http').ServerResponse} response
 * @param {{ root: string, path: string, headers?: object, fill?: (text: string) => string }} what
 * @returns {Promise<boolean>} false when there is no such file
 */
export async function sendFile(response, { root, path, headers = {}, fill }) {
  const file = inside(root, path);
  const type = file && TYPES[extname(file)];
  if (!type) return false;
  let body = await readFile(file).catch(() => undefined);
  if (!body) return false;
  if (fill) body = fill(body.toString('utf8'));
  response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-cache', ...headers });
  response.end(body);
  return true;
}

/** The file's path when it is inside `root`, else undefined. */
function inside(root, path) {
  try {
    const file = normalize(join(root, decodeURIComponent(path)));
    return file.startsWith(root + sep) && !file.includes('\0') ? file : undefined;
  } catch {
    return undefined; // a malformed escape
  }
}
