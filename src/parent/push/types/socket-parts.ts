/**
 * What TypeScript is told of a page's Socket: socket.io-client's, as far as it is there. What the
 * page's Socket keeps for itself (`nsp`, `acks`, `onevent`, what begins with an underscore) is not
 * in it. The Socket itself is in socket.ts.
 *
 * @see https://socket.io/docs/v4/client-api/#socket
 */

/**
 * The credentials for a namespace: an object, or a function that is asked at every connect and
 * gives one to `send`.
 */
// biome-ignore lint/suspicious/noExplicitAny: what a server wants to know is its own
export type Auth = { [key: string]: any } | ((send: (data: object) => void) => void);

/** The options of a Socket, for `io()` and `manager.socket()`. */
export interface SocketOptions {
  /**
   * The credentials that the server's middleware finds in `socket.handshake.auth`. A function is
   * asked again at every connect. What `auth` of the frame's host.js returns is merged over them.
   * @default none
   */
  auth?: Auth;
  /**
   * How often an event is sent again that was not acknowledged in time. Events go one at a time
   * then, each once the one before it was acknowledged or given up, so that their order holds. Give
   * `ackTimeout` with it.
   * @default 0
   */
  retries?: number;
  /**
   * How long an acknowledgement may take, in ms; then its callback gets an Error. For one event,
   * `timeout()` says otherwise.
   * @default none: it is waited for until the socket is disconnected
   */
  ackTimeout?: number;
}

/**
 * Why a socket was disconnected: socket.io-client's reasons, and 'frame lost' when the frame that
 * held the connection is gone (the description is a HadokenError then). After 'io server
 * disconnect' and 'io client disconnect' the socket stays disconnected; after any other it connects
 * again by itself, unless `reconnection` is false.
 *
 * @see https://socket.io/docs/v4/client-socket-instance/#disconnect
 */
export type DisconnectReason =
  | 'io server disconnect'
  | 'io client disconnect'
  | 'ping timeout'
  | 'transport close'
  | 'transport error'
  | 'parse error'
  | 'frame lost';

/**
 * What is known of a disconnection beside its reason: an Error, or what can cross of the
 * transport's own account.
 */
export type DisconnectDescription = Error | { description: string; context?: unknown };

/**
 * Why a namespace could not be connected to: a HadokenError, or the server's error with the `data`
 * it gave to it.
 */
export interface ExtendedError extends Error {
  /** What the server's middleware gave to its error. */
  // biome-ignore lint/suspicious/noExplicitAny: what the server sends along is its own
  data?: any;
}

/** The events that every Socket has, beside the user's own. */
export interface SocketReservedEvents {
  /** Connected, for the first time or again. */
  connect: () => void;
  /** Could not connect; `socket.active` says whether it is tried again. */
  connect_error: (error: ExtendedError) => void;
  /** No longer connected; `socket.active` says whether it connects again by itself. */
  disconnect: (reason: DisconnectReason, description?: DisconnectDescription) => void;
}

/**
 * A packet of the Socket.IO protocol, as it waits in `sendBuffer` and comes with the Manager's
 * `packet`.
 */
export interface Packet {
  /**
   * What kind of packet it is: 0 connect, 1 disconnect, 2 event, 3 acknowledgement, 4 connect
   * error.
   */
  type: number;
  /** The namespace. */
  nsp: string;
  /** Of an event, its name and arguments; of an acknowledgement, its arguments. */
  // biome-ignore lint/suspicious/noExplicitAny: arguments are the user's own
  data?: any;
  /** The number of the acknowledgement that is asked for or given. */
  id?: number;
}

/** `Emit` as `timeout()` makes it: each acknowledgement has an error before its other arguments. */
export type DecorateAcknowledgements<Emit> = {
  [Name in keyof Emit]: Emit[Name] extends (...args: infer Args) => infer Result
    ? (...args: WithErrorFirst<Args>) => Result
    : Emit[Name];
};

// biome-ignore lint/suspicious/noExplicitAny: matches any arguments
type WithErrorFirst<Args extends any[]> = {
  [Index in keyof Args]: Args[Index] extends (...answer: infer Answer) => infer Result
    ? (error: Error, ...answer: Answer) => Result
    : Args[Index];
};

// biome-ignore-start lint/suspicious/noExplicitAny: matches any, and is any where none is declared
export type AllButLast<Args extends any[]> = Args extends [...infer Rest, infer _Last]
  ? Rest
  : any[];
// biome-ignore-end lint/suspicious/noExplicitAny: see above

// biome-ignore lint/suspicious/noExplicitAny: matches any, and is any where none is declared
export type Last<Args extends any[]> = Args extends [...infer _Rest, infer Last] ? Last : any;

/**
 * What an acknowledgement is given: its one argument or, of those that are given an error first,
 * the one after it.
 */
export type Answer<Acknowledge> = Acknowledge extends (answer: infer Value) => infer _Result
  ? Value
  : AnswerAfterError<Acknowledge>;

type AnswerAfterError<Acknowledge> = Acknowledge extends (
  error: infer First,
  answer: infer Value,
) => infer _Result
  ? IsError<First> extends true
    ? Value
    : // biome-ignore lint/suspicious/noExplicitAny: the server gives it; as in the original
      any
  : // biome-ignore lint/suspicious/noExplicitAny: as in the original
    any;

/**
 * Exactly Error, as `timeout()` and `ackTimeout` give it: not `any`, and not an error or null,
 * which the server gives.
 */
type IsError<T> = unknown extends T ? false : [T, Error] extends [Error, T] ? true : false;

// biome-ignore lint/suspicious/noExplicitAny: whatever events come or go
export type CatchAllListener = (event: string, ...args: any[]) => void;
