/** `hadoken.io()`: a socket.io-client Socket, as far as the page can tell, whose connection the frame makes. */
import type {
  Manager as IoManager,
  ManagerOptions as IoManagerOptions,
  Socket as IoSocket,
  SocketOptions as IoSocketOptions,
} from 'socket.io-client';
import type { Connection } from './connection.ts';
import { Manager, type ManagerOptions } from './manager.ts';
import { createPushLink, type PushLink } from './push-link.ts';
import type { Socket } from './socket.ts';
import { readTarget } from './uri.ts';

/** As socket.io-client's `io`. */
export interface Io {
  (options?: Partial<IoManagerOptions & IoSocketOptions>): IoSocket;
  (uri?: string, options?: Partial<IoManagerOptions & IoSocketOptions>): IoSocket;
}

/** As socket.io-client's `Manager`. */
export type ManagerConstructor = new (
  uri?: string | Partial<IoManagerOptions>,
  options?: Partial<IoManagerOptions>,
) => IoManager;

/** What a client offers of Socket.IO; `base` is the frame's origin. Nothing is opened, and nothing loaded in the frame, before the first use. */
export function createIo(connection: Connection, base: string): { io: Io; Manager: ManagerConstructor } {
  let link: PushLink | undefined;
  const cache: Record<string, Manager> = {};

  class ClientManager extends Manager {
    constructor(uri?: string | ManagerOptions, options?: ManagerOptions) {
      super((link ??= createPushLink(connection, base)), uri, options);
    }
  }

  const io = (uri?: string | ManagerOptions, options?: ManagerOptions): Socket => {
    const { origin, nsp, opts } = readTarget(base, uri, options);
    const id = (origin || base) + (opts.path ?? '/socket.io');
    const isNew = opts.forceNew || opts.multiplex === false || (cache[id] && nsp in cache[id].nsps);
    const manager = isNew ? new ClientManager(origin, opts) : (cache[id] ??= new ClientManager(origin, opts));
    return manager.socket(nsp, opts);
  };
  return { io: io as unknown as Io, Manager: ClientManager as unknown as ManagerConstructor };
}
