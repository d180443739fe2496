/** What went wrong in the Node client once: what a server sends or does not say, and what is left behind. */
import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import test from 'node:test';
import v8 from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Server } from 'socket.io';
import { connect } from '../../dist/hadoken.node.mjs';

v8.setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** A Socket.IO server, and the URL of a frame that it would have. */
async function startIo(context) {
  const server = createServer().listen(0, '127.0.0.1');
  const io = new Server(server, { maxHttpBufferSize: 1e8 });
  await once(server, 'listening');
  context.after(() => io.close());
  return { io, url: `http://127.0.0.1:${server.address().port}/frame.html` };
}

test('an event arrives that is thousands of lists deep', async (context) => {
  const { io, url } = await startIo(context);
  const depth = 5_000;
  io.on('connection', (socket) =>
    socket.on('deep', () => {
      for (const [open, close] of ['[]', ['{"a":', '}']])
        socket.conn.send(`2["deep",${open.repeat(depth)}1${close.repeat(depth)}]`);
    }),
  );
  const client = connect(url);
  context.after(() => client.close());
  const socket = client.io('/');
  const depths = [];
  const both = new Promise((resolve) => {
    socket.on('deep', (value) => {
      let count = 0;
      for (let inner = value; typeof inner === 'object'; inner = Object.values(inner)[0]) count++;
      if (depths.push(count) === 2) resolve();
    });
  });
  socket.emit('deep');
  await both;
  assert.deepEqual(depths, [depth, depth]);
});

test('bytes arrive as Buffers, wherever they are in an event', async (context) => {
  const { io, url } = await startIo(context);
  const big = Buffer.alloc(5_000_000, 7);
  io.on('connection', (socket) =>
    socket.emit('bytes', big, { list: [{ inner: Buffer.from('abc') }], text: 'x' }),
  );
  const client = connect(url);
  context.after(() => client.close());
  const socket = client.io('/');
  const [first, second] = await new Promise((resolve) =>
    socket.on('bytes', (...args) => resolve(args)),
  );
  assert.ok(Buffer.isBuffer(first) && first.equals(big));
  const { inner } = second.list[0];
  assert.ok(Buffer.isBuffer(inner));
  assert.deepEqual([inner.toString(), second.text], ['abc', 'x']);
});

test('a WebSocket that is closed lets go of a server that never says goodbye', async (context) => {
  const upgraded = [];
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      const [, key] = /sec-websocket-key: (.*)\r\n/i.exec(String(data));
      const accept = createHash('sha1')
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest('base64');
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      upgraded.push(once(socket, 'close').then(() => Date.now()));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const client = connect(`http://127.0.0.1:${server.address().port}/frame.html`);
  context.after(() => client.close());
  const socket = new client.WebSocket('/any');
  await once(socket, 'open');
  const start = Date.now();
  socket.close();
  const end = await upgraded[0];
  // By itself ws waits for 30 s.
  assert.ok(end - start < 15_000, `${end - start} ms`);
});

test('clients that had a socket leave no ports behind', async (context) => {
  const { io, url } = await startIo(context);
  io.on('connection', (socket) => socket.on('echo', (value, answer) => answer(value)));
  const use = async (count) => {
    for (let i = 0; i < count; i++) {
      const client = connect(url);
      assert.equal(await client.io('/').emitWithAck('echo', i), i);
      client.close();
    }
  };
  const count = () => v8.queryObjects(MessagePort, { format: 'count' });
  await use(5);
  const before = count();
  await use(40);
  // What is closed is told of by a message.
  let after = count();
  for (let tries = 0; after > before + 8 && tries < 400; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    after = count();
  }
  assert.ok(after <= before + 8, `${before} ports before, ${after} after`);
});

