/** Hosts as `npx hadoken pack` makes them: `HADOKEN_PACKED=1 npm test -- test/boundary` runs tests over them. */
import { createHash } from 'node:crypto';
import { createPage, createProgram } from '../../bin/pack/program.mjs';
import { PARTS } from '../../bin/parts.mjs';
import { dist, readFrom } from './static-files.mjs';

const FILE = 'frame.packed.js';

/**
 * A policy with the hash of `script`, and nothing inline besides. The others of a site stay, and what it forbids
 * altogether. `evaluates`: the host is an attacker, who runs what a test gives it as text.
 */
function allowScript(policy, script, evaluates) {
  const hash = `'sha256-${createHash('sha256').update(script).digest('base64')}'`;
  if (policy === undefined)
    return `script-src ${hash} 'self'${evaluates ? " 'unsafe-eval'" : ''}; worker-src 'self' blob:`;
  return policy
    .replace(/script-src (?!'none')/, `script-src ${hash} `)
    .replace(/worker-src (?!'none')/, 'worker-src blob: ');
}

/**
 * Answers for the page of a packed frame, and for its script as a file. False for other files: they are as they are.
 * `host`: the text of host.js.
 */
export async function sendPacked(response, file, host) {
  if (file !== 'frame.html' && file !== FILE) return false;
  const frame = String(await readFrom(dist, 'frame.js'));
  // The parts keep their names here.
  const parts = Object.fromEntries(PARTS.map((name) => [name, name]));
  const text = createProgram(frame, host, parts);
  const { html, script } = createPage(text, FILE);
  const isPage = file === 'frame.html';
  if (isPage) {
    const policy = response.getHeader('content-security-policy');
    response.setHeader(
      'content-security-policy',
      allowScript(policy, script, host.includes('new Function(')),
    );
  }
  response.statusCode = 200;
  response.setHeader('cache-control', 'no-cache');
  response.setHeader('content-type', `text/${isPage ? 'html' : 'javascript'}; charset=utf-8`);
  response.end(isPage ? html : text);
  return true;
}
