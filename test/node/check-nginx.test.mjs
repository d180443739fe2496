/** `npx hadoken check` of Debian's nginx, with the configuration of docs/check.md and files of `npx hadoken init`. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from 'socket.io';
import { findProgram } from '../support/engines.mjs';
import { freePort } from '../support/free-port.mjs';
import { listen } from '../support/http-server.mjs';
import { fixtures, root } from '../support/static-files.mjs';

const folder = mkdtempSync(join(tmpdir(), 'hadoken-nginx-'));
const cert = join(fixtures, 'tls/cert.pem');
const command = join(root, 'bin/hadoken.mjs');
let port;
let program;
let api;

/** The configuration in the docs, with the names and ports of this run. */
function documentedServer(change) {
  const docs = readFileSync(join(root, 'docs/check.md'), 'utf8');
  const text = /```nginx\n([\s\S]*?)```/.exec(docs)[1];
  return change(text)
    .replaceAll('https://app.example.com', 'https://app.hadoken.localhost')
    .replaceAll('/etc/ssl/push.example.com.pem', cert)
    .replaceAll('/etc/ssl/push.example.com.key', join(fixtures, 'tls/key.pem'))
    .replaceAll('push.example.com', 'push.hadoken.localhost')
    .replaceAll('listen 443', `listen 127.0.0.1:${port}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${api.port}`)
    .replaceAll('/var/www', folder);
}

async function waitForPort() {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await sleep(50);
  }
  throw new Error('nginx does not listen');
}

/** Starts nginx with the documented configuration, or with one that differs from it. */
async function startNginx(change = (text) => text) {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  const config = `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
worker_processes 1;
pid ${join(folder, 'pid')};
error_log stderr;
events {}
http {
  include /etc/nginx/mime.types;
  access_log off;
  ${temporary.join('\n  ')}
  ${documentedServer(change)}
}`;
  writeFileSync(join(folder, 'nginx.conf'), config);
  const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
  program = spawn(findProgram('nginx'), args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await waitForPort();
}

async function stopNginx() {
  if (!program || program.exitCode !== null) return;
  const ended = new Promise((resolve) => program.once('exit', resolve));
  program.kill('SIGTERM');
  await ended;
}

/** Asynchronous, for the API behind nginx is in this process. */
function check() {
  const frame = `https://push.hadoken.localhost:${port}/hadoken/frame.html`;
  const args = [command, 'check', frame, '--origin', 'https://app.hadoken.localhost', '--json'];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, NODE_EXTRA_CA_CERTS: cert },
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  return new Promise((resolve) =>
    child.on('close', (status) => resolve({ status, ...JSON.parse(text) })),
  );
}

const faults = (findings) =>
  findings.filter(({ severity }) => severity !== 'note').map(({ code }) => code);

describe('npx hadoken check of nginx', () => {
  before(async () => {
    api = await listen((_request, response) => response.writeHead(404).end());
    new Server(api.server, { serveClient: false });
    port = await freePort();
    mkdirSync(folder, { recursive: true });
    const origin = 'https://app.hadoken.localhost';
    const init = [command, 'init', join(folder, 'hadoken'), '--origin', origin];
    assert.equal(spawnSync(process.execPath, init).status, 0);
    const host = join(folder, 'hadoken/host.js');
    const text = readFileSync(host, 'utf8').replace('// io:', 'io:');
    writeFileSync(host, text);
  });
  after(async () => {
    await stopNginx();
    api.server.close();
    api.server.closeAllConnections();
    rmSync(folder, { recursive: true, force: true });
  });

  it('finds no fault with what docs/check.md says', async () => {
    await startNginx();
    const { status, findings } = await check();
    await stopNginx();
    assert.deepEqual(faults(findings), []);
    assert.equal(status, 0);
    // There is no page on the app's origin here.
    assert.deepEqual(findings.map(({ code }) => code).sort(), ['host-allows', 'page-unknown']);
    assert.match(JSON.stringify(findings), /io \/, \/chat of/);
  });

  it('finds what Debian’s nginx lacks by itself, and a header of the server block', async () => {
    await startNginx((text) =>
      text
        .replace(/ {4}(gzip|add_header|#).*\n/g, '')
        .replace(/ {4}(proxy_http_version|proxy_set_header (Upgrade|Connection)).*\n/g, '')
        .replace('server_name', 'add_header X-Frame-Options SAMEORIGIN;\n  server_name'),
    );
    const { status, findings } = await check();
    await stopNginx();
    assert.deepEqual(faults(findings).sort(), [
      'cache-rules',
      'cache-rules',
      'host-corp',
      'io-websocket',
      'not-compressed',
      'x-frame-options',
    ]);
    assert.equal(status, 1);
  });
});
