/** docs/guides/xsrf.md: a token that comes in a cookie goes back in a header, and the page does nothing for it. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openGuide, readCode } from '../support/guide.mjs';
import { sendJson } from '../support/http-server.mjs';
import { root } from '../support/static-files.mjs';

const guide = 'docs/guides/xsrf.md';

/** The guide's page, and the same frame for what the guide has no code for. */
const entry = `
  import { connect } from 'hadoken';
  export * from './page.js';
  export const hadoken = connect('https://push.example.com/hadoken/frame.html');
`;

/** The servers of the guide's table, each with its own words. */
const servers = [
  ...readFileSync(join(root, guide), 'utf8').matchAll(
    /^\| (.+?) \| `(.+?)` \| `(.+?)` \| `(\d+)` \| `(.+?)`.* \|$/gm,
  ),
].map(([, name, cookie, header, status, path]) => ({ name, cookie, header, status, path }));

/** The guide's host.js, with the words of `server` in the place of Laravel's, as the guide says. */
function hostOf({ cookie, header, status, path }) {
  const [laravel] = servers;
  return readCode(guide)
    .get('host.js')
    .replaceAll(laravel.header, header)
    .replaceAll(laravel.cookie, cookie)
    .replaceAll(laravel.status, status)
    .replaceAll(laravel.path, path);
}

const readCookie = (request, name) =>
  new RegExp(`(?:^|; )${name}=([^;]*)`).exec(request.headers.cookie ?? '')?.[1];

/** An API with a token that a cookie has, encoded, and a header has to have, decoded. `log`: what it was asked, and answered. */
function createApi({ cookie, header, status, path }) {
  const log = [];
  const state = { token: '' };
  const renew = () => {
    state.token = `${randomBytes(8).toString('base64')}=`;
  };
  renew();
  const answer = (request, response, code, body) => {
    log.push({ asked: `${request.method} ${request.url} ${code}`, headers: request.headers });
    sendJson(response, body, code);
  };
  return {
    log,
    renew,
    handle(request, response, url) {
      if (url.pathname === path) {
        const value = encodeURIComponent(state.token);
        response.setHeader('set-cookie', `${cookie}=${value}; Path=/; SameSite=Lax`);
        return answer(request, response, 200, {});
      }
      if (request.method === 'GET') return answer(request, response, 200, ['ryu']);
      const sent = request.headers[header.toLowerCase()];
      const isRight =
        sent === state.token && sent === decodeURIComponent(readCookie(request, cookie));
      if (!isRight) return answer(request, response, Number(status), { error: 'token mismatch' });
      return answer(request, response, 201, { made: true });
    },
  };
}

it('the guide names three servers', () => assert.equal(servers.length, 3));

for (const server of servers)
  describe(`the guide on CSRF tokens, with ${server.name}`, () => {
    const { log, renew, handle } = createApi(server);
    const { path, status, header } = server;
    let page;
    const asked = () => log.splice(0).map((entry) => entry.asked);

    before(async () => {
      const more = { 'host.js': hostOf(server), 'test.js': entry };
      page = await openGuide(guide, { api: handle, entry: 'test.js', more });
    });
    after(() => page?.stop());

    const order = () =>
      page.evaluate(async () => {
        const { status, data } = await window.page.order('ryu');
        return { status, data };
      });

    it('the first order arrives, with a token that the frame has got for it', async () => {
      assert.deepEqual(await order(), { status: 201, data: { made: true } });
      assert.deepEqual(asked(), [
        `POST /v1/orders ${status}`,
        `GET ${path} 200`,
        'POST /v1/orders 201',
      ]);
    });

    it('the next one needs no second attempt', async () => {
      assert.equal((await order()).status, 201);
      assert.deepEqual(asked(), ['POST /v1/orders 201']);
    });

    it('one after the server has another token arrives as well', async () => {
      renew();
      assert.equal((await order()).status, 201);
      assert.equal(asked().length, 3);
    });

    it('what changes nothing has no token', async () => {
      await page.evaluate(() => window.page.orders());
      const [{ headers }] = log.splice(0);
      assert.equal(headers[header.toLowerCase()], undefined);
    });

    it('the page has no cookie, and may not choose the token', async () => {
      const seen = await page.evaluate(async (name) => {
        const init = { method: 'POST', headers: { [name]: 'chosen' } };
        const { code } = await window.page.hadoken
          .fetch('/v1/orders', init)
          .catch((error) => error);
        return { code, cookie: document.cookie };
      }, header);
      assert.deepEqual(seen, { code: 'POLICY_REFUSED', cookie: '' });
      assert.deepEqual(asked(), []);
    });
  });
