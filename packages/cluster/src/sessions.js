import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { ClusterError } from './cluster-error.js';
import { fromText, toText } from './codec.js';
import { Membership } from './membership.js';
import { CLAIM, DROP, END, ENDED_LIVES, KEEP, TOUCH } from './scripts.js';

/** So many sessions are renewed by one command. */
const CHUNK = 200;

/**
 * @typedef {object} Held a session of a socket that is connected here
 * @property {string} sid
 * @property {string} pid
 * @property {string} token whoever wrote the last one into the session owns it
 * @property {Membership} membership
 * @property {string} [data] as it was written last
 * @property {boolean} isWritten
 * @property {Promise<string>} [identity] whose it is
 * @property {boolean} [isOver] it was dropped
 */

/**
 * The sessions of one namespace in Redis, one hash each: `t` the owner's token, `s` id and rooms, `a` the entry up to which
 * joins are in them, `d` the data, `h` the handshake, `i` the identity, `e` where it has ended. Written when a socket connects
 * and whenever its rooms change; nobody has to notice that it is gone.
 */
export class Sessions {
  /** @type {Map<string, Held>} by the socket's id */
  held = new Map();
  #link;
  #nsp;
  #options;
  #claims = 0;
  #latest = new Map();
  #dirty = new Map();
  #flushing;

  /**
   * @param {import('./link.js').Link} link
   * @param {import('socket.io').Namespace} nsp
   * @param {{ lives: number, identify?: Function, keepsHandshake?: boolean, keepsData: boolean,
   *   expiryKey?: (sid: string) => string, position: () => string, onTaken: (sid: string) => void }} options
   */
  constructor(link, nsp, options) {
    this.#link = link;
    this.#nsp = nsp;
    this.#options = options;
  }

  keyOf(pid) {
    return this.#link.key('session', this.#nsp.name, pid);
  }

