/** The demo, as `npm start` and `npm run start:dev` start it: its headers, and its pages under them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startChild } from '../support/child.mjs';
import { launchChromium } from '../support/chromium-launcher.mjs';
import { wantedEngines } from '../support/engines.mjs';
import { freePort } from '../support/free-port.mjs';
import { resolveLocalhostNames } from '../support/local-names.mjs';
import { root } from '../support/static-files.mjs';
import { openTab, until } from '../support/tab.mjs';

resolveLocalhostNames();

/** Starts the demo on free ports: `{ app, push, stop }`. */
async function startDemo(...args) {
  const [PORT, PUSH_PORT] = [await freePort(), await freePort()];
  const env = { PORT, PUSH_PORT, HOST: '127.0.0.1' };
  const file = join(root, 'demo/start.mjs');
  const { stop } = await startChild(process.execPath, [file, ...args], { until: /Ctrl\+C/, env });
  const app = `http://app.hadoken.localhost:${PORT}`;
  return { app, push: args.length ? app : `http://push.hadoken.localhost:${PUSH_PORT}`, stop };
}

const paths = ['/', '/script.html', '/module.html', '/legacy.html'];

/** In a page: what one with a request, a refusal, a socket and a lost frame writes at the level debug. */
async function writeDebugLines() {
  const lines = [];
  const own = ['debug', 'info', 'warn', 'error'].map((level) => [level, console[level]]);
  for (const [level] of own)
    console[level] = (mark, text) =>
      mark === '[hadoken]' && lines.push(`${level.padEnd(5)} ${text}`);
  const { connect } = await import('/sdk/hadoken.mjs');
  const { content } = document.querySelector('meta[name="hadoken-frame"]');
  const hadoken = connect(`${content}?debug`, { log: 'debug', reconnectionDelay: 50 });
  const wrote = async (pattern) => {
    while (!lines.some((line) => pattern.test(line))) await new Promise((r) => setTimeout(r, 10));
  };
  await (await hadoken.fetch('/v1/me?token=secret')).text();
  await hadoken.fetch('/internal/keys').catch(() => {});
  await hadoken
    .service('none')
    .call()
    .catch(() => {});
  const socket = hadoken.io('/chat', { reconnectionDelay: 5000 });
  await wrote(/io .chat: open/);
  [...document.querySelectorAll('noscript.hadoken')].at(-1).remove();
  await wrote(/io .chat: closed/);
  while (lines.filter((line) => /io .chat: open/.test(line)).length < 2)
    await new Promise((r) => setTimeout(r, 10));
  socket.disconnect();
  for (const [level, write] of own) console[level] = write;
  hadoken.close();
  return lines;
}

/** A line but for what differs from run to run: numbers, and where the demo is. */
const toForm = (line) =>
  line
    .replace(/https?:\/\/push[^/ ]*/g, 'FRAME')
    .replace(/\d+/g, '0')
    .trimEnd();

/** A policy as `{ directive: [source, …] }`. */
const parsePolicy = (text) =>
  Object.fromEntries(
    text.split(';').map((part) => {
      const [name, ...sources] = part.trim().split(/\s+/);
      return [name, sources];
    }),
  );

