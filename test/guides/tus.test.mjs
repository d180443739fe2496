/** docs/guides/tus.md: its page and its server, which lose the frame and the connection amid an upload. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { importCode, openGuide } from '../support/guide.mjs';
import { until } from '../support/tab.mjs';

const path = 'docs/guides/tus.md';
const MB = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), 'hadoken-tus-'));
let tus;
let guide;
/** `METHOD offset` of what has been asked for, in order. */
let requests;
/** What befalls the PATCH of an offset before the server has it; once. */
const accidents = new Map();
/** Whether the server hangs up. The browser itself repeats a request on a connection that it has kept, so one time is not enough. */
let isDown = false;

before(async () => {
  process.env.UPLOADS = folder;
  ({ tus } = await importCode(path, 'server.mjs'));
  guide = await openGuide(path, {
    entry: 'both.js',
    more: { 'both.js': "export * from './page.js'; export * from './with-drop-in.js';" },
    async api(request, response) {
      const offset = request.headers['upload-offset'];
      const asked = [request.method, offset].filter(Boolean).join(' ');
      requests.push(asked);
      if (isDown) return hangUp(asked, request);
      const accident = accidents.get(asked);
      accidents.delete(asked);
      if (accident) return accident(request, response);
      return tus.handle(request, response);
    },
  });
});
after(async () => {
  await guide?.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(() => {
  requests = [];
});

/** Until it is asked how much it has. */
function hangUp(asked, request) {
  isDown = asked !== 'HEAD';
  requests = requests.filter((one) => one !== asked);
  request.socket.destroy();
}

/** The page begins to upload a file of 3.5 MB, in pieces of 1 MB, by `how`. Each `name` is another file. */
const start = (how, name) =>
  guide.evaluate(
    (by, filename) => {
      const bytes = Uint8Array.from({ length: 3_500_000 }, (_, i) => (i * 31) >> 8);
      const file = new File([bytes], filename, { type: 'video/mp4', lastModified: 1 });
      const stopping = new AbortController();
      window.stop = () => stopping.abort(new Error('stopped'));
      window.progress = [];
      window.outcome = undefined;
      window.page[by](file, {
        chunkSize: 1_000_000,
        signal: stopping.signal,
        onProgress: (sent, total) => window.progress.push([sent, total]),
      }).then(
        (url) => {
          window.outcome = { url };
        },
        ({ message, causingError }) => {
          window.outcome = { message, code: causingError?.code };
        },
      );
    },
    how,
    name,
  );
async function outcome() {
  await until(() => guide.evaluate(() => !!window.outcome), 'the end of the upload');
  return guide.evaluate(() => window.outcome);
}
/** All of the file has arrived, in the one upload that was made for it. */
function assertArrived({ url, message }) {
  assert.equal(message, undefined);
  const bytes = readFileSync(join(folder, url.split('/').at(-1)));
  assert.equal(bytes.length, 3.5 * MB);
  assert.ok(bytes.equals(Uint8Array.from({ length: 3_500_000 }, (_, i) => (i * 31) >> 8)));
}

for (const how of ['upload', 'uploadByXhr'])
  describe(how, () => {
    test('a file goes up in pieces, and tells how far it is', async () => {
      await start(how, `${how} plain`);
      assertArrived(await outcome());
      assert.deepEqual(requests, [
        'POST',
        'PATCH 0',
        'PATCH 1000000',
        'PATCH 2000000',
        'PATCH 3000000',
      ]);
      const progress = await guide.evaluate(() => window.progress);
      assert.deepEqual(progress.at(-1), [3.5 * MB, 3.5 * MB]);
    });

    test('goes on where it was when the frame is lost', async () => {
      accidents.set('PATCH 2000000', async (_request, response) => {
        await guide.evaluate(() => document.querySelector('noscript.hadoken').remove());
        response.destroy();
      });
      await start(how, `${how} frame`);
      assertArrived(await outcome());
      assert.deepEqual(requests, [
        'POST',
        'PATCH 0',
        'PATCH 1000000',
        'PATCH 2000000',
        'HEAD',
        'PATCH 2000000',
        'PATCH 3000000',
      ]);
    });

    test('and when the server is lost', async () => {
      accidents.set('PATCH 1000000', (request) => {
        isDown = true;
        hangUp('PATCH 1000000', request);
      });
      await start(how, `${how} server`);
      assertArrived(await outcome());
      assert.deepEqual(requests, [
        'POST',
        'PATCH 0',
        'HEAD',
        'PATCH 1000000',
        'PATCH 2000000',
        'PATCH 3000000',
      ]);
      assert.equal(isDown, false);
    });

    test('and when the page is loaded anew', async () => {
      accidents.set('PATCH 2000000', () => {});
      await start(how, `${how} page`);
      await until(async () => requests.includes('PATCH 2000000'), 'the third piece');
      await guide.navigate(`${guide.app}/?${how}`);
      await start(how, `${how} page`);
      assertArrived(await outcome());
      assert.deepEqual(requests.slice(3), [
        'PATCH 2000000',
        'HEAD',
        'PATCH 2000000',
        'PATCH 3000000',
      ]);
    });

    test('stops when it is told to', async () => {
      let isClosed = false;
      accidents.set('PATCH 1000000', (request, response) => {
        request.resume();
        response.on('close', () => {
          isClosed = true;
        });
      });
      await start(how, `${how} stopped`);
      await until(async () => requests.includes('PATCH 1000000'), 'the second piece');
      await guide.evaluate(() => window.stop());
      assert.deepEqual(await outcome(), { message: 'stopped' });
      await until(async () => isClosed, 'the end of the request');
    });
  });

test('what the rules refuse is not tried again', async () => {
  await guide.evaluate(() => {
    const { hadoken, upload } = window.page;
    window.refused = [];
    hadoken.on('request', ({ error }) => window.refused.push(error?.code));
    window.outcome = undefined;
    upload(new File(['a'], 'refused'), { endpoint: `${hadoken.origin}/other/` }).catch(
      ({ message }) => {
        window.outcome = { message };
      },
    );
  });
  assert.match((await outcome()).message, /\/other\/ is outside the rules/);
  assert.deepEqual(await guide.evaluate(() => window.refused), ['POLICY_REFUSED']);
  assert.deepEqual(requests, []);
});
