/** What cases.ts is compiled against by `tsc -p test/types/push`: the types of socket.io-client. */
export type {
  DisconnectDescription,
  ExtendedError,
  ManagerOptions,
  ManagerReservedEvents,
  SocketOptions,
  SocketReservedEvents,
} from 'socket.io-client';
export { io, type Manager, Manager as NewManager, type Socket } from 'socket.io-client';
