/** The Node client, of dist, against the tests' own servers: what it sends, what it refuses, and what it leaves behind. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import test, { after, afterEach, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { connect, HadokenError, isHadokenError, transfer } from '../../dist/hadoken.node.mjs';
import { startPushServer } from '../support/push-server.mjs';

const entry = new URL('../../dist/hadoken.node.mjs', import.meta.url).href;
let origin;
let server;
before(async () => {
  server = await startPushServer({});
  origin = `http://127.0.0.1:${server.port}`;
});
after(() => server.stop());

const clients = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});
function open(options, page = `${origin}/hadoken/frame.html`) {
  const client = connect(page, options);
  clients.push(client);
  return client;
}
/** Resolves once `check` gives something true; a test that waits for ever fails by its time. */
const until = async (check) => {
  while (!check()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const json = async (asked) => (await asked).json();
const next = (target, name) =>
  new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));

test('the package gives Node this client, by import and by its own name, and by require', async () => {
  const resolved = import.meta.resolve('hadoken');
  assert.equal(resolved, entry);
  assert.equal(import.meta.resolve('hadoken/node'), entry);
  assert.equal(createRequire(import.meta.url).resolve('hadoken'), fileURLToPath(entry));
});

test('it connects at once, says what it is configured with, and closes', async () => {
  const states = [];
  const client = open({ config: ({ origin: page }) => ({ page }), origin: 'https://app.example' });
  client.on('statechange', (state) => states.push(state));
  assert.equal(client.state, 'connecting');
  assert.equal(await client.ready, client);
  assert.deepEqual(client.config, { page: 'https://app.example' });
  assert.equal(client.origin, origin);
  client.close();
  assert.deepEqual(states, ['connected', 'closed']);
  await assert.rejects(client.fetch('/api/echo'), { code: 'CLOSED' });
  await assert.rejects(client.ready, { code: 'CLOSED' });
});

test('a config that fails, or does not clone, fails the client and says so', async () => {
  const failing = open({ log: 'silent', config: () => Promise.reject(new Error('secret')) });
  await assert.rejects(failing.ready, { code: 'HOST_FAILED' });
  assert.equal(failing.state, 'failed');
  const unclonable = open({ log: 'silent', config: { run() {} } });
  await assert.rejects(unclonable.ready, { code: 'HOST_FAILED' });
});

test('connect() throws INVALID_ARGUMENT for what can’t be read', () => {
  const page = 'https://push.example.com/frame.html';
  for (const [frame, options, word] of [
    ['/hadoken/frame.html', {}, 'URL'],
    ['ws://push.example.com/', {}, 'URL'],
    ['', {}, 'URL'],
    [page, { timeout: '1' }, 'timeout'],
    [page, { origin: 'app.example.com' }, 'origin'],
    [page, { origin: 'https://app.example.com/' }, 'origin'],
    [page, { origin: '*' }, 'origin'],
    [page, { origin: 'null' }, 'origin'],
    [page, { origin: 'https://*.example.com' }, 'origin'],
    [page, { headers: { 'a b': '1' } }, 'headers'],
    [page, { headers: { a: 'b\r\nc: d' } }, 'headers'],
    [page, { services: 1 }, 'services'],
    [page, { io: { paht: '/a' } }, 'paht'],
    [page, { io: { shared: true } }, 'shared'],
    [page, { io: false }, 'io'],
    [page, { io: { path: 'a' } }, 'path'],
    [page, { io: { transports: ['webtransport'] } }, 'webtransport'],
    [page, { header: {} }, 'header'],
    [page, 5, '5'],
    [page, null, 'null'],
    [page, { services: { a: 5 } }, 'services'],
    [null, {}, 'null'],
    [Symbol('a'), {}, 'Symbol(a)'],
    ['http://user:secret@push.example.com/', {}, 'password'],
    ...['http://', 'x', '/', 'ftp://push.example.com', 'https://push.example.com/chat'].map(
      (url) => [page, { io: { url } }, 'url'],
    ),
  ])
    assert.throws(
      () => open(options, frame),
      ({ code, message }) =>
        code === 'INVALID_ARGUMENT' && /^connect\(\)/.test(message) && message.includes(word),
      JSON.stringify([String(frame), options]),
    );
  const headers = { accept: '*/*', authorization: 'Bearer SECRET\n1' };
  for (const given of [headers, Object.entries(headers)])
    assert.throws(
      () => open({ headers: given }, page),
      ({ message }) => message.includes('authorization') && !message.includes('SECRET'),
    );
});

