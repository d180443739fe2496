/**
 * The page's Manager. The real one is in the frame, with its engine, parser and timers: this one mirrors its state,
 * repeats its events, hands on its settings, and is what the page's Sockets listen to.
 */
import { fromWireError, type WireError } from '../rpc/errors.ts';
import type { DecodedPacket, ManagerSettings, ManagerState, PushEvent, WirePacket } from '../rpc/packet.ts';
import { Emitter } from './emitter.ts';
import { encode } from './encode.ts';
import { Engine } from './engine.ts';
import type { PushLink } from './push-link.ts';
import { type Packet, Socket, type SocketOptions } from './socket.ts';
import { parseUri } from './uri.ts';

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
  readonly opts: ManagerOptions;
  readonly nsps: Record<string, Socket> = Object.create(null);
  readonly _autoConnect: boolean;
  _readyState: ManagerState['readyState'] = 'closed';
  _reconnecting = false;
  engine: Engine | undefined;
  readonly #link: PushLink;
  readonly #origin: string | undefined;
  readonly #settings: ManagerSettings;
  /** What the frame knows this connection by, see PushCommand. */
  #number = 0;
  #connection = 0;
  #opened: Opened | undefined;
  declare connect: this['open'];
  declare disconnect: this['_close'];
  // Set below, one for each of ManagerSettings.
  declare reconnection: (value?: boolean) => unknown;
  declare reconnectionAttempts: (value?: number) => unknown;
  declare reconnectionDelay: (value?: number) => unknown;
  declare reconnectionDelayMax: (value?: number) => unknown;
  declare randomizationFactor: (value?: number) => unknown;
  declare timeout: (value?: number | boolean) => unknown;

  constructor(link: PushLink, uri?: string | ManagerOptions, options?: ManagerOptions) {
    super();
    const { origin, query } = parseUri(typeof uri === 'string' ? uri : '', link.base);
    const opts = (typeof uri === 'object' && uri) || options || {};
    if (query) opts.query = query;
    this.#link = link;
    this.#origin = origin;
    this.opts = opts;
    this.#settings = {
      reconnection: opts.reconnection !== false,
      reconnectionAttempts: opts.reconnectionAttempts || Infinity,
      reconnectionDelay: opts.reconnectionDelay || 1000,
      reconnectionDelayMax: opts.reconnectionDelayMax || 5000,
      randomizationFactor: opts.randomizationFactor ?? 0.5,
      timeout: opts.timeout ?? 20_000,
    };
    this._autoConnect = opts.autoConnect !== false;
    if (this._autoConnect) this.open();
  }

  static {
    for (const name of [
      'reconnection',
      'reconnectionAttempts',
      'reconnectionDelay',
      'reconnectionDelayMax',
      'randomizationFactor',
      'timeout',
    ] as const)
      Manager.prototype[name] = function (this: Manager, ...args: unknown[]) {
        const settings = this.#settings as Record<string, unknown>;
        if (!args.length) return settings[name];
        settings[name] = args[0];
        this.#link.send({ type: 'settings', manager: this.#number, settings: this.#settings });
        return this;
      };
    Manager.prototype.connect = Manager.prototype.open;
    Manager.prototype.disconnect = Manager.prototype._close;
  }

  /** `opened` is told what comes of it; then a failure is not tried again. */
  open(opened?: Opened): this {
    if (this._readyState !== 'closed') return this;
    this.#opened = opened;
    this.#number = this.#link.add(this);
    this._open();
    return this;
  }

  /** Asks the frame to open: anew, or to go on with the attempt it announced. */
  _open(): void {
    this._readyState = 'opening';
    this.engine = new Engine((command) => this.#link.send({ ...command, manager: this.#number }));
    this.#link.send({
      type: 'open',
      manager: this.#number,
      origin: this.#origin,
      settings: this.#settings,
      options: JSON.stringify(this.opts),
      once: !!this.#opened,
    });
  }

  socket(nsp: string, options?: SocketOptions): Socket {
    const socket = this.nsps[nsp];
    if (!socket) return (this.nsps[nsp] = new Socket(this, nsp, options));
    if (this._autoConnect && !socket.active) socket.connect();
    return socket;
  }

  /** Closes once no socket is active. */
  _destroy(): void {
    if (!Object.values(this.nsps).some(({ active }) => active)) this._close();
  }

  _close(): void {
    this.#link.send({ type: 'close', manager: this.#number });
    this.#link.remove(this.#number);
    this.#end(false, 'forced close');
  }

  #end(reconnecting: boolean, reason: string, description?: unknown): void {
    this._reconnecting = reconnecting;
    this._readyState = 'closed';
    this.emitReserved('close', reason, description);
  }

  _packet({ type, data, id, nsp, options }: Packet): void {
    const packet = { type, nsp, id, ...options } as WirePacket;
    let transfer: Transferable[] = [];
    if (data !== undefined) {
      const { text, binary } = encode(data);
      packet.text = text;
      packet.binary = binary;
      transfer = binary.filter((bytes) => bytes instanceof ArrayBuffer);
    }
    const connection = this.#connection;
    this.#link.send({ type: 'packet', manager: this.#number, connection, packet }, transfer);
  }

  /** An event of the frame's Manager: its state first, then the listeners. */
  _receive(event: PushEvent): void {
    if (event.type === 'packet') {
      this.emitReserved('packet', event.packet satisfies DecodedPacket);
      return;
    }
    const { type, state } = event;
    const args = event.args.map(fromWireArgument);
    const number = this.#number;
    this._readyState = state.readyState;
    this._reconnecting = state.reconnecting;
    this.#connection = state.connection;
    if (state.engine) this.engine?._update(state.engine);
    if (type === 'engine') this.engine?.emitReserved(event.name, ...args);
    else if (type === 'opened') this.#opened?.(...(args as [Error?]));
    else
      try {
        this.emitReserved(event.name, ...args);
      } finally {
        // Only now: listeners may have changed `opts` for this attempt, or closed.
        if (event.name === 'reconnect_attempt' && number === this.#number && this._reconnecting) this._open();
      }
  }

  /** The frame is lost, with all its connections. */
  _lost(error: Error): void {
    if (this._readyState === 'open') this.#end(!!this.#settings.reconnection, 'frame lost', error);
  }

  /** There is a frame (again). */
  _found(): void {
    if (this._reconnecting || this._readyState === 'opening') this._open();
  }

  /** Could not be connected; the frame is still being looked for unless `final`. */
  _failed(error: Error): void {
    if (this._reconnecting || this._readyState === 'opening') this.emitReserved('error', error);
  }
}
