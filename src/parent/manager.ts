/**
 * The page's Manager. The real one is in the frame, with its engine, parser and timers: this one mirrors its state,
 * repeats its events, hands on its settings, and is what the page's Sockets listen to.
 */
import { fromWireError, type WireError } from '../rpc/errors.ts';
import {
  DEFAULT_SETTINGS,
  type ManagerSettings,
  type ManagerState,
  type PushEvent,
  type WirePacket,
} from '../rpc/packet.ts';
import { Emitter } from './emitter.ts';
import { encode } from './encode.ts';
import { Engine } from './engine.ts';
import type { ManagerCommand, PushLink } from './push-link.ts';
import { type Packet, Socket, type SocketOptions } from './socket.ts';
import { readTarget } from './uri.ts';

export type ManagerOptions = SocketOptions &
  Partial<ManagerSettings> & {
    autoConnect?: boolean;
    forceNew?: boolean;
    multiplex?: boolean;
    path?: string;
    query?: unknown;
  };

type Opened = (error?: Error) => void;

/** An argument as the frame's toWireArgument sent it: errors are errors again, with what they carried. */
function fromWireArgument(arg: unknown): unknown {
  const { error, extra } = (arg ?? {}) as { error?: WireError; extra?: object };
  return error ? Object.assign(fromWireError(error), extra) : arg;
}

export class Manager extends Emitter {
  readonly nsps: Record<string, Socket> = Object.create(null);
  readonly opts: ManagerOptions;
  readonly _autoConnect: boolean;
  _readyState: ManagerState['_readyState'] = 'closed';
  _reconnecting = false;
  declare engine: Engine | undefined;
  readonly #link: PushLink;
  readonly #origin: string;
  readonly #settings = {} as ManagerSettings;
  /** What the frame knows this connection by, see PushCommand. */
  #number = 0;
  #connection = 0;

  constructor(link: PushLink, uri?: string | ManagerOptions, options?: ManagerOptions) {
    super();
    const { origin, opts } = readTarget(link.base, uri, options);
    this.#link = link;
    this.#origin = origin;
    this.opts = opts;
    this._autoConnect = opts.autoConnect !== false;
    // Each a getter without an argument and a setter with one, as in the original.
    const settings = this.#settings as Record<string, unknown>;
    for (const [name, value] of Object.entries(DEFAULT_SETTINGS)) {
      settings[name] = opts[name as keyof ManagerSettings] ?? value;
      (this as Record<string, unknown>)[name] = (...args: unknown[]) => {
        if (!args.length) return settings[name];
        settings[name] = args[0];
        this.#send({ type: 'settings', settings: this.#settings });
        return this;
      };
    }
    if (this._autoConnect) this.open();
  }

  #send(command: ManagerCommand, now?: boolean): void {
    this.#link.send({ ...command, manager: this.#number }, now);
  }

  /** `opened` is told what comes of it; then a failure is not tried again. */
  open(opened?: Opened): this {
    if (this._readyState !== 'closed') return this;
    this.#number = this.#link.add(this);
    this.off('opened');
    if (opened) this.once('opened', opened);
    this.#open();
    return this;
  }

  connect(opened?: Opened): this {
    return this.open(opened);
  }

  /** Asks the frame to open: anew, or to go on with the attempt it announced. */
  #open(): void {
    this._readyState = 'opening';
    this.engine = new Engine((name) => this.#send({ type: 'engine', name }));
    this.#send({
      type: 'open',
      origin: this.#origin,
      settings: this.#settings,
      options: JSON.stringify(this.opts),
      once: this.hasListeners('opened'),
    });
  }

  socket(nsp: string, options?: SocketOptions): Socket {
    const socket = this.nsps[nsp];
    if (socket && this._autoConnect && !socket.active) socket.connect();
    return socket ?? (this.nsps[nsp] = new Socket(this, nsp, options));
  }

  /** Closes once no socket is active. */
  _destroy(): void {
    if (!Object.values(this.nsps).some(({ active }) => active)) this._close();
  }

  _close(): void {
    this.#send({ type: 'close' });
    this.#link.remove(this.#number);
    this.#end('forced close');
  }

  disconnect(): void {
    this._close();
  }

  #end(reason: string, description?: unknown): void {
    this._reconnecting = !!description && this.#settings.reconnection;
    this._readyState = 'closed';
    this.emit('close', reason, description);
  }

  _packet(nsp: string, { type, data, id, options }: Packet): void {
    const encoded = data !== undefined && encode(data);
    const packet = { ...options, type, nsp, id, ...encoded } as WirePacket;
    // Binary is copied as the message is posted: at once, or a later change of it would show.
    this.#send({ type: 'packet', connection: this.#connection, packet }, !!packet.binary?.length);
  }

  /** An event of the frame's Manager: its state first, then the listeners. */
  _receive(event: PushEvent): void {
    if (event.type === 'packet') {
      this.emit('packet', event.packet);
      return;
    }
    const { type, name, state } = event;
    const number = this.#number;
    this._readyState = state._readyState;
    this._reconnecting = state._reconnecting;
    this.#connection = state.connection;
    Object.assign(this.engine as Engine, state.engine);
    try {
      (type === 'engine' ? (this.engine as Engine) : this).emit(name, ...event.args.map(fromWireArgument));
    } finally {
      // Only now: listeners may have changed `opts` for this attempt, or closed.
      if (name === 'reconnect_attempt' && number === this.#number && this._reconnecting) this.#open();
    }
  }

  /** The frame is lost, with all its connections; there is one (again); or it could not be had for now. */
  _onFrame(what: 'lost' | 'found' | 'failed', error?: Error): void {
    const waiting = this._reconnecting || this._readyState === 'opening';
    if (what === 'lost' && this._readyState === 'open') this.#end('frame lost', error);
    else if (what === 'found' && waiting) this.#open();
    else if (what === 'failed' && waiting) this.emit('error', error);
  }
}
