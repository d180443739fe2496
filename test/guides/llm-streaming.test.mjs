/** docs/guides/llm-streaming.md: its page, its frame and its gateway, before a server that speaks as OpenAI's does. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, beforeEach, test } from 'node:test';
import { importCode, openGuide } from '../support/guide.mjs';
import { listen, sendJson, sendText } from '../support/http-server.mjs';
import { until } from '../support/tab.mjs';

const path = 'docs/guides/llm-streaming.md';
let guide;
let model;
/** The answer that the model is writing, and what it was asked with. */
let answer;
let asked;
let userKey;
let isSignedIn;
let keys;
/** What came to the gateway. */
let forwarded;

const write = (value) => answer.write(`data: ${JSON.stringify(value)}\n\n`);
const writeText = (content) => write({ choices: [{ index: 0, delta: { content } }] });

async function startModel() {
  model = await listen(async (request, response, { pathname }) => {
    const { messages, stream } = JSON.parse(Buffer.concat(await request.toArray()));
    const question = messages[0].content;
    if (question === 'slow') return;
    if (question === 'hang up') return response.destroy();
    asked = { pathname, stream, question, headers: request.headers };
    if (question === 'too many')
      return sendJson(response, { error: { message: 'Rate limit reached' } }, 429);
    response.setHeader('content-type', 'text/event-stream');
    answer = response;
    writeText('Hel');
  });
  process.env.OPENAI_URL = `http://127.0.0.1:${model.port}`;
  process.env.OPENAI_API_KEY = 'sk-of-openai';
}

before(async () => {
  await startModel();
  const { forward } = await importCode(path, 'gateway.mjs');
  guide = await openGuide(path, {
    api(request, response, { pathname }) {
      if (pathname !== '/llm/key') {
        forwarded.push(request.headers);
        return forward(request, response, (key) => key === userKey);
      }
      if (!isSignedIn) return sendText(response, 401, 'nobody');
      keys++;
      response.end(userKey);
    },
  });
});
beforeEach(() => {
  answer = undefined;
  asked = undefined;
  isSignedIn = true;
  userKey ??= 'key-1';
  keys = 0;
  forwarded = [];
});
after(async () => {
  await guide?.stop();
  model?.server.close();
  model?.server.closeAllConnections();
});

/** The page begins to ask. */
const ask = (question) =>
  guide.evaluate((text) => {
    const stopping = new AbortController();
    window.stop = () => stopping.abort();
    window.texts = [];
    window.outcome = undefined;
    window.page
      .ask(text, (piece) => window.texts.push(piece), stopping.signal)
      .then(
        () => 'ended',
        (error) => window.page.explain(error),
      )
      .then((outcome) => {
        window.outcome = outcome;
      });
  }, question);
const texts = () => guide.evaluate(() => window.texts);
const hasText = (text) => until(async () => (await texts()).join('') === text, `the text ${text}`);
async function outcome() {
  await until(() => guide.evaluate(() => window.outcome !== undefined), 'the end');
  return guide.evaluate(() => window.outcome);
}

test('text arrives as it is written, with keys that the page does not have', async () => {
  await ask('Hello?');
  await hasText('Hel');
  assert.deepEqual(
    [asked.pathname, asked.question, asked.stream],
    ['/chat/completions', 'Hello?', true],
  );
  assert.equal(forwarded[0].authorization, 'Bearer key-1');
  assert.equal(forwarded[0]['hadoken-origin'], guide.app);
  assert.equal(asked.headers.authorization, 'Bearer sk-of-openai');
  writeText('lo.');
  await hasText('Hello.');
  answer.end('data: [DONE]\n\n');
  assert.equal(await outcome(), 'ended');
  assert.equal(keys, 1);
});

test('a key that has expired is got anew, and the question asked once more', async () => {
  userKey = 'key-2';
  await ask('Hello?');
  await hasText('Hel');
  answer.end('data: [DONE]\n\n');
  assert.equal(await outcome(), 'ended');
  assert.equal(keys, 1);
});

test('who stops reading stops the model', async () => {
  await ask('A long story');
  await hasText('Hel');
  const closed = once(answer, 'close');
  await guide.evaluate(() => window.stop());
  await closed;
  assert.equal(await outcome(), 'ended');
});

test('who stops before there is an answer is told so', async () => {
  await ask('slow');
  await until(async () => forwarded.length === 1, 'the question');
  await guide.evaluate(() => window.stop());
  assert.equal(await outcome(), 'Stopped.');
});

test('the page can ask for no key itself', async () => {
  const refused = await guide.evaluate(() =>
    window.page.hadoken.fetch('/llm/key', { method: 'POST' }).catch(window.page.explain),
  );
  assert.match(refused, /^POLICY_REFUSED: /);
  assert.equal(keys, 0);
});

test('an error status is the SDK’s error, and asked once', async () => {
  await ask('too many');
  assert.equal(await outcome(), 'Too many questions. Try again in a minute.');
  assert.equal(forwarded.length, 1);
});

test('an error in the middle of an answer is the SDK’s too', async () => {
  await ask('Hello?');
  await hasText('Hel');
  write({ error: { message: 'The model is overloaded.' } });
  answer.end();
  assert.match(await outcome(), /The model is overloaded/);
});

test('a model that hangs up is an error, before its answer and amid it', async () => {
  await ask('hang up');
  assert.match(await outcome(), /502.*can not be reached/);
  await ask('Hello?');
  await hasText('Hel');
  answer.destroy();
  assert.match(await outcome(), /network error|Failed to fetch/i);
});

test('who is not signed in is told so', async () => {
  isSignedIn = false;
  userKey = 'key-3';
  await ask('Hello?');
  assert.equal(await outcome(), 'HOST_FAILED: Sign in first.');
  assert.equal(asked, undefined);
});

test('a frame that is lost in the middle ends the answer with its code', async () => {
  await ask('A long story');
  await hasText('Hel');
  await guide.evaluate(() => document.querySelector('noscript.hadoken').remove());
  assert.match(await outcome(), /^FRAME_LOST: /);
});
