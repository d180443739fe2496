import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { sendJson, sendProblem } from './reply.mjs';
import { pageHeaders } from './security-headers.mjs';
import { sendFile } from './static-files.mjs';

const PAGES = fileURLToPath(new URL('../app', import.meta.url));
const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

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

  async function answer(request, response) {
    const url = new URL(request.url, addresses.app);
    if (await also?.(request, response, url)) return;
    if (url.pathname.startsWith('/control/push')) return control(request, response, url);
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return sendProblem(response, 405, 'Pages are for GET.');
    const path = url.pathname === '/' ? '/index.html' : url.pathname;
    const found = path.startsWith('/sdk/')
      ? await sendFile(response, { root: DIST, path: path.slice('/sdk'.length), headers })
      : await sendFile(response, {
          root: PAGES,
          path,
          headers,
          fill: path.endsWith('.html') && addresses.fill,
        });
    if (!found) sendProblem(response, 404, `There is no ${path} here.`);
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
