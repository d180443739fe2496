/** What holds of each guide that deploys Hadoken with a web server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:https';
import { after, before, describe, it } from 'node:test';
import { launchChromium } from './chromium-launcher.mjs';
import { checkDeployment, deployGuide } from './deployed-guide.mjs';
import { until } from './tab.mjs';

/** The headers that SECURITY.md wants for each file; `csp` are directives that its policy has to have, undefined for none at all. */
const OWN = { corp: 'same-origin', coep: null };
const FILES = {
  'frame.html': {
    corp: 'same-site',
    coep: 'require-corp',
    csp: ["default-src 'none'", "script-src 'self'", "worker-src 'self'", "connect-src 'self'"],
  },
  'frame.js': {
    corp: 'same-origin',
    coep: 'require-corp',
    csp: ["default-src 'none'", "script-src 'self'", "connect-src 'self'"],
  },
  'hadoken.js': { corp: 'same-site', coep: null },
  'hadoken.drop-in.js': { corp: 'same-site', coep: null },
  'host.js': OWN,
  'frame.io.js': OWN,
  'frame.msgpack.js': OWN,
  'frame.hub.js': OWN,
  'frame.vault.js': OWN,
  'frame.urlpattern.js': OWN,
};

/** Those that are long enough for it to be of use. */
const COMPRESSED = ['frame.js', 'frame.io.js', 'hadoken.js', 'hadoken.drop-in.js'];

