/**
 * `hadoken.io()`: a socket.io-client Socket, as far as the page can tell, whose connection the
 * frame makes.
 */
import { emitter } from '../emitter.ts';
import type { Reports } from '../reports/reports.ts';
import type { PushLink } from './link.ts';
import { setUpManager } from './manager.ts';
import type { Manager, ManagerOptions, Socket } from './shapes.ts';
import { ClientSocket } from './socket.ts';
import { readTarget } from './target.ts';
import type { ManagerConstructor, Socket as PublicSocket } from './types/api.ts';
import type { DefaultEventsMap, EventsMap } from './types/event-map.ts';
import type { ManagerOptions as PublicManagerOptions } from './types/manager-parts.ts';
import type { SocketOptions } from './types/socket-parts.ts';

/**
 * socket.io-client's `io`. `uri` names a namespace, such as '/chat', of the frame's Socket.IO
 * server; without it, it is '/'. Sockets share one connection unless the options say otherwise.
 * Nothing is thrown: what the frame refuses fails as the socket's `connect_error`, with a
 * HadokenError.
 *
 * @example
 * const chat = hadoken.io<ServerToClient, ClientToServer>('/chat', { auth: { token } });
 */
export interface Io {
  <Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    options?: Partial<PublicManagerOptions & SocketOptions>,
  ): PublicSocket<Listen, Emit>;
  <Listen extends EventsMap = DefaultEventsMap, Emit extends EventsMap = Listen>(
    uri?: string,
    options?: Partial<PublicManagerOptions & SocketOptions>,
  ): PublicSocket<Listen, Emit>;
  /** `io` itself, by the name that it had in Socket.IO 0.9. */
  connect: Io;
  Manager: ManagerConstructor;
  /** The class of its sockets; they are made by `io()` and by a Manager. */
  Socket: { readonly prototype: PublicSocket };
  /** The revision of the Socket.IO protocol. */
  protocol: 5;
}

/** @see https://github.com/socketio/socket.io-protocol */
const PROTOCOL = 5;

/**
 * What a handle offers of Socket.IO. Its managers are its own: handles share the port, and no
 * connection.
 */
export function createIo(
  link: PushLink,
  reports?: Reports,
): { io: Io; Manager: ManagerConstructor } {
  const cache: Record<string, Manager> = {};

  class ClientManager {
    constructor(...args: [uri?: string | ManagerOptions, options?: ManagerOptions]) {
      setUpManager(this, link, reports, ...args);
    }
  }
  // Where socketio-wildcard takes `emit` from.
  Object.assign(ClientManager.prototype, emitter);

  const io = (...args: [uri?: string | ManagerOptions, options?: ManagerOptions]): Socket => {
    const { uri, server, nsp, opts } = readTarget(...args);
    const create = (): Manager => new ClientManager(uri, opts) as Manager;
    const isForced = opts.forceNew || opts['force new connection'] || opts.multiplex === false;
    if (isForced || cache[server]?.nsps[nsp]) return create().socket(nsp, opts);
    cache[server] ??= create();
    return cache[server].socket(nsp, opts);
  };
  const Manager = ClientManager as unknown as ManagerConstructor;
  Object.assign(io, { connect: io, Manager, Socket: ClientSocket, protocol: PROTOCOL });
  return { io: io as unknown as Io, Manager };
}
