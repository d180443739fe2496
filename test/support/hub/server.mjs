/** A Socket.IO server that keeps the state of lost connections, and its client's Manager: as the hub uses them. */
const LATENCY = 3;
class Emitter {
  #listeners = /* @__PURE__ */ new Map();
  on(name, listener) {
    this.#listeners.set(name, [...(this.#listeners.get(name) ?? []), listener]);
    return this;
  }
  emit(name, ...args) {
    for (const listener of this.#listeners.get(name) ?? []) listener(...args);
  }
}
class TestServer {
  links = /* @__PURE__ */ new Set();
  /** Of lost connections. */
  #sessions = /* @__PURE__ */ new Map();
  #log = [];
  #ids = 0;
  isUp = true;
  /** Attempts to connect, and connections that were opened. */
  attempts = 0;
  opened = 0;
  /** What a new session is sent before it is let in. */
  early = [];
  hears = [];
  /** Every packet, and when it came. */
  received = [];
  /** The acknowledgements that came. */
  answers = [];
  /** To all, or to all sockets of one user. */
  emit(data, user) {
    const offset = `o${++this.#ids}`;
    const logged = { offset, user, data: [...data, offset] };
    this.#log.push(logged);
    for (const link of this.links)
      if (link.session && (user === void 0 || link.session.user === user))
        link.toClient({ type: 2, nsp: '/', data: logged.data });
  }
  /** As it is: its last text counts as an offset. */
  send(data) {
    for (const link of this.links) if (link.session) link.toClient({ type: 2, nsp: '/', data });
  }

  /** Asks all sockets for an acknowledgement. */
  ask(data, id) {
    for (const link of this.links) if (link.session) link.toClient({ type: 2, nsp: '/', id, data });
  }

  /** Cuts every connection; the sessions are kept. */
  cut() {
    for (const link of [...this.links]) link.drop();
  }
  /** Is started anew, and knows nothing. */
  kill() {
    this.cut();
    this.#sessions.clear();
    this.#log.length = 0;
  }
  lost(link) {
    this.links.delete(link);
    if (link.session) this.#sessions.set(link.session.pid, link.session);
  }
  receive(link, { type, nsp, id, data }) {
    this.received.push({ type, nsp, time: link.now() });
    // The others have neither state nor events.
    if (nsp !== '/') {
      if (type === 0) link.toClient({ type: 0, nsp, data: { sid: `s${++this.#ids}` } });
      return;
    }
    if (type === 0) return this.#connect(link, Object(data));
    const { session } = link;
    if (type === 1) {
      delete link.session;
      return;
    }
    if (type === 3) this.answers.push({ id, data });
    if (type !== 2 || !session) return;
    this.hears.push({ user: session.user, data });
    if (id !== void 0) link.toClient({ type: 3, nsp: '/', id, data: [session.user, ...data] });
  }
  #connect(link, { pid, offset, user = '' }) {
    const old = this.#sessions.get(String(pid));
    const at = this.#log.findIndex((logged) => logged.offset === offset);
    const isRestored = old !== void 0 && at >= 0;
    const fresh = { pid: `p${++this.#ids}`, sid: `s${this.#ids}`, user: String(user) };
    const session = isRestored ? old : fresh;
    link.session = session;
    if (isRestored) {
      for (const logged of this.#log.slice(at + 1))
        if (logged.user === void 0 || logged.user === session.user)
          link.toClient({ type: 2, nsp: '/', data: logged.data });
    } else for (const data of this.early) link.toClient({ type: 2, nsp: '/', data });
    link.toClient({ type: 0, nsp: '/', data: { sid: session.sid, pid: session.pid } });
  }
}
const SETTINGS = {
  reconnection: true,
  reconnectionAttempts: Infinity,
  reconnectionDelay: 1e3,
  reconnectionDelayMax: 5e3,
  randomizationFactor: 0.5,
  timeout: 2e4,
};
function createIo(server, clock) {
  class TestManager extends Emitter {
    _readyState = 'closed';
    _reconnecting = false;
    engine;
    opts = {};
    settings = { ...SETTINGS };
    #link;
    #attempts = 0;
    skipReconnect = false;
    constructor() {
      super();
      for (const name of Object.keys(SETTINGS))
        Object.assign(this, {
          [name]: (...args) => {
            if (!args.length) return this.settings[name];
            this.settings[name] = args[0];
            if (name === 'reconnection' && !args[0]) this.skipReconnect = true;
            return this;
          },
        });
    }
    open(callback) {
      if (this._readyState !== 'closed') return this;
      this._readyState = 'opening';
      server.attempts += 1;
      this.skipReconnect = false;
      this.engine = Object.assign(new Emitter(), {
        id: 'key',
        readyState: 'open',
        transport: { name: 'websocket', writable: true, close: () => this.#link?.drop() },
      });
      clock.setTimeout(() => this.#onAnswer(callback), 2 * LATENCY);
      return this;
    }
    #onAnswer(callback) {
      if (this._readyState !== 'opening') return;
      if (!server.isUp) {
        const error = new Error('websocket error');
        this._readyState = 'closed';
        this.emit('error', error);
        if (callback) callback(error);
        else if (this.settings.reconnection) this.#reconnect();
        return;
      }
      const link = {
        isLive: true,
        now: () => clock.now,
        toClient: (packet) =>
          void clock.setTimeout(() => {
            if (link.isLive) this.emit('packet', structuredClone(packet));
          }, LATENCY),
        drop: () => {
          link.isLive = false;
          server.lost(link);
          this.#onClose('transport close', { description: 'network connection lost' });
        },
      };
      this.#link = link;
      server.links.add(link);
      server.opened += 1;
      this._readyState = 'open';
      this.emit('open');
      callback?.();
    }
    #onClose(reason, description) {
      this._readyState = 'closed';
      this.#link = void 0;
      this.emit('close', reason, description);
      if (this.settings.reconnection && !this.skipReconnect) this.#reconnect();
    }
    #reconnect() {
      if (this._reconnecting || this.skipReconnect) return;
      this._reconnecting = true;
      clock.setTimeout(() => {
        if (this.skipReconnect) return;
        this.#attempts += 1;
        this.emit('reconnect_attempt', this.#attempts);
        if (this.skipReconnect) return;
        this.open((error) => {
          this._reconnecting = false;
          if (error) {
            this.#reconnect();
            this.emit('reconnect_error', error);
          } else {
            const attempts = this.#attempts;
            this.#attempts = 0;
            this.emit('reconnect', attempts);
          }
        });
      }, 20);
    }
    _packet({ type, nsp, id, data }) {
      const link = this.#link;
      const packet = structuredClone({ type, nsp, data, ...(id !== void 0 && { id }) });
      clock.setTimeout(() => {
        if (link?.isLive) server.receive(link, packet);
      }, LATENCY);
    }
    _close() {
      this.skipReconnect = true;
      this._reconnecting = false;
      const link = this.#link;
      if (link)
        clock.setTimeout(() => {
          link.isLive = false;
          server.lost(link);
        }, LATENCY);
      this.#onClose('forced close');
    }
  }
  return { Manager: TestManager, parser: {} };
}

export { createIo, TestServer };