test('headers and origin go with every request and every handshake, and a request’s own come first', async () => {
  const client = open({
    headers: { Authorization: 'Bearer key', 'x-key': '1', 'hadoken-origin': 'https://made.up' },
    origin: 'https://app.example.com',
  });
  const { headers } = await json(client.fetch('/api/echo'));
  assert.equal(headers.authorization, 'Bearer key');
  assert.equal(headers['hadoken-origin'], 'https://app.example.com');
  const own = await json(
    client.fetch('/api/echo', { headers: { 'x-key': '2', cookie: 'a=b', 'hadoken-origin': 'x' } }),
  );
  assert.equal(own.headers['x-key'], '2');
  assert.equal(own.headers.cookie, 'a=b');
  assert.equal(own.headers['hadoken-origin'], 'https://app.example.com');

  const ws = new client.WebSocket('/streams/ws/headers');
  const { data } = await next(ws, 'message');
  assert.equal(JSON.parse(data).authorization, 'Bearer key');
  assert.equal(JSON.parse(data)['hadoken-origin'], 'https://app.example.com');

  for (const transports of [['websocket'], ['polling']])
    for (const origin of [undefined, 'https://app.example.com']) {
      const other = open({ headers: { authorization: 'Bearer io' }, origin, io: { transports } });
      const who = await other.io('/').emitWithAck('whoami');
      assert.equal(who.headers.authorization, 'Bearer io');
      assert.equal(who.transport, transports[0]);
      assert.equal(who.headers['hadoken-origin'], origin);
    }
  const plain = await json(open().fetch('/api/echo'));
  assert.equal('hadoken-origin' in plain.headers, false);
  assert.equal('authorization' in plain.headers, false);
});

test('an event stream has the headers too', async () => {
  const client = open({ headers: { authorization: 'Bearer key' } });
  const source = new client.EventSource('/streams/sse?id=headers&body=id:1%0Adata:a%0A%0A');
  assert.equal((await next(source, 'message')).data, 'a');
  const [seen] = await json(client.fetch('/api/log?id=headers'));
  assert.equal(seen.headers.authorization, 'Bearer key');
});

test('clients share nothing: no cookie of one goes with another, nor with its own next request', async () => {
  const one = open({ headers: { authorization: 'one' } });
  const two = open({ headers: { authorization: 'two' } });
  await one.fetch('/api/cookie?name=session&value=secret');
  for (const client of [one, two])
    assert.deepEqual(await json(client.fetch('/api/cookie')), { cookies: '' });
  assert.notEqual(one.io('/').io, two.io('/').io);
  const seen = await Promise.all([one, two].map((client) => json(client.fetch('/api/echo'))));
  assert.deepEqual(seen.map(({ headers }) => headers.authorization).sort(), ['one', 'two']);
});

test('all of the frame’s origin is allowed, and no other', async () => {
  const client = open({ log: 'silent' });
  // What a frame's rules would have to name: Socket.IO's path, a proxy's headers, a path of two readings.
  const asked = [
    client.fetch('/socket.io/?EIO=4&transport=polling'),
    client.fetch('/api/echo', { headers: { 'x-forwarded-for': '1.2.3.4' } }),
    client.fetch('/api/echo?%2e%2e/a%2Fb', { method: 'DELETE' }),
  ];
  for (const answer of await Promise.all(asked)) assert.equal(answer.status, 200);
  const { port } = new URL(origin);
  for (const url of [
    'https://elsewhere.example/',
    `http://localhost:${port}/`,
    `https://127.0.0.1:${port}/`,
  ])
    await assert.rejects(client.fetch(url), { code: 'POLICY_REFUSED' }, url);
  const socket = client.io('https://elsewhere.example/', { reconnection: false });
  const error = await new Promise((resolve) => socket.on('connect_error', resolve));
  assert.equal(error.code, 'POLICY_REFUSED');
});

