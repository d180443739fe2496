/** `hadoken`: the page's side. Left out: everything that only the two sides of the port have to know. */

export type { ErrorCode } from '../rpc/errors.ts';
export { HadokenError } from '../rpc/errors.ts';
export { transfer } from '../rpc/transfer.ts';
export type { Progress } from '../rpc/wire/fetch.ts';
export type { Hadoken, Listen, ListenOptions } from './client.ts';
export { connect } from './connect.ts';
export type { ConnectionEvents, ConnectionState } from './connection.ts';
export type { DefaultEventsMap, EventsMap, TypedEmitter } from './event-map.ts';
export type { FetchInit } from './fetch.ts';
export type { Io } from './io.ts';
export type { Logger, LogLevel } from './log.ts';
export type {
  Engine,
  EngineEvent,
  Handshake,
  Manager,
  ManagerConstructor,
  ManagerOptions,
  ManagerReservedEvents,
} from './manager-api.ts';
export type { ConnectOptions } from './options.ts';
export type { Remote, ServiceOptions } from './service.ts';
export type {
  DecorateAcknowledgements,
  DisconnectDescription,
  DisconnectReason,
  ExtendedError,
  Packet,
  Socket,
  SocketOptions,
  SocketReservedEvents,
} from './socket-api.ts';
