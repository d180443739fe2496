/**
 * A deployment as SECURITY.md describes it, on a server of its own, for tests to break: the frame's files on push, a page on app,
 * and a Socket.IO server.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { Server } from 'socket.io';
import { PARTS } from '../../bin/parts.mjs';
import { frameHeaders, pageHeaders } from '../../demo/server/security-headers.mjs';
import { dist } from './static-files.mjs';

const FILES = [...['frame.html', 'frame.js', ...PARTS], ...['hadoken.js', 'hadoken.drop-in.js']];
const texts = new Map();
for (const name of FILES) texts.set(name, await readFile(join(dist, name), 'utf8'));

const hostOf = (app) => `hadokenFrame.serve({
  origins: ['${app}'],
  fetch: [{ path: '/v1/*', methods: ['GET', 'POST'] }],
  io: { namespaces: { '/': true, '/chat': true } },
});
`;

const typeOf = (name) =>
  name.endsWith('.html') ? 'text/html; charset=utf-8' : 'text/javascript; charset=utf-8';

/** What each path answers: `{ status, headers, text }`, which a test changes. */
function goodAnswers({ app, shop, push }) {
  const answers = new Map();
  for (const [name, text] of [...texts, ['host.js', hostOf(app)]]) {
    const headers = {
      'Content-Type': typeOf(name),
      'Cache-Control': 'no-cache',
      ...frameHeaders({ app, shop, push }, name),
    };
    answers.set(name, { status: 200, headers, text });
  }
  const text = '<!doctype html><title>app</title><script src="/app.js"></script>';
  answers.set('page', {
    status: 200,
    headers: { 'Content-Type': 'text/html', ...pageHeaders({ push }) },
    text,
  });
  return answers;
}

const zipped = new Map();
/** Each text is compressed once. */
function zip(text) {
  if (!zipped.has(text)) zipped.set(text, gzipSync(text, { level: 1 }));
  return zipped.get(text);
}

function send(request, response, { status, headers, text, isPlain = false, isSilent = false }) {
  if (isSilent) return;
  const isZipped =
    !isPlain &&
    !headers['Content-Encoding'] &&
    /gzip/.test(request.headers['accept-encoding'] ?? '');
  response.writeHead(status, { ...headers, ...(isZipped && { 'Content-Encoding': 'gzip' }) });
  response.end(isZipped ? zip(text) : text);
}

/**
 * Starts it. `change` gets `{ file(name), origins, io }` before anybody asks: `file` gives the answer of a file, or makes one.
 *
 * @returns {Promise<{ frame: string, origin: string, close(): void }>}
 */
export async function deploy(change = () => {}) {
  let answers = new Map();
  const server = createServer((request, response) => {
    const { hostname } = new URL(`http://${request.headers.host}`);
    const { pathname } = new URL(request.url, 'http://server');
    const name = hostname.startsWith('app.') ? 'page' : pathname.replace(/^\/hadoken\//, '');
    const missing = { status: 404, headers: { 'Content-Type': 'text/plain' }, text: 'Not found' };
    send(request, response, answers.get(name) ?? missing);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  const [app, shop, push] = ['app', 'shop', 'push'].map(
    (name) => `http://${name}.hadoken.localhost:${port}`,
  );
  answers = goodAnswers({ app, shop, push });
  const deployment = {
    origins: { app, push, port },
    /** Options of the Socket.IO server; undefined: there is none. */
    io: {},
    /** What to ask beside frame and origin. */
    question: {},
    /** Called with the server once Socket.IO is on it. */
    onReady: (_server) => {},
    file(name) {
      if (!answers.has(name))
        answers.set(name, { status: 200, headers: { 'Content-Type': typeOf(name) }, text: '' });
      return answers.get(name);
    },
    remove: (...names) => {
      for (const name of names) answers.delete(name);
    },
    names: () => [...answers.keys()].filter((name) => name !== 'page'),
  };
  await change(deployment);
  const io = deployment.io && new Server(server, { serveClient: false, ...deployment.io });
  deployment.onReady(server);
  const frame = `${push}/hadoken/frame.html`;
  return {
    question: { frame, origin: app, timeout: 5_000, ...deployment.question },
    close() {
      io?.close();
      server.close();
      server.closeAllConnections();
    },
  };
}
