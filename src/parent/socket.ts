/**
 * The page's Socket: socket.io-client's own, statement by statement, over a Manager whose connection is the frame's.
 * Properties have the original's names where code in the wild looks at them.
 */
import { fromWireError, type WireError } from '../rpc/errors.ts';
import { ACK, CONNECT, CONNECT_ERROR, type DecodedPacket, DISCONNECT, EVENT } from '../rpc/packet.ts';
import { Emitter, type Listener } from './emitter.ts';
import type { Manager } from './manager.ts';

type Ack = ((...args: unknown[]) => void) & { withError?: boolean };
type Flags = { compress?: boolean; volatile?: boolean; timeout?: number; fromQueue?: boolean };
type Queued = { tryCount: number; pending: boolean; args: unknown[]; flags: Flags };
type AuthCallback = (send: (data: unknown) => void) => void;

/** What a Socket hands to its Manager. */
export type Packet = { type: number; data?: unknown; id?: number; nsp?: string; options?: Flags };

export type SocketOptions = { auth?: unknown; retries?: number; ackTimeout?: number };

const RESERVED: unknown[] = [
  'connect',
  'connect_error',
  'disconnect',
  'disconnecting',
  'newListener',
  'removeListener',
];

/** The four methods around a list of catch-all listeners. */
function removeFrom(list: Listener[], listener?: Listener): void {
  if (!listener) list.length = 0;
  else if (list.includes(listener)) list.splice(list.indexOf(listener), 1);
}

export class Socket extends Emitter {
  connected = false;
  recovered = false;
  id: string | undefined;
  auth: unknown;
  receiveBuffer: unknown[][] = [];
  sendBuffer: Packet[] = [];
  #anyListeners: Listener[] = [];
  #anyOutgoing: Listener[] = [];
  readonly #acks = new Map<number, Ack>();
  #ids = 0;
  #flags: Flags = {};
  readonly #queue: Queued[] = [];
  readonly #options: SocketOptions;
  #subs: (() => void)[] | undefined;
  /** For connection state recovery: the session, and how much of it has come. */
  #pid: unknown;
  #offset: unknown;
  declare open: this['connect'];
  declare close: this['disconnect'];

  constructor(
    readonly io: Manager,
    readonly nsp: string,
    options?: SocketOptions,
  ) {
    super();
    if (options?.auth) this.auth = options.auth;
    this.#options = { ...options };
    if (io._autoConnect) this.connect();
  }

  get disconnected(): boolean {
    return !this.connected;
  }

  get active(): boolean {
    return !!this.#subs;
  }

