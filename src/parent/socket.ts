/**
 * The page's Socket: socket.io-client's own, statement by statement, over a Manager whose connection is the frame's.
 * Properties have the original's names where code in the wild looks at them.
 */
import { fromWireError, type WireError } from '../rpc/errors.ts';
import { ACK, CONNECT, CONNECT_ERROR, type DecodedPacket, DISCONNECT, EVENT } from '../rpc/packet.ts';
import { callEach, Emitter, type Listener, removeFirst } from './emitter.ts';
import type { Manager } from './manager.ts';

type Ack = ((...args: unknown[]) => void) & { withError?: boolean };
type Flags = { compress?: boolean; volatile?: boolean; timeout?: number; fromQueue?: boolean };
type Queued = { tryCount: number; pending?: boolean; args: unknown[]; flags: Flags };
type Send = (data: unknown) => void;

/** What a Socket hands to its Manager. */
export type Packet = { type: number; data?: unknown; id?: number; options?: Flags };

export type SocketOptions = { auth?: unknown; retries?: number; ackTimeout?: number };

const RESERVED = /^(connect(_error)?|disconnect(ing)?|(new|remove)Listener)$/;

export class Socket extends Emitter {
  connected = false;
  recovered = false;
  active = false;
  declare id: string | undefined;
  auth: unknown;
  receiveBuffer: unknown[][] = [];
  sendBuffer: Packet[] = [];
  #anyListeners: Listener[] = [];
  #anyOutgoingListeners: Listener[] = [];
  readonly #acks = new Map<number, Ack>();
  #ids = 0;
  #flags: Flags = {};
  readonly #queue: Queued[] = [];
  readonly #options: SocketOptions;
  /** For connection state recovery: the session, and how much of it has come. */
  #pid: unknown;
  #offset: unknown;
  readonly #subs: Record<string, Listener> = {
    open: () => this.#onOpen(),
    packet: (packet) => this.#onPacket(packet),
    error: (error) => this.connected || super.emit('connect_error', error),
    close: (reason, description) => this.#onClose(reason, description),
  };

  constructor(
    readonly io: Manager,
    readonly nsp: string,
    options: SocketOptions = {},
  ) {
    super();
    this.auth = options.auth;
    this.#options = { ...options };
    if (io._autoConnect) this.connect();
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  connect(): this {
    const { io } = this;
    if (this.connected) return this;
    if (!this.active) for (const event in this.#subs) io.on(event, this.#subs[event] as Listener);
    this.active = true;
    if (!io._reconnecting) io.open();
    if (io._readyState === 'open') this.#onOpen();
    return this;
  }

  open(): this {
    return this.connect();
  }

  disconnect(): this {
    if (this.connected) this.#send({ type: DISCONNECT });
    this.#destroy();
    if (this.connected) this.#onClose('io client disconnect');
    return this;
  }

  close(): this {
    return this.disconnect();
  }

  send(...args: unknown[]): this {
    return this.emit('message', ...args);
  }

  override emit(event: string, ...args: unknown[]): this {
    if (RESERVED.test(event)) throw new Error(`"${event}" is a reserved event name`);
    const flags = this.#flags;
    args.unshift(event);
    if (this.#options.retries && !flags.fromQueue && !flags.volatile) {
      this.#enqueue(args);
      return this;
    }
    const packet: Packet = { type: EVENT, data: args, options: flags };
    const ack = popAck(args);
    if (ack) this.#registerAck((packet.id = this.#ids++), ack);
    if (this.connected) this.#sendEvent(packet);
    else if (!flags.volatile) this.sendBuffer.push(packet);
    this.#flags = {};
    return this;
  }

  emitWithAck(event: string, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const ack: Ack = (error, value) => (error ? reject(error) : resolve(value));
      ack.withError = true;
      this.emit(event, ...args, ack);
    });
  }

  #registerAck(id: number, ack: Ack): void {
    const timeout = this.#flags.timeout ?? this.#options.ackTimeout;
    this.#acks.set(id, ack);
    if (timeout === undefined) return;
    const timer = setTimeout(() => {
      this.#acks.delete(id);
      removeFirst(this.sendBuffer, (packet) => packet.id === id);
      ack.call(this, new Error('operation has timed out'));
    }, timeout);
    const timed: Ack = (...args) => {
      clearTimeout(timer);
      ack.apply(this, args);
    };
    timed.withError = true;
    this.#acks.set(id, timed);
  }

  /** With `retries`, one at a time: the next goes when the server has acknowledged this one, or it has failed too often. */
  #enqueue(args: unknown[]): void {
    const ack = popAck(args);
    const queued: Queued = { tryCount: 0, args, flags: { ...this.#flags, fromQueue: true } };
    args.push((error: unknown, ...answer: unknown[]) => {
      if (error === null || queued.tryCount > (this.#options.retries as number)) {
        this.#queue.shift();
        ack?.(error, ...answer);
      }
      queued.pending = false;
      this.#drainQueue();
    });
    this.#queue.push(queued);
    this.#drainQueue();
  }

  #drainQueue(force = false): void {
    const [queued] = this.#queue;
    if (!this.connected || !queued || (queued.pending && !force)) return;
    queued.pending = true;
    queued.tryCount++;
    this.#flags = queued.flags;
    this.emit(...(queued.args as [string, ...unknown[]]));
  }

  #send(packet: Packet): void {
    this.io._packet(this.nsp, packet);
  }

  #sendEvent(packet: Packet): void {
    callEach(this.#anyOutgoingListeners, this, packet.data as unknown[]);
    this.#send(packet);
  }

  #onOpen(): void {
    const pid = this.#pid;
    const send: Send = (data) =>
      this.#send({
        type: CONNECT,
        data: pid ? { pid, offset: this.#offset, ...(data as object) } : data,
      });
    const { auth } = this;
    if (typeof auth === 'function') auth(send);
    else send(auth);
  }

  #onClose(reason: string, description?: unknown): void {
    this.connected = false;
    this.id = undefined;
    super.emit('disconnect', reason, description);
    for (const [id, ack] of [...this.#acks]) {
      if (this.sendBuffer.some((packet) => packet.id === id)) continue;
      this.#acks.delete(id);
      // Acks that take no error first are dropped in silence.
      if (ack.withError) ack.call(this, new Error('socket has been disconnected'));
    }
  }

  #onPacket({ type, nsp, id = -1, data }: DecodedPacket): void {
    if (nsp !== this.nsp) return;
    const args = data as unknown[];
    if (type === EVENT) {
      if (id >= 0) args.push(this.#acknowledge(id));
      if (this.connected) this.#emitEvent(args);
      else this.receiveBuffer.push(args);
    } else if (type === ACK) {
      const ack = this.#acks.get(id);
      this.#acks.delete(id);
      if (ack?.withError) args.unshift(null);
      ack?.apply(this, args);
    } else if (type === CONNECT) this.#onConnect(data as { sid: string; pid?: string });
    else {
      this.#destroy();
      if (type === CONNECT_ERROR) super.emit('connect_error', fromWireError(data as WireError));
      else this.#onClose('io server disconnect');
    }
  }

  #emitEvent(args: unknown[]): void {
    callEach(this.#anyListeners, this, args);
    super.emit(...(args as [string, ...unknown[]]));
    if (this.#pid && typeof args.at(-1) === 'string') this.#offset = args.at(-1);
  }

  /** The function that a listener acknowledges with; the second call does nothing. */
  #acknowledge(id: number): Ack {
    let sent = false;
    return (...data) => {
      if (!sent) this.#send({ type: ACK, id, data });
      sent = true;
    };
  }

  #onConnect({ sid, pid }: { sid: string; pid?: string }): void {
    this.id = sid;
    this.recovered = !!pid && this.#pid === pid;
    this.#pid = pid;
    this.connected = true;
    for (const args of this.receiveBuffer) this.#emitEvent(args);
    this.receiveBuffer = [];
    for (const packet of this.sendBuffer) this.#sendEvent(packet);
    this.sendBuffer = [];
    this.#drainQueue(true);
    super.emit('connect');
  }

  #destroy(): void {
    for (const event in this.#subs) this.io.off(event, this.#subs[event]);
    this.active = false;
    this.io._destroy();
  }

  compress(compress: boolean): this {
    this.#flags.compress = compress;
    return this;
  }

  get volatile(): this {
    this.#flags.volatile = true;
    return this;
  }

  timeout(timeout: number): this {
    this.#flags.timeout = timeout;
    return this;
  }

  onAny(listener: Listener): this {
    this.#anyListeners.push(listener);
    return this;
  }

  prependAny(listener: Listener): this {
    this.#anyListeners.unshift(listener);
    return this;
  }

  offAny(listener?: Listener): this {
    this.#anyListeners = without(this.#anyListeners, listener);
    return this;
  }

  listenersAny(): Listener[] {
    return this.#anyListeners;
  }

  onAnyOutgoing(listener: Listener): this {
    this.#anyOutgoingListeners.push(listener);
    return this;
  }

  prependAnyOutgoing(listener: Listener): this {
    this.#anyOutgoingListeners.unshift(listener);
    return this;
  }

  offAnyOutgoing(listener?: Listener): this {
    this.#anyOutgoingListeners = without(this.#anyOutgoingListeners, listener);
    return this;
  }

  listenersAnyOutgoing(): Listener[] {
    return this.#anyOutgoingListeners;
  }
}

/** Takes the acknowledgement off the end of what is emitted, if there is one. */
function popAck(args: unknown[]): Ack | undefined {
  return typeof args.at(-1) === 'function' ? (args.pop() as Ack) : undefined;
}

/** `listeners` without the first that is `listener`, or without any. */
function without(listeners: Listener[], listener?: Listener): Listener[] {
  if (!listener) return [];
  removeFirst(listeners, (other) => other === listener);
  return listeners;
}