describe('the headers of the demo', { timeout: 60_000 }, () => {
  let demo;
  before(async () => {
    demo = await startDemo();
  });
  after(() => demo?.stop());

  const headersOf = async (url, init) => {
    const response = await fetch(url, init);
    await response.arrayBuffer();
    return { status: response.status, ...Object.fromEntries(response.headers) };
  };
  const frameFile = (name) => headersOf(`${demo.push}/hadoken/${name}`);

  it('let no text be code, anywhere, and say what a file is', async () => {
    const urls = [...paths, '/sdk/hadoken.mjs', '/old/jquery.js', '/none'].map(
      (path) => demo.app + path,
    );
    const files = [
      'frame.html',
      'frame.js',
      'frame.io.js',
      'frame.msgpack.js',
      'frame.hub.js',
      'frame.vault.js',
      'host.js',
      'hadoken.js',
      'hadoken.drop-in.js',
      'LICENSES.txt',
      'none',
    ];
    urls.push(
      ...files.map((name) => `${demo.push}/hadoken/${name}`),
      `${demo.push}/v1/me`,
      `${demo.push}/none`,
    );
    for (const url of urls) {
      const headers = await headersOf(url);
      assert.equal(headers.status, url.endsWith('none') ? 404 : 200, url);
      assert.equal(headers['x-content-type-options'], 'nosniff', url);
      assert.doesNotMatch(headers['content-security-policy'] ?? '', /unsafe|\*|data:|blob:/, url);
    }
  });

  it('let a page have three files of the push server and nothing more of it as code or frame', async () => {
    for (const path of paths) {
      const policy = parsePolicy((await headersOf(demo.app + path))['content-security-policy']);
      assert.deepEqual(policy['default-src'], ["'none'"]);
      const scripts = ['hadoken.js', 'hadoken.drop-in.js'];
      assert.deepEqual(policy['script-src'], [
        "'self'",
        ...scripts.map((name) => `${demo.push}/hadoken/${name}`),
      ]);
      assert.deepEqual(policy['frame-src'], [`${demo.push}/hadoken/frame.html`]);
      assert.deepEqual([policy['base-uri'], policy['frame-ancestors']], [["'none'"], ["'none'"]]);
    }
  });

  it('keep the frame and its worker to their own origin, and the frame to the app', async () => {
    const sockets = demo.push.replace('http', 'ws');
    for (const name of ['frame.html', 'frame.js']) {
      const policy = parsePolicy((await frameFile(name))['content-security-policy']);
      assert.deepEqual(policy['default-src'], ["'none'"], name);
      assert.deepEqual(policy['script-src'], ["'self'"], name);
      assert.deepEqual(policy['connect-src'], ["'self'", sockets], name);
      assert.deepEqual(policy['worker-src'], name === 'frame.html' ? ["'self'"] : undefined, name);
      assert.deepEqual(
        policy['frame-ancestors'],
        name === 'frame.html' ? [demo.app, demo.app.replace('app.', 'shop.')] : undefined,
        name,
      );
    }
  });

  it('let pages of the site load what is for pages, and nobody but the frame the rest', async () => {
    for (const name of ['frame.html', 'hadoken.js', 'hadoken.drop-in.js'])
      assert.equal((await frameFile(name))['cross-origin-resource-policy'], 'same-site', name);
    for (const name of [
      'host.js',
      'frame.js',
      'frame.io.js',
      'frame.msgpack.js',
      'frame.hub.js',
      'frame.vault.js',
      'frame.urlpattern.js',
      'frame.js.map',
    ])
      assert.equal((await frameFile(name))['cross-origin-resource-policy'], 'same-origin', name);
    for (const name of ['frame.html', 'frame.js'])
      assert.equal((await frameFile(name))['cross-origin-embedder-policy'], 'require-corp', name);
  });

  it('keep what the site allows in no cache, and one page’s answers from the others', async () => {
    for (const name of ['frame.html', 'host.js'])
      assert.equal((await frameFile(name))['cache-control'], 'no-cache', name);
    const order = { method: 'POST', body: '{"item":"Belt"}' };
    order.headers = { 'content-type': 'application/json', 'x-hadoken-demo': '1' };
    for (const [path, init] of [
      ['/v1/me'],
      ['/v1/none'],
      ['/v1/moved', { redirect: 'manual' }],
      ['/v1/orders', order],
      ['/v1/echo', { method: 'OPTIONS' }],
      ['/cors/v1/me'],
    ]) {
      const headers = await headersOf(demo.push + path, init);
      assert.match(headers.vary, /Hadoken-Origin/, path);
      assert.equal(headers['cache-control'], 'no-store', path);
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin', path);
    }
  });
});

/** In a page of the demo: its API and push services are there. */
const isMainAtWork = () =>
  document.querySelector('#connection [data-state]').textContent === 'connected' &&
  Number(document.querySelector('#ticker [data-count]').textContent) > 0;
const isSimpleAtWork = () =>
  /^connected/.test(document.querySelector('#state').textContent) &&
  /\d/.test(document.querySelector('#clock').textContent) &&
  /visit/.test(document.querySelector('#me').textContent);
const pages = { '/': isMainAtWork, '/script.html': isSimpleAtWork, '/module.html': isSimpleAtWork };

