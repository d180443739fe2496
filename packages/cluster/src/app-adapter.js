import { ClusterAdapter, MessageType } from 'socket.io-adapter';
import { ClusterError } from './cluster-error.js';
import { fromText, toText } from './codec.js';
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
  #history;
  #name;
  #requests = new Map();
  #count = 0;
  #offs;

  /**
   * @param {import('socket.io').Namespace} nsp @param {import('./link.js').Link} link
   * @param {{ keys: object, history: () => { minId: string, lives: number } }} options
   */
  constructor(nsp, link, { keys, history }) {
    super(nsp);
    this.uid = link.uid;
    this.#link = link;
    this.#keys = keys;
    this.#history = history;
    this.#name = encodeURIComponent(nsp.name);
    this.#offs = [
      link.onProblem((error) => this.emit('problem', error)),
      link.onOwn(`response:${this.#name}`, ({ data }) => this.onResponse(fromText(data))),
      link.onOwn(`emit:${this.#name}`, (entry) => this.#onServerSideEmit(entry)),
    ];
  }

  /** Async, so that what can't be written is a rejection, which is handled, and does not end the process. */
  async doPublish({ type, uid, data }) {
    const entry = {
      stream: this.#keys.events(this.nsp.name),
      head: headOf(type, uid),
      data: this.#link.reported(() => toData(data)),
      ...this.#history(),
    };
    const handling = handlingNow();
    const asks = data?.requestId !== undefined;
    if (!handling) return this.#link.writer.append(entry);
    return asks ? handling.ask(entry) : handling.add(entry);
  }

  doPublishResponse() {
    return Promise.resolve();
  }

  async broadcast(packet, opts) {
    if (isLocal(opts)) return;
    this.publish({ type: MessageType.BROADCAST, data: { packet, opts: fromOptions(opts) } });
  }

  broadcastWithAck(packet, opts, clientCountCallback, ack) {
    if (isLocal(opts)) return clientCountCallback(0);
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
    if (isLocal(opts)) return;
    await this.#write({
      type: MessageType.SOCKETS_JOIN,
      data: { opts: fromOptions(opts), rooms },
    });
  }

  async delSockets(opts, rooms) {
    if (isLocal(opts)) return;
    await this.#write({
      type: MessageType.SOCKETS_LEAVE,
      data: { opts: fromOptions(opts), rooms },
    });
  }

  async disconnectSockets(opts, close) {
    if (isLocal(opts)) return;
    await this.#write({
      type: MessageType.DISCONNECT_SOCKETS,
      data: { opts: fromOptions(opts), close },
    });
  }

  /** The uids of those that live, of io nodes or of app nodes. */
  async #living(key) {
    return this.#link.writing.run(LIVING, [key], []);
  }

  /** The io nodes that have this namespace: one makes it when its first client comes. */
  #ioNodes() {
    return this.#living(this.#keys.nodes(this.nsp.name));
  }

  async serverCount() {
    return 1 + (await this.#ioNodes()).length;
  }

  /**
   * Asks every io node that has the namespace. One that dies or begins meanwhile is not waited for. What a listener here has put
   * into `data` is not at the io nodes before the listener is over.
   */
  async fetchSockets(opts) {
    if (isLocal(opts)) return [];
    const { requestId, answers, allAnswer } = this.#ask();
    try {
      const asked = await this.#ioNodes();
      await this.publishAndReturnOffset({
        type: MessageType.FETCH_SOCKETS,
        data: { opts: fromOptions(opts), requestId },
      });
      const living = async () => (await this.#ioNodes()).filter((uid) => asked.includes(uid));
      await allAnswer(living, opts.flags?.timeout ?? TIMEOUT);
      return [...answers.values()].flat().map((socket) => {
        const known = this.nsp.sockets.get(socket.id);
        return known ? { ...socket, data: known.data } : socket;
      });
    } finally {
      this.#requests.delete(requestId);
    }
  }

  /**
   * To the other app nodes: io nodes have no logic. Written at once, also in a listener. Nobody awaits this promise, so it does
   * not reject.
   */
  async serverSideEmit(packet) {
    const acknowledge = typeof packet.at(-1) === 'function' ? packet.pop() : undefined;
    const { requestId, answers, allAnswer } = this.#ask();
    const head = [`emit:${this.#name}`, this.uid, ...(acknowledge ? [requestId] : [])].join(' ');
    let asked = [];
    let problem = null;
    const others = async () =>
      (await this.#living(this.#keys.apps)).filter((uid) => uid !== this.uid);
    try {
      asked = await others();
      const text = toText(packet);
      await Promise.all(asked.map((uid) => this.#link.tell(uid, head, text)));
      if (acknowledge)
        await allAnswer(async () => (await others()).filter((uid) => asked.includes(uid)), TIMEOUT);
    } catch (error) {
      problem = error;
      if (!acknowledge) this.#link.report(lost(error));
    } finally {
      this.#requests.delete(requestId);
    }
    acknowledge?.(problem, [...answers.values()]);
  }

  #onServerSideEmit({ rest: [uid, requestId], data }) {
    const packet = fromText(data);
    let isAnswered = requestId === undefined;
    if (!isAnswered)
      packet.push((answer) => {
        if (isAnswered) return;
        isAnswered = true;
        const response = { requestId, packet: answer };
        const type = MessageType.SERVER_SIDE_EMIT_RESPONSE;
        const text = toText({ type, uid: this.uid, data: response });
        this.#link.tell(uid, `response:${this.#name}`, text).catch(() => {});
      });
    this.nsp._onServerSideEmit(packet);
  }

  /** A request to several nodes: who has answered, and what. */
  #ask() {
    this.#count += 1;
    const requestId = `${this.uid}:${this.#count}`;
    const request = { answers: new Map(), check: () => {} };
    this.#requests.set(requestId, request);
    const allAnswer = (living, timeout) => this.#allAnswer(request, living, timeout);
    return { requestId, answers: request.answers, allAnswer };
  }

  async #allAnswer(request, living, timeout) {
    const until = Date.now() + timeout;
    while (true) {
      const missing = (await living()).filter((uid) => !request.answers.has(uid));
      if (!missing.length) return;
      if (Date.now() > until)
        throw new Error(`timeout reached: missing ${missing.length} responses`);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, LOOK);
        request.check = () => {
          if (missing.some((uid) => !request.answers.has(uid))) return;
          clearTimeout(timer);
          resolve();
        };
        request.check();
      });
    }
  }

  onResponse(response) {
    const { type, uid, data } = response;
    const isFetch = type === MessageType.FETCH_SOCKETS_RESPONSE;
    if (!isFetch && type !== MessageType.SERVER_SIDE_EMIT_RESPONSE)
      return super.onResponse(response);
    const request = this.#requests.get(data.requestId);
    request?.answers.set(uid, isFetch ? data.sockets : data.packet);
    request?.check();
  }

  close() {
    for (const off of this.#offs) off();
  }
}

/** No socket is connected to an app node. */
const isLocal = ({ flags }) => flags?.local === true;

const lost = (cause) =>
  new ClusterError('EVENTS_LOST', `serverSideEmit() failed: ${cause.message}`, { cause });
