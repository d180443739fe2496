/** What plain http can't show: a scheme that is wrong, and a request body that is streamed, which takes HTTP/2. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createSecureServer } from 'node:http2';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Server } from 'socket.io';
import { wantedEngines } from '../support/engines.mjs';
import { allowCors, listen, sendJson } from '../support/http-server.mjs';
import { pagesOnly, servePages } from '../support/page-server.mjs';
import { dist, fixtures, sendFile } from '../support/static-files.mjs';
import { openTab } from '../support/tab.mjs';

const origins = {};
/** What has come of the uploads, by `?id=`. */
const received = {};

/** Pages, the frame's files and an API, over HTTP/2; a WebSocket over HTTP/1.1. */
async function startServer() {
  const read = (name) => readFileSync(join(fixtures, 'tls', name));
  const server = createSecureServer({
    key: read('key.pem'),
    cert: read('cert.pem'),
    allowHTTP1: true,
  });
  server.on('request', async (request, response) => {
    const url = new URL(request.url, 'https://server');
    const [, first, ...rest] = url.pathname.split('/');
    const id = url.searchParams.get('id');
    if (first === 'pages') servePages(request, response, url, origins);
    else if (first === 'received') sendJson(response, received[id] ?? '');
    else if (first === 'upload') {
      received[id] = '';
      if (allowCors(request, response)) return;
      for await (const chunk of request) received[id] += chunk;
      const { 'sec-fetch-site': site, 'x-token': token } = request.headers;
      sendJson(response, { text: received[id], site, token });
    } else if (first === 'redirect') {
      for await (const _ of request);
      response.writeHead(307, { location: url.searchParams.get('to') }).end();
    } else if (rest[0] === 'host.js') {
      const allowed = first === 'wrong' ? origins.app.replace('https', 'http') : origins.app;
      response.setHeader('content-type', 'text/javascript');
      const hook =
        first === 'hooked' ? `onRequest: ({ headers }) => headers.set('x-token', 'secret'),` : '';
      response.end(
        `hadokenFrame.serve({ origins: ['${allowed}'], fetch: true, io: true, ${hook} });`,
      );
    } else sendFile(response, [[dist, rest.join('/')]], origins);
  });
  server.unref();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  new Server(server).on('connection', (socket) =>
    socket.on('echo', (value, answer) => answer(value)),
  );
  return server.address().port;
}

/** In the page: what becomes of a client of `frame`. */
async function connectTo(frame) {
  const { connect } = await import('/hadoken/hadoken.mjs');
  globalThis.client = connect(frame, { log: 'silent', reconnectionAttempts: 0 });
  return client.ready.then(
    () => 'connected',
    ({ code, message }) => `${code}: ${message}`,
  );
}

before(async () => {
  const port = await startServer();
  origins.app = `https://app.hadoken.localhost:${port}`;
  origins.push = `https://push.hadoken.localhost:${port}`;
  const plain = await listen(pagesOnly(origins));
  origins.plain = `http://app.hadoken.localhost:${plain.port}`;
});

for (const engine of wantedEngines())
  describe(`over https, in ${engine}`, { timeout: 90_000 }, () => {
    let tab;
    before(async () => {
      tab = await openTab(engine, { acceptInsecureCerts: true });
    });
    after(() => tab?.stop());

    it('a page gets the API and push services', async () => {
      await tab.navigate(`${origins.app}/pages/blank.html`);
      assert.equal(await tab.evaluate(connectTo, `${origins.push}/right/frame.html`), 'connected');
      const answer = await tab.evaluate(async () =>
        (
          await client.fetch('/upload?id=plain', {
            method: 'POST',
            body: 'a',
            headers: { 'x-a': '1' },
          })
        ).json(),
      );
      assert.deepEqual(answer, { text: 'a', site: 'same-origin' });
      assert.equal(await tab.evaluate(() => client.io().emitWithAck('echo', 7)), 7);
    });

    it('a stream is sent as it comes where the engine can, and else when it is whole', async () => {
      const id = `streamed-${engine}`;
      const answer = await tab.evaluate(
        async (given, isStreamed) => {
          const body = new ReadableStream({
            async start(controller) {
              controller.enqueue(new TextEncoder().encode('first '));
              const isThere = async () =>
                (await (await client.fetch(`/received?id=${given}`)).json()) === 'first ';
              // Only what is sent at once gets there before there is more.
              while (isStreamed && !(await isThere()))
                await new Promise((resolve) => setTimeout(resolve, 20));
              controller.enqueue(new TextEncoder().encode('second'));
              controller.close();
            },
          });
          const init = { method: 'POST', body, duplex: 'half' };
          return (await client.fetch(`/upload?id=${given}`, init)).json();
        },
        id,
        engine === 'chromium',
      );
      assert.deepEqual(answer, { text: 'first second', site: 'same-origin' });
    });

    it('an upload that a hook has changed is counted where fetch can, and goes nowhere else', async () => {
      assert.equal(await tab.evaluate(connectTo, `${origins.push}/hooked/frame.html`), 'connected');
      const upload = async (path) => {
        const told = [];
        const onUploadProgress = ({ loaded, total }) => told.push([loaded, total]);
        const body = 'x'.repeat(100_000);
        const init = {
          method: 'POST',
          body,
          headers: { 'content-type': 'text/x' },
          onUploadProgress,
        };
        const answer = await client.fetch(path, init).then(
          async (response) => response.json(),
          ({ message }) => message,
        );
        return { answer, last: told.at(-1) ?? null };
      };
      // The first answer shows that it is HTTP/2.
      await tab.evaluate(upload, '/upload?id=first');
      const { answer, last } = await tab.evaluate(upload, `/upload?id=counted-${engine}`);
      assert.equal(answer.text.length, 100_000);
      assert.equal(answer.token, 'secret');
      assert.deepEqual(last, engine === 'chromium' ? [100_000, 100_000] : null);

      const id = `elsewhere-${engine}`;
      const to = encodeURIComponent(`${origins.app}/upload?id=${id}`);
      const redirected = await tab.evaluate(upload, `/redirect?to=${to}`);
      assert.equal(redirected.answer, 'Failed to fetch');
      assert.equal(received[id], undefined);
    });

    it('a page of the same host by http is refused, and so is one by https where http is allowed', async () => {
      await tab.navigate(`${origins.plain}/pages/blank.html`);
      const byHttp = await tab.evaluate(connectTo, `${origins.push}/right/frame.html`);
      assert.match(
        byHttp,
        new RegExp(`^ORIGIN_REFUSED.*'${origins.plain}' is not among its origins`),
      );
      await tab.navigate(`${origins.app}/pages/blank.html?again`);
      const byHttps = await tab.evaluate(connectTo, `${origins.push}/wrong/frame.html`);
      assert.match(
        byHttps,
        new RegExp(`^ORIGIN_REFUSED.*'${origins.app}' is not among its origins`),
      );
    });
  });
