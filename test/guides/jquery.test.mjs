/** docs/guides/jquery.md, with both releases of jQuery that it names. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openGuide } from '../support/guide.mjs';
import { sendJson, sendText } from '../support/http-server.mjs';
import { until } from '../support/tab.mjs';

const GUIDE = 'docs/guides/jquery.md';
const SIZE = 300_000;

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Orders and files. `seen` has what arrived, by method and path. */
function createApi() {
  const orders = [{ sku: 'ryu' }, { sku: 'ken' }];
  const seen = new Map();
  async function api(request, response, { pathname }) {
    const { method, headers } = request;
    const body = await readBody(request);
    seen.set(`${method} ${pathname}`, headers);
    if (pathname === '/v1/orders' && method === 'GET') return sendJson(response, orders);
    if (pathname === '/v1/orders') {
      orders.push(JSON.parse(body));
      return sendJson(response, orders.at(-1), 201);
    }
    if (pathname === '/v1/orders/1') return response.writeHead(204).end();
    if (pathname !== '/v1/files') return sendText(response, 404, 'none');
    const type = headers['content-type'];
    const form = await new Response(body, { headers: { 'content-type': type } }).formData();
    const { name, size } = form.get('file');
    sendJson(response, { name, size, note: form.get('note') });
  }
  return { api, seen };
}

for (const folder of ['jquery', 'jquery-1'])
  describe(`the page with ${folder}`, { timeout: 120_000 }, () => {
    const { api, seen } = createApi();
    let page;
    before(async () => {
      const assets = { 'jquery.js': `${folder}/dist/jquery.js` };
      page = await openGuide(GUIDE, { api, html: 'index.html', assets });
    });
    after(() => page.stop());
    const message = () => page.evaluate(() => $('#message').text());
    const resetProgress = () => page.evaluate(() => void $('#upload progress').val(0));
    const progress = () => page.evaluate(() => $('#upload progress').val());

    test('runs the release that was asked for', async () => {
      const version = await page.evaluate(() => $.fn.jquery);
      assert.match(version, folder === 'jquery' ? /^3\.7\./ : /^1\.12\./);
    });

    test('$.getJSON and $.ajax go through the frame', async () => {
      const skus = await page.evaluate(async () => {
        await showOrders();
        await addOrder('guile');
        await showOrders();
        return $('#orders li')
          .map((_, item) => $(item).text())
          .get();
      });
      assert.deepEqual(skus, ['ryu', 'ken', 'guile']);
      const { 'hadoken-origin': origin, 'x-requested-with': by } = seen.get('POST /v1/orders');
      assert.deepEqual({ origin, by }, { origin: page.app, by: 'XMLHttpRequest' });
    });

    test('ajaxError hears of a status, and of what host.js refuses', async () => {
      await page.evaluate(() => void $.get('/v1/none'));
      await until(async () => (await message()) === '/v1/none: 404', 'the status');
      await page.evaluate(() => void $.ajax({ url: '/v1/orders', type: 'PUT' }));
      await until(async () => (await message()) === '/v1/orders: no answer', 'the refusal');
    });

    test('the form is sent with its file, and the bar is full', async () => {
      await resetProgress();
      await page.evaluate((size) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(size)], 'a.bin'));
        document.querySelector('[name=file]').files = transfer.files;
        document.querySelector('#upload').requestSubmit();
      }, SIZE);
      await until(async () => (await message()) === `a.bin: ${SIZE} bytes`, 'the answer');
      assert.equal(await progress(), 1);
      assert.match(seen.get('POST /v1/files')['content-type'], /^multipart\/form-data; boundary=/);
    });

    test('hadoken.fetch deletes, and its error is readable', async () => {
      await page.evaluate(() => removeOrder(1));
      assert.equal(await message(), 'Removed');
      assert.ok(seen.has('DELETE /v1/orders/1'));
      await page.evaluate(() => removeOrder('a%2f..%2fb'));
      assert.match(await message(), /host\.js|rule|refused/i);
    });

    test('hadoken.fetch uploads with progress, and its promise becomes one of jQuery’s', async () => {
      await resetProgress();
      const file = await page.evaluate(async (size) => {
        const response = await uploadFile(new File([new Uint8Array(size)], 'b.bin'));
        return response.json();
      }, SIZE);
      assert.deepEqual([file.name, file.size, await progress()], ['b.bin', SIZE, 1]);
      const count = await page.evaluate(
        () => new Promise((resolve) => getOrders().done((orders) => resolve(orders.length))),
      );
      assert.equal(count, 3);
    });
  });
