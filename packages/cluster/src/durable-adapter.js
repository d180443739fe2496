import { Adapter, ClusterAdapterWithHeartbeat, MessageType } from 'socket.io-adapter';
import { ClusterError } from './cluster-error.js';
import { fromText } from './codec.js';
import { isRedisClient } from './connection.js';
import { History } from './history.js';
import { Link } from './link.js';
import { Membership } from './membership.js';
import {
  changesRooms,
  fromOptions,
  headOf,
  isReplayed,
  toData,
  toMessage,
  toOptions,
} from './messages.js';
import { isRefused } from './redis-errors.js';
import { replay } from './replay.js';
import { connectionOfNewcomer, Sessions, watchConnecting } from './sessions.js';
import { compareIds, FIRST, isStreamId, timeOf } from './stream-id.js';

const local = Adapter.prototype;
const EVENT = 2;
/** What Socket.IO makes, with base64id. */
const PID = /^[\w-]{1,64}$/;
/** Tells a client where it stands, before its first event and when it was quiet for long. */
const OFFSET_EVENT = 'hadoken:offset';
/** How long restoring a session may take, in ms. Then a new one begins. */
const RESTORE_TIMEOUT = 10_000;
const MAINTENANCE = 2_000;
/** Heads of what app nodes write begin so; they are no Socket.IO servers and answer no requests. */
export const APP = 'app-';

/**
 * Socket.IO's adapter over Redis Streams that loses nothing when a node is killed.
 *
 * 1. The session is in Redis from the connect on, and says who owns it.
 * 2. Every event is delivered from the stream, one's own too, so all clients see the stream's order, and the offset of
 *    the last event says exactly what a client has.
 * 3. A replay goes up to the entry that this node has delivered, and ends in the tick in which the rooms are joined.
 */
export class DurableAdapter extends ClusterAdapterWithHeartbeat {
  #link;
  #options;
  #sessions;
  #history;
  #returning = new Set();
  /** What a restored socket has missed, and up to which entry. */
  #replayed = new Map();
  #timers = [];
  #offs = [];
  #isClosed = false;
  /** @type {Promise<void> | undefined} */
  #closed;

  /** @param {import('socket.io').Namespace} nsp @param {Link} link @param {object} options */
  constructor(nsp, link, options) {
    super(nsp, options);
    this.cleanupTimer.unref();
    this.uid = link.uid;
    this.#link = link;
    const recovery = nsp.server.opts.connectionStateRecovery;
    const returns = recovery.maxDisconnectionDuration;
    const renewal = returns / 3;
    this.#options = { maxAge: maxAgeFor(returns), maxBytes: 256 * 1024 * 1024, ...options };
    this.stream = link.key('events', nsp.name);
    this.#history = new History(link, this.stream);
    this.#sessions = new Sessions(link, nsp, {
      keepsData: true,
      ...options,
      returns: Math.ceil(returns),
      lives: Math.ceil(returns + renewal * 1.5),
      position: () => this.#history.read ?? FIRST,
      onTaken: (sid) => closeAtOnce(this.#socketOf(sid)),
    });
    watchConnecting(nsp, options);
    nsp.on('connect', (socket) => this.#greet(socket));
    const every = (ms, task) => this.#timers.push(setInterval(task, ms).unref());
    every(renewal, () => this.#renew());
    every(MAINTENANCE, () => this.#trimBySize().catch(() => {}));
  }

  async init() {
    const link = this.#link;
    link.use();
    const name = encodeURIComponent(this.nsp.name);
    this.#offs.push(
      link.onProblem((error) => this.emit('problem', error)),
      link.onOwn(`response:${name}`, ({ data }) => this.onResponse(fromText(data))),
    );
    link.adapters.set(this.nsp.name, this);
    const up = () => this.#checkHistory().catch(() => {});
    const again = () => this.#renew();
    link.reading.on('up', up);
    link.writing.on('up', again);
    this.#offs.push(
      () => link.reading.off('up', up),
      () => link.writing.off('up', again),
    );
    await this.#start();
  }

