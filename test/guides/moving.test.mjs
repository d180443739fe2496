/** docs/guides/moving.md: what was there before, and what comes after it, give the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { bundle, openGuide } from '../support/guide.mjs';
import { allowCors, sendJson } from '../support/http-server.mjs';
import { root } from '../support/static-files.mjs';
import { until } from '../support/tab.mjs';

const guide = 'docs/guides/moving.md';
const XDOMAIN = join(root, 'node_modules/xdomain/dist/xdomain.min.js');

/** All of the guide's modules, as `window.page.penpalAfter` and so on. */
const entry = `
  export * as corsBefore from './cors/before.js';
  export * as corsAfter from './cors/after.js';
  export * as jsonpBefore from './jsonp/before.js';
  export * as jsonpAfter from './jsonp/after.js';
  export * as penpalBefore from './penpal/before.js';
  export * as penpalAfter from './penpal/after.js';
  export * as postRobotBefore from './post-robot/before.js';
  export * as postRobotAfter from './post-robot/after.js';
`;

/** What the pages of the section on xdomain load: an app that knows nothing of either. */
const APP = `
  const request = new XMLHttpRequest();
  request.open('GET', 'https://push.example.com/v1/prices/ryu');
  request.setRequestHeader('x-request-id', '42');
  request.onload = () => { document.title = request.responseText; };
  request.onerror = () => { document.title = 'failed'; };
  request.send();
`;

function sendScript(response, text) {
  response.setHeader('content-type', 'text/javascript');
  response.end(text);
}

/** An API that answers CORS and JSONP too, and the frames of penpal, post-robot and xdomain. `log`: what it was asked. */
function createApi() {
  const log = [];
  const sendFrame = async (response, files, name) => {
    response.setHeader('content-type', 'text/html');
    response.end(`<!doctype html><script type="module">${await bundle(files, name)}</script>`);
  };
  const handle = async (request, response, url, files) => {
    switch (url.pathname) {
      case '/penpal.html':
        return sendFrame(response, files, 'penpal/frame.js');
      case '/post-robot.html':
        return sendFrame(response, files, 'post-robot/frame.js');
      case '/proxy.html':
        response.setHeader('content-type', 'text/html');
        return response.end(files.get('proxy.html'));
      case '/xdomain.min.js':
        return sendScript(response, readFileSync(XDOMAIN));
      case '/app.js':
        return sendScript(response, files.get('app.js'));
    }
    const {
      'sec-fetch-site': site,
      'hadoken-origin': origin,
      'x-request-id': id,
    } = request.headers;
    log.push({ asked: `${request.method} ${url.pathname}`, site, origin, id });
    if (allowCors(request, response)) return;
    if (request.method === 'POST') {
      let text = '';
      for await (const chunk of request) text += chunk;
      return sendJson(response, { ordered: JSON.parse(text).sku }, 201);
    }
    const price = { sku: url.pathname.split('/').at(-1), price: 42 };
    const callback = url.searchParams.get('callback');
    if (callback) return sendScript(response, `${callback}(${JSON.stringify(price)})`);
    sendJson(response, price);
  };
  return { handle, log };
}

const PRICE = { sku: 'ryu', price: 42 };

describe('the guide on moving', () => {
  const { handle, log } = createApi();
  const asked = () => log.splice(0);
  let page;
  before(async () => {
    page = await openGuide(guide, { api: handle, entry: 'all.js', more: { 'all.js': entry } });
  });
  after(() => page?.stop());

  const order = (name) => page.evaluate((key) => window.page[key].order('ryu'), name);
  const price = (name) => page.evaluate((key) => window.page[key].price('ryu'), name);

  it('from CORS: the same answer, without a preflight', async () => {
    assert.deepEqual(await order('corsBefore'), { ordered: 'ryu' });
    assert.deepEqual(
      asked().map((entry) => entry.asked),
      ['OPTIONS /v1/orders', 'POST /v1/orders'],
    );
    assert.deepEqual(await order('corsAfter'), { ordered: 'ryu' });
    const site = 'same-origin';
    assert.deepEqual(asked(), [{ asked: 'POST /v1/orders', site, origin: page.app, id: '42' }]);
  });

  it('from JSONP: the same answer, by a request', async () => {
    assert.deepEqual(await price('jsonpBefore'), PRICE);
    assert.deepEqual(await price('jsonpAfter'), PRICE);
    assert.deepEqual(
      asked().map(({ site }) => site),
      ['same-site', 'same-origin'],
    );
  });

  for (const name of ['penpalBefore', 'penpalAfter'])
    it(`${name}: a method of the frame, and word to the page`, async () => {
      const answer = await page.evaluate((key) => window.page[key].buy('ryu'), name);
      assert.deepEqual(answer, { ordered: 'ryu' });
      const isTold = () => page.evaluate((key) => window.page[key].sold.join() === 'ryu', name);
      await until(isTold, 'sold');
    });

  for (const name of ['postRobotBefore', 'postRobotAfter'])
    it(`${name}: a function of the page gets one price after another`, async () => {
      const prices = await page.evaluate(
        (key) =>
          new Promise((resolve) => {
            const got = [];
            window.page[key].watch('ryu', (one) => {
              got.push(one);
              if (got.length === 2) resolve(got);
            });
          }),
        name,
      );
      assert.deepEqual(prices, [PRICE, PRICE]);
    });
});

for (const html of ['xdomain/before.html', 'xdomain/after.html'])
  it(`the guide on moving, ${html}: an XMLHttpRequest of the page goes through the frame`, async () => {
    const { handle, log } = createApi();
    const page = await openGuide(guide, { api: handle, html, more: { 'app.js': APP } });
    try {
      const text = JSON.stringify(PRICE);
      const isThere = () => page.evaluate((title) => document.title === title, text);
      await until(isThere, 'the price');
      assert.equal(log.length, 1);
      const [{ asked, site, id }] = log;
      assert.deepEqual([asked, site, id], ['GET /v1/prices/ryu', 'same-origin', '42']);
    } finally {
      await page.stop();
    }
  });
