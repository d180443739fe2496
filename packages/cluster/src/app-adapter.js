import { ClusterAdapter, MessageType } from 'socket.io-adapter';
import { ClusterError } from './cluster-error.js';
import { fromText } from './codec.js';
import { handlingNow } from './handling.js';
import { fromOptions, headOf, toData } from './messages.js';
import { LIVING } from './scripts.js';

const TIMEOUT = 5_000;
/** How often it is looked whether a node that has not answered still lives, in ms. */
const LOOK = 500;

/**
 * The adapter of an app node: it has no sockets and reads no events. It writes what the io nodes deliver, and asks them.
 */
export class AppAdapter extends ClusterAdapter {
  #link;
  #keys;
  #maxAge;
  #fetches = new Map();
  #count = 0;
  #off;

  /**
   * @param {import('socket.io').Namespace} nsp @param {import('./link.js').Link} link
   * @param {{ keys: object, maxAge: number }} options
   */
  constructor(nsp, link, { keys, maxAge }) {
    super(nsp);
    this.uid = link.uid;
    this.#link = link;
    this.#keys = keys;
    this.#maxAge = maxAge;
    this.#off = link.onOwn(`response:${encodeURIComponent(nsp.name)}`, ({ data }) =>
      this.onResponse(fromText(data)),
    );
  }

  doPublish({ type, uid, data }) {
    const entry = {
      stream: this.#keys.events(this.nsp.name),
      head: headOf(type, uid),
      data: toData(data),
      // By our clock, since nothing is read here: that it differs from Redis's a little does not matter.
      minId: `${Date.now() - this.#maxAge}-0`,
    };
    const handling = handlingNow();
    const asks = data?.requestId !== undefined;
    if (handling && !asks) return handling.add(entry);
    handling?.flush();
    return this.#link.writer.append(entry);
  }

  doPublishResponse() {
    return Promise.resolve();
  }

  async broadcast(packet, opts) {
    this.publish({ type: MessageType.BROADCAST, data: { packet, opts: fromOptions(opts) } });
  }

  broadcastWithAck(packet, opts, clientCountCallback, ack) {
    this.#count += 1;
    const requestId = `${this.uid}:${this.#count}`;
    this.ackRequests.set(requestId, { clientCountCallback, ack });
    setTimeout(() => this.ackRequests.delete(requestId), opts.flags.timeout).unref();
    this.publish({
      type: MessageType.BROADCAST,
      data: { packet, requestId, opts: fromOptions(opts) },
    });
    clientCountCallback(0); // of our own
  }

  /** What can't be written is reported by the writer, so it does not end the process as an unhandled rejection. */
  async #write(message) {
    await this.publishAndReturnOffset(message).catch(() => {});
  }

  async addSockets(opts, rooms) {
    await this.#write({
      type: MessageType.SOCKETS_JOIN,
      data: { opts: fromOptions(opts), rooms },
    });
  }

  async delSockets(opts, rooms) {
    await this.#write({
      type: MessageType.SOCKETS_LEAVE,
      data: { opts: fromOptions(opts), rooms },
    });
  }

  async disconnectSockets(opts, close) {
    await this.#write({
      type: MessageType.DISCONNECT_SOCKETS,
      data: { opts: fromOptions(opts), close },
    });
  }

  async #nodes() {
    return new Set(await this.#link.writing.run(LIVING, [this.#keys.nodes], []));
  }

  async serverCount() {
    return 1 + (await this.#nodes()).size;
  }

  /** Asks every io node. One that dies meanwhile is not waited for. */
  async fetchSockets(opts) {
    this.#count += 1;
    const requestId = `${this.uid}:${this.#count}`;
    const timeout = opts.flags?.timeout ?? TIMEOUT;
    const fetch = { answers: new Map(), check: () => {} };
    this.#fetches.set(requestId, fetch);
    try {
      await this.publishAndReturnOffset({
        type: MessageType.FETCH_SOCKETS,
        data: { opts: fromOptions(opts), requestId },
      });
      await this.#allAnswer(fetch, timeout);
      return [...fetch.answers.values()].flat();
    } finally {
      this.#fetches.delete(requestId);
    }
  }

  async #allAnswer(fetch, timeout) {
    const until = Date.now() + timeout;
    while (true) {
      const missing = [...(await this.#nodes())].filter((uid) => !fetch.answers.has(uid));
      if (!missing.length) return;
      if (Date.now() > until)
        throw new Error(`timeout reached: missing ${missing.length} responses`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, LOOK);
        fetch.check = () => {
          if (missing.some((uid) => !fetch.answers.has(uid))) return;
          clearTimeout(timer);
          resolve();
        };
        fetch.check();
      });
    }
  }

  onResponse(response) {
    if (response.type !== MessageType.FETCH_SOCKETS_RESPONSE) return super.onResponse(response);
    const fetch = this.#fetches.get(response.data.requestId);
    fetch?.answers.set(response.uid, response.data.sockets);
    fetch?.check();
  }

  async serverSideEmit() {
    throw new ClusterError(
      'UNSUPPORTED',
      'serverSideEmit() is between Socket.IO servers; app nodes don’t hear one another by it.',
    );
  }

  close() {
    this.#off();
  }
}