  /** Reads from an entry of our own on: whatever comes after it is seen. */
  async #start() {
    while (!this.#isClosed) {
      try {
        await this.#link.writing.whenUp(60_000);
        const id = await this.publishAndReturnOffset({ type: MessageType.INITIAL_HEARTBEAT });
        if (this.#isClosed) return;
        if (!isStreamId(id)) continue;
        this.#history.start(id);
        this.#link.follow(this.stream, id, (entries) => this.#deliver(entries));
        // Not before: who asks waits for the answers of those that are registered.
        this.#offs.push(this.#link.register(this.nsp.name));
        // Before this, who had connected already could not have been restored from here.
        await this.#sessions.saveAll();
        this.#greetAll();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
  }

  // --- to the stream

  /** Async, so that what can't be written is a rejection, which is handled, and does not end the process. */
  async doPublish({ type, uid, data }) {
    return this.#link.writer.append({
      stream: this.stream,
      head: headOf(type, uid),
      data: this.#link.reported(() => toData(data)),
      minId: this.#oldest(),
      lives: livesOf(this.#options.maxAge),
    });
  }

  async doPublishResponse(requesterUid, response) {
    const data = this.#link.reported(() => toData(response));
    return this.#link.tell(requesterUid, `response:${encodeURIComponent(this.nsp.name)}`, data);
  }

  #oldest() {
    const { read } = this.#history;
    return read && `${Math.max(0, timeOf(read) - this.#options.maxAge)}-0`;
  }

  async broadcast(packet, opts) {
    if (opts.flags?.local) return local.broadcast.call(this, packet, opts);
    this.publish({ type: MessageType.BROADCAST, data: { packet, opts: fromOptions(opts) } });
  }

  broadcastWithAck(packet, opts, clientCountCallback, ack) {
    if (opts.flags?.local)
      return local.broadcastWithAck.call(this, packet, opts, clientCountCallback, ack);
    const requestId = `${this.uid}:${++this.#requests}`;
    this.ackRequests.set(requestId, { clientCountCallback, ack });
    setTimeout(() => this.ackRequests.delete(requestId), opts.flags.timeout).unref();
    this.publish({
      type: MessageType.BROADCAST,
      data: { packet, requestId, opts: fromOptions(opts) },
    });
  }
  #requests = 0;

  async addSockets(opts, rooms) {
    if (opts.flags?.local) return local.addSockets.call(this, opts, rooms);
    this.publish({ type: MessageType.SOCKETS_JOIN, data: { opts: fromOptions(opts), rooms } });
  }

  async delSockets(opts, rooms) {
    if (opts.flags?.local) return local.delSockets.call(this, opts, rooms);
    this.publish({ type: MessageType.SOCKETS_LEAVE, data: { opts: fromOptions(opts), rooms } });
  }

  async disconnectSockets(opts, close) {
    if (opts.flags?.local) return local.disconnectSockets.call(this, opts, close);
    this.publish({
      type: MessageType.DISCONNECT_SOCKETS,
      data: { opts: fromOptions(opts), close },
    });
  }

  // --- from the stream

