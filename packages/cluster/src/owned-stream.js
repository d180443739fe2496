import { ClusterError } from './cluster-error.js';
import { fromText, toText } from './codec.js';
import { Handling, leaseLost } from './handling.js';
import { ENDED_LIVES, EXPIRE, FINISH, RELEASE } from './scripts.js';
import { FIRST } from './stream-id.js';

/** So many messages are in memory at most, and reading goes on below the second number. */
const FULL = 5_000;
const LOW = 1_000;

/**
 * A stream of what clients have sent, while this node owns it. What is in it is not handled yet, so a new owner begins with
 * the first: in order for each socket, and at least once. Of one socket the next message is handled when the one before is.
 */
export class OwnedStream {
  #link;
  #keys;
  #options;
  #chains = new Map();
  #pending = 0;
  #paused = false;
  #last = FIRST;
  #timer;
  /**
   * What this node knows of the stream's sockets. The next owner may change it.
   * @type {Set<import('./app-socket.js').AppSocket>}
   */
  #sockets = new Set();
  /** Sockets that came while nobody listened, by id, with what a message says of them. @type {Map<string, object>} */
  #unheard = new Map();
  /** What is being handled. @type {Set<Handling>} */
  #handlings = new Set();
  /** @type {'open' | 'releasing' | 'lost'} */
  #state = 'open';

