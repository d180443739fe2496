/** docs/guides/angular.md and angular-backend.md, compiled in the browser: zoneless and with zone.js, with the drop-in and with the backend. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Server } from 'socket.io';
import { openGuide, readCode } from '../support/guide.mjs';
import { sendJson, sendText } from '../support/http-server.mjs';
import { until } from '../support/tab.mjs';
import { createUserProject } from '../support/user-project.mjs';

const GUIDE = 'docs/guides/angular.md';
const BACKEND = 'docs/guides/angular-backend.md';
const SIZE = 300_000;
/** As Angular's own has it. */
const TSCONFIG = JSON.stringify({
  compilerOptions: {
    target: 'ES2022',
    lib: ['ES2023', 'DOM', 'DOM.Iterable'],
    module: 'ESNext',
    moduleResolution: 'bundler',
    experimentalDecorators: true,
    strict: true,
    noImplicitOverride: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  },
});
const ZONES = /^ *provideZoneChangeDetection\(.*\),\n/m;

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Orders and files. `seen` has what arrived, by method and URL. */
function createApi() {
  const orders = [
    { id: 1, sku: 'ryu' },
    { id: 2, sku: 'ken' },
  ];
  const seen = new Map();
  const waiting = { count: 0, left: 0 };
  async function api(request, response, { pathname }) {
    const { method, url, headers } = request;
    const body = await readBody(request);
    seen.set(`${method} ${url}`, headers);
    if (pathname === '/v1/late') {
      waiting.count++;
      response.on('close', () => {
        waiting.left++;
      });
      return;
    }
    if (pathname === '/v1/text') return sendText(response, 200, 'no JSON');
    if (pathname === '/v1/orders/1') return response.writeHead(204).end();
    if (pathname === '/v1/orders' && method === 'GET') return sendJson(response, orders);
    if (pathname === '/v1/orders') {
      orders.push({ id: orders.length + 1, ...JSON.parse(body) });
      return sendJson(response, orders.at(-1), 201);
    }
    if (pathname !== '/v1/files') return sendText(response, 404, 'none');
    const type = headers['content-type'];
    const form = await new Response(body, { headers: { 'content-type': type } }).formData();
    sendJson(response, { size: form.get('file').size });
  }
  return { api, seen, waiting };
}

test('its TypeScript compiles', () => {
  const project = createUserProject(undefined, [
    ...readCode(GUIDE),
    ...[...readCode(GUIDE), ...readCode(BACKEND)].map(([name, text]) => [`backend/${name}`, text]),
    ['tsconfig.json', TSCONFIG],
  ]);
  const tsc = join(project.folder, 'node_modules/typescript/bin/tsc');
  const { stdout } = spawnSync(process.execPath, [tsc, '-p', '.'], {
    cwd: project.folder,
    encoding: 'utf8',
  });
  project.remove();
  assert.equal(stdout, '');
});

