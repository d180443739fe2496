import { join } from 'node:path';
import { frameHeaders } from '../../demo/server/security-headers.mjs';
import { api } from './api.mjs';
import { allowCors, listen, sendJson, sendText, setAskedHeaders } from './http-server.mjs';
import { IoServer, isIo } from './io-server.mjs';
import { sendPacked } from './packed-host.mjs';
import { servePages } from './page-server.mjs';
import { serveSockjs } from './protocol-servers.mjs';
import { RequestLog } from './request-log.mjs';
import { dist, fillIn, fixtures, readFrom, root, sendFile } from './static-files.mjs';
import { StreamServer } from './stream-server.mjs';

const hosts = join(fixtures, 'hosts');
const headerFiles = join(fixtures, 'headers');
const SELF_ONLY = `default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'`;
const msw = {
  'mockServiceWorker.js': [join(root, 'node_modules/msw/lib'), 'mockServiceWorker.js'],
  'msw.js': [join(root, 'node_modules/msw/lib/iife'), 'index.js'],
};

/** The push origin: the frame's files, the API, Socket.IO. It allows no cross-origin page but below /cors/. */
export async function startPushServer(origins) {
  const io = new IoServer();
  const log = new RequestLog();
  const streams = new StreamServer();
  io.start();
  const { server, port } = await listen((request, response, url) => {
    if (isIo(request)) return io.handle('request', request, response);
    log.add(request, response, url);
    const [first, ...segments] = url.pathname.slice(1).split('/');
    const rest = segments.join('/');
    if (first === 'cors') {
      if (allowCors(request, response)) return;
      return callApi({ request, response, url, log, path: rest });
    }
    if (url.pathname === '/streams/sse') return streams.serveEvents(request, response, url);
    if (first === 'api')
      return callApi({ request, response, url, log, path: url.pathname.slice(1) });
    if (first === 'control') return control({ request, response, io, path: rest });
    if (first === 'hadoken') return sendHost(response, origins, 'default', rest);
    if (first === 'hosts') {
      setAskedHeaders(response, url);
      return sendHost(response, origins, segments[0], segments.slice(1).join('/'));
    }
    if (first === 'pages') return servePages(request, response, url, origins);
    if (msw[first]) return sendFile(response, [msw[first]], origins);
    sendText(response, 404, 'Not found');
  });
  server.on('upgrade', (request, ...args) => {
    if (isIo(request)) io.handle('upgrade', request, ...args);
    else if (request.url.startsWith('/streams/ws/')) {
      log.add(request, args[0], new URL(request.url, 'http://server'));
      streams.upgrade(request, ...args);
    }
    // A server that hangs: it takes the connection and never answers.
    else if (!request.url.startsWith('/hang.io/')) request.socket.destroy();
  });
  serveSockjs(server);
  return { server, port, stop: () => io.stop().then(() => server.closeAllConnections()) };
}

function callApi({ path, ...context }) {
  const [, name, ...rest] = path.split('/');
  if (!path.startsWith('api/') || !Object.hasOwn(api, name))
    return sendText(context.response, 404, 'No such API');
  return api[name]({ ...context, rest: rest.join('/') });
}

/**
 * `site` is a site's host: `test/fixtures/hosts/<name>.js` is its host.js; files of a folder of that name
 * come before those of dist, and its headers.json goes with every answer. Of `<name>+<headers>` it is
 * `test/fixtures/headers/<headers>.json` that does. `<name>@strict` is the same host with the demo's
 * headers, `<name>@self` with a policy that knows nothing but 'self', and in `<name>@shared` `{{SHARED}}` is 'yes'.
 */
async function sendHost(response, ownOrigins, site, file) {
  const [place, variant] = site.split('@');
  const origins = { ...ownOrigins, shared: variant === 'shared' ? 'yes' : 'no' };
  const [name, more] = place.split('+');
  const folder = join(hosts, name);
  const headers = await (more
    ? readFrom(headerFiles, `${more}.json`)
    : readFrom(folder, 'headers.json'));
  if (headers) response.setHeaders(new Map(Object.entries(JSON.parse(headers))));
  if (variant === 'strict')
    response.setHeaders(new Map(Object.entries(frameHeaders(origins, file))));
  if (variant === 'self') response.setHeader('content-security-policy', SELF_ONLY);
  const own = [folder, file];
  if (process.env.HADOKEN_PACKED && !(await readFrom(folder, 'frame.html'))) {
    const host = (await readFrom(folder, 'host.js')) ?? (await readFrom(hosts, `${name}.js`));
    if (host && (await sendPacked(response, file, fillIn(String(host), origins)))) return;
  }
  if (file === 'host.js') return sendFile(response, [own, [hosts, `${name}.js`]], origins);
  return sendFile(response, [own, [dist, file], ...(msw[file] ? [msw[file]] : [])], origins);
}

/** What tests do to the server itself: any page may call it. */
async function control({ request, response, io, path }) {
  if (allowCors(request, response)) return;
  if (path === 'io/stop') await io.stop();
  else if (path === 'io/start') io.start();
  else if (path === 'io/disconnect-all') io.disconnectAll();
  else if (path !== 'io/clients') return sendText(response, 404, 'No such control');
  sendJson(response, { running: io.running, clients: io.clients() });
}
