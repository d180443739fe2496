import { createServer } from 'node:http';
import { Server } from 'socket.io';

const options = {
  transports: ['websocket', 'polling'],
  connectionStateRecovery: { maxDisconnectionDuration: 30_000 },
  maxHttpBufferSize: 1e8,
  serveClient: false,
};

/**
 * A real Socket.IO server that can be stopped and started while the HTTP server around it stays up.
 * It is attached to a server that never listens, and is handed the requests while it runs; while it is
 * stopped they are hung up on. A started one is new: it remembers no session.
 */
export class IoServer {
  #inner;
  #io;
  #sockets = new Set();

  get running() {
    return this.#io !== undefined;
  }

  start() {
    if (this.#io) return;
    this.#inner = createServer();
    this.#io = new Server(this.#inner, options);
    addNamespaces(this.#io);
  }

  /** Cuts every connection without a goodbye, as a crash does. */
  async stop() {
    const io = this.#io;
    if (!io) return;
    this.#io = undefined;
    for (const socket of this.#sockets) socket.destroy();
    await io.close().catch(() => {});
  }

  /** `kind` is 'request' or 'upgrade', `args` what node:http says with it. */
  handle(kind, request, ...args) {
    const { socket } = request;
    if (!this.#io) return socket.destroy();
    if (!this.#sockets.has(socket)) {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    }
    this.#inner.emit(kind, request, ...args);
  }

  disconnectAll() {
    this.#io?._nsps.forEach((namespace) => {
      namespace.disconnectSockets(true);
    });
  }

  /** Ids of the connected sockets, by namespace. */
  clients() {
    const all = [...(this.#io?._nsps ?? [])].map(([name, { sockets }]) => [name, [...sockets.keys()]]);
    return Object.fromEntries(all);
  }
}

function addNamespaces(io) {
  for (const name of ['/', '/chat', /^\/any-/]) io.of(name).on('connection', addListeners);
  refuseUnless(io.of('/admin'), () => false, 'not an admin', { code: 'E_ADMIN', retry: false });
  refuseUnless(io.of('/auth'), ({ auth }) => auth.token === 'secret', 'wrong token', { code: 'E_TOKEN' });
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
  on('echo', (...args) => args.pop()(...args));
  on('emit-back', (event, ...args) => socket.emit(event, ...args));
  on('ask', (event, ...args) => {
    const ack = args.pop();
    socket
      .timeout(2_000)
      .emit(event, ...args, (error, ...answer) => ack(error ? { error: error.message } : { answer }));
  });
  on('binary', (bytes, ack) => ack({ isBuffer: Buffer.isBuffer(bytes), length: bytes.length }, bytes));
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
