/** Gives the world of test/support/hub/world.mjs: Node 20 reads no TypeScript, and esbuild does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export async function loadWorld(entry = 'sequences.mjs') {
  const folder = mkdtempSync(join(tmpdir(), 'hadoken-hub-'));
  const outfile = join(folder, 'world.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL(entry, import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['socket.io-client', 'socket.io-parser'],
    logLevel: 'error',
  });
  try {
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