test('calls leave nothing behind on a client that lives long', async (context) => {
  const client = connect('https://push.example.com/f.html', { services: { s: { f: () => 1 } } });
  context.after(() => client.close());
  await client.ready;
  const { f } = client.service('s');
  const collect = async () => {
    for (let i = 0; i < 6; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return process.memoryUsage().heapUsed;
  };
  const round = async (count) => {
    for (let i = 0; i < count; i++) await f();
    return collect();
  };
  await round(4_000);
  const before = await round(4_000);
  // Node's own AbortSignal.any keeps 60 to 170 bytes of each.
  let grown = (await round(8_000)) - before;
  for (let tries = 0; grown >= 200_000 && tries < 4; tries++) grown = (await round(8_000)) - before;
  assert.ok(grown < 200_000, `${grown} bytes`);
});

test('a call that has a timeout keeps its user’s context no longer than it takes', async (context) => {
  const users = new AsyncLocalStorage();
  const client = connect('https://push.example.com/f.html', { services: { s: { f: () => 1 } } });
  context.after(() => client.close());
  const call = async () => {
    const store = { user: 'ada' };
    await users.run(store, () => client.service('s', { timeout: 3_600_000 }).f());
    return new WeakRef(store);
  };
  const stores = [];
  for (let i = 0; i < 100; i++) stores.push(await call());
  let left = stores.length;
  for (let tries = 0; left > 5 && tries < 100; tries++) {
    // What deref() gives is held until the end of its turn.
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
    left = stores.filter((store) => store.deref()).length;
  }
  assert.ok(left <= 5, `${left} of ${stores.length}`);
});

test('a server that answers no poll any more keeps no request of a client that has closed', async (context) => {
  const ended = [];
  let isDeaf = false;
  const server = createServer((request, response) => {
    if (isDeaf) return response.on('close', () => ended.push(request.method));
    isDeaf = true;
    const handshake = { sid: 'a', upgrades: [], pingInterval: 25_000, pingTimeout: 20_000 };
    response.end(`0${JSON.stringify({ ...handshake, maxPayload: 1_000_000 })}`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const url = `http://127.0.0.1:${server.address().port}/frame.html`;
  const client = connect(url, { log: 'silent', io: { transports: ['polling'] } });
  const socket = client.io('/');
  await new Promise((resolve) => socket.io.once('open', resolve));
  while (!(await count(server))) await new Promise((resolve) => setTimeout(resolve, 10));
  client.close();
  for (let tries = 0; (await count(server)) && tries < 300; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(await count(server), 0);
  assert.ok(ended.includes('GET'));
});

/** How many connections a server has. */
function count(server) {
  return new Promise((resolve) => server.getConnections((_error, number) => resolve(number)));
}

test('an abort reaches a request by the signal of its Request, whatever was collected', async (context) => {
  let left;
  const isLeft = new Promise((resolve) => {
    left = resolve;
  });
  const server = createServer((request, response) => {
    if (request.url === '/slow') return;
    if (request.url === '/redirect') return response.writeHead(307, { location: '/again' }).end();
    if (request.url === '/again') return response.writeHead(307, { location: '/last' }).end();
    if (request.url === '/last') return response.on('close', left);
    const timer = setInterval(() => response.write('x'.repeat(1_000)), 20);
    response.on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = `http://127.0.0.1:${server.address().port}`;
  const client = connect(`${url}/frame.html`);
  context.after(() => client.close());
  const control = new AbortController();
  const ask = async (path) => {
    const answered = client.fetch(new Request(url + path, { signal: control.signal }));
    return (await answered).text();
  };
  const asked = ['/slow', '/body', '/redirect'].map((path) =>
    ask(path).then(
      () => 'answered',
      ({ name }) => name,
    ),
  );
  for (let i = 0; i < 10; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  control.abort();
  assert.deepEqual(await Promise.all(asked), ['AbortError', 'AbortError', 'AbortError']);
  // The network's request too, which is another at each redirect.
  await isLeft;
});

test('an abort and a timeout reach a body that comes for long, whatever was collected', async (context) => {
  const server = createServer((_request, response) => {
    const timer = setInterval(() => response.write('x'.repeat(1_000)), 20);
    response.on('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  const client = connect(`http://127.0.0.1:${server.address().port}/frame.html`);
  context.after(() => client.close());
  const collect = async () => {
    for (let i = 0; i < 6; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const control = new AbortController();
  const aborted = await client.fetch('/any', { signal: control.signal });
  const late = await client.fetch('/any', { timeout: 3_000 });
  await collect();
  control.abort();
  await assert.rejects(aborted.text(), { name: 'AbortError' });
  await collect();
  await assert.rejects(late.text(), { name: 'TimeoutError' });
});

test('many calls at once are no warning of too many listeners', async (context) => {
  const server = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}/frame.html`;
  const client = connect(url, { services: { s: { f: () => 1 } } });
  context.after(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  const warnings = [];
  const onWarning = (warning) => warnings.push(warning.message);
  process.on('warning', onWarning);
  const { f } = client.service('s');
  await Promise.all(Array.from({ length: 30 }, () => Promise.all([client.fetch('/a'), f()])));
  await new Promise((resolve) => setTimeout(resolve));
  process.off('warning', onWarning);
  assert.deepEqual(warnings, []);
});

test('a request that can’t be sent rejects, and keeps no process alive', async () => {
  const module = new URL('../../dist/hadoken.node.mjs', import.meta.url);
  const code = `import { connect } from '${module}';
    const client = connect('http://127.0.0.1:9/frame.html');
    await client.fetch('/a', { priority: () => {} }).catch(({ name }) => console.log(name));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code]);
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const [status] = await once(child, 'close');
  assert.deepEqual([status, output], [0, 'DataCloneError\n']);
});

test('a form of a test environment rejects once, where the client is closed while it is written out', async () => {
  const { Blob: own } = globalThis;
  const rejections = [];
  const onRejection = (reason) => rejections.push(reason);
  process.on('unhandledRejection', onRejection);
  globalThis.Blob = class extends own {};
  try {
    const client = connect('http://127.0.0.1:9/frame.html');
    await client.ready;
    const body = new FormData();
    body.append('name', 'value');
    const asked = client.fetch('/a', { method: 'POST', body });
    const failed = assert.rejects(asked, { code: 'CLOSED' });
    await null;
    client.close();
    await failed;
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    globalThis.Blob = own;
    process.off('unhandledRejection', onRejection);
  }
  assert.deepEqual(rejections, []);
});
