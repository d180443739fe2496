import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { STATUS_CODES } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { sendJson, sendText, setAskedHeaders } from './http-server.mjs';
import { oauth } from './oauth.mjs';

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const number = (url, name, fallback) => Number(url.searchParams.get(name) ?? fallback);

/** By id: what `/api/tokens` waits for. */
const waiting = new Map();

/** Answers of `/api/cached` so far. */
let made = 0;

const PERIOD = 251;
/** Made once: what is sent of it is a part, for hundreds of megabytes are sent in a run. */
const pattern = Uint8Array.from({ length: PERIOD * 4_200 }, (_, i) => i % PERIOD);

/** Byte i of everything the server makes up is i modulo 251 (a prime, so a shifted chunk shows). */
export function patternBytes(length, offset = 0) {
  const start = offset % PERIOD;
  if (start + length <= pattern.length) return pattern.subarray(start, start + length);
  return Uint8Array.from({ length }, (_, i) => (start + i) % PERIOD);
}

function* patternChunks(length, size = 251 * 256) {
  for (let offset = 0; offset < length; offset += size)
    yield patternBytes(Math.min(size, length - offset), offset);
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The real API of the tests: one handler a path below `/api/`, named after its first segment. */
export const api = {
  /** Tokens, and what needs one: see oauth.mjs. */
  oauth,

  /** Any method; says what arrived. `?status=` and `?header=name:value` shape the answer. */
  async echo({ request, response, url }) {
    const body = await readBody(request);
    setAskedHeaders(response, url);
    const { method, headers } = request;
    const seen = {
      method,
      url: request.url,
      headers,
      rawHeaders: request.rawHeaders,
      body: body.toString('base64'),
      length: body.length,
    };
    sendJson(response, seen, number(url, 'status', 200));
  },

  status({ response, url, rest }) {
    const status = Number(rest);
    const text = url.searchParams.get('text') ?? STATUS_CODES[status] ?? '';
    const hasBody = status >= 200 && ![204, 205, 304].includes(status);
    if (hasBody) response.setHeader('content-type', 'text/plain');
    response.writeHead(status, text);
    response.end(hasBody ? `status ${status}` : undefined);
  },

  /** `?to=` where, `&status=302`, `&n=` hops through itself first. */
  redirect({ response, url }) {
    const hops = number(url, 'n', 1);
    const next = new URL(url);
    next.searchParams.set('n', hops - 1);
    const to = hops > 1 ? next.pathname + next.search : (url.searchParams.get('to') ?? '/api/echo');
    response.writeHead(number(url, 'status', 302), { location: to }).end();
  },

  /** Tells nothing of what it was asked. `?header=name:value` shapes the answer. */
  'echo-nothing'({ request, response, url }) {
    request.resume();
    setAskedHeaders(response, url);
    sendText(response, 200, 'nothing');
  },

  /** A redirect whose target only the server knows: with `?allowed` to a path within the rules of secrets.js. */
  presigned({ request, response, url }) {
    request.resume();
    const has = (name) => url.searchParams.has(name);
    const path = has('allowed') ? '/api/echo-nothing' : '/api/hidden/secret-in-a-redirected-path';
    const origin = has('elsewhere') ? 'http://elsewhere.invalid' : '';
    const location = `${origin}${path}?signature=secret-in-a-presigned-url`;
    response.writeHead(number(url, 'status', 302), { location }).end();
  },

  /** `/api/bytes/1000`; `?chunked=1` leaves Content-Length away. Sent only as fast as it is read. */
  async bytes({ response, url, rest }) {
    const length = Number(rest);
    response.setHeader('content-type', 'application/octet-stream');
    if (!url.searchParams.has('chunked')) response.setHeader('content-length', length);
    await pipeline(Readable.from(patternChunks(length)), response).catch(() => {});
  },

  async slow({ response, url }) {
    await wait(number(url, 'ms', 1_000));
    sendText(response, 200, 'slow');
  },

  /** `?chunks=5&size=1000&ms=50`: the head at once, then a chunk every `ms`. */
  async stream({ response, url }) {
    const size = number(url, 'size', 1_000);
    response.setHeader('content-type', 'application/octet-stream');
    response.flushHeaders();
    const closed = once(response, 'close');
    for (let i = 0; i < number(url, 'chunks', 5) && !response.destroyed; i++) {
      if (i > 0) await wait(number(url, 'ms', 50));
      if (!response.write(patternBytes(size, i * size)))
        await new Promise((resolve) => {
          response.once('drain', resolve);
          closed.then(resolve);
        });
    }
    response.end();
  },

  /** Promises more than it sends, then hangs up: a body that fails after `?after=` bytes. */
  async cut({ response, url }) {
    const after = number(url, 'after', 1_000);
    response.setHeader('content-type', 'application/octet-stream');
    response.setHeader('content-length', after + 1_000);
    response.write(patternBytes(after));
    // Let the bytes go out first, else the browser sees a reset instead of a short body.
    await wait(100);
    response.destroy();
  },

  /**
   * `/api/cached/*`: fresh for a minute, and made for who asks: says for whom. `?vary=Hadoken-Origin` tells caches so;
   * `?type=` is its type.
   */
  cached({ request, response, url }) {
    const { headers, method } = request;
    response.setHeader('cache-control', 'max-age=60');
    response.setHeader('etag', '"made"');
    response.setHeader('last-modified', 'Mon, 02 Nov 2026 10:00:00 GMT');
    response.setHeader('x-page', headers['hadoken-origin'] ?? '');
    const vary = url.searchParams.get('vary');
    if (vary) response.setHeader('vary', vary);
    made += 1;
    const { 'hadoken-origin': page = '', cookie = '', 'x-own': own = '' } = headers;
    const text = JSON.stringify({ made, method, page, cookie, own });
    response.setHeader('content-type', url.searchParams.get('type') ?? 'application/json');
    response.end(url.searchParams.has('events') ? `data: ${text}\n\n` : text);
  },

  /** `?hex=` or `?text=` as it is, with `?header=name:value` and `?status=`; `?ms=` between two halves. */
  async say({ request, response, url }) {
    request.resume();
    setAskedHeaders(response, url);
    response.statusCode = number(url, 'status', 200);
    const hex = url.searchParams.get('hex');
    const body = Buffer.from(hex ?? url.searchParams.get('text') ?? '', hex ? 'hex' : 'utf8');
    if (request.method === 'HEAD' || !url.searchParams.has('ms')) return response.end(body);
    const half = Math.floor(body.length / 2);
    response.write(body.subarray(0, half));
    await wait(number(url, 'ms', 0));
    response.end(body.subarray(half));
  },

  /** No answer at all: a network error. */
  reset({ request }) {
    request.socket.destroy();
  },

  gzip({ response }) {
    response.setHeader('content-type', 'text/plain; charset=utf-8');
    response.setHeader('content-encoding', 'gzip');
    response.end(gzipSync('gzip '.repeat(1_000)));
  },

  /** "grün" in ISO-8859-1, declared as such. */
  charset({ response }) {
    response.setHeader('content-type', 'text/plain; charset=iso-8859-1');
    response.end(Buffer.from('grün', 'latin1'));
  },

  headers({ response }) {
    response.setHeader('x-dup', ['one', 'two']);
    response.setHeader('set-cookie', ['dup1=1; Path=/api/headers', 'dup2=2; Path=/api/headers']);
    response.setHeader('x-empty', '');
    response.setHeader('x-latin', Buffer.from('grün').toString('latin1'));
    sendText(response, 200, 'headers');
  },

  /** Answers with the bytes of `?head=` as they are, of its text in Latin-1 or, with `&as=utf8`, in UTF-8. */
  raw({ request, url }) {
    const { searchParams: query } = url;
    request.socket.end(Buffer.from(query.get('head'), query.get('as') ?? 'latin1'));
  },

  /** `?name=&value=` sets a cookie (`&attributes=HttpOnly; SameSite=Strict`); answers with those received. */
  cookie({ request, response, url }) {
    const name = url.searchParams.get('name');
    const attributes = url.searchParams.get('attributes');
    if (name) {
      const cookie = `${name}=${url.searchParams.get('value') ?? ''}; Path=/`;
      response.setHeader('set-cookie', attributes ? `${cookie}; ${attributes}` : cookie);
    }
    sendJson(response, { cookies: request.headers.cookie ?? '' });
  },

  /**
   * Takes all of what is sent, and then answers with the bytes of `?text=`: the first four, and byte by byte the rest
   * once `/api/go-on` was asked for with the same `?id=`. `&gzip`, `&length`: compressed, with a Content-Length.
   */
  async tokens({ request, response, url }) {
    await readBody(request);
    const { searchParams: query } = url;
    const bytes = Buffer.from(query.get('text'), query.get('as') ?? 'utf8');
    response.setHeader('content-type', query.get('type') ?? 'text/event-stream');
    if (query.has('length'))
      response.setHeader('content-length', bytes.length + Number(query.get('length')));
    const zipped = query.has('gzip') ? createGzip() : undefined;
    if (zipped) response.setHeader('content-encoding', 'gzip');
    zipped?.pipe(response);
    response.flushHeaders();
    const to = zipped ?? response;
    const goOn = new Promise((resolve) => waiting.set(query.get('id'), resolve));
    const send = (part) =>
      new Promise((resolve) => to.write(part, () => (zipped ? zipped.flush(resolve) : resolve())));
    if (bytes.length) await send(bytes.subarray(0, 4));
    await Promise.race([goOn, once(response, 'close')]);
    for (const byte of bytes.subarray(4)) await send(Buffer.of(byte));
    if (query.has('cut')) response.destroy();
    else to.end();
  },

  /** See `tokens`. */
  async 'go-on'({ response, url }) {
    const id = url.searchParams.get('id');
    while (!waiting.has(id)) await wait(10);
    waiting.get(id)();
    sendText(response, 200, 'on');
  },

  async upload({ request, response }) {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of request) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    sendJson(response, {
      bytes,
      sha256: hash.digest('hex'),
      type: request.headers['content-type'] ?? null,
    });
  },

  /** 503 to the first `?fails=` requests with this `?id=`, then 200. */
  flaky({ response, url, log }) {
    const failing = log.get(url.searchParams.get('id')).length <= number(url, 'fails', 1);
    sendJson(response, { failing }, failing ? 503 : 200);
  },

  /** Reads and never answers. */
  hang({ request }) {
    request.resume();
  },

  /** As APIs had them before CORS: a script that calls the page's function `?callback=`. */
  jsonp({ response, url }) {
    response.setHeader('content-type', 'text/javascript');
    response.end(`${url.searchParams.get('callback')}({"from":"the API"})`);
  },

  /** What the server saw of the requests with `?id=`. */
  log({ response, url, log }) {
    sendJson(response, log.get(url.searchParams.get('id')));
  },
};
