/** docs/guides/sso.md: an API behind a proxy that redirects whoever has no session to a login page on another origin. */
import assert from 'node:assert/strict';
import { ServerResponse } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Server } from 'socket.io';
import { importCode, openGuide } from '../support/guide.mjs';
import { listen, sendJson } from '../support/http-server.mjs';
import { until } from '../support/tab.mjs';

const guide = 'docs/guides/sso.md';
const SESSION = 'sso_session=ada';

/** The login page, a third origin of the same site: its button signs in, and goes back to where the user came from. */
async function startLogin() {
  const { server, port } = await listen((_request, response, url) => {
    if (url.pathname !== '/login') return response.writeHead(404).end();
    const next = new URL(url.searchParams.get('next'));
    const callback = `${next.origin}/sso/callback?next=${encodeURIComponent(next)}`;
    response.setHeader('content-type', 'text/html');
    response.end(
      `<!doctype html><title>Login</title><a id="sign-in" href="${callback}">Sign in</a>`,
    );
  });
  return { server, url: `http://login.hadoken.localhost:${port}/login` };
}

/** The proxy with the API behind it. `asked` has the paths that have come through to the API. */
function createProxy(loginUrl) {
  const asked = [];
  const behind = async (request, response, url, files) => {
    asked.push(`${request.method} ${url.pathname}`);
    if (url.pathname === '/sign-in') {
      const { signIn } = await importCode(files, 'server.js');
      return signIn(request, response);
    }
    if (url.pathname !== '/v1/events') return sendJson(response, { name: 'ada' });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: first\n\n');
  };
  /** Whether the request may go on; else it is answered. */
  const isLetIn = (request, response) => {
    if (request.headers.cookie?.includes(SESSION)) return true;
    const next = encodeURIComponent(`http://${request.headers.host}${request.url}`);
    response.writeHead(302, { location: `${loginUrl}?next=${next}` }).end();
    return false;
  };
  const handle = (request, response, url, files) => {
    if (url.pathname === '/sso/callback') {
      const cookie = `${SESSION}; Path=/; HttpOnly; SameSite=Lax`;
      const location = url.searchParams.get('next');
      return response.writeHead(302, { location, 'set-cookie': cookie }).end();
    }
    if (isLetIn(request, response)) return behind(request, response, url, files);
  };
  return { handle, isLetIn, asked };
}

const isWebSocket = ({ headers }) => headers.upgrade === 'websocket';

/** Puts `isLetIn` before the server's own listener, which knows no answer to a handshake but 101. */
function guardUpgrades(server, isLetIn) {
  const [upgrade] = server.listeners('upgrade');
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request, socket, head) => {
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    response.shouldKeepAlive = false;
    response.on('finish', () => socket.end());
    if (!isLetIn(request, response)) return;
    response.detachSocket(socket);
    upgrade(request, socket, head);
  });
}

describe('the guide on single-sign-on proxies', () => {
  let page;
  let login;
  let proxy;
  before(async () => {
    login = await startLogin();
    proxy = createProxy(login.url);
    const onServer = (server) => {
      const io = new Server(server, { serveClient: false });
      io.engine.use((request, response, next) => {
        if (isWebSocket(request) || proxy.isLetIn(request, response)) next();
      });
      guardUpgrades(server, proxy.isLetIn);
    };
    page = await openGuide(guide, { api: proxy.handle, onServer });
  });
  after(async () => {
    await page?.stop();
    login.server.close();
    login.server.closeAllConnections();
  });

  const hasButton = () => page.evaluate(() => Boolean(document.querySelector('button')));

  it('a socket without a session makes the page offer to sign in', async () => {
    await until(hasButton, 'the button');
    assert.deepEqual(proxy.asked, []);
  });

  it('a request without a session is answered with 401, and has not been made', async () => {
    const seen = await page.evaluate(async () => {
      const response = await window.page.hadoken.fetch('/v1/orders', { method: 'POST', body: 'a' });
      return { status: response.status, ok: response.ok, body: await response.json() };
    });
    assert.deepEqual(seen, { status: 401, ok: false, body: { error: 'The session has ended' } });
    assert.deepEqual(proxy.asked, []);
  });

  it('an event stream without a session fails for good', async () => {
    const readyState = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const events = new window.page.hadoken.EventSource('/v1/events');
          events.onerror = () => resolve(events.readyState);
        }),
    );
    assert.equal(readyState, 2);
  });

  it('the button leads to the login page, and from there back to the page, with a session', async () => {
    const titleIs = (title) => page.evaluate((text) => document.title === text, title);
    await page.navigate(`${page.app}/orders/7?tab=2`);
    await until(hasButton, 'the button');
    await page.evaluate(() => document.querySelector('button').click());
    await until(() => titleIs('Login'), 'the login page');
    await page.evaluate(() => document.querySelector('#sign-in').click());
    await until(() => titleIs('app'), 'the page of the app');
    assert.equal(await page.evaluate(() => location.href), `${page.app}/orders/7?tab=2`);
    await until(() => page.evaluate(() => Boolean(window.page)), 'the code of the page');
    assert.deepEqual(await page.evaluate(() => window.page.me()), { name: 'ada' });
    assert.equal(await hasButton(), false);
  });

  it('with a session, sockets and event streams work', async () => {
    const data = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const events = new window.page.hadoken.EventSource('/v1/events');
          events.onmessage = (event) => resolve(event.data);
        }),
    );
    assert.equal(data, 'first');
    await page.evaluate(
      () => new Promise((resolve) => window.page.hadoken.io('/').once('connect', resolve)),
    );
  });

  it('the server goes back to no other site', async () => {
    const { signIn } = await importCode(page.files, 'server.js');
    for (const back of ['https://evil.example', '//evil.example', 'javascript:alert(1)', '']) {
      let location;
      const response = { writeHead: (_status, headers) => ({ location } = headers), end() {} };
      signIn({ url: `/sign-in?back=${encodeURIComponent(back)}` }, response);
      assert.equal(location, page.app, back);
    }
  });
});

describe('without the hooks of the guide on single-sign-on proxies', () => {
  it('a request without a session fails as one without a network, and an event stream tries again', async () => {
    const login = await startLogin();
    const { handle } = createProxy(login.url);
    const host = `hadokenFrame.serve({ origins: ['https://app.example.com'], fetch: true, eventSource: true });`;
    const page = await openGuide(guide, { api: handle, more: { 'host.js': host } });
    const seen = await page.evaluate(async () => {
      const { hadoken, me } = window.page;
      const events = new hadoken.EventSource('/v1/events');
      const failed = new Promise((resolve) => events.addEventListener('error', resolve));
      const error = await me().catch(String);
      await failed;
      return { error, readyState: events.readyState };
    });
    await page.stop();
    login.server.close();
    login.server.closeAllConnections();
    assert.deepEqual(seen, { error: 'TypeError: Failed to fetch', readyState: 0 });
  });
});
