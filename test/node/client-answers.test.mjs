/** What servers may answer the Node client, and what its user is told of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';
import test from 'node:test';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';
import { connect } from '../../dist/hadoken.node.mjs';

/** A server whose requests `answer` answers, and a client of it. */
async function start(context, answer, options) {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${server.address().port}`;
  const client = connect(`${origin}/frame.html`, options);
  context.after(() => {
    client.close();
    server.close();
    server.closeAllConnections();
  });
  return { server, origin, client };
}

/** Answers a part of what it announces, and breaks off. */
function breakOff(response, status, headers = {}) {
  response.writeHead(status, { 'content-length': '1000', ...headers });
  response.write('4');
  // By then the client has read the head, or the answer has failed as a whole.
  setTimeout(() => response.destroy(), 20);
}

test('a poll that breaks off is the end of its connection, and of nothing else', async (context) => {
  const handshake = { sid: 'a', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000 };
  const answer = (request, response) => {
    if (request.method === 'POST') return response.end('ok');
    if (!request.url.includes('sid='))
      return response.end(`0${JSON.stringify({ ...handshake, maxPayload: 1_000_000 })}`);
    breakOff(response, 200);
  };
  const { client } = await start(context, answer, { io: { transports: ['polling'] } });
  const { io: manager } = client.io('/', { reconnection: false });
  const [reason] = await new Promise((resolve) => manager.on('close', (...args) => resolve(args)));
  assert.equal(reason, 'transport error');
});

test('an answer to an EventSource that breaks off and is none ends that, and nothing else', async (context) => {
  const answer = (_request, response) => breakOff(response, 502, { 'content-type': 'text/html' });
  const { client } = await start(context, answer, { log: 'silent' });
  const source = new client.EventSource('/events');
  await once(source, 'error');
  assert.equal(source.readyState, source.CLOSED);
  // What breaks off after it was left would be an unhandled rejection by now.
  await new Promise((resolve) => setTimeout(resolve, 50));
});

test('`integrity` is of the answer at the end of redirects, as with Node’s own fetch', async (context) => {
  const body = 'the body';
  const { client, origin } = await start(context, ({ url }, response) => {
    if (url === '/body') return response.end(body);
    response.writeHead(302, { location: '/body' }).end('the redirect');
  });
  const hash = (algorithm, text) =>
    `${algorithm}-${createHash(algorithm).update(text).digest('base64')}`;
  const right = hash('sha256', body);
  const wrong = hash('sha512', 'another');
  const outcome = (asked) =>
    asked.then(
      (response) => response.text(),
      (error) => error.name,
    );
  for (const [integrity, expected] of [
    [right, body],
    [right.replace(/=+$/, ''), body],
    [hash('sha384', body), body],
    [hash('sha512', body), body],
    [hash('sha256', 'the redirect'), 'TypeError'],
    [wrong, 'TypeError'],
    [`${wrong} ${hash('sha512', body)}`, body],
    // The weaker one is not asked.
    [`${right} ${wrong}`, 'TypeError'],
    [`${right} ${hash('sha256', 'another')}`, body],
    ['md5-abc', body],
    ['', body],
  ])
    for (const path of ['/', '/body']) {
      const ours = await outcome(client.fetch(path, { integrity }));
      assert.equal(ours, expected, `${path} ${integrity}`);
      assert.equal(await outcome(fetch(`${origin}${path}`, { integrity })), ours, integrity);
    }
});

test('the bytes of an event have a buffer of their own', async (context) => {
  const { server, client } = await start(context, (_request, response) => response.end());
  const io = new Server(server);
  context.after(() => io.close());
  io.on('connection', (socket) => socket.emit('bytes', Buffer.from('abc')));
  for (const transports of [['websocket'], ['polling']]) {
    const own = connect(`${client.origin}/frame.html`, { io: { transports } });
    const socket = own.io('/');
    const bytes = await new Promise((resolve) => socket.on('bytes', resolve));
    assert.deepEqual(bytes, Buffer.from('abc'));
    assert.equal(bytes.buffer.byteLength, 3);
    own.close();
  }
});

test('why a connection failed is in `description`, and on the log', async (context) => {
  const lines = [];
  const log = { warn: (line) => lines.push(line), error() {}, info() {}, debug() {} };
  // A server that is no more.
  const { server, origin } = await start(context, (_request, response) => response.end());
  server.close();
  await once(server, 'close');
  const open = (options) => {
    const client = connect(`${origin}/frame.html`, options);
    context.after(() => client.close());
    return client;
  };
  for (const transports of [['websocket'], ['polling']]) {
    const socket = open({ io: { transports } }).io('/', { reconnection: false });
    const { description } = await new Promise((resolve) => socket.on('connect_error', resolve));
    assert.match(description.message, /ECONNREFUSED/);
    if (transports[0] === 'websocket') assert.equal(description.code, 'ECONNREFUSED');
  }
  const client = open({ log });
  for (const Stream of [client.WebSocket, client.EventSource]) {
    const stream = new Stream('/news');
    await once(stream, 'error');
    stream.close();
    assert.equal(lines.length, 1, Stream.name);
    assert.match(lines.pop(), new RegExp(`${Stream.name} .*/news: .*ECONNREFUSED`));
  }
  const closed = new client.WebSocket('/news');
  closed.close();
  await once(closed, 'close');
  assert.deepEqual(lines, []);
});

test('reconnect() counts its attempt as the first', async (context) => {
  const { server, origin } = await start(context, (_request, response) => response.end());
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  const client = connect(`${origin}/frame.html`);
  context.after(() => client.close());
  const settings = { reconnectionDelay: 3_600_000, reconnectionDelayMax: 3_600_000 };
  const { io: manager } = client.io('/', settings);
  await new Promise((resolve) => manager.on('error', resolve));
  const again = createServer().listen(port, '127.0.0.1');
  const io = new Server(again);
  context.after(() => io.close());
  await once(again, 'listening');
  const told = [];
  manager.on('reconnect_attempt', (attempt) => told.push(attempt));
  const connected = new Promise((resolve) => manager.on('reconnect', resolve));
  // The wait begins a turn after the failure is told.
  const timer = setInterval(() => client.reconnect(), 50);
  told.push(await connected);
  clearInterval(timer);
  assert.deepEqual(told, [1, 1]);
});

test('a handshake that can’t be read is a failed connection, and not the end of the process', async (context) => {
  for (const handshake of ['0{bad', '0null', '0', '0[']) {
    const { server, client, origin } = await start(context, (_request, response) =>
      response.end(handshake),
    );
    const sockets = new WebSocketServer({ server });
    context.after(() => sockets.close());
    sockets.on('connection', (socket) => socket.send(handshake));
    for (const transports of [['websocket'], ['polling']]) {
      const own = connect(`${origin}/frame.html`, { io: { transports } });
      const socket = own.io('/', { reconnection: false, timeout: 5_000 });
      const { message } = await new Promise((resolve) => socket.on('connect_error', resolve));
      assert.equal(message, 'parse error', `${handshake} ${transports}`);
      own.close();
    }
    client.close();
  }
});

test('a redirect’s Location is UTF-8, as with Node’s own fetch', async (context) => {
  const { client, origin } = await start(context, ({ url }, response) => {
    if (url !== '/') return response.end(url);
    response.socket.end('HTTP/1.1 302 Found\r\nlocation: /café?ž=1\r\ncontent-length: 0\r\n\r\n');
  });
  const text = await (await client.fetch('/')).text();
  assert.equal(text, '/caf%C3%A9?%C5%BE=1');
  assert.equal(text, await (await fetch(origin)).text());
});

test('an async iterable is a body that is sent as it comes', {
  timeout: 20_000,
}, async (context) => {
  let more;
  const received = new Promise((resolve) => {
    more = resolve;
  });
  const { client } = await start(context, async (request, response) => {
    let text = '';
    for await (const chunk of request) {
      text += chunk;
      more();
    }
    response.end(text);
  });
  async function* chunks() {
    yield Buffer.from('first ');
    // The server has that one before this is asked for more.
    await received;
    yield Buffer.from('second');
  }
  const bodies = [
    chunks(),
    Readable.from([Buffer.from('first '), Buffer.from('second')]),
    Readable.from(['first ', 'second']),
    new ReadableStream({
      start(controller) {
        controller.enqueue('first ');
        controller.enqueue(Buffer.from('second'));
        controller.close();
      },
    }),
    Readable.from([new TextEncoder().encode('first ').buffer, 'second']),
  ];
  for (const body of bodies) {
    const answered = await client.fetch('/', { method: 'POST', body, duplex: 'half' });
    assert.equal(await answered.text(), 'first second');
  }
  await assert.rejects(client.fetch('/', { dispatcher: {} }), {
    code: 'UNSUPPORTED',
    message: /setGlobalDispatcher/,
  });
});

for (const [what, chunk] of Object.entries({
  'an ArrayBuffer': new ArrayBuffer(4),
  'a number': 4,
  nothing: undefined,
}))
  test(`a stream whose chunk is ${what} fails as with Node’s own fetch`, async (context) => {
    const { client, origin } = await start(context, (request, response) => {
      request.on('error', () => {});
      request.resume().on('end', () => response.end());
    });
    const init = () => {
      const body = new ReadableStream({
        start(controller) {
          controller.enqueue(chunk);
          controller.close();
        },
      });
      return { method: 'POST', body, duplex: 'half' };
    };
    await assert.rejects(fetch(origin, init()), { name: 'TypeError' });
    await assert.rejects(client.fetch('/', init()), { name: 'TypeError' });
  });

test('an init may be a Request, or have getters, and null for a signal', async (context) => {
  const { client, origin } = await start(context, async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    response.end(`${request.method} ${text} ${request.headers['x-a']}`);
  });
  const init = { method: 'POST', body: 'hi', headers: { 'x-a': '1' } };
  const asRequest = await client.fetch(`${origin}/`, new Request(`${origin}/`, init));
  assert.equal(await asRequest.text(), 'POST hi 1');
  class Init {
    get method() {
      return 'PUT';
    }
    get body() {
      return Readable.from(['h', 'i']);
    }
    get headers() {
      return { 'x-a': '2' };
    }
    get duplex() {
      return 'half';
    }
  }
  const control = new AbortController();
  const asked = new Request(`${origin}/`, { signal: control.signal });
  assert.equal(await (await client.fetch(asked, new Init())).text(), 'PUT hi 2');
  control.abort();
  await assert.rejects(client.fetch(asked, new Init()), { name: 'AbortError' });
  assert.equal((await client.fetch(asked, { signal: null })).status, 200);
});

test('a stream that never leaves is let go', async (context) => {
  const { client } = await start(context, (_request, response) => response.end());
  const signal = AbortSignal.abort();
  let stream;
  const letGo = new Promise((resolve) => {
    stream = new ReadableStream({ cancel: resolve });
  });
  const asked = client.fetch('/', { method: 'POST', body: stream, duplex: 'half', signal });
  await assert.rejects(asked, { name: 'AbortError' });
  await letGo;
});

test('a timeout may be a fraction, and longer than a timer takes', async (context) => {
  const { client } = await start(context, (_request, response) => {
    setTimeout(() => response.end('there'), 100);
  });
  for (const timeout of [20_000.5, 2 ** 31, Number.MAX_SAFE_INTEGER, 1e300, Infinity])
    assert.equal(await (await client.fetch('/', { timeout })).text(), 'there');
  for (const timeout of [-1, Number.NaN, 'soon', {}])
    await assert.rejects(client.fetch('/', { timeout }), { name: 'TypeError' });
  await assert.rejects(client.fetch('/', { timeout: 1.5 }), { name: 'TimeoutError' });
});

test('what has not left when the host is lost is sent by the next', async (context) => {
  const { client } = await start(context, async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    response.end(`${request.method} ${text}`);
  });
  await client.ready;
  let end;
  const stream = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('slow'));
      end = () => controller.close();
    },
  });
  const init = { method: 'POST', body: stream, duplex: 'half' };
  const asked = client.fetch(new Request(`${client.origin}/`, init));
  // Until its body is read.
  await new Promise((resolve) => setTimeout(resolve, 50));
  client.reconnect();
  await client.ready;
  end();
  assert.equal(await (await asked).text(), 'POST slow');
});

test('an id that no header can have does not keep an EventSource from coming back', async (context) => {
  const ids = [];
  const { client } = await start(context, ({ headers }, response) => {
    ids.push(headers['last-event-id']);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(ids.length === 1 ? 'retry: 1\nid: a\u0001b\ndata: 1\n\n' : 'data: 2\n\n');
  });
  const source = new client.EventSource('/events');
  const told = [];
  await new Promise((resolve) => {
    source.onmessage = ({ data, lastEventId }) => {
      if (told.push([data, lastEventId]) === 2) resolve();
    };
  });
  source.close();
  assert.deepEqual(told, [
    ['1', 'a\u0001b'],
    ['2', 'a\u0001b'],
  ]);
  assert.deepEqual(ids.slice(0, 2), [undefined, undefined]);
});

test('a body that is cut off says why', async (context) => {
  const { client } = await start(context, (_request, response) => breakOff(response, 200));
  const answered = await client.fetch('/');
  await assert.rejects(answered.text(), {
    name: 'TypeError',
    message: /^terminated: ./,
    code: 'UND_ERR_SOCKET',
  });
});

test('an error that a framework’s fetch throws as a sign to itself is told by its digest', async (context) => {
  const { client } = await start(context, (_request, response) => response.end());
  const own = globalThis.fetch;
  context.after(() => {
    globalThis.fetch = own;
  });
  globalThis.fetch = async () => {
    throw Object.assign(new Error('Dynamic server usage'), { digest: 'DYNAMIC_SERVER_USAGE' });
  };
  await assert.rejects(client.fetch('/'), {
    message: 'Dynamic server usage',
    digest: 'DYNAMIC_SERVER_USAGE',
  });
});

test('right after close() streams say that they are over, as sockets do', async (context) => {
  const { server, client } = await start(context, (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: 1\n\n');
  });
  const sockets = new WebSocketServer({ server });
  context.after(() => sockets.close());
  const source = new client.EventSource('/events');
  const socket = new client.WebSocket('/socket');
  await Promise.all([once(source, 'message'), once(socket, 'open')]);
  const ended = once(socket, 'close');
  client.close();
  assert.deepEqual([source.readyState, socket.readyState], [source.CLOSED, socket.CLOSING]);
  await ended;
  assert.equal(socket.readyState, socket.CLOSED);
});

test('a config that fails or does not answer is called what it is', async (context) => {
  const { origin } = await start(context, (_request, response) => response.end());
  const outcome = async (config) => {
    const client = connect(`${origin}/frame.html`, { config, timeout: 50, log: 'silent' });
    const { message } = await client.fetch('/').catch((error) => error);
    client.close();
    return message;
  };
  assert.equal(
    await outcome(() => Promise.reject(new Error('none'))),
    'config failed: Error: none',
  );
  assert.match(await outcome(() => new Promise(() => {})), /^config for .* within 50 ms\.$/);
});

test('polling gives cookies back to their server where withCredentials asks for it, and else none', async (context) => {
  const seen = [];
  const { server, origin } = await start(context, (_request, response) => response.end());
  const io = new Server(server, { cookie: { name: 'balancer' } });
  context.after(() => io.close());
  io.engine.on('headers', (_headers, request) => seen.push(request.headers.cookie));
  for (const [withCredentials, expected] of [
    [true, /^mine=1; balancer=\S+$/],
    [false, /^mine=1$/],
  ]) {
    const headers = { cookie: 'mine=1' };
    const client = connect(`${origin}/frame.html`, { headers, io: { transports: ['polling'] } });
    const socket = client.io('/', { withCredentials });
    await new Promise((resolve) => socket.on('connect', resolve));
    const last = seen.at(-1);
    client.close();
    assert.match(last, expected);
  }
});
