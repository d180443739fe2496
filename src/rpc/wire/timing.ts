/**
 * What crosses of a request's times, in ms since the epoch (see rpc/time/clock.ts), and its
 * reader.
 */
import { readFields, type Shape } from '../read-fields.ts';

/** An entry of the Server-Timing header, as PerformanceServerTiming has it. */
export type ServerTiming = {
  name: string;
  /** In the header's unit, which is ms; 0 where the header gives none. */
  duration: number;
  /** '' where the header gives none. */
  description: string;
};

/** When the frame did what with a request. */
export type FrameTimes = {
  /** The request arrived. */
  startTime: number;
  /** The rules and `onRequest` were done with it: the frame's own `fetch` was called. */
  fetchStart: number;
  /** That `fetch` had the head of the response. */
  responseStart: number;
  /** `onResponse` was done with it: the answer left for the page. */
  answerStart: number;
};

/**
 * Of the PerformanceResourceTiming of the real request, what does not say where it went: no URL, no
 * redirects, no sizes of headers. Times are 0 where the engine has none, as there.
 */
export type ResourceTiming = {
  fetchStart: number;
  domainLookupStart: number;
  domainLookupEnd: number;
  connectStart: number;
  secureConnectionStart: number;
  connectEnd: number;
  requestStart: number;
  responseStart: number;
  responseEnd: number;
  /** In bytes: 0 for what came from the cache, else `encodedBodySize` and 300 for the headers. */
  transferSize: number;
  /** The body as it was sent, in bytes. */
  encodedBodySize: number;
  /** The body as it is read, in bytes. */
  decodedBodySize: number;
  /** 'http/1.1', 'h2', 'h3'; '' where the engine does not say. */
  nextHopProtocol: string;
};

/** In the head of an answer, where the page has asked for it. */
export type WireTiming = {
  frame: FrameTimes;
  serverTiming: ServerTiming[];
  /** A message `timing` follows on the request's port, once the body is through. */
  isFollowed: boolean;
};

const numbers = (names: string): Shape =>
  Object.fromEntries(names.split(' ').map((name) => [name, 'number']));

/** What a frame says of times, for {@link readTimes}. */
export const FRAME_TIMES = numbers('startTime fetchStart responseStart answerStart');
export const RESOURCE_TIMING: Shape = {
  ...numbers(
    'fetchStart domainLookupStart domainLookupEnd connectStart secureConnectionStart connectEnd ' +
      'requestStart responseStart responseEnd transferSize encodedBodySize decodedBodySize',
  ),
  nextHopProtocol: 'string',
};
export const SERVER_TIMING: Shape = { name: 'string', duration: 'number', description: 'string' };

/** What the name of a time ends with. */
const TIME = /(Time|Start|End)$/;

/**
 * For the page: the fields of `shape`, with `shift` added to those that are times. A time that the
 * engine has not is 0, and stays that.
 */
export function readTimes<T extends object>(fields: unknown, shape: Shape, shift = 0): T {
  const times: Record<string, unknown> = { ...readFields<T>(fields, shape) };
  for (const [name, value] of Object.entries(times))
    if (value && TIME.test(name)) times[name] = (value as number) + shift;
  return times as T;
}