/** host.js with a service that says which violations its worker has seen, and one that commits one. */
const watched = (text, name) =>
  name === 'host.js'
    ? `const violations = [];
// Node, in which the check runs this, has none.
globalThis.addEventListener?.('securitypolicyviolation', ({ effectiveDirective }) => violations.push(effectiveDirective));
${text.replace(
  'hadokenFrame.serve({',
  `hadokenFrame.serve({ services: { policy: {
    violations: () => violations,
    leave: () => fetch('https://app.example.com/').then(() => 'left', () => 'stayed'),
  } },`,
)}`
    : text;

export function describeDeployment(name, paths, start) {
  describe(`the guide on ${name}`, () => {
    let deployed;
    let browser;
    let page;
    let otherTab;
    /** Of the page and the frame's window: `directive URL`. */
    const violations = [];

    before(async () => {
      deployed = await deployGuide(paths, start, watched);
      browser = await launchChromium({ acceptInsecureCerts: true });
      page = await browser.newPage();
      await page.exposeFunction('noteViolation', (text) => violations.push(text));
      await page.evaluateOnNewDocument(() =>
        addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
          noteViolation(`${effectiveDirective} ${blockedURI}`),
        ),
      );
      await page.goto(`${deployed.app}/`);
      otherTab = await browser.newPage();
    });
    after(async () => {
      await browser?.close();
      await deployed?.stop();
    });

    const shown = (id) => page.evaluate((key) => document.getElementById(key).textContent, id);
    const shows = (id, text) => until(async () => (await shown(id)) === text, `${id}: ${text}`);
    /** As a browser gets them: Node's fetch knows neither the name nor the certificate. */
    const headersOf = async (url) => (await otherTab.goto(url)).headers();

    it('the page gets an answer of the API', () => shows('name', 'ada'));
    it('the page gets an event of Socket.IO, over a WebSocket', async () => {
      await shows('chat', 'welcome');
      await until(async () => deployed.asked.get('/socket.io/') === 'websocket', 'a WebSocket');
    });
    it('the page gets an event of a stream that goes on', () => shows('news', 'first'));
    it('an upload of 8 MiB arrives', async () => {
      const answer = await page.evaluate(async () => {
        const body = new Uint8Array(8 * 1024 * 1024);
        return (await hadoken.fetch('/v1/upload', { method: 'POST', body })).json();
      });
      assert.deepEqual(answer, { size: 8 * 1024 * 1024 });
    });

    it('nothing of that violates a policy', async () => {
      const inWorker = await page.evaluate(() => hadoken.service('policy').violations());
      assert.deepEqual([violations, inWorker], [[], []]);
    });

    it('a script of the API and another frame violate the page’s, and a request to another origin the worker’s', async () => {
      const seen = await page.evaluate(async (push) => {
        const script = document.createElement('script');
        script.src = `${push}/v1/me`;
        const blocked = new Promise((resolve) => {
          script.onerror = resolve;
        });
        document.head.append(script);
        const frame = document.createElement('iframe');
        frame.src = `${push}/v1/me`;
        document.body.append(frame);
        await blocked;
        const { leave, violations } = hadoken.service('policy');
        return [await leave(), await violations()];
      }, deployed.push);
      assert.deepEqual(seen, ['stayed', ['connect-src']]);
      await until(async () => violations.length === 2, 'two violations of the page');
      assert.deepEqual(violations.sort(), [
        `frame-src ${deployed.push}`,
        `script-src-elem ${deployed.push}/v1/me`,
      ]);
    });

    it('each file has the headers that SECURITY.md wants', async () => {
      for (const [file, { corp, coep, csp }] of Object.entries(FILES)) {
        const headers = await headersOf(`${deployed.push}/hadoken/${file}`);
        assert.equal(headers['cross-origin-resource-policy'], corp, file);
        assert.equal(headers['cross-origin-embedder-policy'] ?? null, coep, file);
        assert.equal(headers['x-content-type-options'], 'nosniff', file);
        assert.equal(headers['cache-control'], 'no-cache', file);
        assert.equal(headers['referrer-policy'], 'same-origin', file);
        assert.equal(headers['x-frame-options'], undefined, file);
        if (COMPRESSED.includes(file))
          assert.match(headers['content-encoding'], /^(gzip|zstd)$/, file);
        const policy = headers['content-security-policy']?.split('; ');
        for (const directive of csp ?? []) assert.ok(policy.includes(directive), directive);
        if (!csp) assert.equal(policy, undefined, file);
        if (file !== 'frame.html') continue;
        assert.ok(policy.includes(`frame-ancestors ${deployed.app}`));
      }
    });

    it('an answer of the API is for its own origin, and kept apart by page', async () => {
      const headers = await headersOf(`${deployed.push}/v1/me`);
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
      assert.equal(headers['x-content-type-options'], 'nosniff');
      assert.match(headers.vary, /\bHadoken-Origin\b/);
    });

    it('the API knows the page, the host, the scheme and the address', async () => {
      await page.evaluate(() => hadoken.fetch('/v1/me', { method: 'POST' }));
      const headers = deployed.asked.get('/v1/me');
      // Servers compare them with their own host, against CSRF.
      assert.equal(headers.origin, deployed.push);
      assert.equal(new URL(headers.referer).origin, deployed.push);
      assert.equal(headers['hadoken-origin'], deployed.app);
      assert.match(headers.host, /^push\.hadoken\.localhost/);
      assert.equal(headers['x-forwarded-proto'], 'https');
      assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    });

    it('a client can’t choose the address that the API knows', async () => {
      const { host, hostname, port } = new URL(deployed.push);
      const headers = { host, 'x-forwarded-for': '192.0.2.1' };
      const to = { host: '127.0.0.1', port, servername: hostname, path: '/v1/me', headers };
      const [response] = await once(get({ ...to, rejectUnauthorized: false }), 'response');
      response.resume();
      assert.equal(deployed.asked.get('/v1/me')['x-forwarded-for'], '127.0.0.1');
    });

    it('npx hadoken check finds no fault', async () => {
      const { status, findings } = await checkDeployment(deployed);
      // Of notes there is the one on what host.js allows.
      const others = findings.filter(({ code }) => code !== 'host-allows');
      assert.deepEqual([status, others], [0, []]);
    });
  });
}
