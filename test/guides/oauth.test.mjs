/** docs/guides/oauth.md: the code flow, with a server that keeps the refresh token in a cookie, and a frame that keeps the access token. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startAuthorizationServer } from '../support/authorization-server.mjs';
import { importCode, openGuide } from '../support/guide.mjs';
import { sendJson } from '../support/http-server.mjs';
import { until } from '../support/tab.mjs';

const guide = 'docs/guides/oauth.md';

describe('the guide on OAuth', () => {
  let page;
  let login;
  /** The path and the headers of what the API was asked. */
  const asked = [];
  let server;

  async function api(request, response, url, files) {
    if (url.pathname.startsWith('/auth/')) {
      server ??= importCode(files, 'server.js');
      return (await server).auth(request, response);
    }
    asked.push({ path: url.pathname, headers: request.headers });
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!login.isGood(bearer)) return sendJson(response, {}, 401);
    sendJson(response, { name: 'ada' });
  }

  before(async () => {
    login = await startAuthorizationServer();
    Object.assign(process.env, {
      AUTHORIZE_URL: login.authorizeUrl,
      TOKEN_URL: login.tokenUrl,
      CLIENT_ID: login.client.client_id,
      CLIENT_SECRET: login.client.client_secret,
    });
    page = await openGuide(guide, { api });
  });
  after(async () => {
    await page?.stop();
    login.stop();
  });

  const text = () => page.evaluate(() => document.querySelector('#root')?.textContent);
  const shows = (expected) => until(async () => (await text()) === expected, expected);
  /** Which page of the guide it is is known by its code; the authorization server's has none. */
  const signIn = () => page.evaluate(() => void window.page.signIn());

  it('says that nobody is signed in', () => shows('Signed out'));

  it('signs in, and leaves no code in the address', async () => {
    await signIn();
    await shows('Signed in as ada');
    assert.equal(await page.evaluate(() => location.href), `${page.app}/`);
    assert.deepEqual(login.state.grants, ['authorization_code']);
  });

  it('gives the page no token', async () => {
    const seen = await page.evaluate(async () => {
      const { hadoken } = window.page;
      const response = await hadoken.fetch('/v1/me');
      const codes = [];
      for (const path of ['/auth/token', '/auth/start'])
        await hadoken
          .fetch(path, { method: 'POST' })
          .catch(({ code, message }) => codes.push(code, message));
      const kept = [document.cookie, JSON.stringify({ ...localStorage, ...sessionStorage })];
      return JSON.stringify([codes, kept, [...response.headers], await response.json()]);
    });
    assert.match(seen, /POLICY_REFUSED.*POLICY_REFUSED/);
    assert.match(seen, /"ada"/);
    assert.ok(!/access-|refresh-/.test(seen), seen);
  });

  it('keeps the user signed in when the page is loaded anew', async () => {
    await page.navigate(`${page.app}/?again`);
    await shows('Signed in as ada');
    assert.deepEqual(login.state.grants.splice(0), ['authorization_code', 'refresh_token']);
  });

  it('renews a token that has ended, and the page does not notice', async () => {
    login.state.access = 'another';
    const status = await page.evaluate(
      async () => (await window.page.hadoken.fetch('/v1/me')).status,
    );
    assert.equal(status, 200);
    assert.deepEqual(login.state.grants.splice(0), ['refresh_token']);
    assert.equal(login.state.isReused, false);
  });

  it('signs out in all tabs, and a cookie that is left is of no use', async () => {
    await page.evaluate((url) => {
      window.other = window.open(url);
    }, `${page.app}/?other`);
    const otherShows = (expected) =>
      until(
        () =>
          page.evaluate(
            (wanted) => window.other.document.querySelector('#root')?.textContent === wanted,
            expected,
          ),
        `${expected}, in the other tab`,
      );
    await otherShows('Signed in as ada');
    login.state.grants.length = 0;
    await page.evaluate(() => window.page.signOut());
    await otherShows('Signed out');
    await shows('Signed out');
    await page.navigate(`${page.app}/?after`);
    await shows('Signed out');
    assert.deepEqual(login.state.grants, []);
    assert.equal(asked.at(-1).headers.authorization, undefined);
  });

  it('signs in again after that, in all tabs', async () => {
    await page.evaluate((url) => {
      window.other = window.open(url);
    }, `${page.app}/?other`);
    const other = () =>
      page.evaluate(() => window.other.document.querySelector('#root')?.textContent);
    await until(async () => (await other()) === 'Signed out', 'Signed out, in the other tab');
    await page.evaluate(() => void window.other.page.signIn());
    await until(async () => (await other()) === 'Signed in as ada', 'ada, in the other tab');
    await shows('Signed in as ada');
    await page.evaluate(() => window.page.signOut());
    await shows('Signed out');
  });

  it('says why a user who did not want to is not signed in', async () => {
    login.state.denies = true;
    await signIn();
    await shows('Not signed in: access_denied');
  });

  it('does not take a code that came with somebody else’s state', async () => {
    login.state.denies = false;
    await page.navigate(`${page.app}/?before`);
    await page.evaluate(() => {
      location.assign('/callback?code=stolen&state=guessed');
    });
    await shows('Not signed in: This sign-in was not begun here');
  });

  it('takes requests of the frame alone', async () => {
    const ask = (headers) =>
      fetch(`${page.push.replace('push.hadoken.localhost', '127.0.0.1')}/auth/start`, {
        method: 'POST',
        headers,
        body: '{}',
      });
    assert.equal((await ask({ origin: page.app })).status, 403);
    assert.equal((await ask({})).status, 403);
    assert.equal((await ask({ origin: page.push })).status, 200);
  });
});