  connect(): this {
    if (this.connected) return this;
    const { io } = this;
    this.#subs ??= Object.entries({
      open: () => this.#onOpen(),
      packet: (packet: DecodedPacket) => this.#onPacket(packet),
      error: (error: unknown) => {
        if (!this.connected) this.emitReserved('connect_error', error);
      },
      close: (reason: string, description: unknown) => this.#onClose(reason, description),
    }).map(([event, fn]) => {
      io.on(event, fn);
      return () => io.off(event, fn);
    });
    if (!io._reconnecting) io.open();
    if (io._readyState === 'open') this.#onOpen();
    return this;
  }

  disconnect(): this {
    if (this.connected) this.#send({ type: DISCONNECT });
    this.#destroy();
    if (this.connected) this.#onClose('io client disconnect');
    return this;
  }

  send(...args: unknown[]): this {
    return this.emit('message', ...args);
  }

  override emit(event: string, ...args: unknown[]): this {
    if (RESERVED.includes(event)) throw new Error(`"${event}" is a reserved event name`);
    const flags = this.#flags;
    args.unshift(event);
    if (this.#options.retries && !flags.fromQueue && !flags.volatile) {
      this.#enqueue(args);
      return this;
    }
    const packet: Packet = { type: EVENT, data: args, options: { compress: flags.compress !== false } };
    if (typeof args.at(-1) === 'function') {
      packet.id = this.#ids++;
      this.#registerAck(packet.id, args.pop() as Ack);
    }
    if (this.connected) {
      if (flags.volatile) packet.options = { ...packet.options, volatile: true };
      this.#notifyOutgoing(packet);
      this.#send(packet);
    } else if (!flags.volatile) this.sendBuffer.push(packet);
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
    if (timeout === undefined) {
      this.#acks.set(id, ack);
      return;
    }
    const timer = setTimeout(() => {
      this.#acks.delete(id);
      const at = this.sendBuffer.findIndex((packet) => packet.id === id);
      if (at >= 0) this.sendBuffer.splice(at, 1);
      ack.call(this, new Error('operation has timed out'));
    }, timeout);
    const fn: Ack = (...args) => {
      clearTimeout(timer);
      ack.apply(this, args);
    };
    fn.withError = true;
    this.#acks.set(id, fn);
  }

  /** With `retries`, one at a time: the next goes when the server has acknowledged this one, or it has failed too often. */
  #enqueue(args: unknown[]): void {
    const ack = typeof args.at(-1) === 'function' ? (args.pop() as Ack) : undefined;
    const queued: Queued = {
      tryCount: 0,
      pending: false,
      args,
      flags: { ...this.#flags, fromQueue: true },
    };
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
    packet.nsp = this.nsp;
    this.io._packet(packet);
  }

  #onOpen(): void {
    const send = (data: unknown): void =>
      this.#send({
        type: CONNECT,
        data: this.#pid ? { pid: this.#pid, offset: this.#offset, ...(data as object) } : data,
      });
    if (typeof this.auth === 'function') (this.auth as AuthCallback)(send);
    else send(this.auth);
  }

  #onClose(reason: string, description?: unknown): void {
    this.connected = false;
    this.id = undefined;
    this.emitReserved('disconnect', reason, description);
    for (const [id, ack] of [...this.#acks]) {
      if (this.sendBuffer.some((packet) => packet.id === id)) continue;
      this.#acks.delete(id);
      // Acks that take no error first are dropped in silence.
      if (ack.withError) ack.call(this, new Error('socket has been disconnected'));
    }
  }

  #onPacket({ type, nsp, id, data }: DecodedPacket): void {
    if (nsp !== this.nsp) return;
    if (type === EVENT) {
      const args = (data ?? []) as unknown[];
      if (id !== undefined) args.push(this.#acknowledge(id));
      if (this.connected) this.#emitEvent(args);
      else this.receiveBuffer.push(args);
    } else if (type === ACK) {
      const ack = this.#acks.get(id as number);
      if (!ack) return;
      this.#acks.delete(id as number);
      ack.apply(this, (ack.withError ? [null, ...(data as unknown[])] : data) as unknown[]);
    } else if (type === CONNECT) this.#onConnect(data as { sid: string; pid?: string });
    else if (type === CONNECT_ERROR) {
      this.#destroy();
      this.emitReserved('connect_error', fromWireError(data as WireError));
    } else if (type === DISCONNECT) {
      this.#destroy();
      this.#onClose('io server disconnect');
    }
  }

  #emitEvent(args: unknown[]): void {
    for (const listener of [...this.#anyListeners]) listener.apply(this, args);
    super.emitReserved(...(args as [string, ...unknown[]]));
    if (this.#pid && typeof args.at(-1) === 'string') this.#offset = args.at(-1);
  }

  /** The function that a listener acknowledges with; the second call does nothing. */
  #acknowledge(id: number): Ack {
    let sent = false;
    return (...args) => {
      if (!sent) this.#send({ type: ACK, id, data: args });
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
    for (const packet of this.sendBuffer) {
      this.#notifyOutgoing(packet);
      this.#send(packet);
    }
    this.sendBuffer = [];
    this.#drainQueue(true);
    this.emitReserved('connect');
  }

  #destroy(): void {
    for (const off of this.#subs ?? []) off();
    this.#subs = undefined;
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
    removeFrom(this.#anyListeners, listener);
    return this;
  }

  listenersAny(): Listener[] {
    return this.#anyListeners;
  }

  onAnyOutgoing(listener: Listener): this {
    this.#anyOutgoing.push(listener);
    return this;
  }

  prependAnyOutgoing(listener: Listener): this {
    this.#anyOutgoing.unshift(listener);
    return this;
  }

  offAnyOutgoing(listener?: Listener): this {
    removeFrom(this.#anyOutgoing, listener);
    return this;
  }

  listenersAnyOutgoing(): Listener[] {
    return this.#anyOutgoing;
  }

  #notifyOutgoing({ data }: Packet): void {
    for (const listener of [...this.#anyOutgoing]) listener.apply(this, data as unknown[]);
  }
}

const { prototype } = Socket;
prototype.open = prototype.connect;
prototype.close = prototype.disconnect;
