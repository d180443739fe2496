import { createServer } from 'node:http';
import { Server } from 'socket.io';
import msgpackParser from 'socket.io-msgpack-parser';
import createOldServer from 'socket.io-v2';
import * as binaryParser from '../fixtures/hosts/push-parser/binary-parser.js';
import { addScenarioListeners, addScenarioNamespaces } from './io-scenarios.mjs';
import { ownerOf } from './oauth.mjs';

/**
 * The servers, by path. With recovery every event that the server sends carries one more last argument, its
 * offset, which listeners see as well: `/plain.io/` is for tests that look at arguments.
 */
const paths = {
  '/socket.io/': { connectionStateRecovery: { maxDisconnectionDuration: 30_000 } },
  '/plain.io/': {},
  '/parser.io/': { parser: binaryParser },
  '/msgpack.io/': { parser: msgpackParser },
};
const packEncoder = new msgpackParser.Encoder();
/** A Socket.IO of version 2, which speaks revision 3 of the engine's protocol. */
const OLD_PATH = '/v2.io/';

/** Is this a request for a Socket.IO server? */
export const isIo = ({ url }) =>
  [OLD_PATH, ...Object.keys(paths)].some((path) => url.startsWith(path));

/**
 * Real Socket.IO servers that can be stopped and started while the HTTP server around them stays up.
 * They are attached to a server that never listens, and are handed the requests while they run; while
 * they are stopped those are hung up on. A started one is new: it remembers no session.
 */
export class IoServer {
  #inner;
  #servers = [];
  #old;
  #sockets = new Set();

  get running() {
    return this.#servers.length > 0;
  }

  start() {
    if (this.running) return;
    this.#inner = createServer();
    this.#servers = Object.entries(paths).map(([path, options]) => {
      const io = new Server(this.#inner, {
        path,
        maxHttpBufferSize: 1e8,
        serveClient: false,
        destroyUpgrade: false,
        ...options,
      });
      addNamespaces(io);
      io.engine.on('connection', (conn) =>
        conn.once('data', (text) => {
          conn.firstPacket = text;
        }),
      );
      return io;
    });
    const options = { path: OLD_PATH.slice(0, -1), serveClient: false, destroyUpgrade: false };
    this.#old = createOldServer(this.#inner, options);
  }

  /** Cuts every connection without a goodbye, as a crash does. */
  async stop() {
    const servers = this.#servers;
    this.#servers = [];
    for (const socket of this.#sockets) socket.destroy();
    this.#old?.engine.close();
    await Promise.all(servers.map((io) => io.close().catch(() => {})));
  }

  /** `kind` is 'request' or 'upgrade', `args` what node:http says with it. */
  handle(kind, request, ...args) {
    const { socket } = request;
    if (!this.running) return socket.destroy();
    if (!this.#sockets.has(socket)) {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    this.#inner.emit(kind, request, ...args);
  }

  disconnectAll() {
    for (const namespace of this.#namespaces()) namespace.disconnectSockets(true);
  }

  /** Ids of the connected sockets, by namespace. */
  clients() {
    const all = {};
    for (const { name, sockets } of this.#namespaces())
      all[name] = [...(all[name] ?? []), ...sockets.keys()];
    return all;
  }

  #namespaces() {
    return this.#servers.flatMap((io) => [...io._nsps.values()]);
  }
}

function addNamespaces(io) {
  for (const name of ['/', '/chat', '/early', /^\/any-/])
    io.of(name).on('connection', addListeners);
  io.of('/early').use((socket, next) => {
    socket.emit('early', 1);
    next();
  });
  io.of('/early-ask').use((socket, next) => {
    socket.emit('early', (answer) => socket.emit('answered', answer));
    next();
  });
  refuseUnless(io.of('/admin'), () => false, 'not an admin', { code: 'E_ADMIN', retry: false });
  refuseUnless(io.of('/auth'), ({ auth }) => auth.token === 'secret', 'wrong token', {
    code: 'E_TOKEN',
  });
  refuseUnless(io.of('/guarded'), ({ auth }) => ownerOf(auth.token), 'expired', { status: 401 });
  addScenarioNamespaces(io, addListeners);
}

function refuseUnless(namespace, allows, message, data) {
  namespace.use((socket, next) => {
    next(allows(socket.handshake) ? undefined : Object.assign(new Error(message), { data }));
  });
  namespace.on('connection', addListeners);
}

/** What every namespace understands. A last argument that is a function is the acknowledgement. */
function addListeners(socket) {
  const on = (event, listener) => socket.on(event, listener);
  addScenarioListeners(socket);
  on('echo', (...args) => args.pop()(...args));
  on('emit-date', (event, ms) => socket.emit(event, new Date(ms)));
  on('send-packet', (packet) => socket.conn.send(Buffer.from(packEncoder.encode(packet)[0])));
  on('emit-back', (event, ...args) => socket.emit(event, ...args));
  on('ask', (event, ...args) => {
    const ack = args.pop();
    socket
      .timeout(event === 'nobody listens' ? 500 : 25_000)
      .emit(event, ...args, (error, ...answer) =>
        ack(error ? { error: error.message } : { answer }),
      );
  });
  on('binary', (bytes, ack) =>
    ack({ isBuffer: Buffer.isBuffer(bytes), length: bytes.length }, bytes),
  );
  on('burst', (event, count) => {
    for (let i = 0; i < count; i++) socket.emit(event, i);
  });
  on('delay', (ms, ack) => setTimeout(ack, ms, ms));
  on('silent', () => {});
  on('kick', () => socket.disconnect());
  on('kick-all', () => socket.disconnect(true));
  on('drop', () => socket.conn.close());
  on('join', (room, ack) => ack?.(socket.join(room)));
  on('leave', (room, ack) => ack?.(socket.leave(room)));
  on('say', (room, event, ...args) => socket.to(room).emit(event, ...args));
  on('count', (ack) => ack(socket.nsp.sockets.size));
  on('whoami', (ack) => {
    const { headers, auth, query } = socket.handshake;
    const { id, recovered, nsp, conn } = socket;
    ack({
      id,
      recovered,
      nsp: nsp.name,
      headers,
      auth,
      query,
      transport: conn.transport.name,
      rooms: [...socket.rooms],
    });
  });
}
