/**
 * The page's Socket: socket.io-client's own, statement by statement, over a Manager whose
 * connection is the frame's. Properties have the original's names where code in the wild looks at
 * them.
 */
import { RESERVED } from '../../rpc/wire/push-event.ts';
import {
  ACK,
  CONNECT,
  type DecodedPacket,
  DISCONNECT,
  EVENT,
  OFFSET,
} from '../../rpc/wire/push-packet.ts';
import { answerTo } from '../caller.ts';
import { callEach, type Emitter, emitter, type Listener } from '../emitter.ts';
import type { SocketReport } from '../reports/report.ts';
import type { Reports } from '../reports/reports.ts';
import { catchAll } from './catch-all.ts';
import { createRetryQueue } from './retry-queue.ts';
import type { Ack, Flags, Manager, Packet, Socket, SocketOptions } from './shapes.ts';

/**
 * What a Socket is made with, as the original is no plain object: see parent/client.ts. zone.js'
 * plugin for socket.io patches what is on its prototype.
 */
export class ClientSocket {}
Object.assign(ClientSocket.prototype, emitter);

/** A Socket of `io`; `options` as the original's. It connects when it is told to. */
export function createSocket(
  io: Manager,
  nsp: string,
  options?: SocketOptions | null,
  reports?: Reports,
): Socket {
  const { auth, retries = 0, ackTimeout } = options ?? {};
  const caller = new Error();
  const incoming: Listener[] = [];
  const outgoing: Listener[] = [];
  let ids = 0;
  let flags: Flags = {};
  /** For connection state recovery: the session, and how much of it has come. */
  let session: { pid: string; offset?: string } | undefined;

  const sendEvent = (packet: Packet): void => {
    callEach(outgoing, socket, packet.data as unknown[]);
    io._packet(packet);
  };
  /** Acknowledgements that take no error are dropped in silence. */
  const settle = (id: number | string, error: Error | null, answer: unknown[] = []): void => {
    const ack = socket.acks[id];
    delete socket.acks[id];
    if (ack?.withError) ack(error, ...answer);
    else if (!error) ack?.(...answer);
  };
  const awaitAck = (id: number, ack: Ack, { timeout, fromQueue }: Flags): void => {
    const wait = timeout ?? ackTimeout;
    const timer =
      wait !== undefined &&
      setTimeout(() => {
        socket.sendBuffer = socket.sendBuffer.filter((packet) => packet.id !== id);
        settle(id, new Error('operation has timed out'));
      }, wait);
    const once: Ack = (...args) => {
      clearTimeout(timer as number);
      ack.apply(socket, args);
    };
    once.withError = !!timer || ack.withError;
    once.isKept = fromQueue && !timer;
    socket.acks[id] = once;
  };
  const emitEvent = (args: unknown[]): void => {
    callEach(incoming, socket, args);
    tell(...(args as [string]));
    const offset = args.at(-1);
    if (session && typeof offset === 'string') session.offset = offset;
  };

  const report = (state: SocketReport['state'], reason?: string, error?: unknown): void =>
    reports?.socket({ kind: 'io', name: nsp, state, reason, error });
  const fail = (error: unknown): void => {
    report('failed', undefined, error);
    tell('connect_error', error);
  };

  /** What the Manager tells. */
  const subs = {
    open() {
      const send = (data: unknown): void =>
        io._packet({ type: CONNECT, nsp, data: session ? { ...session, ...Object(data) } : data });
      if (typeof socket.auth === 'function') socket.auth(send);
      else send(socket.auth);
    },
    packet(packet: DecodedPacket, error?: Error) {
      const { type, id, data } = packet;
      if (packet.nsp !== nsp) return;
      if (type === EVENT) socket.onevent(packet);
      else if (type === ACK) settle(id as number, error ?? null, data);
      else if (type === OFFSET) session = session && { ...session, offset: data };
      else if (type === CONNECT && !error) {
        const { sid, pid } = data;
        socket.id = sid;
        socket.recovered = !!pid && session?.pid === pid;
        session = pid && { ...session, pid };
        socket.connected = true;
        // Emptied only then, as in the original: a listener that throws loses nothing.
        for (const args of socket.receiveBuffer) emitEvent(args);
        socket.receiveBuffer = [];
        for (const buffered of socket.sendBuffer) sendEvent(buffered);
        socket.sendBuffer = [];
        queue.drain(true);
        report('open');
        tell('connect');
      } else {
        // A server of another version, to which this socket stays subscribed, as the original does.
        if (type !== CONNECT) destroy();
        if (error) fail(answerTo(caller, error));
        else subs.close('io server disconnect');
      }
    },
    error(error: Error) {
      if (!socket.connected) fail(error);
    },
    close(reason: string, description?: unknown) {
      socket.connected = false;
      socket.id = undefined;
      report('closed', reason);
      tell('disconnect', reason, description);
      for (const [id, { isKept }] of Object.entries(socket.acks))
        if (isKept) delete socket.acks[id];
        else if (!socket.sendBuffer.some((packet) => `${packet.id}` === id))
          settle(id, new Error('socket has been disconnected'));
    },
  };
  const destroy = (): void => {
    for (const [event, listener] of Object.entries(subs)) io.off(event, listener);
    socket.active = false;
    io._destroy();
  };

  const connect = (): Socket => {
    if (!socket.connected) {
      if (!socket.active)
        for (const [event, listener] of Object.entries(subs)) io.on(event, listener);
      socket.active = true;
      if (!io._reconnecting) io.open();
      if (io._readyState === 'open') subs.open();
    }
    return socket;
  };
  const disconnect = (): Socket => {
    // Also where the frame is still asking who this is.
    if (socket.active && io._readyState === 'open') io._packet({ type: DISCONNECT, nsp });
    destroy();
    if (socket.connected) subs.close('io client disconnect');
    return socket;
  };

  const members: Omit<Socket, Exclude<keyof Emitter, 'emit'>> = {
    ...catchAll('Any', incoming),
    ...catchAll('AnyOutgoing', outgoing),
    io,
    nsp,
    auth,
    connected: false,
    recovered: false,
    active: false,
    sendBuffer: [],
    receiveBuffer: [],
    acks: Object.create(null),
    _queue: [],
    get disconnected() {
      return !socket.connected;
    },
    connect,
    open: connect,
    disconnect,
    close: disconnect,
    // These two by the original's names: wildcard plugins put an `onevent` of theirs here.
    onevent({ id, data }) {
      if (id !== undefined) data.push(socket.ack(id));
      if (socket.connected) emitEvent(data);
      else socket.receiveBuffer.push(data);
    },
    ack:
      (id) =>
      (...answer) =>
        io._packet({ type: ACK, nsp, id, data: answer }),
    send: (...args) => socket.emit('message', ...args),
    emit(event, ...args) {
      const options = flags;
      flags = {};
      if (RESERVED.test(event)) throw new Error(`"${event}" is a reserved event name`);
      const ack = typeof args.at(-1) === 'function' && (args.pop() as Listener);
      if (retries && !options.fromQueue && !options.volatile) {
        queue.add((done) => {
          flags = { ...options, fromQueue: true };
          socket.emit(event, ...args, Object.assign(done, { withError: true }));
        }, ack);
        return this;
      }
      const packet: Packet = { ...options, type: EVENT, nsp, data: [event, ...args] };
      if (ack) {
        packet.id = ids++;
        awaitAck(packet.id, ack, options);
      }
      if (socket.connected) sendEvent(packet);
      else if (!options.volatile) socket.sendBuffer.push(packet);
      return this;
    },
    emitWithAck: (event, ...args) =>
      new Promise((resolve, reject) => {
        const ack = (error: unknown, value: unknown): void =>
          error ? reject(error) : resolve(value);
        // On the function: a page's own `emit` may be around ours, and emit others first.
        socket.emit(event, ...args, Object.assign(ack, { withError: true }));
      }),
    compress(compress) {
      flags.compress = compress;
      return socket;
    },
    get volatile() {
      flags.volatile = true;
      return socket;
    },
    timeout(timeout) {
      flags.timeout = timeout;
      return socket;
    },
  };
  const socket: Socket = Object.setPrototypeOf(members, ClientSocket.prototype);
  const queue = createRetryQueue(retries, socket);
  /** Emits to the page's listeners. */
  const tell = emitter.emit.bind(socket);
  return socket;
}
