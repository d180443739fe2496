import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sendJson } from './reply.mjs';
import { describe } from './seen.mjs';

/** Read no faster than this, so that there is a progress to look at on one's own machine. */
const BYTES_PER_SECOND = 6_000_000;

/** `POST /v1/upload`: counts and hashes what arrives, keeps nothing. */
export async function handleUpload(request, response) {
  const hash = createHash('sha256');
  const start = performance.now();
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    hash.update(chunk);
    const ahead = (bytes / BYTES_PER_SECOND) * 1_000 - (performance.now() - start);
    if (ahead > 5) await sleep(ahead); // not reading is what slows the sender: back-pressure of TCP
  }
  const ms = Math.round(performance.now() - start);
  sendJson(response, 200, { bytes, sha256: hash.digest('hex'), ms, seen: describe(request) });
}
