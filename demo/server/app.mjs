import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sendJson, sendProblem } from './reply.mjs';
import { pageHeaders } from './security-headers.mjs';
import { sendFile } from './static-files.mjs';

const PAGES = fileURLToPath(new URL('../app', import.meta.url));
const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const { resolve } = createRequire(import.meta.url);
/** What the page of 2009 loads, as it was published. */
const OLD = {
  '/old/jquery.js': resolve('jquery-1/dist/jquery.min.js'),
  // The client that came with the server of that time.
  '/old/socket.io.js': resolve('socket.io-client/dist/socket.io.js', {
    paths: [dirname(resolve('socket.io-v2/package.json'))],
  }),
};

/** Whether a request is of a page of this server, or of no page at all. */
export function isOwn(request) {
  const site = request.headers['sec-fetch-site'] ?? 'none';
  return site === 'same-origin' || site === 'none';
}

/**
 * The app's server: the pages, the SDK's files for those who import it (`/sdk/`, as a bundler or a CDN would give
 * them), and the switch of the push service. `also` answers first: the push service in one-origin mode.
 *
 * @param {import('./addresses.mjs').Addresses} addresses
 * @param {{ push: { running: boolean, start(): unknown, stop(): unknown }, also?: Function }} parts
 */
export function createAppServer(addresses, { push, also }) {
  const headers = pageHeaders(addresses);

  /** The file that a path is. */
  function find(path) {
    if (path.startsWith('/sdk/')) return { root: DIST, path: path.slice('/sdk'.length) };
    if (Object.hasOwn(OLD, path))
      return { root: dirname(OLD[path]), path: `/${basename(OLD[path])}` };
    return { root: PAGES, path, fill: path.endsWith('.html') && addresses.fill };
  }

  async function answer(request, response) {
    const url = new URL(request.url, addresses.app);
    if (await also?.(request, response, url)) return;
    if (url.pathname.startsWith('/control/push')) return control(request, response, url);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return sendProblem(response, 405, 'Pages are for GET.');
    const path = url.pathname === '/' ? '/index.html' : url.pathname;
    if (!(await sendFile(response, { ...find(path), headers })))
      sendProblem(response, 404, `There is no ${path} here.`);
  }

  /** `GET /control/push` tells, `POST /control/push/stop` and `/start` do. For this app's own pages only. */
  async function control(request, response, url) {
    if (!isOwn(request)) return sendProblem(response, 403, 'Only for the demo’s own page.');
    const order = { '/control/push/stop': 'stop', '/control/push/start': 'start' }[url.pathname];
    if (order && request.method !== 'POST')
      return sendProblem(response, 405, `${url.pathname} is for POST.`);
    if (order) await push[order]();
    sendJson(response, 200, {
      running: push.running,
      oneOrigin: addresses.oneOrigin,
      cluster: push.cluster === true,
    });
  }

  return createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (request.destroyed || response.headersSent) return response.destroy(); // cancelled by the sender
      sendProblem(response, error instanceof RangeError ? 413 : 500, error.message);
    });
  });
}