  #newToken() {
    this.#claims += 1;
    return `${this.#link.uid}.${this.#claims}`;
  }

  #nameOf({ sid, pid }) {
    return JSON.stringify([this.#nsp.name, pid, sid]);
  }

  /** Holds a socket's session, from its first room on. */
  hold(socket) {
    const { id: sid, pid } = socket;
    const held = {
      sid,
      pid,
      token: this.#newToken(),
      membership: new Membership(),
      isWritten: false,
    };
    this.held.set(sid, held);
    return held;
  }

  /**
   * Claims the session `pid`. Resolves with what it was, or undefined when there is none.
   *
   * @param {string} pid @param {number} timeout in ms
   */
  async claim(pid, timeout) {
    const token = this.#newToken();
    this.#latest.set(pid, token);
    try {
      const identity = await this.#identityOfNewcomer();
      const answer = await this.#link.writing.run(
        CLAIM,
        [this.keyOf(pid)],
        [
          token,
          identity ?? '',
          this.#options.identify ? 1 : 0,
          this.#link.streamOf(''),
          JSON.stringify({ nsp: this.#nsp.name, pid, token }),
          this.#options.lives,
        ],
        { timeout },
      );
      if (answer === 'identity')
        throw new ClusterError(
          'OTHER_IDENTITY',
          `Somebody else asked for a session of ${this.#nsp.name}; it was not restored for them.`,
        );
      if (!answer) return undefined;
      const [state, data, position] = answer;
      const { sid, ...rooms } = JSON.parse(state);
      return { sid, pid, token, savedAt: position, data: data && fromText(data), rooms };
    } finally {
      // Only the latest claim here goes on; see isLatest().
      setTimeout(() => {
        if (this.#latest.get(pid) === token) this.#latest.delete(pid);
      }, 60_000).unref();
    }
  }

  /** Whether nobody here has claimed the session after `token` was made. */
  isLatest(pid, token) {
    return (this.#latest.get(pid) ?? token) === token;
  }

  async #identityOfNewcomer() {
    const { identify } = this.#options;
    if (!identify) return undefined;
    const newcomer = connecting.getStore();
    if (!newcomer) throw new Error('identify() needs to know who connects');
    return `=${await identify(newcomer.handshake, newcomer.auth)}`;
  }

  /** The socket of a claimed session is about to be made. */
  restore({ sid, pid, token, data, membership }) {
    const written = data === undefined ? undefined : toText(data);
    this.held.set(sid, { sid, pid, token, membership, data: written, isWritten: true });
  }

  /** Writes the session of `sid` soon. Resolves when it is written. */
  save(sid) {
    this.#dirty.set(sid, this.held.get(sid));
    // Two turns, so that a socket that joins several rooms in a row is written once.
    this.#flushing ??= Promise.resolve()
      .then(() => null)
      .then(() => this.#flush());
    return this.#flushing;
  }

  /** Writes all that are held, for the position is another one now. Resolves when they are written. */
  async saveAll() {
    await Promise.all([...this.held.keys()].map((sid) => this.save(sid)));
  }

  async #flush() {
    const dirty = this.#dirty;
    this.#dirty = new Map();
    this.#flushing = undefined;
    await Promise.all(
      [...dirty].map(([sid, held]) => {
        const socket = this.#nsp.sockets.get(sid);
        return held && socket && this.held.get(sid) === held
          ? this.#write(held, socket)
          : undefined;
      }),
    );
  }

  /** The last state of a socket that is gone and may come back. It lives on for a while. */
  async keepForReturn(held, socket) {
    await this.#write(held, socket, this.#options.returns);
  }

  async #write(held, socket, lives = this.#options.lives) {
    let identity;
    if (this.#options.identify && !held.isWritten) {
      held.identity ??= this.#identityOf(socket);
      identity = await held.identity;
      if (held.isOver) return; // the client has gone meanwhile
    }
    // From here on nothing waits, so what is written later is newer.
    const position = this.#options.position();
    const fields = [
      's',
      JSON.stringify({ sid: held.sid, ...held.membership.toJSON() }),
      'a',
      position,
    ];
    if (this.#options.keepsData || !held.isWritten) {
      const data = this.#textOf(socket.data ?? {}, 'data') ?? held.data;
      if (data !== held.data) fields.push('d', data);
      held.data = data;
    }
    if (!held.isWritten) {
      held.isWritten = true;
      const handshake =
        this.#options.keepsHandshake && this.#textOf(withoutCircles(socket.handshake), 'handshake');
      if (handshake) fields.push('h', handshake);
      if (identity !== undefined) fields.push('i', identity);
    }
    const expiry = this.#options.expiryKey?.(held.sid);
    try {
      const mine = await this.#link.writing.run(
        KEEP,
        [this.keyOf(held.pid), ...(expiry ? [expiry] : [])],
        [held.token, lives, this.#nameOf(held), ...fields],
      );
      if (!mine) this.#taken(held);
    } catch (error) {
      held.isWritten = false;
      this.#link.report(
        new ClusterError('SESSION_NOT_SAVED', `A session could not be written: ${error.message}`, {
          cause: error,
        }),
      );
    }
  }

  /** What can't be written, as a timer in `data` or a client's `auth` that is nested too deep, is left out, and that is said. */
  #textOf(value, what) {
    try {
      return toText(value);
    } catch (cause) {
      this.#link.report(
        new ClusterError(
          'SESSION_NOT_SAVED',
          `The ${what} of a socket can’t be written: ${cause.message}`,
          { cause },
        ),
      );
    }
  }

  /** Where identify() fails, nobody is that, so the session is not restored for anyone. */
  async #identityOf(socket) {
    try {
      return `=${await this.#options.identify(socket.handshake, socket.handshake.auth)}`;
    } catch {
      return randomBytes(16).toString('hex');
    }
  }

  #taken(held) {
    if (this.held.get(held.sid) !== held) return;
    this.#options.onTaken(held.sid);
  }

  /** Another node has claimed the session `pid` that this one had with `token`. It may have it again since, with another one. */
  wasClaimed(pid, token) {
    for (const held of this.held.values())
      if (held.pid === pid && held.token === token) return this.#taken(held);
  }

  /** Renews all that are held. */
  async renew() {
    const all = [...this.held.values()];
    for (let i = 0; i < all.length; i += CHUNK) {
      try {
        await this.#renewSome(all.slice(i, i + CHUNK));
      } catch (error) {
        this.#link.report(
          new ClusterError('SESSION_NOT_SAVED', `Sessions could not be renewed: ${error.message}`, {
            cause: error,
          }),
        );
        return;
      }
    }
  }

  async #renewSome(some) {
    const { lives, keepsData, expiryKey, position } = this.#options;
    const changed = some.filter(({ sid, data, isWritten }) => {
      const socket = this.#nsp.sockets.get(sid);
      if (!socket) return false;
      return (
        !isWritten || (keepsData && (this.#textOf(socket.data ?? {}, 'data') ?? data) !== data)
      );
    });
    for (const { sid } of changed) this.save(sid);
    const rest = some.filter((held) => !changed.includes(held));
    if (!rest.length) return;
    const args = rest.flatMap((held) => [
      held.token,
      expiryKey?.(held.sid) ?? '',
      this.#nameOf(held),
    ]);
    const keys = rest.map(({ pid }) => this.keyOf(pid));
    const answers = await this.#link.writing.run(TOUCH, keys, [lives, position(), ...args]);
    for (const [i, answer] of answers.entries()) {
      if (answer === 0) this.#taken(rest[i]);
      if (answer !== 2) continue;
      // Redis has lost it, so it is written anew.
      rest[i].isWritten = false;
      rest[i].data = undefined;
      this.save(rest[i].sid);
    }
  }

  /** The session is over, and its app node is still to hear of it, from the list of what expires. */
  end(held) {
    this.#remove(held, []);
  }

  /** The session is over. */
  drop(held) {
    held.isOver = true;
    const expiry = this.#options.expiryKey?.(held.sid);
    this.#remove(held, expiry ? [expiry] : []);
  }

  /**
   * Where app nodes are to handle messages of the socket's, the session waits for that. Written in its place before the message
   * that says the disconnect, because the handling of that one removes the session.
   */
  #remove(held, lists) {
    const keys = [this.keyOf(held.pid), ...lists];
    const args = [held.token, this.#nameOf(held)];
    const removed = this.#options.expiryKey
      ? this.#link.writer.run(END, keys, [...args, ENDED_LIVES])
      : this.#link.writing.run(DROP, keys, args);
    removed.catch(() => {});
  }
}