for (const guide of [GUIDE, BACKEND])
  for (const zones of [false, true])
    describe(`${guide}, ${zones ? 'with zone.js' : 'zoneless'}`, { timeout: 120_000 }, () => {
      const { api, seen, waiting } = createApi();
      let page;
      let io;
      before(async () => {
        const files = readCode(guide);
        const config = files.get('app.config.ts');
        assert.match(config, ZONES);
        page = await openGuide(GUIDE, {
          api,
          onServer(server) {
            io = new Server(server);
            io.of('/chat').on('connection', (socket) =>
              socket.on('say', (text) => io.of('/chat').emit('message', text)),
            );
          },
          entry: 'probe.ts',
          more: {
            ...Object.fromEntries(files),
            'tsconfig.json': TSCONFIG,
            'app.config.ts': zones ? config : config.replace(ZONES, ''),
            // The command line's builds compile before; its polyfills have zone.js.
            'probe.ts': `${zones ? "import 'zone.js';" : ''}
              import '@angular/compiler';
              export { HttpClient } from '@angular/common/http';
              export { ApplicationRef, NgZone } from '@angular/core';
              export { HadokenService } from './hadoken.service.ts';
              document.body.append(document.createElement('app-root'));
              const [{ bootstrapApplication }, { App }, { appConfig }] = await Promise.all([
                import('@angular/platform-browser'),
                import('./app.ts'),
                import('./app.config.ts'),
              ]);
              await bootstrapApplication(App, appConfig);`,
          },
        });
      });
      after(async () => {
        await page.stop();
        io.close();
      });
      const textOf = (selector) =>
        page.evaluate((query) => document.querySelector(query)?.textContent.trim(), selector);
      const hasText = (selector, text) =>
        until(async () => (await textOf(selector)) === text, `${selector}: ${text}`);
      const click = (selector) =>
        page.evaluate((query) => document.querySelector(query).click(), selector);

      test('shows the state, and gets the orders through the frame', async () => {
        await hasText('#state', 'connected 2026.11');
        await hasText('ul', 'ryuken');
        const { 'hadoken-origin': origin, accept } = seen.get('GET /v1/orders?sort=id');
        assert.equal(origin, page.app);
        assert.match(accept, /^application\/json/);
      });

      test('posts JSON', async () => {
        await click('#add');
        await hasText('ul', 'ryukenguile');
        assert.match(seen.get('POST /v1/orders')['content-type'], /^application\/json/);
      });

      test('uploads a file, with progress', async () => {
        await page.evaluate((size) => {
          const transfer = new DataTransfer();
          transfer.items.add(new File([new Uint8Array(size)], 'a.bin'));
          const input = document.querySelector('input');
          input.files = transfer.files;
          input.dispatchEvent(new Event('change'));
        }, SIZE);
        await hasText('#message', `${SIZE} bytes`);
        assert.equal(await page.evaluate(() => document.querySelector('progress').value), 1);
      });

      test('hears of messages', async () => {
        await click('#say');
        await hasText('ol', 'hello');
        io.of('/chat').emit('message', ' again');
        await hasText('ol', 'hello again');
      });

      /** Sends a request with Angular's own client, and gives what its listener hears, and whether that is in Angular's zone. */
      const request = (method, url, options) =>
        page.evaluate(
          (...args) => {
            const { HttpClient, NgZone } = window.page;
            const injector = ng.getInjector(document.querySelector('app-root'));
            const report = (end, { status, body, error, message }) => ({
              end,
              status,
              body,
              size: body?.byteLength ?? body?.size,
              code: error?.code,
              error: typeof error === 'string' ? error : undefined,
              message,
              isInZone: NgZone.isInAngularZone(),
            });
            return new Promise((resolve) =>
              injector.get(NgZone).run(() =>
                injector
                  .get(HttpClient)
                  .request(args[0], args[1], { observe: 'response', ...args[2] })
                  .subscribe({
                    next: (answer) => resolve(report('next', answer)),
                    error: (error) => resolve(report('error', error)),
                  }),
              ),
            );
          },
          method,
          url,
          options,
        );

      test('has HttpClient’s listeners hear what they would of the platform', async () => {
        const { body, isInZone } = await request('GET', '/v1/orders');
        assert.deepEqual([body.length, isInZone], [3, zones]);
        const empty = await request('GET', '/v1/orders/1');
        assert.deepEqual([empty.status, empty.body], [204, null]);
        const bytes = await request('GET', '/v1/text', { responseType: 'arraybuffer' });
        assert.equal(bytes.size, 8);
        const blob = await request('GET', '/v1/text', { responseType: 'blob' });
        assert.equal(blob.size, 8);
        const text = await request('GET', '/v1/text', { responseType: 'text' });
        assert.equal(text.body, 'no JSON\n');
        const noJson = await request('GET', '/v1/text');
        assert.deepEqual([noJson.end, noJson.status, noJson.isInZone], ['error', 200, zones]);
        const none = await request('GET', '/v1/none');
        assert.deepEqual([none.end, none.status, none.error], ['error', 404, 'none\n']);
        assert.equal(none.message, `Http failure response for ${page.push}/v1/none: 404 Not Found`);
        const refused = await request('DELETE', '/v1/orders');
        assert.deepEqual([refused.end, refused.status], ['error', 0]);
        if (guide === BACKEND) assert.equal(refused.code, 'POLICY_REFUSED');
      });

      test('goes through Angular’s interceptors, such as the one for XSRF', async () => {
        await page.evaluate(() => {
          // biome-ignore lint/suspicious/noDocumentCookie: as a server's Set-Cookie would
          document.cookie = 'XSRF-TOKEN=abc';
        });
        await request('POST', '/v1/orders', { body: { sku: 'dhalsim' } });
        assert.equal(seen.get('POST /v1/orders')['x-xsrf-token'], 'abc');
      });

      test('leaves other requests to the platform', async () => {
        const { body } = await request('GET', '/texts', { responseType: 'text' });
        assert.match(body, /^<!doctype html>/);
      });

      test('a subscription that ends ends the request', async () => {
        await page.evaluate(() => {
          const injector = ng.getInjector(document.querySelector('app-root'));
          window.late = injector.get(window.page.HttpClient).get('/v1/late').subscribe();
        });
        await until(async () => waiting.count === 1, 'the request');
        await page.evaluate(() => window.late.unsubscribe());
        await until(async () => waiting.left === 1, 'its end');
      });

      test('the application is stable while it is connected', async () => {
        const isPending = await page.evaluate(async () => {
          const injector = ng.getInjector(document.querySelector('app-root'));
          const { hasPendingMacrotasks } = injector.get(window.page.NgZone);
          await injector.get(window.page.ApplicationRef).whenStable();
          return hasPendingMacrotasks;
        });
        assert.equal(isPending, false);
      });

      test('the end of the application closes the handle and its socket', async () => {
        const state = await page.evaluate(() => {
          const injector = ng.getInjector(document.querySelector('app-root'));
          const { handle } = injector.get(window.page.HadokenService);
          injector.get(window.page.ApplicationRef).destroy();
          return handle.state;
        });
        assert.equal(state, 'closed');
        await until(async () => io.engine.clientsCount === 0, 'no connection');
      });
    });
