import { EventEmitter } from 'node:events';

const EVENT = 2;
/** How long the answer to an event with an acknowledgement is remembered for when no timeout was set, in ms. */
const ACK_LIVES = 60_000;
const RESERVED = new Set(['connect', 'connect_error', 'disconnect', 'disconnecting']);

/**
 * A socket as an app node has it: its connection is on an io node, which may change. Its interface is that of Socket.IO's
 * Socket on the server.
 */
export class AppSocket extends EventEmitter {
  connected = true;
  #flags = {};
  #any = [];

  /** @param {import('socket.io').Namespace} nsp */
  constructor(nsp, { sid, pid, handshake, data, rooms = [] }) {
    super();
    this.setMaxListeners(0);
    this.nsp = nsp;
    this.server = nsp.server;
    this.id = sid;
    this.pid = pid;
    this.handshake = handshake ?? { headers: {}, query: {}, auth: {} };
    this.data = data ?? {};
    this.rooms = new Set([sid, ...rooms]);
    /** The io node that the last message came by. */
    this.ioNode = undefined;
    /** @internal so that an 'error' event of a client's is no crash */
    super.on('error', () => {});
  }

  get disconnected() {
    return !this.connected;
  }

  get #own() {
    return { rooms: new Set([this.id]), except: new Set(), flags: {} };
  }

  emit(event, ...args) {
    if (RESERVED.has(event)) throw new Error(`"${String(event)}" is a reserved event name`);
    const flags = this.#flags;
    this.#flags = {};
    const ack = typeof args.at(-1) === 'function' ? args.pop() : undefined;
    const packet = { type: EVENT, data: [event, ...args] };
    const opts = { ...this.#own, flags };
    if (ack) this.#emitWithAck(packet, opts, ack);
    else this.nsp.adapter.broadcast(packet, opts);
    return true;
  }

  #emitWithAck(packet, opts, ack) {
    const { timeout } = opts.flags;
    let isSettled = false;
    const timer =
      timeout !== undefined &&
      setTimeout(() => {
        if (isSettled) return;
        isSettled = true;
        ack(new Error('operation has timed out'));
      }, timeout);
    opts.flags = { ...opts.flags, timeout: timeout ?? ACK_LIVES };
    this.nsp.adapter.broadcastWithAck(
      packet,
      opts,
      () => {},
      (answer) => {
        if (isSettled) return;
        isSettled = true;
        clearTimeout(timer);
        if (timeout === undefined) ack(answer);
        else ack(null, answer);
      },
    );
  }

  emitWithAck(event, ...args) {
    const withError = this.#flags.timeout !== undefined;
    return new Promise((resolve, reject) => {
      this.emit(event, ...args, (first, second) => {
        if (!withError) resolve(first);
        else if (first) reject(first);
        else resolve(second);
      });
    });
  }

  send(...args) {
    this.emit('message', ...args);
    return this;
  }

  write(...args) {
    return this.send(...args);
  }

  timeout(ms) {
    this.#flags.timeout = ms;
    return this;
  }

  compress(compress) {
    this.#flags.compress = compress;
    return this;
  }

  get volatile() {
    this.#flags.volatile = true;
    return this;
  }

  get broadcast() {
    const { volatile, compress, timeout } = this.#flags;
    this.#flags = {};
    let others = this.nsp.except(this.id);
    if (volatile) others = others.volatile;
    if (compress !== undefined) others = others.compress(compress);
    return timeout === undefined ? others : others.timeout(timeout);
  }

  to(rooms) {
    return this.broadcast.to(rooms);
  }

  in(rooms) {
    return this.to(rooms);
  }

  except(rooms) {
    return this.broadcast.except(rooms);
  }

  /** Resolves when it is written, in a handler when that is over. It holds on whichever io node has the socket. */
  join(rooms) {
    const list = [rooms].flat();
    for (const room of list) this.rooms.add(room);
    return this.nsp.adapter.addSockets(this.#own, list);
  }

  leave(room) {
    this.rooms.delete(room);
    return this.nsp.adapter.delSockets(this.#own, [room]);
  }

  disconnect(close = false) {
    if (this.connected) this.nsp.adapter.disconnectSockets(this.#own, close);
    return this;
  }

  onAny(listener) {
    this.#any.push(listener);
    return this;
  }

  prependAny(listener) {
    this.#any.unshift(listener);
    return this;
  }

  offAny(listener) {
    this.#any = listener ? this.#any.filter((it) => it !== listener) : [];
    return this;
  }

  listenersAny() {
    return this.#any;
  }

  /** Calls the listeners. Returns what they return. @internal */
  _dispatch(event, args) {
    for (const listener of this.#any.slice()) listener.call(this, event, ...args);
    return this.rawListeners(event).map((listener) => listener.apply(this, args));
  }

  /** Socket.IO's server calls it when it ends. @internal */
  _onclose() {
    this.connected = false;
  }
}
