/** What the compliance tests of push ask of the Socket.IO server, beside what every test does. */

/** A value as the server got it, as JSON: binary is told from arrays, undefined from null. */
function describe(value) {
  if (Buffer.isBuffer(value)) return { bytes: [...value] };
  if (value === undefined) return { undefined: true };
  if (Array.isArray(value)) return value.map(describe);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, describe(inner)]));
}

/** Namespaces that do something as a socket comes. */
export function addScenarioNamespaces(io, addListeners) {
  io.of('/greet').on('connection', (socket) => {
    addListeners(socket);
    socket.emit('hello', 1);
    socket.emit('hello', 2);
  });
  // For test/fixtures/hosts/secrets.js, whose rules let 'allowed' through and nothing else.
  io.of('/secrets').on('connection', (socket) => {
    socket.emit('forbidden', 'secret-in-a-forbidden-event');
    socket.emit('forbidden', Buffer.from('secret-in-a-forbidden-binary-event'));
    socket.emit('forbidden', 'secret-in-a-question', () => {});
    socket.emit('allowed', 1);
    socket.on('hello', (ack) => ack('hi'));
  });
  io.of('/slow').use((_socket, next) => setTimeout(next, 150));
  io.of('/slow').on('connection', addListeners);
  const refused = new Set();
  io.of('/second-time').use(({ handshake }, next) => {
    const { key } = handshake.auth;
    if (refused.has(key)) return next();
    refused.add(key);
    next(new Error('not yet'));
  });
  io.of('/second-time').on('connection', addListeners);
  // As a server that goes down while it takes its time over the CONNECT, and is back.
  io.of('/going-down').use(({ handshake, conn }, next) => {
    const { key } = handshake.auth;
    if (refused.has(key)) return next();
    refused.add(key);
    conn.close();
  });
}

const notes = new Map();
const attempts = new Map();

/** Events that tell what the server saw, or make it do what servers rarely do. */
export function addScenarioListeners(socket) {
  const on = (event, listener) => socket.on(event, listener);
  on('note', (key, value, ack) => {
    notes.set(key, [...(notes.get(key) ?? []), value]);
    ack?.(notes.get(key).length);
  });
  on('notes', (key, ack) => ack(notes.get(key) ?? []));
  on('describe', (...args) => args.pop()(describe(args)));
  on('ack-twice', (ack) => {
    ack('first');
    ack('second');
  });
  on('flaky', (key, failures, ack) => {
    const attempt = (attempts.get(key) ?? 0) + 1;
    attempts.set(key, attempt);
    if (attempt > failures) ack(attempt);
  });
  on('later', (ms, event, ...args) => setTimeout(() => socket.emit(event, ...args), ms));
  on('count-acks', (event, ack) => {
    let count = 0;
    socket.emit(event, () => {
      count++;
      // From the first on: how long that takes is the machine's business.
      if (count === 1) setTimeout(() => ack(count), 100);
    });
  });
  on('several', (...events) => {
    for (const [event, ...args] of events) socket.emit(event, ...args);
  });
  on('garbage', () => socket.conn.send('9 is no packet'));
  /** What no Socket.IO server sends: texts as they are, as packets. */
  on('raw', (...texts) => {
    for (const text of texts) socket.conn.send(text);
  });
  /** Hangs up on the WebSocket itself, with a reason of the server's own. */
  on('hang-up', (code, reason) => socket.conn.transport.socket.close(code, reason));
  /** The text of the packet that the connection began with. */
  on('first-packet', (ack) => ack(socket.conn.firstPacket));
  on('error-ack', (ack) => ack(new Error('lost on the wire').message));
  on('emit-then-kick', (event) => {
    socket.emit(event);
    socket.disconnect();
  });
  on('vanish', () => socket.conn.transport.socket?._socket?.destroy() ?? socket.conn.close());
}