/** Who is connecting while a session is restored: the adapter is told the pid only. */
const connecting = new AsyncLocalStorage();

/** The connection of who is connecting, where it is known. */
export const connectionOfNewcomer = () => connecting.getStore()?.conn;

/**
 * Notes who is connecting, for `identify()` and for a restore that has to be tried again. Throws where Socket.IO is not as we
 * know it and `identify` is wanted, so that nobody is unprotected.
 */
export function watchConnecting(nsp, { identify }) {
  const add = nsp._add;
  if (typeof add !== 'function') {
    if (!identify) return;
    throw new ClusterError(
      'UNKNOWN_SOCKET_IO',
      'identify needs socket.io 4.8: its Namespace is another one here.',
    );
  }
  nsp._add = (client, auth, done) =>
    connecting.run(
      { conn: client.conn, handshake: handshakeOf(client, auth), auth: auth ?? {} },
      () => add.call(nsp, client, auth, done),
    );
}

/** As `socket.handshake`. */
function handshakeOf({ conn, request }, auth) {
  const now = new Date();
  return {
    headers: request?.headers ?? {},
    time: String(now),
    address: conn.remoteAddress,
    xdomain: Boolean(request?.headers.origin),
    secure: Boolean(request?.connection?.encrypted),
    issued: Number(now),
    url: request?.url,
    query: request?._query ?? {},
    auth: auth ?? {},
  };
}

/** express-session puts one on it that holds the request. */
const withoutCircles = ({ sessionStore: _, ...handshake }) => handshake;
