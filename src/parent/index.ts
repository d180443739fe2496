/**
 * `hadoken`: the page's side. Left out: everything that only the two sides of the port have to
 * know.
 */

export type { ErrorCode, HadokenErrorOptions } from '../rpc/errors.ts';
export { HadokenError, isHadokenError } from '../rpc/errors.ts';
export type { Service, Services } from '../rpc/services.ts';
export { type Transferred, transfer } from '../rpc/transfer.ts';
export type { Progress } from '../rpc/wire/fetch.ts';
export type { FrameTimes, ResourceTiming, ServerTiming } from '../rpc/wire/timing.ts';
export type { FetchInit } from './ajax/fetch.ts';
export type { Hadoken, HadokenEvents, Listen, ListenOptions } from './client.ts';
export { connect } from './connect.ts';
export type { ConnectionEvents, ConnectionState } from './connection/connection.ts';
export type { Logger, LogLevel } from './log.ts';
export type { ConnectOptions } from './options.ts';
export type { Io } from './push/io.ts';
export type { Manager, ManagerConstructor, Socket } from './push/types/api.ts';
export type { DefaultEventsMap, EventsMap, TypedEmitter } from './push/types/event-map.ts';
export type {
  Engine,
  EngineEvent,
  Handshake,
  ManagerOptions,
  ManagerReservedEvents,
} from './push/types/manager-parts.ts';
export type {
  DecorateAcknowledgements,
  DisconnectDescription,
  DisconnectReason,
  ExtendedError,
  Packet,
  SocketOptions,
  SocketReservedEvents,
} from './push/types/socket-parts.ts';
export type {
  ReportEvents,
  RequestReport,
  RequestTiming,
  SocketReport,
} from './reports/report.ts';
export type { Remote, ServiceOptions, Streamed } from './services/service.ts';
export type {
  EventSourceConstructor,
  FrameEventSource,
  FrameWebSocket,
  StreamErrorEvent,
  WebSocketConstructor,
} from './streams/constructors.ts';