test('redirects stay on the frame’s origin: nothing is sent to another, in any way to ask', async () => {
  const client = open({ headers: { authorization: 'secret' } });
  const elsewhere = await startPushServer({});
  const to = `http://127.0.0.1:${elsewhere.port}/api/echo?id=reached`;
  for (const status of [301, 302, 303, 307, 308])
    for (const init of [{}, { method: 'POST', body: 'secret' }, { method: 'PUT', body: 'secret' }])
      await assert.rejects(
        client.fetch(`/api/redirect?status=${status}&to=${encodeURIComponent(to)}`, init),
        TypeError,
      );
  const polling = createServer((_request, response) =>
    response.writeHead(307, { location: to }).end(),
  ).listen(0, '127.0.0.1');
  await once(polling, 'listening');
  const url = `http://127.0.0.1:${polling.address().port}/`;
  for (const transports of [['polling'], ['websocket']]) {
    const other = open({ headers: { authorization: 'secret' }, io: { transports } }, url);
    const socket = other.io('/', { reconnection: false });
    await new Promise((resolve) => socket.on('connect_error', resolve));
  }
  polling.close();
  const source = new client.EventSource(`/streams/sse?to=${encodeURIComponent(to)}`);
  await next(source, 'error');
  source.close();
  const reached = async () =>
    (await json(fetch(`http://127.0.0.1:${elsewhere.port}/api/log?id=reached`))).length;
  assert.equal(await reached(), 0);
  await fetch(to);
  assert.equal(await reached(), 1, 'it would have been noted');
  await elsewhere.stop();
});

test('redirects on the origin are followed as Node’s own fetch follows them', async () => {
  const client = open();
  const form = new FormData();
  form.append('file', new File(['a'], 'a.txt'));
  for (const status of [301, 302, 303, 307, 308])
    for (const [method, body] of [
      ['GET'],
      ['HEAD'],
      ['POST', 'text'],
      ['PUT', new Blob(['blob'], { type: 'a/b' })],
      ['POST', new URLSearchParams('a=b')],
    ]) {
      const path = `/api/redirect?n=2&status=${status}`;
      const both = await Promise.all(
        [client.fetch(path, { method, body }), fetch(origin + path, { method, body })].map(
          async (asked) => {
            const answer = await asked;
            const { redirected, url } = answer;
            const text = method === 'HEAD' ? '' : await answer.text();
            return { redirected, url, status: answer.status, text };
          },
        ),
      );
      assert.deepEqual(both[0], both[1], `${status} ${method}`);
    }
  const sent = await json(client.fetch('/api/redirect?status=307', { method: 'POST', body: form }));
  const [, boundary] = /boundary=(.*)/.exec(sent.headers['content-type']);
  assert.ok(atob(sent.body).startsWith(`--${boundary}`));
  const many = client.fetch('/api/redirect?n=21');
  await assert.rejects(many, TypeError);
});

test('a failed request says why, as Node’s own does', async () => {
  const none = await startPushServer({});
  const closed = `http://127.0.0.1:${none.port}`;
  await new Promise((resolve) => none.server.close(resolve));
  const client = open({}, `${closed}/frame.html`);
  await assert.rejects(client.fetch('/v1/me'), (error) => {
    assert.ok(error instanceof TypeError);
    assert.equal(error.code, 'ECONNREFUSED');
    assert.match(error.message, /ECONNREFUSED/);
    assert.equal(error.url, `${closed}/v1/me`);
    return true;
  });
  const source = open();
  await assert.rejects(source.fetch('/api/reset'), TypeError);
  const reason = new RangeError('mine');
  const aborted = new AbortController();
  const asked = source.fetch('/api/hang', { signal: aborted.signal });
  aborted.abort(reason);
  await assert.rejects(asked, (error) => error === reason);
  await assert.rejects(source.fetch('/api/hang', { timeout: 500 }), { name: 'TimeoutError' });
});

