import { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from 'socket.io';
import { AppAdapter } from './app-adapter.js';
import { AppSocket } from './app-socket.js';
import { closeOnce } from './close-once.js';
import { ClusterError } from './cluster-error.js';
import { fromText, toFields, toText } from './codec.js';
import { APP, livesOf } from './durable-adapter.js';
import { agreeOnStreams, keysOf, STREAMS } from './inbound.js';
import { Link, linkOptions } from './link.js';
import { openRedis } from './open-redis.js';
import { OwnedStream } from './owned-stream.js';
import { LEASE, RELEASE } from './scripts.js';

const defaults = {
  streams: STREAMS,
  leaseTime: 3_000,
  handlerTimeout: 10_000,
  expireEvery: 1_000,
};

/** How far back streams of events reach while no io node has said it, in ms. */
const UNKNOWN_AGE = 86_400_000;

/** How often it is looked whether somebody listens, in ms. */
const LOOK = 20;

/**
 * Makes an app node: the logic without connections and without an HTTP server. Its interface is Socket.IO's server. Resolves
 * when Redis answers and its first streams are its own.
 *
 * @param {object} [options] see index.d.ts
 */
export async function getClient(options = {}) {
  const { redis, connectTimeout, ...given } = options;
  const parts = linkOptions(given);
  const settings = { ...defaults, ...parts.rest };
  const client = await openRedis(redis, { connectTimeout });
  const link = new Link(client, { ...parts.link, uidPrefix: APP });
  link.use();
  const keys = keysOf(link);
  try {
    await link.writing.whenUp(connectTimeout ?? 5_000);
    await agreeOnStreams(link, settings.streams);
  } catch (error) {
    link.close();
    throw error;
  }
  const server = new Server({
    adapter: function createAdapterOf(nsp) {
      return new AppAdapter(nsp, link, { keys, history: () => node.history() });
    },
  });
  refuseWhatIsOfIoNodes(server);
  const node = new AppNode(link, { ...settings, keys, server });
  announceNamespaces(link, server, keys.namespaces);
  closeOnce(server, () => node.close());
  server.appNode = link.uid;
  await node.start();
  return server;
}

/** What would silently do nothing here throws, because an `io.use()` that is never asked is a door left open. */
function refuseWhatIsOfIoNodes(server) {
  const use = () => {
    throw new ClusterError(
      'UNSUPPORTED',
      'App nodes have no use(): clients are let in by the io nodes. Call it there: (await listen(httpServer)).use(…).',
    );
  };
  server.of('/').use = use;
  server.on('new_namespace', (nsp) => {
    nsp.use = use;
  });
  const of = server.of.bind(server);
  server.of = (name, listener) => {
    if (typeof name === 'string') return of(name, listener);
    throw new ClusterError(
      'UNSUPPORTED',
      'App nodes have no dynamic namespaces: of(name) takes a string, which io nodes then let clients into.',
    );
  };
}

/** Io nodes let clients into the namespaces that an app node has asked for. */
function announceNamespaces(link, server, key) {
  const names = new Set();
  const announce = () => names.size && link.writing.call(['SADD', key, ...names]).catch(() => {});
  server.on('new_namespace', (nsp) => {
    names.add(nsp.name);
    announce();
  });
  link.writing.on('up', announce);
}

class AppNode {
  #link;
  #options;
  /** @type {Map<number, OwnedStream>} */
  #owned = new Map();
  /** Being given back: they are ours until what is being handled is done. @type {Map<number, OwnedStream>} */
  #releasing = new Map();
  #timer;
  #offRebalance = () => {};
  #isClosing = false;
  #renewing = false;
  /** Asked for while it was being done. */
  #isDueAgain = false;
  #renewed = 0;
  /** How far back the streams of events reach, in ms. The io nodes say it. */
  #maxAge = UNKNOWN_AGE;
  /** How far Redis's clock is ahead of ours, in ms. */
  #clock = 0;
  /** Namespaces that nobody has listened to for long. @type {Set<string>} */
  #unheard = new Set();

  constructor(link, options) {
    this.#link = link;
    this.#options = options;
  }

  /** What is older in a stream of events may go, and how long it lives when nothing more comes. */
  history() {
    const oldest = Math.floor(Date.now() + this.#clock - this.#maxAge);
    return { minId: `${Math.max(0, oldest)}-0`, lives: livesOf(this.#maxAge) };
  }

  async start() {
    await this.#renew();
    this.#offRebalance = this.#link.onOwn('rebalance', () => this.#renew());
    this.#timer = setInterval(() => this.#renew(), this.#options.leaseTime / 4);
    // So that they give this node its share now.
    this.#tellOthers();
  }

  /** Renews what is ours, takes what is free, gives what is more than our share. */
  async #renew() {
    if (this.#renewing) {
      this.#isDueAgain = true;
      return;
    }
    this.#renewing = true;
    const { keys, streams, leaseTime } = this.#options;
    const leases = Array.from({ length: streams }, (_, i) => keys.lease(i));
    const asked = Date.now();
    try {
      const [share, maxAge, now, ...owned] = await this.#link.writing.run(
        LEASE,
        [keys.apps, this.#link.key('tokens'), keys.maxAge, ...leases],
        [this.#link.uid, leaseTime, this.#isClosing ? 0 : 1],
        { timeout: leaseTime },
      );
      this.#renewed = asked;
      if (maxAge !== '') this.#maxAge = Number(maxAge);
      this.#clock = now - Date.now();
      this.#take(owned);
      this.#giveBack(share);
    } catch {
      // Others may own them by now.
      if (Date.now() - this.#renewed > leaseTime) this.#loseAll();
    } finally {
      this.#renewing = false;
    }
    if (!this.#isDueAgain) return;
    this.#isDueAgain = false;
    await this.#renew();
  }

  #take(owned) {
    const tokens = new Map();
    for (let i = 0; i < owned.length; i += 2) tokens.set(owned[i], owned[i + 1]);
    for (const [index, stream] of this.#releasing)
      if (tokens.get(index) !== stream.token) stream.lose();
    for (const [index, stream] of this.#owned) {
      if (tokens.get(index) !== stream.token) {
        stream.lose();
        this.#owned.delete(index);
      } else if (stream.isLost) stream.giveBack();
    }
    for (const [index, token] of tokens)
      if (!this.#owned.has(index) && !this.#releasing.has(index)) this.#begin(index, token);
  }

  #begin(index, token) {
    // It was asked for before this node was closed.
    if (this.#isClosing) return this.#refuse(index, token);
    const findSocket = (...args) => this.#findSocket(...args);
    this.#owned.set(
      index,
      new OwnedStream(this.#link, { ...this.#options, index, token, findSocket }),
    );
  }

  async #refuse(index, token) {
    const lease = this.#options.keys.lease(index);
    await this.#link.writing.run(RELEASE, [lease], [token]).catch(() => {});
    await this.#tellOthers();
  }

  #giveBack(share) {
    for (const index of [...this.#owned.keys()].slice(share)) this.#release(index);
  }

  async #release(index) {
    const stream = this.#owned.get(index);
    this.#owned.delete(index);
    this.#releasing.set(index, stream);
    await stream.release(this.#options.handlerTimeout);
    this.#releasing.delete(index);
    await this.#tellOthers();
  }

  #loseAll() {
    for (const stream of [...this.#owned.values(), ...this.#releasing.values()]) stream.lose();
  }

  /**
   * The socket of a message, and what is to be called before the message is handled. `undefined` when its stream is not ours any
   * more. A socket that is not known here is made of its session, and comes as a connection.
   */
  async #findSocket(kind, data, ioNode, isOpen) {
    const nsp = this.#options.server.of(data.nsp);
    const known = nsp.sockets.get(data.sid);
    if (known) {
      if (ioNode !== '-') known.ioNode = ioNode;
      return { socket: known, tasks: [] };
    }
    await this.#listener(nsp, isOpen);
    if (!isOpen()) return undefined;
    const isNew = kind === 'connect' && !data.recovered;
    const saved = isNew ? {} : await this.#load(data);
    // The stream may have been lost while Redis was asked.
    if (!isOpen()) return undefined;
    const socket = new AppSocket(nsp, { ...data, ...saved });
    if (ioNode !== '-') socket.ioNode = ioNode;
    socket._savedData = toText(socket.data);
    if (kind === 'late' && !saved.isThere) return { socket, tasks: [] };
    const listeners = ['connect', 'connection'].flatMap((event) => listenersOf(nsp, event));
    // A socket that nobody has listened to is not known, so it comes as a connection once somebody does.
    if (listeners.length) nsp.sockets.set(socket.id, socket);
    const tasks = listeners.map(
      (listener) => () => listener.call(nsp, socket, { isReconnect: !isNew }),
    );
    return { socket, tasks, isUnheard: !listeners.length };
  }

  /**
   * Waits for a listener of `connection`, for an application may have more to start with, or is being replaced by one that knows
   * this namespace. Without a listener a message would be handled by nobody and gone.
   */
  async #listener(nsp, isOpen) {
    const until = Date.now() + this.#options.handlerTimeout;
    while (!isHeard(nsp) && isOpen() && !this.#unheard.has(nsp.name) && Date.now() < until)
      await sleep(LOOK);
    if (!isOpen() || isHeard(nsp) || this.#unheard.has(nsp.name)) return;
    this.#unheard.add(nsp.name);
    this.#handOnLater(nsp);
    this.#link.report(
      new ClusterError(
        'NO_LISTENER',
        `This app node has no io.of(${JSON.stringify(nsp.name)}).on('connection', …), and handles messages of that namespace: they are lost.`,
      ),
    );
  }

  /** Sockets that came while nobody listened are handed on once somebody does. */
  async #handOnLater(nsp) {
    while (!isHeard(nsp)) {
      if (this.#isClosing) return;
      await sleep(LOOK, undefined, { ref: false });
    }
    this.#unheard.delete(nsp.name);
    for (const stream of this.#owned.values()) stream.handOnUnheard(nsp.name);
  }

  async #load({ nsp, pid }) {
    const { writing } = this.#link;
    const key = this.#options.keys.session(nsp, pid);
    const saved = toFields(await writing.call(['HGETALL', key]));
    return {
      isThere: saved.s !== undefined,
      data: saved.d === undefined ? {} : fromText(saved.d),
      handshake: saved.h && fromText(saved.h),
      rooms: saved.s ? JSON.parse(saved.s).in.map(([room]) => room) : [],
    };
  }

  async #tellOthers() {
    const apps = await this.#link.writing
      .call(['ZRANGE', this.#options.keys.apps, 0, -1])
      .catch(() => []);
    for (const uid of apps)
      if (uid !== this.#link.uid) this.#link.tell(uid, 'rebalance', '""').catch(() => {});
  }

  /** Gives everything back when what is being handled is done. Clients notice nothing. */
  async close() {
    this.#isClosing = true;
    this.#offRebalance();
    // The others' share is all of it from now on. Leases are renewed until what is being handled is done.
    const remove = ['ZREM', this.#options.keys.apps, this.#link.uid];
    const removed = this.#link.writing.call(remove).catch(() => {});
    await Promise.all([...this.#owned.keys()].map((index) => this.#release(index)));
    clearInterval(this.#timer);
    await removed;
    await this.#link.release();
  }
}

/** Socket.IO's Namespace has `emit()` for its clients; its own listeners are those of an EventEmitter. */
const listenersOf = (nsp, event) => EventEmitter.prototype.rawListeners.call(nsp, event);

const isHeard = (nsp) => ['connect', 'connection'].some((event) => listenersOf(nsp, event).length);
