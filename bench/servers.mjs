import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server } from 'socket.io';
import { pack } from '../bin/pack.mjs';
import { listen, sendText } from '../test/support/http-server.mjs';
import { answerApi } from './api.mjs';
import { startDelayProxy } from './delay-proxy.mjs';
import { addListeners } from './io.mjs';

const here = fileURLToPath(new URL('./', import.meta.url));
const root = join(here, '..');
const types = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
};

/** The round trip of the far servers, in ms. */
export const ROUND_TRIP = 50;

/** Sends a file as a site would that wants it cached: everyone's scripts and frames alike. */
async function sendFile(response, folder, name) {
  const path = normalize(join(folder, name));
  const info = path.startsWith(folder) ? await stat(path).catch(() => undefined) : undefined;
  if (!info?.isFile()) return sendText(response, 404, `Not found: ${name}`);
  response.setHeader('content-type', types[extname(name)] ?? 'application/octet-stream');
  response.setHeader('content-length', info.size);
  response.setHeader('cache-control', 'public, max-age=3600');
  createReadStream(path).pipe(response);
}

const folders = {
  hadoken: join(root, 'dist'),
  // The same with a host.js that shares.
  shared: join(root, 'dist'),
  frames: join(here, 'frames'),
  pages: join(here, 'pages'),
  modules: join(root, 'node_modules'),
};

function sendPage(response, name) {
  response.setHeader('content-type', types['.html']);
  response.setHeader('cache-control', 'no-cache');
  response.end(
    `<!doctype html><title>${name}</title><link rel="icon" href="data:,"><script type="module" src="/pages/${name}.js"></script>`,
  );
}

/** The site's own file: an ordinary one, with rules. Cached like the rest. */
const hostOf = ({ app, shop }, isShared) => `hadokenFrame.serve({
  origins: ['${app}', '${shop}'],
  fetch: [{ path: '/api/*' }],
  io: ${isShared ? '{ shared: true }' : true},
  services: { bench: { echo: (value) => value } },
});
`;

function sendHost(response, origins, isShared) {
  response.setHeader('content-type', types['.js']);
  response.setHeader('cache-control', 'public, max-age=3600');
  response.end(hostOf(origins, isShared));
}

/** The same frame as `npx hadoken pack` makes it, in a folder of its own, which is resolved with. */
async function packFrame(origins) {
  const folder = await mkdtemp(join(tmpdir(), 'hadoken-bench-'));
  const host = join(folder, 'host.js');
  await writeFile(host, hostOf(origins, false));
  await pack({ host, out: join(folder, 'packed') });
  return folder;
}

/** What both origins answer. The app's has the pages of the suites, the push origin the frames and Socket.IO. */
async function handle(request, response, url, { origins, seen, packed }) {
  const [first, ...rest] = url.pathname.slice(1).split('/');
  if (/^(hadoken|shared)$/.test(first) && rest[0] === 'host.js')
    return sendHost(response, origins, first === 'shared');
  if (first === 'packed') return sendFile(response, join(packed(), 'packed'), rest.join('/'));
  if (folders[first]) return sendFile(response, folders[first], rest.join('/'));
  if (first === 'suites') return sendPage(response, rest[0]);
  if (await answerApi(request, response, url, seen)) return;
  sendText(response, 404, `Not found: ${url.pathname}`);
}

/**
 * The servers of a run: `origins.app` (the page's), `origins.push` (the frame's), `origins.far` (the same server, a
 * round trip of {@link ROUND_TRIP} ms away). `seen.preflights` counts the OPTIONS that came in.
 */
export async function startServers() {
  const seen = { preflights: 0 };
  // Filled below: the handler reads it at request time.
  const origins = {};
  let packed;
  const handler = (request, response, url) =>
    handle(request, response, url, { origins, seen, packed: () => packed });
  const [app, push] = await Promise.all([listen(handler), listen(handler)]);
  for (const { server } of [app, push]) server.keepAliveTimeout = 120_000;
  const proxy = await startDelayProxy(push.port, ROUND_TRIP / 2);
  origins.app = `http://app.hadoken.localhost:${app.port}`;
  origins.shop = `http://shop.hadoken.localhost:${app.port}`;
  origins.push = `http://push.hadoken.localhost:${push.port}`;
  origins.far = `http://push.hadoken.localhost:${proxy.port}`;
  packed = await packFrame(origins);
  const io = new Server(push.server, {
    serveClient: false,
    cors: { origin: [origins.app, origins.shop], credentials: true },
  });
  addListeners(io);
  return {
    origins,
    seen,
    hangUp: proxy.hangUp,
    /** Sockets that have joined `room`. */
    countSockets: (room) => io.sockets.adapter.rooms.get(room)?.size ?? 0,
    async stop() {
      await io.close();
      proxy.stop();
      await rm(packed, { recursive: true });
      for (const { server } of [app, push]) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}
