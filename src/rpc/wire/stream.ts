/**
 * What crosses for an EventSource or a WebSocket of the page, and its readers. A reader rebuilds
 * the value from the fields that it names and has checked, or returns undefined: then the receiver
 * drops that message.
 */
import { isCount, isStrings } from '../is-count.ts';
import { isPlatformObject } from '../is-platform-object.ts';
import { LONGEST } from '../time/longest.ts';

/** Page to frame, as the argument of `stream()`. */
export type StreamTarget = EventSourceTarget | WebSocketTarget;

export type EventSourceTarget = {
  kind: 'eventSource';
  url: string;
  /**
   * Where an earlier frame left off: the id that it saw last, and its wait before it connects
   * again, in ms.
   */
  lastEventId?: string | undefined;
  retry?: number | undefined;
};

export type WebSocketTarget = { kind: 'webSocket'; url: string; protocols: string[] };

/** Frame to page, on the stream's own port. What a message leaves out is empty. */
export type StreamMessage = {
  state?: StreamState | undefined;
  /**
   * Bytes that have left since the last message. A WebSocket's `bufferedAmount` shrinks by them.
   */
  sent?: number;
  /** What the page dispatches, once it has taken over the state. */
  event?: StreamEvent | undefined;
};

/** An EventSource's, with each message. What a WebSocket's is follows from its events. */
export type StreamState = {
  readyState: number;
  /** What the page asks the next frame for, should this one be lost. */
  lastEventId: string;
  retry: number;
};

/**
 * An event by its interface. The page knows by itself what an event has besides: its target and its
 * origin.
 */
export type StreamEvent =
  /** `protocol` and `extensions`: what an `open` WebSocket has agreed on. */
  | { kind: 'Event'; type: 'open' | 'error'; protocol?: string; extensions?: string }
  /** An ArrayBuffer is a WebSocket's binary message. */
  | { kind: 'MessageEvent'; type: string; data: string | ArrayBuffer }
  /** A WebSocket's. `isError`: an `error` event comes first. */
  | { kind: 'CloseEvent'; code: number; reason: string; wasClean: boolean; isError: boolean };

/** A message as the page reads it, with every field that one can have. */
export type StreamNews = {
  state: StreamState;
  sent: number;
  event: {
    kind: string;
    type: string;
    protocol: string;
    extensions: string;
    data: string | ArrayBuffer;
    code: number;
    reason: string;
    wasClean: boolean;
    isError: boolean;
  };
};

/** Page to frame, on the stream's own port. An EventSource is only ever closed. */
export type StreamCommand =
  | { type: 'send'; data: string | ArrayBuffer | Blob }
  | {
      type: 'close';
      code?: number | undefined;
      reason?: string | undefined;
      /** What it was to the page. */
      readyState?: number | undefined;
    };

/**
 * Whether `close()` of a WebSocket takes this code.
 * @see https://websockets.spec.whatwg.org/#dom-websocket-close
 */
export function isCloseCode(code: unknown): code is number {
  return code === 1_000 || (isCount(code) && code >= 3_000 && code < 5_000);
}

/**
 * Whether `close()` of a WebSocket takes this reason: it shares a frame of 125 bytes with the code.
 * RFC 6455, 5.5.
 */
export function isCloseReason(reason: unknown): reason is string {
  return isText(reason) && new TextEncoder().encode(reason).length < 124;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isBuffer = (value: unknown): value is ArrayBuffer => isPlatformObject(value, 'ArrayBuffer');
/** Of what is no object there are none. */
const fieldsOf = (value: unknown): Record<string, unknown> => Object(value);
const isReadyState = (value: unknown): value is number => isCount(value) && value < 4;
const isRetry = (value: unknown): value is number => isCount(value) && value <= LONGEST;
/** An id is sent as a header. An event stream can't give one that a header does not take. */
const isEventId = (value: unknown): value is string => isText(value) && !/[\0\r\n]/.test(value);

/** For the frame. What the URL may be is the rules' business. */
export function readStreamTarget(target: unknown): StreamTarget | undefined {
  const { kind, url, protocols, lastEventId = '', retry } = fieldsOf(target);
  if (!isText(url)) return undefined;
  if (kind === 'webSocket' && isStrings(protocols)) return { kind, url, protocols: [...protocols] };
  const isResumable = isEventId(lastEventId) && (retry === undefined || isRetry(retry));
  if (kind === 'eventSource' && isResumable) return { kind, url, lastEventId, retry };
  return undefined;
}

/** For the frame. */
export function readStreamCommand(command: unknown): StreamCommand | undefined {
  const { type, data, code, reason = '', readyState = 1 } = fieldsOf(command);
  if (type === 'send' && (isText(data) || isBuffer(data) || isPlatformObject(data, 'Blob', 'File')))
    return { type, data };
  const isCode = code === undefined || isCloseCode(code);
  if (type === 'close' && isCode && isCloseReason(reason) && isReadyState(readyState))
    return { type, code, reason, readyState };
  return undefined;
}

/** For the page. A field of another type than it should have takes the whole message with it. */
export function readStreamMessage(message: unknown): StreamNews | undefined {
  const { state, sent = 0, event } = fieldsOf(message);
  // Without a state it is none of an EventSource's, which has no 3.
  const { readyState = 3, lastEventId = '', retry = 0 } = fieldsOf(state);
  const { kind = '', type = '', protocol = '', extensions = '', reason = '' } = fieldsOf(event);
  const { data = '', code = 0, wasClean = false, isError = false } = fieldsOf(event);
  const isNews =
    isReadyState(readyState) &&
    [sent, retry, code].every(isCount) &&
    [lastEventId, kind, type, protocol, extensions, reason].every(isText) &&
    (isText(data) || isBuffer(data)) &&
    (kind !== 'Event' || type === 'open' || type === 'error');
  if (!isNews) return undefined;
  return {
    state: { readyState, lastEventId, retry },
    sent,
    event: {
      kind,
      type,
      protocol,
      extensions,
      data,
      code,
      reason,
      wasClean: !!wasClean,
      isError: !!isError,
    },
  } as StreamNews;
}
