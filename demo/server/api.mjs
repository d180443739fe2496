import { setTimeout as sleep } from 'node:timers/promises';
import { createOrders, GUARD_HEADER } from './orders.mjs';
import { readText, sendJson, sendProblem } from './reply.mjs';
import { API_HEADERS } from './security-headers.mjs';
import { describe } from './seen.mjs';
import { handleUpload } from './upload.mjs';

const MAX_DELAY = 10_000; // ms

/**
 * The API: `/v1/*` as any site has it, the same under `/cors/v1/*` with permissive CORS headers, and
 * `/internal/*`, which is there but in no rule of host.js.
 *
 * @param {ReturnType<typeof import('./seen.mjs').createSeen>} seen
 * @returns {(request, response, url: URL) => Promise<boolean>} false when the path is not the API's
 */
export function createApi(seen) {
  const routes = [
    ['/v1/me', handleMe],
    ['/v1/orders', createOrders()],
    ['/v1/upload', handleUpload],
    ['/v1/slow', handleSlow],
    ['/v1/echo', handleEcho],
    ['/v1/moved', (_request, response) => response.writeHead(302, { Location: '/v1/me' }).end()],
    [
      '/v1/seen',
      (_request, response, url) =>
        sendJson(response, 200, seen.report(url.searchParams.get('run'))),
    ],
    ['/internal/keys', (_request, response) => sendJson(response, 200, { key: 'not for pages' })],
  ];

  return async function handleApi(request, response, url) {
    const cors = url.pathname.startsWith('/cors/');
    const path = cors ? url.pathname.slice('/cors'.length) : url.pathname;
    if (!path.startsWith('/v1/') && !path.startsWith('/internal/')) return false;

    const start = performance.now();
    seen.count(request, url);
    await sleep(Math.min(Number(url.searchParams.get('delay')) || 0, MAX_DELAY)); // as though it were that far away
    timeServer(response, start);
    response.setHeaders(new Map(Object.entries(API_HEADERS)));
    if (cors) allowCors(request, response);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, { Allow: 'GET, HEAD, POST, PUT, PATCH, DELETE' }).end();
      return true;
    }
    const route = routes.find(([prefix]) => path === prefix || path.startsWith(`${prefix}/`));
    const inner = new URL(path + url.search, url);
    if (route) await route[1](request, response, inner);
    else sendProblem(response, 404, `There is no ${path} here.`);
    return true;
  };
}

/** Says in Server-Timing how long the head of the answer has taken since `start`, once it is written. */
function timeServer(response, start) {
  const { writeHead } = response;
  response.writeHead = (...args) => {
    const ms = (performance.now() - start).toFixed(1);
    response.setHeader('Server-Timing', `app;dur=${ms};desc="API"`);
    return writeHead.apply(response, args);
  };
}

function allowCors(request, response) {
  response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? '*');
  response.setHeader('Access-Control-Allow-Methods', 'GET, HEAD, POST, PUT, PATCH, DELETE');
  response.setHeader('Access-Control-Allow-Headers', `Content-Type, ${GUARD_HEADER}`);
  response.setHeader('Access-Control-Max-Age', '7200');
  response.appendHeader('Vary', 'Origin');
}

/** Who is asking. The cookie is HttpOnly and SameSite=Strict on this origin: no page can read it, the frame's requests carry it. */
function handleMe(request, response) {
  const visits =
    (Number(/(?:^|; )hadoken_visits=(\d+)/.exec(request.headers.cookie ?? '')?.[1]) || 0) + 1;
  const cookie = `hadoken_visits=${visits}; HttpOnly; SameSite=Strict; Path=/v1`;
  sendJson(
    response,
    200,
    { name: 'Ryu', visits, seen: describe(request) },
    { 'Set-Cookie': cookie },
  );
}

/** `?ms=3000`: something worth cancelling. */
async function handleSlow(request, response, url) {
  const ms = Math.min(Number(url.searchParams.get('ms')) || 3_000, MAX_DELAY);
  await sleep(ms);
  sendJson(response, 200, { waited: ms, seen: describe(request) });
}

/** Every method: what arrived, sent back. */
async function handleEcho(request, response, url) {
  const body = await readText(request);
  const { cookie: _, ...headers } = request.headers; // HttpOnly is a promise
  sendJson(response, 200, {
    method: request.method,
    url: url.pathname + url.search,
    headers,
    body,
  });
}
