/** A page, and on another origin a folder with a frame, an API and Socket.IO, for tests in Node that drive a tab. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Server } from 'socket.io';
import { listen, sendJson, sendText } from './http-server.mjs';
import { dist } from './static-files.mjs';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript' };

/** An empty page, and beside it the files of dist. */
export async function startPage() {
  const { server, port } = await listen((_request, response, { pathname }) => {
    if (pathname === '/favicon.ico') return response.writeHead(204).end();
    const isPage = pathname === '/';
    response.setHeader('content-type', TYPES[isPage ? '.html' : '.js']);
    response.end(
      isPage ? '<!doctype html><title>page</title>' : readFileSync(join(dist, pathname)),
    );
  });
  return { origin: `http://app.hadoken.localhost:${port}`, stop: () => server.close() };
}

/** Sends the file of `folder` that a path names. */
export function sendFileOf(folder) {
  return (_request, response, { pathname }) => {
    const file = join(folder, pathname);
    if (!existsSync(file) || statSync(file).isDirectory()) return sendText(response, 404, 'None');
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    response.end(readFileSync(file));
  };
}

/** `send(request, response, url)` answers what is not below /api/. */
export async function startFrames(send) {
  const { server, port } = await listen((request, response, url) =>
    url.pathname.startsWith('/api/')
      ? sendJson(response, { path: url.pathname, referer: request.headers.referer })
      : send(request, response, url),
  );
  const io = new Server(server);
  io.on('connection', (socket) => socket.on('ask', (answer) => answer(io.engine.clientsCount)));
  return { origin: `http://push.hadoken.localhost:${port}`, stop: () => io.close() };
}

/**
 * What a page at `page` is told by the frame, which it has under two names: as two pages have it. `connections`: how
 * many Socket.IO has by then; `where`: what the host's service says.
 */
export async function askTwoFrames(tab, page, frame) {
  // A page of its own each time.
  await tab.navigate(`${page}/?${encodeURIComponent(frame)}`);
  return tab.evaluate(async (url) => {
    const { connect } = await import('/hadoken.mjs');
    const clients = ['?1', '?2'].map((name) => connect(`${url}${name}`));
    const [first] = clients;
    const { path } = await first.fetch('/api/me').then((response) => response.json());
    const where = await first.service('host').where();
    const sockets = clients.map((client) => client.io('/'));
    for (const socket of sockets) await socket.emitWithAck('ask');
    const connections = await sockets[1].emitWithAck('ask');
    for (const client of clients) client.close();
    return { path, where, connections };
  }, frame);
}
