/** What docs/guides/server-rendering.md needs around it: the API with the frame, and a look at the page that a server has rendered. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Server } from 'socket.io';
import { launchChromium } from './chromium-launcher.mjs';
import { listen, sendJson, sendText } from './http-server.mjs';
import { dist, sendFile } from './static-files.mjs';
import { until } from './tab.mjs';

/** The API's origin with the frame; `useHost(text)` gives it the guide's host.js. */
export async function startApi() {
  const io = new Server();
  // Before a page asks for it: a namespace that there is not yet refuses it for good.
  const orders = io.of('/orders');
  let host = '';
  /** The headers of the last request for orders, which the page's server makes. */
  const seen = { orders: {} };
  const { server, port } = await listen((request, response, { pathname }) => {
    const { headers, method } = request;
    if (pathname === '/hadoken/host.js') {
      response.setHeader('content-type', 'text/javascript');
      return response.end(host);
    }
    if (pathname.startsWith('/hadoken/'))
      return sendFile(response, [[dist, pathname.slice('/hadoken/'.length)]]);
    if (pathname === '/v1/sign-in' && method === 'POST') {
      response.setHeader('set-cookie', 'session=ada; Domain=hadoken.localhost; Path=/; HttpOnly');
      return response.writeHead(204).end();
    }
    if (pathname !== '/v1/orders') return sendText(response, 404, 'none');
    seen.orders = headers;
    const isAda = /(^|; )session=ada(;|$)/.test(headers.cookie);
    sendJson(response, isAda ? [{ sku: 'ryu' }, { sku: '</script>' }] : [{ sku: 'demo' }]);
  });
  io.attach(server);
  return {
    origin: `http://push.hadoken.localhost:${port}`,
    seen,
    useHost(text) {
      host = text;
    },
    /** How many sockets the namespace of orders has. */
    countSockets: () => orders.sockets.size,
    emitOrder: (order) => orders.emit('order', order),
    async stop() {
      const closed = once(server, 'close');
      io.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Opens the page in Chromium, signs in, and has an order come. */
export async function checkPage(api, app) {
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/favicon/.test(message.location().url))
        errors.push(message.text());
    });
    const orders = () => page.$$eval('li', (items) => items.map((item) => item.textContent));
    const has = (expected) =>
      until(async () => String(await orders()) === String(expected), String(expected));
    const isConnected = () => page.$eval('#state', (state) => state.textContent === 'connected');

    // What the server has rendered, before any script runs.
    const first = await (await page.goto(`${app}/`)).text();
    assert.match(first, /<li>demo<\/li>/);
    assert.match(first, /<p id="state">connecting<\/p>/);
    assert.equal(api.seen.orders['hadoken-origin'], app);
    await until(isConnected, 'connected');
    await has(['demo']);

    await page.click('#sign-in');
    // The page is loaded anew, and its server has the cookie by now.
    await has(['ryu', '</script>']);
    assert.equal(api.seen.orders.cookie, 'session=ada');
    await until(isConnected, 'connected again');
    await until(async () => api.countSockets() === 1, 'one socket');
    api.emitOrder({ sku: 'ken' });
    await has(['ryu', '</script>', 'ken']);
    assert.deepEqual(errors, []);
  } finally {
    await browser.close();
  }
}