for (const engine of wantedEngines())
  describe(`the demo, in ${engine}`, { timeout: 120_000 }, () => {
    let demo;
    let tab;
    before(async () => {
      demo = await startDemo();
      tab = await openTab(engine);
    });
    after(async () => {
      await tab?.stop();
      await demo?.stop();
    });

    for (const [path, isAtWork] of Object.entries(pages))
      it(`has its API and push services on ${path}`, async () => {
        await tab.navigate(demo.app + path);
        await until(() => tab.evaluate(isAtWork), `${path} is at work`);
      });

    it('uploads with progress, and shows nothing of a cluster where there is none', async () => {
      await tab.navigate(`${demo.app}/?upload`);
      await until(() => tab.evaluate(isMainAtWork), 'the page is at work');
      const height = await tab.evaluate(() => document.querySelector('#cluster').offsetHeight);
      assert.equal(height, 0);
      await tab.evaluate(() => {
        document.querySelector('#upload [data-size]').value = '2';
        document.querySelector('#upload [data-send]').click();
      });
      const result = () =>
        tab.evaluate(() => document.querySelector('#upload [data-result]').textContent);
      await until(async () => /SHA-256 agrees/.test(await result()), 'the upload is done');
    });

    it('shows the last requests, with what the server says of itself', async () => {
      await tab.navigate(`${demo.app}/?requests`);
      await until(() => tab.evaluate(isMainAtWork), 'the page is at work');
      await tab.evaluate(() => hadoken.fetch('/internal/keys').catch(() => {}));
      await tab.evaluate(async () => (await hadoken.fetch('/v1/me?token=1')).text());
      const rows = () =>
        tab.evaluate(() =>
          [...document.querySelectorAll('#requests tbody tr')].map((row) =>
            [...row.cells].slice(1).map(({ textContent }) => textContent),
          ),
        );
      await until(async () => (await rows()).some(([, path]) => path === '/v1/me'), 'a row');
      const all = await rows();
      const [, , status, page, , server] = all.find(([, path]) => path === '/v1/me');
      assert.equal(status, '200');
      assert.match(page, / m?s$/);
      assert.match(server, /^API [\d.]+ ms$/);
      assert.equal(all.find(([, path]) => path === '/internal/keys')[2], 'POLICY_REFUSED');
    });

    it('says at the level debug what docs/troubleshooting.md shows', async () => {
      await tab.navigate(`${demo.app}/?debug`);
      await until(() => tab.evaluate(isMainAtWork), 'the page is at work');
      const lines = await tab.evaluate(writeDebugLines);
      const page = readFileSync(join(root, 'docs/troubleshooting.md'), 'utf8');
      const [, shown] = /^## What `debug` says$[\s\S]*?^```\n([\s\S]*?)^```$/m.exec(page);
      assert.deepEqual(lines.map(toForm), shown.trim().split('\n').map(toForm), lines.join('\n'));
    });

    it('gives a page of 2009 the API and push by a switch, and takes them away again', async () => {
      await tab.navigate(`${demo.app}/legacy.html`);
      const text = (id) => tab.evaluate((name) => document.getElementById(name).innerText, id);
      const says = (id, pattern) =>
        until(async () => pattern.test(await text(id)), `${id} says ${pattern}`);
      const press = (selector) =>
        tab.evaluate((button) => document.querySelector(button).click(), selector);
      const order = '#order [type=submit]';
      assert.equal(await tab.evaluate(() => document.compatMode), 'BackCompat');
      await says('options', /^0$/);

      await press(order);
      await says('ordered', /blocked by the browser/);
      await says('options', /^[1-9]/);
      const options = await text('options');

      await press('#take');
      await says('mode', /is on/);
      await says('clock', /^\d\d:\d\d:\d\d$/);
      await says('orders', /Blue headband/);
      await press(order);
      await says('ordered', /no\. \d+/);
      await press('#member');
      await says('me', /Ryu, visit/);
      await press('#photo [type=submit]');
      await says('sent', /Got 2000000 bytes/);
      assert.equal(await tab.evaluate(() => Number(document.getElementById('done').width)), 240);
      assert.equal(await text('options'), options);

      await press('#take');
      await says('mode', /is off/);
      await press(order);
      await says('ordered', /blocked by the browser/);
      await says('clock', /closed/);
    });
  });

for (const mode of [[], ['--one-origin']])
  describe(`the demo ${mode.join() || 'on two origins'}`, { timeout: 60_000 }, () => {
    let demo;
    let browser;
    before(async () => {
      demo = await startDemo(...mode);
      browser = await launchChromium();
    });
    after(async () => {
      await browser?.close();
      await demo?.stop();
    });
    const skip = !wantedEngines().includes('chromium');

    it('breaks none of its own policies: the console has no word of them', { skip }, async () => {
      const lines = [];
      for (const [path, isAtWork] of Object.entries(pages)) {
        const page = await browser.newPage();
        page.on('console', (message) => lines.push(message.text()));
        page.on('pageerror', (error) => lines.push(String(error)));
        await page.goto(demo.app + path);
        await page.waitForFunction(isAtWork);
        await page.close();
      }
      // On one origin a sandbox can be left, and Chromium says so.
      assert.deepEqual(
        lines.filter((line) => mode.length === 0 || !/can escape its sandboxing/.test(line)),
        [],
      );
    });
  });
