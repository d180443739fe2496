/** What listeners of a handle get: `hadoken.on('request')` and `hadoken.on('socket')`. */
import type { FrameTimes, ResourceTiming, ServerTiming } from '../../rpc/wire/timing.ts';

/**
 * When a request did what, in ms, each as the page's own `performance.now()` would have said. The
 * frame's clock is put to the page's by the time origins of both, and shifted by no more than it
 * takes to lie between the two moments that the page knows.
 */
export type RequestTiming = {
  /** `fetch` was called. */
  startTime: number;
  /** It left the page, for the last time. Undefined where it never did. */
  requestStart: number | undefined;
  /** The page had the head of the answer. Undefined where there was none. */
  responseStart: number | undefined;
  /** All of the body was there, or what ended it. */
  responseEnd: number;
  /** From `startTime` to `responseEnd`. */
  duration: number;
  /** The frame's part; undefined without an answer, and of a frame of an older release. */
  frame: FrameTimes | undefined;
  /**
   * What the engine says of the real request. Undefined where it says nothing within half a second
   * of the end, where `onResponse` gave a Response of its own, without an answer, and in Node.
   */
  resource: ResourceTiming | undefined;
};

/** A request that ended, answered or not. */
export type RequestReport = {
  /** Counts the requests of this page from 1, in the order in which they were made. */
  id: number;
  method: string;
  /** As the page asked for it, whole: it may have a token of the page's own in it. */
  url: string;
  /** Of the answer; undefined where there was none. */
  status: number | undefined;
  /**
   * What the call rejected with, or the reading of the body. Undefined where neither did; a body
   * that the page cancelled is none.
   */
  error: unknown;
  timing: RequestTiming;
  /** The Server-Timing header of the answer, as the page sees it. */
  serverTiming: ServerTiming[];
};

/** A socket of a handle, or a stream, has been opened, was closed, or could not be had. */
export type SocketReport = {
  kind: 'io' | 'webSocket' | 'eventSource';
  /** Of `io` the namespace, '/chat'; else the whole URL. */
  name: string;
  /**
   * `failed`: refused, or not reached; of an EventSource also one that broke off. Socket.IO and
   * EventSource may try it again.
   */
  state: 'open' | 'closed' | 'failed';
  /** Of what was closed: Socket.IO's reason, or the WebSocket's code. */
  reason: string | number | undefined;
  /** Of what failed or broke off, where its cause is known. */
  error: unknown;
};

/** Events of a handle by itself; those of its connection are the same for all of its handles. */
export type ReportEvents = {
  /** A request ended, in whichever way. */
  request: [report: RequestReport];
  /** A socket or stream was opened or closed, or failed. */
  socket: [report: SocketReport];
};
