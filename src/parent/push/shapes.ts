/**
 * The Manager and the Socket to each other: what is used of either. To the page they are what
 * types/api.ts says.
 */
import type {
  DecodedPacket,
  EngineState,
  ManagerSettings,
  ManagerState,
} from '../../rpc/wire/push-packet.ts';
import type { Emitter, Listener } from '../emitter.ts';

export type Flags = {
  compress?: boolean;
  volatile?: boolean;
  timeout?: number;
  fromQueue?: boolean;
};
/** What a Socket hands to its Manager. */
export type Packet = Flags & { type: number; nsp: string; data?: unknown; id?: number };

/** With `withError`, an error or null goes before the answer. */
export type Ack = Listener & {
  withError?: boolean | undefined;
  /** Of an event that is sent again until it is acknowledged, however often it is lost. */
  isKept?: boolean | undefined;
};

/** An event of a Socket with `retries`, until it is acknowledged. */
export type Retried = { pending: boolean; tryCount: number; send(): void };

export type SocketOptions = { auth?: unknown; retries?: number; ackTimeout?: number };

export type Socket = Emitter &
  CatchAll<'Any'> &
  CatchAll<'AnyOutgoing'> & {
    readonly io: Manager;
    readonly nsp: string;
    id?: string | undefined;
    auth: unknown;
    connected: boolean;
    readonly disconnected: boolean;
    recovered: boolean;
    active: boolean;
    sendBuffer: Packet[];
    /** Events that came before the server's answer to the CONNECT. */
    receiveBuffer: unknown[][];
    /** What waits for an answer, by its packet's id. */
    acks: Record<number | string, Ack>;
    _queue: Retried[];
    onevent(packet: DecodedPacket): void;
    ack(id: number): Listener;
    connect(): Socket;
    open(): Socket;
    disconnect(): Socket;
    close(): Socket;
    send(...args: unknown[]): Socket;
    emitWithAck(event: string, ...args: unknown[]): Promise<unknown>;
    compress(compress: boolean): Socket;
    readonly volatile: Socket;
    timeout(timeout: number): Socket;
  };

export type CatchAll<Name extends string> = {
  [Method in `${'on' | 'prepend'}${Name}`]: (listener: Listener) => Socket;
} & { [Method in `off${Name}`]: (listener?: Listener) => Socket } & {
  [Method in `listeners${Name}`]: () => Listener[];
};

export type ManagerOptions = SocketOptions &
  Partial<ManagerSettings> & {
    autoConnect?: boolean;
    forceNew?: boolean;
    /** The same, by the name that it had in Socket.IO 0.9. */
    'force new connection'?: boolean;
    multiplex?: boolean;
    query?: unknown;
  };

export type Opened = (error?: Error) => void;

export type Engine = Emitter & Partial<EngineState> & { close(): void };

export type Manager = Emitter &
  ManagerState & {
    readonly nsps: Record<string, Socket>;
    opts: ManagerOptions;
    readonly _autoConnect: boolean;
    /**
     * What a page may know of the frame's engine, and the events of it that the page listens to.
     */
    engine?: Engine;
    /** `opened` is told what comes of it; then a failure is not tried again. */
    open(opened?: Opened): Manager;
    connect(opened?: Opened): Manager;
    socket(nsp: string, options?: SocketOptions | null): Socket;
    /** Closes once no socket is active. */
    _destroy(): void;
    _close(): void;
    disconnect(): void;
    _packet(packet: Packet): void;
  };