  #deliver(entries) {
    for (const entry of entries) {
      try {
        this.#deliverOne(entry);
      } catch (cause) {
        this.#history.pass(entry.id);
        const message = `The entry ${entry.id} of ${this.stream} can't be read: ${cause.message}`;
        this.#link.report(new ClusterError('BAD_ENTRY', message, { cause }));
      }
    }
  }

  #deliverOne(entry) {
    const message = toMessage(entry, this.nsp.name);
    if (isReplayed(message)) {
      const { packet, opts } = message.data;
      this.#history.add({ ...entry, message });
      // The array in the history stays as it is.
      const withOffset = { ...packet, data: [...packet.data, entry.id] };
      return local.broadcast.call(this, withOffset, toOptions(opts));
    }
    if (changesRooms(message)) {
      // The position moves first: who joins now is not in the room for this entry.
      this.#history.add({ ...entry, message });
      return this.#changeRooms(message);
    }
    this.#history.pass(entry.id);
    if (message.type === MessageType.BROADCAST) return this.#deliverUnkept(message);
    if (message.uid.startsWith(APP)) return this.#answerApp(message);
    this.onMessage(message, entry.id);
  }

  /** An event that is not replayed: volatile, or with an acknowledgement. */
  #deliverUnkept(message) {
    const { packet, opts, requestId } = message.data;
    const mine = message.uid === this.uid;
    if (requestId !== undefined) {
      if (!mine) return this.#answerApp(message);
      const request = this.ackRequests.get(requestId);
      const { clientCountCallback = () => {}, ack = () => {} } = request ?? {};
      return local.broadcastWithAck.call(this, packet, toOptions(opts), clientCountCallback, ack);
    }
    // Who emitted with an acknowledgement to one socket waits here for it, and nowhere else.
    if (packet.id === undefined || mine) local.broadcast.call(this, packet, toOptions(opts));
  }

  /** A request of a node that is not counted as a Socket.IO server, or that needs no counting. */
  #answerApp(message) {
    Object.getPrototypeOf(ClusterAdapterWithHeartbeat.prototype).onMessage.call(this, message);
  }

  #changeRooms({ type, data }) {
    const opts = toOptions(data.opts);
    if (type === MessageType.SOCKETS_JOIN) local.addSockets.call(this, opts, data.rooms);
    else if (type === MessageType.SOCKETS_LEAVE) local.delSockets.call(this, opts, data.rooms);
    else local.disconnectSockets.call(this, opts, data.close);
  }

  // --- rooms and sessions

  addAll(sid, rooms) {
    super.addAll(sid, rooms);
    const held = this.#sessions.held.get(sid) ?? this.#hold(sid);
    if (!held) return;
    for (const room of rooms) held.membership.join(room, this.#history.read ?? FIRST);
    return this.#sessions.save(sid);
  }

  #hold(sid) {
    const socket = this.#socketOf(sid);
    return socket && this.#sessions.hold(socket);
  }

  #socketOf(sid) {
    return this.nsp.sockets.get(sid) ?? this.nsp._preConnectSockets?.get(sid);
  }

  del(sid, room) {
    super.del(sid, room);
    const held = this.#sessions.held.get(sid);
    if (!held) return;
    held.membership.leave(room, this.#history.read ?? FIRST);
    return this.#sessions.save(sid);
  }

  /** Socket.IO calls this before `delAll()` when the client may come back. */
  persistSession({ sid }) {
    this.#returning.add(sid);
  }

  delAll(sid) {
    super.delAll(sid);
    const held = this.#sessions.held.get(sid);
    this.#sessions.held.delete(sid);
    const wasReplayed = this.#replayed.delete(held?.pid);
    const returns = this.#returning.delete(sid);
    const socket = this.nsp.sockets.get(sid);
    if (!held) return;
    if (returns && socket) this.#sessions.keepForReturn(held, socket);
    // A restored socket that a middleware kept waiting until it was gone may come back too.
    else if (socket || !wasReplayed) this.#sessions.drop(held);
  }

  /** Writes the session with the socket's `data` now. Resolves when it is in Redis. */
  saveSession(socket) {
    return this.#sessions.save(socket.id);
  }

  /** What shows that this node owns the session of `sid`, for what is written on the socket's behalf. */
  fenceOf(sid) {
    const held = this.#sessions.held.get(sid);
    return held && { key: this.#sessions.keyOf(held.pid), token: held.token };
  }

  /** How far this node has delivered, and from where on it has the events in memory. */
  position() {
    const { read, since } = this.#history;
    return { read, since };
  }

  /** Another node has claimed a session of this one. */
  wasClaimed(pid, token) {
    this.#sessions.wasClaimed(pid, token);
  }

  async restoreSession(pid, offset) {
    if (!isStreamId(offset)) throw new Error('the offset is not one');
    // With a colon in it, it could name a session of another namespace.
    if (typeof pid !== 'string' || !PID.test(pid)) throw new Error('the pid is not one');
    try {
      return await this.#restore(pid, offset);
    } catch (error) {
      if (error instanceof ClusterError) this.#link.report(error);
      // A new session would lose what was missed, and another node may be quicker: the client tries again with the old one.
      const isForLater = error.isLost || isRefused(error);
      if (isForLater || (error.isLate && (await this.#hasEntry(offset))))
        connectionOfNewcomer()?.close(true);
      throw error;
    }
  }

  /** Whether the stream goes so far at all. A client may be ahead of it when Redis has lost something. */
  async #hasEntry(id) {
    const find = ['XRANGE', this.stream, id, '+', 'COUNT', 1];
    return (await this.#link.writing.call(find).catch(() => [])).length > 0;
  }

  async #restore(pid, asked) {
    const claimed = await this.#sessions.claim(pid, RESTORE_TIMEOUT);
    if (!claimed) throw new Error('there is no such session');
    const { sid, token, savedAt } = claimed;
    await this.#history.reached(asked, RESTORE_TIMEOUT);
    const membership = new Membership(claimed.rooms);
    // Nothing from before it has connected, whatever it asks for.
    const begin = membership.since(sid);
    const offset = begin && compareIds(asked, begin) < 0 ? begin : asked;
    if (!membership.reaches(offset))
      throw new ClusterError(
        'HISTORY_TOO_SHORT',
        `A client asks for what came after ${offset}, and it has left too many rooms since to know what was for it. ` +
          'It begins a new session.',
      );
    const from = compareIds(savedAt, offset) < 0 ? savedAt : offset;
    const entries = await this.#history.after(from);
    // From here to the joining of the rooms nothing else runs, so no entry falls between.
    if (!this.#sessions.isLatest(pid, token)) throw new Error('the session was claimed again');
    closeAtOnce(this.#socketOf(sid));
    for (const entry of entries) entry.message ??= toMessage(entry, this.nsp.name);
    const { missed, ended } = replay(entries, { membership, offset, savedAt });
    this.#sessions.restore({ ...claimed, membership });
    if (ended) {
      this.#sessions.end(this.#sessions.held.get(sid));
      this.#sessions.held.delete(sid);
      throw new Error('the server has disconnected this socket');
    }
    this.#replayed.set(pid, { missed, upTo: this.#history.read });
    // What was missed goes behind the CONNECT, see #greet(). Socket.IO sends it before, and where the connection is cut in
    // between, socket.io-client keeps it, asks for it again and gives it to the page twice.
    return { sid, pid, rooms: membership.rooms, data: claimed.data ?? {}, missedPackets: [] };
  }

  // --- offsets

  #greet(socket) {
    if (!socket.recovered) return this.#sendOffset([socket]);
    const replayed = this.#replayed.get(socket.pid);
    this.#replayed.delete(socket.pid);
    const held = this.#sessions.held.get(socket.id);
    // Middlewares may have taken their time since the replay.
    const entries = replayed && this.#history.recent(replayed.upTo);
    if (!entries || !held) return closeAtOnce(socket);
    const { missed, upTo } = replayed;
    const since = { membership: held.membership, offset: upTo, savedAt: upTo };
    for (const data of missed.concat(replay(entries, since).missed)) this.#send([socket], data);
  }

  #greetAll() {
    this.#sendOffset(this.nsp.sockets.values());
  }

  #sendOffset(sockets) {
    if (this.#history.read) this.#send(sockets, [OFFSET_EVENT, this.#history.read]);
  }

  /** Past the listeners for what goes out, for they did not see it the first time or need not see it at all. */
  #send(sockets, data) {
    const encoded = this.encoder.encode({ type: EVENT, nsp: this.nsp.name, data });
    for (const socket of sockets) socket.client.writeToEngine(encoded, { preEncoded: true });
  }

  /**
   * Lifetimes and offsets: a socket that hears nothing for long must not point to an entry that is trimmed away by the time
   * it needs it.
   */
  #renew() {
    const oldest = this.#oldest();
    if (oldest)
      for (const { membership } of this.#sessions.held.values()) membership.forgetBefore(oldest);
    this.#greetAll();
    return this.#sessions.renew();
  }

  // --- the history

  /** Trims when the stream takes too much memory. One node does it for all. */
  async #trimBySize() {
    if ([...this.nodesMap.keys()].some((uid) => uid < this.uid)) return;
    const { maxBytes } = this.#options;
    const redis = this.#link.writing;
    const used = Number(await redis.call(['MEMORY', 'USAGE', this.stream]));
    if (!(used > maxBytes)) return;
    const length = Number(await redis.call(['XLEN', this.stream]));
    await redis.call([
      'XTRIM',
      this.stream,
      'MAXLEN',
      '~',
      Math.floor((length * maxBytes * 0.9) / used),
    ]);
    const [first] = await redis.call(['XRANGE', this.stream, '-', '+', 'COUNT', 1]);
    const reach = first ? timeOf(this.#history.read) - timeOf(first[0]) : 0;
    this.#link.report(
      new ClusterError(
        'HISTORY_TRIMMED',
        `${this.stream} took ${used} bytes, more than maxBytes (${maxBytes}). It reaches back ${reach} ms now; ` +
          'who was away for longer begins a new session.',
      ),
    );
  }

  /** After a restart or a failover Redis may have less than this node has delivered. */
  async #checkHistory() {
    // As it is now: new entries may come before the answer.
    const { read } = this.#history;
    if (!read) return;
    const redis = this.#link.writing;
    await redis.whenUp(60_000);
    const [common] = await redis.call(['XREVRANGE', this.stream, read, '-', 'COUNT', 1]);
    if (common?.[0] === read) return;
    const id = await this.publishAndReturnOffset({ type: MessageType.HEARTBEAT });
    if (!isStreamId(id)) return;
    // What this node has in memory of the lost entries can still be replayed, unless new ones have ids among theirs, because the
    // other Redis has another clock.
    const from = common ? `(${common[0]}` : '-';
    const [mixed] = await redis.call(['XRANGE', this.stream, from, read, 'COUNT', 1]);
    if (mixed && this.#history.read === read) {
      this.#history.start(common?.[0] ?? FIRST);
      this.#link.reader.moveTo(this.stream, this.#history.read);
    }
    this.#link.report(
      new ClusterError(
        'HISTORY_LOST',
        `Redis came back without the entries of ${this.stream} from ${common?.[0] ?? 'the first'} to ${read}. Who has not got ` +
          'them yet does not get them. Is appendonly on, and is the replica in time?',
      ),
    );
    // Clients need a place in the history that is there.
    await this.#history.reached(id, RESTORE_TIMEOUT);
    this.#greetAll();
  }

  close() {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close() {
    super.close();
    this.#isClosed = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const off of this.#offs) off();
    this.#link.adapters.delete(this.nsp.name);
    this.#link.reader.unfollow(this.stream);
    await this.#link.release();
  }
}

