import { Backlog } from './backlog.js';
import { ClusterError } from './cluster-error.js';
import { streamOf } from './inbound.js';
import { toData } from './messages.js';

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

/** Hands what clients send to the app nodes, and their acknowledgements back. */
export class Relay {
  #link;
  #options;
  #acks = new Map();
  #ackCount = 0;

  #backlog;

  /**
   * @param {import('./link.js').Link} link
   * @param {{ keys: object, streams: number, maxBacklog: number, maxBacklogBytes: number }} options
   */
  constructor(link, options) {
    this.#link = link;
    this.#options = options;
    this.#backlog = new Backlog(link.writing, options.maxBacklogBytes);
  }

  /** @param {import('socket.io').Socket} socket */
  take(socket) {
    const numbers = new Set();
    const { nsp, id: sid, pid } = socket;
    const fence = nsp.adapter.fenceOf(sid);
    const send = (kind, data) =>
      this.#send(socket, fence, kind, { nsp: nsp.name, sid, pid, ...data });
    const { sessionStore: _, ...handshake } = socket.handshake;
    send('connect', socket.recovered ? { recovered: true } : { handshake, data: socket.data });
    socket.onAny((event, ...args) => {
      const ack = typeof args.at(-1) === 'function' ? args.pop() : undefined;
      if (!ack) return send('event', { event: [event, ...args] });
      this.#ackCount += 1;
      numbers.add(this.#ackCount);
      this.#acks.set(this.#ackCount, (answer) => {
        numbers.delete(answer.ack);
        ack(...answer.args);
      });
      send('event', { event: [event, ...args], ack: this.#ackCount });
    });
    socket.on('disconnect', (reason) => {
      for (const number of numbers) this.#acks.delete(number);
      if (!MAY_RETURN.has(reason)) send('disconnect', { reason });
    });
  }

  /**
   * In the order of the socket. The owner of the session may write only, so what a node that was hung still has to send does
   * not come between what the client has sent elsewhere since.
   */
  async #send(socket, fence, kind, data) {
    const { keys, streams, maxBacklog, maxBacklogBytes } = this.#options;
    try {
      const text = this.#link.reported(() => toData(data));
      const stream = keys.inbound(streamOf(data.sid, streams));
      if (kind === 'event' && !this.#backlog.takes(stream, text.length))
        return this.#giveUp(data, `Messages of more than ${maxBacklogBytes} bytes wait`);
      const answer = await this.#link.writer.append({
        stream,
        head: `${kind} ${this.#link.uid}`,
        data: text,
        fence,
        // That a socket is gone is always said. A connection that is not is found out by the socket's first event.
        maxLength: { event: maxBacklog, connect: 2 * maxBacklog }[kind],
      });
      if (answer === 'fenced') socket.conn.close(true);
      if (answer === 'full') this.#giveUp(data, `${maxBacklog} messages wait`);
    } catch {
      this.#acks.delete(data.ack);
      // It was reported. Without its acknowledgement the client sends it again, where it has `retries`.
    }
  }

  #giveUp({ ack }, why) {
    this.#acks.delete(ack);
    const message = `${why} for the app nodes already, so one is given up. Are there any app nodes?`;
    this.#link.report(new ClusterError('BACKLOG_FULL', message));
  }

  /** @param {{ ack: number, args: unknown[] }} answer of an app node */
  acknowledge(answer) {
    const ack = this.#acks.get(answer.ack);
    this.#acks.delete(answer.ack);
    ack?.(answer);
  }
}
