/** docs/guides/sentry.md: its page, with a transport that keeps what Sentry would have sent. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openGuide } from '../support/guide.mjs';
import { sendJson, sendText } from '../support/http-server.mjs';
import { until } from '../support/tab.mjs';

/** In place of the guide's. */
const SETTINGS = `
  import { createTransport } from '@sentry/browser';
  window.sent = [];
  const keep = async ({ body }) => {
    const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
    window.sent.push(...text.trim().split('\\n').map((line) => JSON.parse(line)));
    return { statusCode: 200 };
  };
  export const settings = {
    dsn: 'https://public@sentry.test/1',
    tracesSampleRate: 1,
    transport: (options) => createTransport(options, keep),
  };
`;

const requests = [];
const open = (entry) =>
  openGuide('docs/guides/sentry.md', {
    api(request, response, { pathname }) {
      requests.push({ path: pathname, headers: request.headers });
      if (pathname.startsWith('/v1/broken')) return request.socket.destroy();
      if (pathname === '/v1/down') return sendText(response, 503, 'down');
      return sendJson(response, { ok: true });
    },
    entry,
    more: { 'settings.js': SETTINGS },
  });

let guide;
before(async () => {
  guide = await open('page.js');
});
after(() => guide?.stop());

/** What Sentry has sent since the last call and `find` takes. */
async function sent(find) {
  let found;
  await until(async () => {
    found = (await guide.evaluate(() => window.sent)).find(find);
    return !!found;
  }, 'what Sentry sends');
  return found;
}

/** The event of an error that nobody handled. `run` is a script of the page's: a driver's own has no unhandled rejections. */
async function eventOf(run) {
  await guide.evaluate(
    (text) => {
      window.sent.length = 0;
      const script = document.createElement('script');
      script.textContent = text;
      document.head.append(script);
    },
    `(${run})();`.replaceAll('https://push.example.com', guide.push),
  );
  return sent(({ exception }) => exception);
}

const hadokenTags = ({ tags }) =>
  Object.fromEntries(Object.entries(tags ?? {}).filter(([name]) => name.startsWith('hadoken.')));

test('a refusal that nobody handles is tagged and grouped by what was refused', async () => {
  const event = await eventOf(() => void window.page.hadoken.fetch('/v2/users/42?token=secret'));
  assert.match(event.exception.values[0].value, /outside the rules/);
  assert.deepEqual(hadokenTags(event), {
    'hadoken.code': 'POLICY_REFUSED',
    'hadoken.method': 'GET',
    'hadoken.url': '/v2/users/*',
  });
  assert.deepEqual(event.fingerprint, ['hadoken', 'POLICY_REFUSED', 'GET', '/v2/users/*']);
});

test('so is the network’s own error, also where a library has wrapped it', async () => {
  const event = await eventOf(
    () =>
      void window.page.hadoken
        .fetch('/v1/broken/7', { method: 'POST' })
        .catch((cause) => Promise.reject(new Error('Could not save', { cause }))),
  );
  assert.deepEqual(event.fingerprint, ['hadoken', 'TypeError', 'POST', '/v1/broken/*']);
});

test('an error that is none of Hadoken’s is left as it is', async () => {
  const event = await eventOf(() => void Promise.reject(new RangeError('mine')));
  assert.equal(event.fingerprint, undefined);
  assert.deepEqual(hadokenTags(event), {});
});

test('an event has the requests, sockets and states before it, and no query', async () => {
  await guide.evaluate(async () => {
    const { hadoken } = window.page;
    const socket = new hadoken.WebSocket('/v1/live?token=secret');
    await new Promise((resolve) => {
      socket.onclose = resolve;
    });
    const reported = new Promise((resolve) => hadoken.once('request', resolve));
    await (await hadoken.fetch('/v1/down?token=secret')).text();
    await reported;
  });
  const event = await eventOf(() => void window.page.hadoken.fetch('/v1/broken?token=secret'));
  const crumbs = event.breadcrumbs.filter(({ category }) => category.startsWith('hadoken.'));
  assert.doesNotMatch(JSON.stringify(crumbs), /secret/);
  const of = (category) => crumbs.filter((crumb) => crumb.category === category);
  assert.ok(of('hadoken.state').some(({ message }) => message === 'connected'));
  const socket = of('hadoken.socket').at(-1);
  assert.equal(socket.message, `webSocket ${guide.push.replace('http', 'ws')}/v1/live: failed`);
  assert.equal(socket.level, 'error');
  const [down, broken] = of('hadoken.request').slice(-2);
  assert.deepEqual(
    [down.level, down.data.url, down.data.status_code],
    ['error', `${guide.push}/v1/down`, 503],
  );
  // The very request that failed is the last of them.
  assert.deepEqual(
    [broken.level, broken.data.url, broken.data.code],
    ['error', `${guide.push}/v1/broken`, 'TypeError'],
  );
});

/** Sentry keeps the spans of some seconds for one envelope. */
const findSpan =
  (name) =>
  ({ items }) =>
    items?.some((span) => span.name === name);

test('a traced request has a span, and tells the API which trace it is of', async () => {
  await guide.evaluate(async () => (await window.page.fetch('/v1/me?token=secret')).json());
  const { headers } = requests.findLast(({ path }) => path === '/v1/me');
  const [trace, id] = headers['sentry-trace'].split('-');
  assert.match(headers.baggage, new RegExp(`sentry-trace_id=${trace}`));
  const { items } = await sent(findSpan('GET /v1/me'));
  const span = items.find(({ name }) => name === 'GET /v1/me');
  assert.deepEqual([span.trace_id, span.span_id], [trace, id]);
  assert.equal(span.attributes['http.response.status_code'].value, 200);
});

test('a frame that is given up is reported, though nobody waits for a call', async () => {
  guide.files.set('host.js', "hadokenFrame.serve({ origins: ['https://other.example.com'] });");
  const event = await eventOf(() => document.querySelector('noscript.hadoken').remove());
  assert.deepEqual(event.fingerprint, ['hadoken', 'ORIGIN_REFUSED', 'none', 'none']);
});

test('what close() ends is no event', async () => {
  const event = await eventOf(() => {
    const { hadoken } = window.page;
    hadoken.reconnect();
    void hadoken.fetch('/v1/me');
    hadoken.close();
    setTimeout(() => Promise.reject(new Error('after it')), 100);
  });
  assert.equal(event.exception.values[0].value, 'after it');
});

test('with the drop-in, Sentry’s own instrumentation sees what goes through the frame', async () => {
  await guide.stop();
  guide = await open('with-drop-in.js');
  const event = await eventOf(async () => {
    await (await fetch('https://push.example.com/v1/me?a=1')).json();
    throw new Error('after it');
  });
  const { headers } = requests.findLast(({ path }) => path === '/v1/me');
  assert.equal(headers['hadoken-origin'], guide.app);
  const crumb = event.breadcrumbs.find(({ category }) => category === 'fetch');
  assert.deepEqual([crumb.data.url, crumb.data.status_code], [`${guide.push}/v1/me?a=1`, 200]);
  const [trace, id] = headers['sentry-trace'].split('-');
  assert.equal(event.contexts.trace.trace_id, trace);
  const { items } = await sent(({ items }) => items?.some(({ span_id }) => span_id === id));
  const span = items.find(({ span_id }) => span_id === id);
  assert.equal(span.attributes['http.response.status_code'].value, 200);
});