  /**
   * @param {import('./link.js').Link} link
   * @param {{ index: number, token: string, keys: object, handlerTimeout: number, expireEvery: number,
   *   findSocket: (kind: string, data: object, ioNode: string, isOpen: () => boolean) =>
   *     Promise<{ socket: object, tasks: (() => unknown)[], isUnheard?: boolean } | undefined> }} options
   */
  constructor(link, options) {
    this.#link = link;
    this.#options = options;
    const { keys, index, expireEvery } = options;
    this.#keys = {
      lease: keys.lease(index),
      stream: keys.inbound(index),
      expiry: keys.expiry(index),
      session: keys.session,
    };
    this.#follow();
    this.#timer = setInterval(() => this.#expire(), expireEvery).unref();
  }

  get token() {
    return this.#options.token;
  }

  get isLost() {
    return this.#state === 'lost';
  }

  #follow() {
    this.#link.follow(this.#keys.stream, this.#last, (entries) => {
      this.#last = entries.at(-1).id;
      for (const entry of entries) this.#queue(entry);
      if (this.#pending < FULL || this.#paused) return;
      this.#paused = true;
      this.#link.reader.unfollow(this.#keys.stream);
    });
  }

  #queue(entry) {
    let data;
    try {
      data = fromText(entry.data);
    } catch (cause) {
      this.#report(`An entry of ${this.#keys.stream} can't be read`, cause);
      return void this.#finish(entry, {}, []);
    }
    this.#pending += 1;
    const before = this.#chains.get(data.sid);
    const task = () => this.#handle(entry, data).catch((error) => this.#giveUp(error));
    const chain = (before ?? Promise.resolve()).then(task).then(() => {
      if (this.#chains.get(data.sid) === chain) this.#chains.delete(data.sid);
      this.#pending -= 1;
      if (!this.#paused || this.#pending > LOW || this.#state !== 'open') return;
      this.#paused = false;
      this.#follow();
    });
    this.#chains.set(data.sid, chain);
  }

  /** A session could not be read. The stream is begun again with what is not handled, as by another owner. */
  #giveUp(cause) {
    if (!this.isLost)
      this.#link.report(
        new ClusterError('HANDLER_FAILED', `A message waits: ${cause?.message}`, { cause }),
      );
    this.giveBack();
  }

  async #handle(entry, data) {
    // It stays in the stream, for the next owner.
    if (this.#state !== 'open') return;
    const fence = { key: this.#keys.lease, token: this.token };
    const handling = new Handling(this.#link, fence);
    this.#handlings.add(handling);
    try {
      await this.#handleAs(handling, entry, data);
    } finally {
      this.#handlings.delete(handling);
      handling.end();
    }
  }

  async #handleAs(handling, entry, data) {
    const [kind, ioNode] = entry.head.split(' ');
    let socket;
    await handling.run(async () => {
      const isOpen = () => this.#state === 'open';
      const found = await this.#options.findSocket(kind, data, ioNode, isOpen);
      if (!found) return;
      socket = found.socket;
      if (socket.nsp.sockets.get(socket.id) === socket) this.#sockets.add(socket);
      this.#unheard.delete(socket.id);
      if (found.isUnheard && kind !== 'disconnect')
        this.#unheard.set(socket.id, { nsp: data.nsp, sid: data.sid, pid: data.pid, ioNode });
      const waits = found.tasks.map((task) => this.#caught(this.#call(task)));
      if (kind === 'event') waits.push(this.#dispatch(socket, data, ioNode, handling));
      if (kind === 'disconnect') waits.push(...this.#disconnect(socket, data.reason));
      await this.#bounded(Promise.all(waits), kind === 'event' ? `"${data.event[0]}"` : kind);
    });
    if (this.isLost) return this.#forgetSockets();
    if (!socket) return; // it stays in the stream, too
    await this.#finish(entry, data, handling.end(), socket);
  }

  /**
   * Somebody listens to the namespace `name` now. Sockets that came before are written into the stream once more, so that each
   * comes in its place among its messages.
   */
  handOnUnheard(name) {
    const fence = { key: this.#keys.lease, token: this.token, isStrict: true };
    for (const { nsp, sid, pid, ioNode } of this.#unheard.values()) {
      if (nsp !== name) continue;
      this.#unheard.delete(sid);
      const data = JSON.stringify({ nsp, sid, pid });
      const entry = { stream: this.#keys.stream, head: `late ${ioNode}`, data, fence };
      // What the writer gives up is reported by it.
      this.#link.writer.append(entry).catch(() => {});
    }
  }

  #dispatch(socket, { event: [event, ...args], ack }, ioNode, handling) {
    let acknowledged;
    const isAcknowledged = new Promise((resolve) => (acknowledged = resolve));
    if (ack !== undefined) {
      let isSent = false;
      args.push((...answer) => {
        if (isSent) return;
        isSent = true;
        const entry = this.#link.entryFor(ioNode, 'ack', toText({ ack, args: answer }));
        // What the writer gives up is reported by it.
        handling.add(entry).catch(() => {});
        acknowledged();
      });
    }
    const returned = this.#call(() => socket._dispatch(event, args)) ?? [];
    const promises = returned.filter((it) => typeof it?.then === 'function');
    if (promises.length) return Promise.all(promises.map((it) => this.#caught(it)));
    // A handler with a callback is over when it has acknowledged.
    return ack !== undefined && returned.length ? isAcknowledged : undefined;
  }

  #disconnect(socket, reason) {
    socket._onclose();
    socket.nsp.sockets.delete(socket.id);
    this.#sockets.delete(socket);
    const ends = ['disconnecting', 'disconnect'].flatMap(
      (event) =>
        this.#call(() => socket.rawListeners(event).map((it) => it.call(socket, reason))) ?? [],
    );
    return ends.map((it) => this.#caught(it));
  }

  #call(task) {
    try {
      return task();
    } catch (error) {
      this.#report('A handler threw', error);
    }
  }

  #caught = (value) =>
    Promise.resolve(value).catch((error) => this.#report('A handler rejected', error));

  #report(what, cause) {
    this.#link.report(
      new ClusterError(
        'HANDLER_FAILED',
        `${what}, and its message counts as handled: ${cause?.stack ?? cause}`,
        { cause },
      ),
    );
  }

  async #bounded(promise, what) {
    const { handlerTimeout } = this.#options;
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => {
        this.#report(
          `The handler of ${what} was not done after ${handlerTimeout} ms`,
          new Error('handlerTimeout'),
        );
        resolve();
      }, handlerTimeout);
    });
    try {
      await Promise.race([promise, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What can't be written, as a timer, stays as it was, and that is said. */
  #dataOf(socket) {
    try {
      return toText(socket.data ?? {});
    } catch (cause) {
      this.#link.report(
        new ClusterError('SESSION_NOT_SAVED', `socket.data can’t be written: ${cause.message}`, {
          cause,
        }),
      );
      return socket._savedData;
    }
  }

  async #finish(entry, { nsp = '/', pid = '', sid }, effects, socket) {
    const data = socket ? this.#dataOf(socket) : '';
    const changed = socket && data !== socket._savedData ? data : '';
    const keys = [this.#keys.lease, this.#keys.stream, this.#keys.session(nsp, pid)];
    const args = [
      this.token,
      entry.id,
      changed,
      this.#link.streamOf(''),
      changed && JSON.stringify({ nsp, sid, data }),
      entry.head.startsWith('disconnect ') ? 1 : '',
    ];
    for (const effect of effects) {
      const { stream, minId = '', maxLength = '', maxBytes = '', lives = '' } = effect;
      if (!keys.includes(stream)) keys.push(stream);
      args.push(keys.indexOf(stream) + 1, minId, maxLength, maxBytes, lives);
      args.push(effect.head, effect.data);
    }
    if (socket) socket._savedData = data;
    try {
      const answer = await this.#link.writer.run(FINISH, keys, args);
      if (Number.isInteger(answer)) this.#link.reportFull(answer);
      if (answer !== 'fenced') return;
      this.lose();
      const count = effects.length;
      if (!count) return;
      this.#link.report(leaseLost(`${count} of what a listener has emitted is dropped`), { count });
    } catch {
      // The writer has reported it. The entry is still there, and is handled again by who owns the stream then.
      this.giveBack();
    }
  }

  async #expire() {
    if (this.#state !== 'open') return;
    const { lease, expiry, stream, session } = this.#keys;
    const begin = session('', '').replace(/:$/, '');
    await this.#link.writing
      .run(EXPIRE, [lease, expiry, stream], [this.token, begin, ENDED_LIVES])
      .catch(() => {});
  }

  /** Another node owns it, or may. Nothing more is handled here; what is on its way is refused by Redis. */
  lose() {
    this.#stopReading();
    this.#state = 'lost';
    for (const handling of this.#handlings) handling.drop();
    this.#forgetSockets();
  }

  /** Loses it, and ends the lease, so that the next owner, which may be this node, has another token. */
  async giveBack() {
    this.lose();
    // Without Redis the lease ends by itself.
    if (!this.#link.writing.isUp) return;
    await this.#link.writer.run(RELEASE, [this.#keys.lease], [this.token]).catch(() => {});
  }

  #stopReading() {
    if (this.#state !== 'open') return;
    clearInterval(this.#timer);
    this.#link.reader.unfollow(this.#keys.stream);
  }

  /** Whoever owns the stream next may change their data and rooms, so they are not known here any more. */
  #forgetSockets() {
    for (const socket of this.#sockets) {
      const { sockets } = socket.nsp;
      if (sockets.get(socket.id) === socket) sockets.delete(socket.id);
    }
    this.#sockets.clear();
    this.#unheard.clear();
  }

  /** Gives it back when what is being handled is done, or after `timeout` ms. The lease has to be renewed meanwhile. */
  async release(timeout) {
    this.#stopReading();
    if (this.#state === 'open') this.#state = 'releasing';
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, timeout)));
    await Promise.race([Promise.all([...this.#chains.values()]), late]);
    clearTimeout(timer);
    await this.giveBack();
  }
}
