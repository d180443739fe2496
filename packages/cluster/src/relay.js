import { ClusterError } from './cluster-error.js';
import { streamOf } from './inbound.js';
import { toData } from './messages.js';
import { DROP } from './scripts.js';

/**
 * After these a client may come back to its session, so the app node is not told; it hears of it when nobody came.
 * @see https://socket.io/docs/v4/connection-state-recovery
 */
const MAY_RETURN = new Set([
  'transport error',
  'transport close',
  'forced close',
  'ping timeout',
  'server shutting down',
  'forced server close',
]);

/**
 * So many acknowledgements of one socket are waited for at most. An application may never answer, and a client can ask for as
 * many as it likes.
 */
const ACKS = 10_000;

/** Hands what clients send to the app nodes, and their acknowledgements back. */
export class Relay {
  #link;
  #options;
  /**
   * Callbacks of clients by number, each with the numbers of its socket.
   * @type {Map<number, { ack: Function, numbers: Set<number> }>}
   */
  #acks = new Map();
  #ackCount = 0;

  /**
   * @param {import('./link.js').Link} link
   * @param {{ keys: object, streams: number, maxBacklog: number, maxBacklogBytes: number }} options
   */
  constructor(link, options) {
    this.#link = link;
    this.#options = options;
  }

  /** @param {import('socket.io').Socket} socket */
  take(socket) {
    const numbers = new Set();
    const { nsp, id: sid, pid } = socket;
    const fence = nsp.adapter.fenceOf(sid);
    // Whether app nodes may have heard of it, and the last message on its way.
    let isKnown = socket.recovered;
    let last;
    const send = (kind, data) => {
      const sent = this.#send(socket, fence, kind, { nsp: nsp.name, sid, pid, ...data });
      last = sent.then((isTaken) => (isKnown ||= isTaken));
    };
    const { sessionStore: _, ...handshake } = socket.handshake;
    send('connect', socket.recovered ? { recovered: true } : { handshake, data: socket.data });
    socket.onAny((event, ...args) => {
      const ack = typeof args.at(-1) === 'function' ? args.pop() : undefined;
      if (!ack) return send('event', { event: [event, ...args] });
      const number = this.#expect(numbers, ack);
      send('event', { event: [event, ...args], ack: number });
    });
    socket.on('disconnect', async (reason) => {
      for (const number of numbers) this.#forget(number);
      if (MAY_RETURN.has(reason)) return;
      await last;
      if (isKnown) send('disconnect', { reason });
      // Nobody has to hear of its end, so nobody would remove its session.
      else if (fence) this.#link.writing.run(DROP, [fence.key], [fence.token]).catch(() => {});
    });
  }

  /** Remembers a client's callback. Returns its number. @param {Set<number>} numbers of the socket, the oldest first */
  #expect(numbers, ack) {
    this.#ackCount += 1;
    const number = this.#ackCount;
    numbers.add(number);
    this.#acks.set(number, { ack, numbers });
    if (numbers.size > ACKS) {
      const [oldest] = numbers;
      this.#giveUp({ ack: oldest }, `${ACKS} acknowledgements of one socket are waited for`);
    }
    return number;
  }

  #forget(number) {
    this.#acks.get(number)?.numbers.delete(number);
    this.#acks.delete(number);
  }

  /**
   * In the order of the socket. The owner of the session may write only, so what a node that was hung still has to send does
   * not come between what the client has sent elsewhere since. Resolves with whether it is in the stream.
   */
  async #send(socket, fence, kind, data) {
    const { keys, streams, maxBacklog, maxBacklogBytes } = this.#options;
    // A connection that is not said is found out by the socket's first event, and its end is said where it was.
    const share = { event: 1, connect: 2 }[kind];
    try {
      const answer = await this.#link.writer.append({
        stream: keys.inbound(streamOf(data.sid, streams)),
        head: `${kind} ${this.#link.uid}`,
        data: this.#link.reported(() => toData(data)),
        fence,
        maxLength: share && share * maxBacklog,
        maxBytes: share && share * maxBacklogBytes,
      });
      if (answer === 'fenced') socket.conn.close(true);
      if (answer === 'full') {
        const what = kind === 'event' ? 'a message' : 'the news of a connection';
        const why = `${maxBacklog} messages or ${maxBacklogBytes} bytes wait for the app nodes`;
        this.#giveUp(data, why, what);
      }
      return answer !== 'fenced' && answer !== 'full';
    } catch {
      this.#forget(data.ack);
      // It was reported. Without its acknowledgement the client sends it again, where it has `retries`.
      return false;
    }
  }

  #giveUp({ ack }, why, what = 'the oldest') {
    this.#forget(ack);
    const message = `${why} already, so ${what} is given up. Are there any app nodes, and do they answer?`;
    this.#link.report(new ClusterError('BACKLOG_FULL', message));
  }

  /** @param {{ ack: number, args: unknown[] }} answer of an app node */
  acknowledge(answer) {
    const waiting = this.#acks.get(answer.ack);
    this.#forget(answer.ack);
    waiting?.ack(...answer.args);
  }
}
