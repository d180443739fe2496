/** What servers may answer the Node client, and what its user is told of it. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import test from 'node:test';
import { Server } from 'socket.io';
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
