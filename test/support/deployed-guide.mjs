/** The deployment of a guide: a web server with the configuration of the Markdown, the files of `npx hadoken init`, a page, and an API behind it. */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server } from 'socket.io';
import { runCommand } from './command.mjs';
import { freePort } from './free-port.mjs';
import { readCode } from './guide.mjs';
import { listen, sendJson } from './http-server.mjs';
import { fixtures, root } from './static-files.mjs';

const cert = join(fixtures, 'tls/cert.pem');
const key = join(fixtures, 'tls/key.pem');

/** An API that tells the headers of what it was last asked, by path. */
async function startApi() {
  const asked = new Map();
  const { server, port } = await listen(async (request, response, { pathname }) => {
    asked.set(pathname, request.headers);
    if (pathname === '/v1/events') {
      const headers = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
      response.writeHead(200, headers);
      return response.write('data: first\n\n');
    }
    if (pathname === '/v1/upload') {
      let size = 0;
      for await (const chunk of request) size += chunk.length;
      return sendJson(response, { size });
    }
    if (pathname === '/v1/me') return sendJson(response, { name: 'ada' });
    sendJson(response, {}, 404);
  });
  const io = new Server(server, { serveClient: false });
  io.of('/chat').on('connection', (socket) => {
    asked.set('/socket.io/', socket.conn.transport.name);
    socket.conn.on('upgrade', ({ name }) => asked.set('/socket.io/', name));
    socket.emit('message', 'welcome');
  });
  return { server, port, asked };
}

/**
 * Starts what the guides in `paths` say; of two files of one name the later guide's counts.
 *
 * - `start({ config, folder, port, cert, key })` starts the web server with the guide's configuration files, by name, and resolves with what ends it.
 * - `change(text, name)`: what becomes of a file of the guide's before it is used. The names and paths of this run are put in afterwards.
 */
export async function deployGuide(paths, start, change = (text) => text) {
  const folder = mkdtempSync(join(tmpdir(), 'hadoken-deployed-'));
  const [api, port] = [await startApi(), await freePort()];
  const app = `https://app.hadoken.localhost:${port}`;
  const push = `https://push.hadoken.localhost:${port}`;
  const toRun = (text) =>
    text
      .replaceAll('https://app.example.com', app)
      .replaceAll('https://push.example.com', push)
      .replaceAll(/\/etc\/ssl\/\w+\.example\.com\.pem/g, cert)
      .replaceAll(/\/etc\/ssl\/\w+\.example\.com\.key/g, key)
      .replaceAll('.example.com', '.hadoken.localhost')
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${api.port}`)
      .replaceAll('/var/www', folder);
  const files = new Map();
  for (const [name, text] of paths.flatMap((path) => [...readCode(path)]))
    files.set(name, toRun(change(text, name)));

  const { status, stderr } = runCommand('init', join(folder, 'hadoken'), '--origin', app);
  if (status !== 0) throw new Error(stderr);
  mkdirSync(join(folder, 'app'));
  writeFileSync(join(folder, 'hadoken/host.js'), files.get('host.js'));
  for (const name of ['index.html', 'page.js'])
    writeFileSync(join(folder, 'app', name), files.get(name));

  const isPage = (name) => /^(host|page)\.js$|\.html$/.test(name);
  const config = new Map([...files].filter(([name]) => !isPage(name)));
  const stop = await start({ config, folder, port, cert, key });
  return {
    app,
    push,
    asked: api.asked,
    async stop() {
      await stop();
      api.server.close();
      api.server.closeAllConnections();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `npx hadoken check` of it: `{ status, findings }`. Asynchronous, because the API is in this process. */
export function checkDeployment({ app, push }) {
  const command = join(root, 'bin/hadoken.mjs');
  const args = [command, 'check', `${push}/hadoken/frame.html`, '--origin', app, '--json'];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: cert };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) =>
    child.on('close', (status) => resolve({ status, ...JSON.parse(text) })),
  );
}
