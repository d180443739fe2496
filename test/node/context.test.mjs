/** One client of a Node process that several users use: whose async context is it? */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer } from 'node:http';
import test from 'node:test';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';
import { connect } from '../../dist/hadoken.node.mjs';

const users = new AsyncLocalStorage();

const STARTED = 'http.client.request.start';
/** Each request of `http.request`, and whose context it was made in. */
const handshakes = [];

/** A server that says what `x-user` it was sent, and a client that the first user has made. */
async function start(context) {
  const server = createServer((request, response) => {
    const user = request.headers['x-user'] ?? 'nobody';
    if (request.url !== '/news') return response.end(user);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${user}\n\n`);
  });
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket) => socket.send('hello'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // As a tracer, or a framework, has it: whoever asks is known by the context.
  const own = globalThis.fetch;
  globalThis.fetch = (input, init) => {
    const request = new Request(input, init);
    request.headers.set('x-user', users.getStore() ?? 'nobody');
    return own(request);
  };
  // ws asks by `http.request`.
  const note = ({ request }) => handshakes.push([request.path, users.getStore()]);
  subscribe(STARTED, note);
  let client;
  const lazy = () => {
    client ??= connect(`http://127.0.0.1:${server.address().port}/frame.html`, {
      services: {
        who: {
          am: () => users.getStore(),
          async *often() {
            for (;;) yield users.getStore();
          },
        },
      },
    });
    return client;
  };
  context.after(() => {
    unsubscribe(STARTED, note);
    globalThis.fetch = own;
    client.close();
    server.close();
    server.closeAllConnections();
  });
  return lazy;
}

test('a call is made in the context of who makes it', async (context) => {
  const lazy = await start(context);
  const ask = (user) =>
    users.run(user, async () => {
      const hadoken = lazy();
      const [text, service, event] = await Promise.all([
        hadoken.fetch('/').then((response) => response.text()),
        hadoken.service('who').am(),
        new Promise((resolve) => {
          const source = new hadoken.EventSource('/news');
          source.onmessage = ({ data }) => {
            source.close();
            resolve(data);
          };
        }),
      ]);
      const socket = new hadoken.WebSocket(`/socket?${user}`);
      await once(socket, 'message');
      socket.close();
      return { text, service, event, after: users.getStore() };
    });
  await lazy().ready;
  const first = lazy().service('who').often()[Symbol.asyncIterator]();
  const often = ['ada', 'bob'].map((user) => users.run(user, () => lazy().service('who').often()));
  assert.equal((await first.next()).value, undefined);
  for (const [at, user] of ['ada', 'bob'].entries())
    for await (const item of often[at]) {
      assert.equal(item, user, 'a stream runs in the context of its call, whoever reads it');
      break;
    }
  for (const user of ['ada', 'bob'])
    assert.deepEqual(await ask(user), { text: user, service: user, event: user, after: user });
  assert.deepEqual(handshakes, [
    ['/socket?ada', 'ada'],
    ['/socket?bob', 'bob'],
  ]);
  // Side by side, with calls that can't be posted in between.
  const many = await Promise.all(
    Array.from({ length: 20 }, (_, at) =>
      users.run(`user ${at}`, async () => {
        const hadoken = lazy();
        const refused = hadoken
          .service('who')
          .am([() => {}])
          .catch(({ name }) => name);
        const text = await (await hadoken.fetch('/')).text();
        return [text, await refused];
      }),
    ),
  );
  for (const [at, answer] of many.entries())
    assert.deepEqual(answer, [`user ${at}`, 'DataCloneError']);
});

test('a socket’s listeners, acknowledgements and `auth` run in the context of who made it', async (context) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const io = new Server(server);
  io.on('connection', (socket) => {
    socket.emit('hi', socket.handshake.auth.user);
    socket.on('ask', (answer) => answer());
  });
  const client = connect(`http://127.0.0.1:${server.address().port}/frame.html`);
  context.after(() => {
    client.close();
    io.close();
  });
  await client.ready;
  const seen = (user) =>
    users.run(user, async () => {
      const socket = client.io('/', { auth: (send) => send({ user: users.getStore() }) });
      const told = [];
      await new Promise((resolve) => {
        socket.on('connect', () => told.push(users.getStore()));
        socket.on('hi', (asked) => {
          told.push(asked, users.getStore());
          socket.emit('ask', () => resolve(told.push(users.getStore())));
        });
      });
      return told;
    });
  for (const user of ['ada', 'bob', 'cyd']) assert.deepEqual(await seen(user), Array(4).fill(user));
});
