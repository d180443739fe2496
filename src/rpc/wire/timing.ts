/**
 * What crosses of a request's times, in ms since the epoch (see rpc/time/clock.ts), and its
 * reader.
 */

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

/** What the name of a time ends with. */
const TIME = /(Time|Start|End)$/;

/**
 * For the page: a list's or an object's own fields that are texts or numbers, with `shift` added to
 * those that are times. A time that the engine has not is 0, and stays that.
 */
export function readTimes<T>(fields: unknown, shift = 0): T {
  const read = Object.entries(Object(fields)).flatMap(([name, value]) =>
    /string|number/.test(typeof value)
      ? [[name, value && TIME.test(name) ? (value as number) + shift : value]]
      : [],
  );
  return Object.fromEntries(read);
}
