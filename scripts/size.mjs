// What the page loads, in bytes. Fails above the budget: socket.io-client alone is 14.8 KiB gzipped.
import { readFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const BUDGET = 9 * 1024;
const files = ['hadoken.js', 'hadoken.mjs', 'frame.js', 'frame.mjs'];
let over = false;

console.log('file            raw    gzip  brotli');
for (const file of files) {
  const code = await readFile(new URL(`../dist/${file}`, import.meta.url));
  const gzip = gzipSync(code, { level: 9 }).length;
  const page = file.startsWith('hadoken');
  if (page && gzip > BUDGET) over = true;
  const columns = [code.length, gzip, brotliCompressSync(code).length].map((bytes) =>
    String(bytes).padStart(8),
  );
  console.log(file.padEnd(11) + columns.join('') + (page ? `  of ${BUDGET} gzipped` : ''));
}
if (over) {
  console.error('The page side is over its budget.');
  process.exit(1);
}