test('bodies stream both ways, and progress is told', async () => {
  const client = open();
  const chunks = ['one', 'two', 'three'];
  const body = new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk) controller.enqueue(new TextEncoder().encode(chunk));
      else controller.close();
    },
  });
  const sent = await json(client.fetch('/api/echo', { method: 'POST', body, duplex: 'half' }));
  assert.equal(atob(sent.body), 'onetwothree');
  assert.equal(sent.headers['transfer-encoding'], 'chunked');

  const up = [];
  const down = [];
  const large = new Uint8Array(1_000_000).fill(7);
  const answer = await client.fetch('/api/upload', {
    method: 'POST',
    body: large,
    onUploadProgress: ({ loaded }) => up.push(loaded),
  });
  assert.equal((await answer.json()).bytes, large.length);
  assert.equal(up.at(-1), large.length);
  const got = await client.fetch('/api/bytes/2000000', {
    onDownloadProgress: ({ loaded, total }) => down.push([loaded, total]),
  });
  let length = 0;
  for await (const chunk of got.body) length += chunk.length;
  assert.equal(length, 2_000_000);
  assert.deepEqual(down.at(-1), [2_000_000, 2_000_000]);
});

test('services are called in this process, by structured clone, and only own methods', async () => {
  const given = [];
  const client = open({
    services: {
      sums: {
        add: (a, b) => a + b,
        keep: (value) => given.push(value),
        fail: () => Promise.reject(Object.assign(new RangeError('too much'), { code: 'E_MUCH' })),
        buffer: (bytes) => transfer({ bytes }, [bytes]),
      },
    },
  });
  const sums = client.service('sums');
  assert.equal(await sums.add(1, 2), 3);
  const value = { at: new Date(0) };
  await sums.keep(value);
  assert.deepEqual(given[0], value);
  assert.notEqual(given[0], value);
  await assert.rejects(sums.fail(), { name: 'RangeError', code: 'E_MUCH' });
  await assert.rejects(sums.toString(), { code: 'METHOD_NOT_FOUND' });
  await assert.rejects(client.service('none').add(), {
    code: 'METHOD_NOT_FOUND',
    message: "service('none').add does not exist. Add it to services of connect().",
  });
  const bytes = new ArrayBuffer(8);
  assert.equal((await sums.buffer(transfer(bytes, [bytes]))).bytes.byteLength, 8);
  assert.equal(bytes.byteLength, 0);
  const error = await client
    .service('none')
    .add()
    .catch((caught) => caught);
  assert.ok(error instanceof HadokenError && isHadokenError(error));
});

test('Socket.IO is served with msgpack, and bytes are Buffers as with the original', async () => {
  const io = { path: '/msgpack.io/', parser: 'msgpack' };
  for (const transports of [['websocket'], ['polling']]) {
    const socket = open({ io: { ...io, transports } }).io('/');
    const value = { deep: [Buffer.from('a'), 'žluť', 1.5], not: null };
    assert.deepEqual(await socket.emitWithAck('echo', value), value);
    const back = once(socket, 'now');
    socket.emit('emit-date', 'now', 1_000);
    assert.deepEqual(await back, [new Date(1_000)]);
  }
});

test('requests go on after a manager has come and gone', async () => {
  const client = open();
  assert.equal((await client.fetch('/api/echo')).status, 200);
  const socket = client.io('/', { forceNew: true });
  await once(socket, 'connect');
  socket.disconnect();
  assert.equal((await client.fetch('/api/echo')).status, 200);
});

test('Socket.IO is served: namespaces, acknowledgements, binary, its own path', async () => {
  const client = open({ io: { path: '/plain.io/' } });
  const chat = client.io('/chat');
  const early = chat.emitWithAck('echo', 'before the connection');
  await new Promise((resolve) => chat.on('connect', resolve));
  assert.equal(await early, 'before the connection');
  const bytes = await new Promise((resolve) =>
    chat.emit('binary', new Uint8Array([1, 2, 3]), (_seen, back) => resolve(back)),
  );
  assert.deepEqual(bytes, Buffer.from([1, 2, 3]));
  const nested = await chat.emitWithAck('echo', { deep: [Buffer.from('a')], not: null });
  assert.deepEqual(nested, { deep: [Buffer.from('a')], not: null });
  const manager = new client.Manager({ autoConnect: false });
  assert.equal(manager.socket('/').connected, false);
  const refused = client.io('/admin');
  const error = await new Promise((resolve) => refused.on('connect_error', resolve));
  assert.equal(error.message, 'not an admin');
  assert.deepEqual(error.data, { code: 'E_ADMIN', retry: false });
});

