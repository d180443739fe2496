/** `hadoken/testing`: what a host.js allows, asked in Node. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { HadokenError } from '../../dist/hadoken.node.mjs';
import { createTestHost, readHost } from '../../dist/testing.mjs';

const origin = 'https://app.example.com';
const options = {
  origins: [origin, 'https://*.shop.example.com'],
  fetch: [
    { path: '/v1/*', methods: ['GET', 'POST'], headers: ['x-own'] },
    { path: '/admin/:id', origins: [origin] },
  ],
  eventSource: [{ path: '/events' }],
  webSocket: true,
  io: { namespaces: { '/': true, '/chat': { emit: ['say'], on: ['said'] } } },
};
const codeOf = (verdict) => (verdict.allowed ? 'allowed' : verdict.code);

test('it says whether a page may: by origin, path, method and header', async () => {
  const host = createTestHost(options);
  for (const [question, code] of [
    [{ method: 'POST', path: '/v1/x' }, 'allowed'],
    [{ path: '/v1/x?a=b', headers: { 'x-own': '1' } }, 'allowed'],
    [{ path: 'https://push.example.com/v1/x' }, 'allowed'],
    [{ method: 'DELETE', path: '/v1/x' }, 'POLICY_REFUSED'],
    [{ path: '/v1/x', headers: { 'x-other': '1' } }, 'POLICY_REFUSED'],
    [{ path: '/v2/x' }, 'POLICY_REFUSED'],
    [{ path: '/v1/../v2/x' }, 'POLICY_REFUSED'],
    [{ path: '/v1/%2e%2e%2fv2' }, 'POLICY_REFUSED'],
    [{ path: 'https://elsewhere.example.com/v1/x' }, 'POLICY_REFUSED'],
    [{ path: '/admin/1' }, 'allowed'],
    [{ path: '/admin/1', origin: 'https://a.shop.example.com' }, 'POLICY_REFUSED'],
    [{ path: '/v1/x', origin: 'https://a.shop.example.com' }, 'allowed'],
    [{ path: '/v1/x', origin: 'https://a.b.shop.example.com' }, 'ORIGIN_REFUSED'],
    [{ path: '/v1/x', origin: 'http://app.example.com' }, 'ORIGIN_REFUSED'],
    [{ path: '/v1/x', origin: 'null' }, 'ORIGIN_REFUSED'],
    [{ kind: 'eventSource', path: '/events' }, 'allowed'],
    [{ kind: 'eventSource', path: '/events/2' }, 'POLICY_REFUSED'],
    [{ kind: 'webSocket', path: '/any' }, 'allowed'],
    [{ kind: 'webSocket', path: '/socket.io/' }, 'POLICY_REFUSED'],
    [{ kind: 'webSocket', path: '/any', origin: 'null' }, 'ORIGIN_REFUSED'],
    [{ kind: 'io' }, 'allowed'],
    [{ kind: 'io', namespace: '/chat', emit: 'say', on: 'said' }, 'allowed'],
    [{ kind: 'io', namespace: '/chat', emit: 'said' }, 'POLICY_REFUSED'],
    [{ kind: 'io', namespace: '/chat', on: 'say' }, 'POLICY_REFUSED'],
    [{ kind: 'io', namespace: '/admin' }, 'POLICY_REFUSED'],
    [{ kind: 'io', namespace: '__proto__' }, 'POLICY_REFUSED'],
  ])
    assert.equal(codeOf(await host.ask({ origin, ...question })), code, JSON.stringify(question));
});

test('a refusal says what to add, and what is allowed shows the request as it would be sent', async () => {
  const host = createTestHost({
    ...options,
    onRequest: (request) => request.headers.set('authorization', 'Bearer token'),
  });
  const refused = await host.ask({ origin, method: 'PUT', path: '/v1/x' });
  assert.match(refused.message, /PUT.*methods.*host\.js/);
  const { request } = await host.ask({ origin, method: 'POST', path: '/v1/x', body: 'a' });
  assert.equal(request.headers.get('authorization'), 'Bearer token');
  assert.equal(request.headers.get('hadoken-origin'), origin);
  assert.equal(await request.text(), 'a');
});

test('a hook that throws is told by its code, and its message goes to the log alone', async () => {
  const logged = [];
  const log = (message) => logged.push(message);
  const onRequest = () => {
    throw new Error('secret');
  };
  const host = createTestHost({ ...options, onRequest }, { log });
  const verdict = await host.ask({ origin, path: '/v1/x' });
  assert.equal(verdict.code, 'HOST_FAILED');
  assert.ok(!verdict.message.includes('secret'));
  assert.ok(logged.some((message) => message.includes('secret')));
});

test('a page’s client has the config, the services, and the answers that the test gives', async () => {
  const host = createTestHost(
    {
      ...options,
      config: ({ origin: page }) => ({ page }),
      services: { sums: { add: (a, b) => a + b } },
      onResponse: () => Response.json({ from: 'onResponse' }),
    },
    { url: 'https://api.example.com/hadoken/frame.html', respond: () => Response.json(1) },
  );
  const page = host.connect(origin);
  await page.ready;
  assert.equal(page.origin, 'https://api.example.com');
  assert.deepEqual(page.config, { page: origin });
  assert.equal(await page.service('sums').add(1, 2), 3);
  assert.deepEqual(await (await page.fetch('/v1/x')).json(), { from: 'onResponse' });
  page.close();
  const stranger = host.connect('https://stranger.example.com');
  await assert.rejects(stranger.ready, { code: 'ORIGIN_REFUSED' });
  stranger.close();
});

test('a host.js may listen to events of its scope, by either name', () => {
  const { origins } = readHost(`
    addEventListener('unhandledrejection', () => {});
    self.addEventListener('error', function onError() { self.removeEventListener('error', onError); });
    self.dispatchEvent(new Event('error'));
    self.reportError(new Error('reported'));
    hadokenFrame.serve({ origins: ['${origin}'] });
  `);
  assert.deepEqual(origins, [origin]);
});

test('a host.js’ own fetch is answered by respond, and a path is one of the frame’s origin', async () => {
  const options = readHost(`
    hadokenFrame.serve({
      origins: ['${origin}'],
      fetch: true,
      vault: {
        async refresh() {
          const answer = await (await fetch('/oauth/token', { method: 'POST' })).json();
          return { token: answer.access_token, expiresIn: answer.expires_in };
        },
      },
    });`);
  const host = createTestHost(options, {
    respond: ({ url, method, headers }) =>
      url === 'https://push.example.com/oauth/token' && method === 'POST'
        ? Response.json({ access_token: 't1', expires_in: 60 })
        : Response.json(headers.get('authorization')),
  });
  const page = host.connect(origin);
  assert.equal(await (await page.fetch('/v1/me')).json(), 'Bearer t1');
  page.close();
  const { request } = await host.ask({ origin, path: '/v1/me' });
  assert.equal(request.headers.get('authorization'), 'Bearer t1');
});

test('a host.js may have a fetch of its own', () => {
  const options = readHost(
    `const { fetch } = self; hadokenFrame.serve({ origins: ['${origin}'], fetch: true });`,
  );
  assert.equal(options.fetch, true);
});

test('a host.js’ notices reach the pages of the test host, and its services those they name', async () => {
  const admin = 'https://admin.example.com';
  const options = readHost(`
    const { serve, service, notify } = hadokenFrame;
    serve({
      origins: ['${origin}', '${admin}'],
      services: {
        open: { tell(...args) { notify(...args); return this.origin; } },
        admin: service({ wipe() { return this.origin; } }, { origins: ['${admin}'] }),
      },
    });`);
  const host = createTestHost(options);
  const [page, other] = [host.connect(origin), host.connect(admin)];
  const heard = { page: [], other: [] };
  page.on('notify', (...args) => heard.page.push(args));
  other.on('notify', (...args) => heard.other.push(args));
  await other.ready;
  assert.equal(await page.service('open').tell('to all', 1), origin);
  await page.service('open').tell('to admins', 2, { origins: [admin] });
  const elsewhere = { origins: ['https://elsewhere.example.com'] };
  await assert.rejects(page.service('open').tell('no', 3, elsewhere), { code: 'INVALID_ARGUMENT' });
  assert.equal(await other.service('admin').wipe(), admin);
  await assert.rejects(page.service('admin').wipe(), { code: 'POLICY_REFUSED' });
  assert.deepEqual(heard, {
    page: [['to all', 1]],
    other: [
      ['to all', 1],
      ['to admins', 2],
    ],
  });
  page.close();
  other.close();
});

test('what the hooks refuse is refused, for streams and Socket.IO as for requests', async () => {
  const refuse = () => {
    throw new HadokenError('POLICY_REFUSED', 'not today');
  };
  const rules = { origins: [origin], fetch: true, eventSource: true, webSocket: true, io: true };
  const asked = [{ path: '/' }, { kind: 'eventSource', path: '/' }, { kind: 'io' }];
  const ask = (hooks, question) =>
    createTestHost({ ...rules, ...hooks }).ask({ origin, ...question });
  for (const question of asked) {
    const refused = await ask({ onRequest: refuse, auth: refuse }, question);
    assert.equal(refused.message, 'not today', JSON.stringify(question));
    assert.equal((await ask({ auth: async () => ({ token: 'a' }) }, question)).allowed, true);
  }
  const onRequest = (request) => request.headers.set('authorization', 'Bearer a');
  const { request } = await ask({ onRequest }, { kind: 'eventSource', path: '/news' });
  assert.equal(request.headers.get('authorization'), 'Bearer a');
  assert.equal((await ask({}, { kind: 'io', emit: 'connect' })).code, 'POLICY_REFUSED');
});

test('a question that can’t be read is no answer, and what `respond` throws is neither', async () => {
  const host = createTestHost(options);
  for (const question of [
    undefined,
    { origin },
    { origin, kind: 'websocket', path: '/' },
    { origin, kind: 'io', nsp: '/admin' },
    { origin, path: '/', methods: 'GET' },
    { origin, kind: 'toString', path: '/' },
  ])
    await assert.rejects(
      host.ask(question),
      { code: 'INVALID_ARGUMENT' },
      JSON.stringify(question),
    );
  const question = { origin, path: '/v1/x' };
  const failing = (respond) => createTestHost({ origins: [origin], fetch: true }, { respond });
  const thrown = new RangeError('expected 1 to be 2');
  const fail = () => {
    throw thrown;
  };
  await assert.rejects(failing(fail).ask(question), (error) => error === thrown);
  await assert.rejects(failing(() => 5).ask(question), { name: 'TypeError', message: /respond/ });
  assert.throws(() => createTestHost(), { code: 'INVALID_ARGUMENT', message: /no options/ });
});

test('an upload that `respond` reads in part, or not at all, is answered, and nothing is uncaught', async () => {
  const errors = [];
  const onError = (error) => errors.push(error);
  process.on('uncaughtException', onError);
  const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  try {
    for (const isRead of [true, false]) {
      const host = createTestHost(options, {
        async respond({ body }) {
          if (isRead) for await (const _chunk of body) break;
          else await body.cancel();
          await pause(200);
          return new Response('enough');
        },
      });
      const page = host.connect(origin);
      let count = 0;
      const body = new ReadableStream({
        async pull(controller) {
          await pause(30);
          if (count++ < 4) controller.enqueue(new Uint8Array(10));
          else controller.close();
        },
      });
      const init = { method: 'POST', body, duplex: 'half' };
      assert.equal(await (await page.fetch('/v1/x', init)).text(), 'enough');
      page.close();
    }
    await pause(100);
  } finally {
    process.off('uncaughtException', onError);
  }
  assert.deepEqual(errors, []);
});

test('a page’s client has no WebSocket and no Socket.IO, and says so', async () => {
  const page = createTestHost({ ...options, io: true, webSocket: true }).connect(origin);
  const error = await new Promise((resolve) => page.io('/').on('connect_error', resolve));
  const socket = new page.WebSocket('/chat');
  const event = await new Promise((resolve) => socket.addEventListener('error', resolve));
  for (const { code, message } of [error, event.error]) {
    assert.equal(code, 'UNSUPPORTED');
    assert.match(message, /ask\(\)/);
  }
  page.close();
});

test('it throws what serve() throws', () => {
  for (const wrong of [
    {},
    { origins: ['*'] },
    { ...options, ftech: true },
    { ...options, io: { paht: '' } },
  ])
    assert.throws(() => createTestHost(wrong), { code: 'INVALID_ARGUMENT' }, JSON.stringify(wrong));
});

test('readHost() runs a plain host.js, and says where it does not serve', async () => {
  const text = readFileSync(new URL('../fixtures/hosts/default.js', import.meta.url), 'utf8');
  const host = createTestHost(readHost(text.replaceAll('{{APP}}', origin)));
  assert.equal((await host.ask({ origin, method: 'PUT', path: '/any' })).allowed, true);
  assert.equal((await host.ask({ origin: 'https://b.example', path: '/any' })).allowed, false);
  assert.equal(typeof readHost(text).origins, 'object');
  const ending = 'hadokenFrame.serve({ services: { out: { end: hadokenFrame.endShared } } });';
  assert.equal(await readHost(ending).services.out.end(), undefined);
  assert.throws(() => readHost(''), { code: 'INVALID_ARGUMENT' });
  const twice = 'hadokenFrame.serve({}); hadokenFrame.serve({});';
  assert.throws(() => readHost(twice), { code: 'INVALID_ARGUMENT' });
  assert.throws(() => readHost('throw new RangeError()'), RangeError);
  assert.throws(() => readHost("import 'a';"), { code: 'INVALID_ARGUMENT', message: /no module/ });
  const where = 'self.hadokenFrame.serve({ origins: [self.location.origin] });';
  assert.deepEqual(readHost(where).origins, ['https://push.example.com']);
  assert.deepEqual(readHost(where, 'https://a.test/host.js').origins, ['https://a.test']);
});
