import { once } from 'node:events';

const texts = new Map();
const chunk = Buffer.alloc(65_536, 'hadoken!');

/** A list of products as JSON, of at most `size` bytes. */
function json(size) {
  let text = texts.get(size);
  if (text) return text;
  const items = [];
  for (let id = 1; ; id++) {
    const item = { id, name: `Product ${id}`, price: id * 1.25, tags: ['new', 'blue'] };
    const next = JSON.stringify({ items: [...items, item] });
    if (next.length > size) break;
    items.push(item);
    text = next;
  }
  texts.set(size, text);
  return text;
}

async function count(request) {
  let bytes = 0;
  for await (const part of request) bytes += part.length;
  return bytes;
}

async function sendBytes(response, length) {
  response.setHeader('content-type', 'application/octet-stream');
  response.setHeader('content-length', length);
  for (let left = length; left > 0 && !response.destroyed; left -= chunk.length)
    if (!response.write(left < chunk.length ? chunk.subarray(0, left) : chunk))
      await once(response, 'drain');
  response.end();
}

function allowOrigin({ headers }, response) {
  response.setHeader('access-control-allow-origin', headers.origin ?? '*');
  response.setHeader('vary', 'origin');
}

function answerPreflight(response) {
  response.setHeader('access-control-allow-methods', 'GET, POST');
  response.setHeader('access-control-allow-headers', 'authorization, content-type');
  response.setHeader('access-control-max-age', '7200');
  response.writeHead(204).end();
}

/**
 * The API that every side is measured with: `/api/json?size=`, `/api/bytes/<length>`, `/api/upload`. Below `/cors`
 * it may be read from other origins, and a preflight is good for two hours. Returns false for any other path.
 */
export async function answerApi(request, response, { pathname, searchParams }, seen) {
  const path = pathname.replace(/^\/cors/, '');
  if (!path.startsWith('/api/')) return false;
  if (request.method === 'OPTIONS') seen.preflights += 1;
  if (path !== pathname) {
    allowOrigin(request, response);
    if (request.method === 'OPTIONS') {
      answerPreflight(response);
      return true;
    }
  }
  const [, , what, length] = path.split('/');
  response.setHeader('cache-control', 'no-store');
  if (what === 'bytes') await sendBytes(response, Number(length));
  else {
    const bytes = await count(request);
    response.setHeader('content-type', 'application/json');
    response.end(
      what === 'upload'
        ? JSON.stringify({ bytes })
        : json(Number(searchParams.get('size') ?? 1_024)),
    );
  }
  return true;
}
