/** `hadoken.io()`: a socket.io-client Socket, as far as the page can tell, whose connection the frame makes. */
import type {
  Manager as IoManager,
  ManagerOptions as IoManagerOptions,
  Socket as IoSocket,
  SocketOptions as IoSocketOptions,
} from 'socket.io-client';
import { type Manager, type ManagerOptions, setUpManager } from './manager.ts';
import type { PushLink } from './push-link.ts';
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

/** What a handle offers of Socket.IO. Its managers are its own: handles share the port, and no connection. */
export function createIo(link: PushLink): { io: Io; Manager: ManagerConstructor } {
  const cache: Record<string, Manager> = {};

  class ClientManager {
    constructor(...args: [uri?: string | ManagerOptions, options?: ManagerOptions]) {
      setUpManager(this, link, ...args);
    }
  }

  const io = (...args: [uri?: string | ManagerOptions, options?: ManagerOptions]): Socket => {
    const { uri, server, nsp, opts } = readTarget(...args);
    const create = (): Manager => new ClientManager(uri, opts) as Manager;
    const isNew = opts.forceNew || opts.multiplex === false || cache[server]?.nsps[nsp];
    return (isNew ? create() : (cache[server] ??= create())).socket(nsp, opts);
  };
  return { io: io as unknown as Io, Manager: ClientManager as unknown as ManagerConstructor };
}