/** What a process prints that does `what`. It is ended if it does not end by itself, and then fails the test. */
async function run(what) {
  const script = fileURLToPath(new URL('../fixtures/node/exits.mjs', import.meta.url));
  const child = spawn(process.execPath, [script, entry, origin, what], {
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 120_000,
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const [code, signal] = await once(child, 'close');
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, what);
  return output;
}

test('a service’s streams and signals are what they are on a page', async () => {
  const ended = [];
  const count = async function* (to, name) {
    try {
      for (let i = 1; i <= to; i++) yield i;
    } finally {
      ended.push(name);
    }
  };
  const client = open({
    services: {
      all: {
        count,
        stream: () => ReadableStream.from(count(5, 'stream')),
        who() {
          return this.origin;
        },
        until: (signal) =>
          new Promise((resolve) => {
            const tell = () => resolve([signal.reason.name, signal.reason instanceof DOMException]);
            if (signal.aborted) tell();
            else signal.addEventListener('abort', tell);
          }),
      },
    },
    origin: 'https://app.example.com',
  });
  const all = client.service('all');
  const items = [];
  for await (const item of all.count(20, 'count')) items.push(item);
  assert.deepEqual(
    items,
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
  for await (const item of await all.stream()) if (item === 2) break;
  for await (const item of all.count(1_000, 'left')) if (item === 20) break;
  await until(() => ended.length === 3);
  assert.deepEqual(ended, ['count', 'stream', 'left']);
  assert.equal(await all.who(), 'https://app.example.com');
  const control = new AbortController();
  const waiting = all.until(control.signal);
  setTimeout(() => control.abort(), 20);
  assert.deepEqual(await waiting, ['AbortError', true]);
  assert.deepEqual(await all.until(AbortSignal.timeout(1)), ['TimeoutError', true]);
  await assert.rejects(
    all.until(() => {}),
    { code: 'INVALID_ARGUMENT' },
  );
  const [open1, open2] = [await all.count(1_000, 'closed'), await all.count(9, 'unread')];
  await open1.next();
  client.close();
  await assert.rejects(open1.next(), { code: 'CLOSED' });
  await assert.rejects(open2.next(), { code: 'CLOSED' });
  await until(() => ended.includes('closed'));
});

test('notify() in Node tells the client whose service calls it, and no other', async () => {
  const { notify } = await import('../../dist/frame.node.mjs');
  const services = {
    session: {
      signOut: (user) => notify('signed-out', { user }),
      later: () => void setTimeout(() => notify('later', 1), 10),
    },
  };
  const heard = { one: [], two: [] };
  const [one, two] = [open({ services }), open({ services })];
  one.on('notify', (...args) => heard.one.push(args));
  two.on('notify', (...args) => heard.two.push(args));
  await two.ready;
  await one.service('session').signOut('ryu');
  await one.service('session').later();
  await until(() => heard.one.length === 2);
  assert.deepEqual(heard, {
    one: [
      ['signed-out', { user: 'ryu' }],
      ['later', 1],
    ],
    two: [],
  });
  await assert.rejects(one.service('session').signOut(Symbol('no')), { name: 'DataCloneError' });
  assert.throws(() => notify('nobody'), { code: 'UNSUPPORTED' });
});

test('an idle client keeps no process alive, what is under way does, and close() lets all go', async () => {
  const done = ['nothing', 'ready', 'fetch', 'service', 'streams', 'io', 'io that gives up'];
  done.push('items', 'items that nobody reads', 'a signal');
  done.push('a client that failed', 'reconnect() after close()');
  for (const output of await Promise.all(done.map(run))) assert.equal(output, 'done\n');
  assert.equal(await run('close'), 'CLOSED io client disconnect\ndone\n');
  assert.equal(await run('what is under way'), '200\nacknowledged\ndone\n');
});

test('a listener that throws is an uncaught error, and stops nothing else', async () => {
  assert.equal(await run('a listener that throws'), 'second\nuncaught: of the listener\ndone\n');
});
