import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sendText } from './http-server.mjs';

export const root = fileURLToPath(new URL('../../', import.meta.url));
export const dist = join(root, 'dist');
export const fixtures = join(root, 'test/fixtures');

const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.ts': 'text/plain; charset=utf-8',
  '.map': 'application/json',
  '.json': 'application/json',
  '.css': 'text/css; charset=utf-8',
};

/** The file's content, or undefined if `folder` has no file of that name. */
export async function readFrom(folder, name) {
  const path = normalize(join(folder, decodeURIComponent(name)));
  if (!path.startsWith(folder)) return undefined;
  return readFile(path).catch(() => undefined);
}

/** A file of ours with the origins of this run. */
export const fillIn = (text, origins) =>
  text.replace(/\{\{([A-Z]+)\}\}/g, (all, key) => origins[key.toLowerCase()] ?? all);

/**
 * Answers with the first of `candidates` (`[folder, name]`) that is there, else 404. Files of ours, not
 * those of dist, have `{{APP}}`, `{{PUSH}}`, … replaced by the origins of this run.
 */
export async function sendFile(response, candidates, origins) {
  for (const [folder, name] of candidates) {
    let content = await readFrom(folder, name);
    if (content === undefined) continue;
    if (folder.startsWith(fixtures)) content = fillIn(String(content), origins);
    // The runner's server begins with 404, and no script runs of one.
    response.statusCode = 200;
    response.setHeader('content-type', types[extname(name)] ?? 'application/octet-stream');
    response.setHeader('cache-control', 'no-cache');
    response.end(content);
    return;
  }
  response.setHeader('cache-control', 'no-cache');
  sendText(response, 404, `Not found: ${candidates.map((parts) => join(...parts)).join(', ')}`);
}
