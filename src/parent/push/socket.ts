/**
 * The page's Socket: socket.io-client's own, statement by statement, over a Manager whose
 * connection is the frame's. Properties have the original's names where code in the wild looks at
 * them.
 */
import { RESERVED } from '../../rpc/wire/push-event.ts';
import {
  ACK,
  CONNECT,
  CONNECT_ERROR,
  type DecodedPacket,
  DISCONNECT,
  EVENT,
  OFFSET_EVENT,
} from '../../rpc/wire/push-packet.ts';
import { answerTo } from '../caller.ts';
import { callEach, createEmitter, type Listener } from '../emitter.ts';
import { catchAll } from './catch-all.ts';
import { createRetryQueue } from './retry-queue.ts';
import type { Flags, Manager, Packet, Socket, SocketOptions } from './shapes.ts';

/** Tells an acknowledgement: with an error, or null and the answer. */
type Settle = (error: Error | null, ...answer: unknown[]) => void;

/** What a Socket is made with, as the original is no plain object: see parent/client.ts. */
class ClientSocket {}

/** A Socket of `io`; `options` as the original's. It connects when it is told to. */
export function createSocket(
  io: Manager,
  nsp: string,
  { auth, retries = 0, ackTimeout }: SocketOptions = {},
): Socket {
  const caller = new Error();
  const emitter = createEmitter();
  const incoming: Listener[] = [];
  const outgoing: Listener[] = [];
  const acks = new Map<number, Settle>();
  const queue = createRetryQueue(retries, () => socket.connected);
  let ids = 0;
  let flags: Flags = {};
  /** For connection state recovery: the session, and how much of it has come. */
  let session: { pid: string; offset?: string } | undefined;

  const sendEvent = (packet: Packet): void => {
    callEach(outgoing, socket, packet.data as unknown[]);
    io._packet(packet);
  };
  const awaitAck = (
    id: number,
    ack: Listener,
    { timeout = ackTimeout, withError }: Flags,
  ): void => {
    const timer =
      timeout !== undefined &&
      setTimeout(() => {
        socket.sendBuffer = socket.sendBuffer.filter((packet) => packet.id !== id);
        settle(new Error('operation has timed out'));
      }, timeout);
    const settle: Settle = (error, ...answer) => {
      acks.delete(id);
      clearTimeout(timer as number);
      if (timer || withError) ack.call(socket, error, ...answer);
      // Acks that take no error are dropped in silence.
      else if (!error) ack.apply(socket, answer);
    };
    acks.set(id, settle);
  };

  /** What the Manager tells. */
  const subs = {
    open() {
      const send = (data: unknown): void =>
        io._packet({ type: CONNECT, nsp, data: { ...session, ...(data as object) } });
      if (typeof socket.auth === 'function') socket.auth(send);
      else send(socket.auth);
    },
    packet({ type, nsp: of, id, data }: DecodedPacket, error?: Error) {
      if (of !== nsp) return;
      if (type === EVENT) {
        if (id !== undefined)
          data.push((...answer: unknown[]) => io._packet({ type: ACK, nsp, id, data: answer }));
        if (!socket.connected) return;
        // For us alone.
        if (data[0] !== OFFSET_EVENT) {
          callEach(incoming, socket, data);
          tell(...(data as [string]));
        }
        const offset = data.at(-1);
        if (session && typeof offset === 'string') session.offset = offset;
      } else if (type === ACK) acks.get(id as number)?.(error ?? null, ...data);
      else if (type === CONNECT) {
        const { sid, pid } = data;
        socket.id = sid;
        socket.recovered = !!pid && session?.pid === pid;
        session = pid && { ...session, pid };
        socket.connected = true;
        for (const packet of socket.sendBuffer.splice(0)) sendEvent(packet);
        queue.drain();
        tell('connect');
      } else {
        destroy();
        if (type === CONNECT_ERROR) tell('connect_error', answerTo(caller, error));
        else subs.close('io server disconnect');
      }
    },
    error(error: Error) {
      if (!socket.connected) tell('connect_error', error);
    },
    close(reason: string, description?: unknown) {
      socket.connected = false;
      socket.id = undefined;
      tell('disconnect', reason, description);
      for (const [id, settle] of [...acks])
        if (!socket.sendBuffer.some((packet) => packet.id === id))
          settle(new Error('socket has been disconnected'));
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
    if (socket.connected) io._packet({ type: DISCONNECT, nsp });
    destroy();
    if (socket.connected) subs.close('io client disconnect');
    return socket;
  };

  const socket: Socket = {
    ...emitter,
    ...catchAll('Any', incoming),
    ...catchAll('AnyOutgoing', outgoing),
    io,
    nsp,
    auth,
    connected: false,
    recovered: false,
    active: false,
    sendBuffer: [],
    get disconnected() {
      return !socket.connected;
    },
    connect,
    open: connect,
    disconnect,
    close: disconnect,
    send: (...args) => socket.emit('message', ...args),
    emit(event, ...args) {
      const options = flags;
      flags = {};
      if (RESERVED.test(event)) throw new Error(`"${event}" is a reserved event name`);
      const ack = typeof args.at(-1) === 'function' && (args.pop() as Listener);
      if (retries && !options.fromQueue && !options.volatile) {
        queue.add((settle) => {
          flags = { ...options, fromQueue: true, withError: true };
          socket.emit(event, ...args, settle);
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
        flags.withError = true;
        socket.emit(event, ...args, (error: unknown, value: unknown) =>
          error ? reject(error) : resolve(value),
        );
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
  Object.setPrototypeOf(socket, ClientSocket.prototype);
  /** Emits to the page's listeners. */
  const tell = emitter.emit.bind(socket);
  return socket;
}