/** How far back the history reaches by default, in ms. */
export const maxAgeFor = (returns) => Math.ceil(returns * 2 + 10_000);

/**
 * How long the stream of a namespace's events lives after its last entry, in ms. Nodes that have the namespace write heartbeats,
 * so it ends after the last of them has gone. Redis may renew it when half of this is over.
 */
export const livesOf = (maxAge) => Math.ceil(2 * maxAge);

/** Closes a connection without waiting for the other side, which may be gone. */
function closeAtOnce(socket) {
  socket?.conn.close(true);
}

/**
 * Makes the adapter for `new Server({ adapter, connectionStateRecovery })`.
 *
 * @param {object} redis a client of "redis" or "ioredis"; it is duplicated
 * @param {object} [options] see index.d.ts
 */
export function createDurableAdapter(redis, options = {}) {
  if (!isRedisClient(redis))
    throw new ClusterError(
      'INVALID_REDIS',
      'createDurableAdapter(redis): redis must be a client of "redis" (createClient()) or "ioredis" (new Redis()).',
    );
  let link;
  return function createAdapterOf(nsp) {
    if (!nsp.server.opts.connectionStateRecovery)
      throw new ClusterError(
        'NO_RECOVERY',
        'The durable adapter needs connectionStateRecovery: new Server({ adapter, connectionStateRecovery: {} }).',
      );
    link ??= new Link(redis, options);
    return new DurableAdapter(nsp, link, options);
  };
}
