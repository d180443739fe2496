/** Follows one request of a handle, for its report. */
import { now, toEpoch } from '../../rpc/time/clock.ts';
import type { WireResponse } from '../../rpc/wire/fetch.ts';
import {
  FRAME_TIMES,
  type FrameTimes,
  RESOURCE_TIMING,
  type ResourceTiming,
  readTimes,
  SERVER_TIMING,
  type ServerTiming,
  type WireTiming,
} from '../../rpc/wire/timing.ts';
import { measure } from './measure.ts';
import type { RequestReport } from './report.ts';
import { nameOf, type Reports } from './reports.ts';

/**
 * How long a report waits for the engine's word on its request, in ms: longer than the frame's
 * ENTRY_TIMEOUT.
 */
const REPORT_TIMEOUT = 1_000;

/** What a request tells of itself on its way. */
export interface RequestWatch {
  /** It leaves the page. */
  sent(): void;
  /** Its head is there. */
  answered(head: Partial<WireResponse>): void;
  /** What the engine says of it has come: it may be there before the head is. */
  followed(resource: unknown): void;
  /** It is over, and this is what ended it. Only the first call counts. */
  failed(error: unknown): void;
  /** All of it has come. Once nothing more is to be heard of it, `close` is called. */
  ended(close: () => void): void;
}

/** Of Server-Timing, for the frame may have fallen. */
const MAX_ENTRIES = 100;

/** The platform's, also where a test puts timers of its own in its place later. */
const { setTimeout } = globalThis;

let requests = 0;

/**
 * By how much the frame's clock is shifted. The frame cannot have the request before it left the
 * page, nor answer after the page had the answer. Shift its clock no further than that.
 */
function clockShift(
  { startTime = 0, answerStart = 0 }: Partial<FrameTimes>,
  requestStart: number,
  responseStart: number,
): number {
  const late = toEpoch(requestStart) - startTime;
  const early = toEpoch(responseStart) - answerStart;
  return late > 0 ? late : Math.min(early, 0);
}

/** Reports once on a request that was made at `startTime`. */
export function watchRequest(
  reports: Reports,
  startTime: number,
  { method, url }: { method: string; url: string },
): RequestWatch {
  const id = ++requests;
  const what = `${method} ${reports.nameUrl(url)}`;
  let requestStart: number | undefined;
  let responseStart: number | undefined;
  let status: number | undefined;
  let timing: WireTiming | undefined;
  let isOver = false;
  let onFollowed!: (resource?: unknown) => void;
  const followed = new Promise((resolve) => {
    onFollowed = resolve;
  });

  const end = (error?: unknown, stopListening?: () => void): void => {
    if (isOver) return stopListening?.();
    isOver = true;
    const responseEnd = now();
    reports.log(what, [status, error && nameOf(error)].filter(Boolean).join(' '), startTime);
    const emit = (resource?: unknown): void => {
      const { frame: given, serverTiming } = Object(timing) as Partial<WireTiming>;
      const frame = given && readTimes<FrameTimes>(given, FRAME_TIMES);
      const moved =
        frame && requestStart !== undefined && responseStart !== undefined
          ? clockShift(frame, requestStart, responseStart)
          : 0;
      const shift = moved - toEpoch(0);
      const report: RequestReport = {
        id,
        method,
        url,
        status,
        error,
        timing: {
          startTime,
          requestStart,
          responseStart,
          responseEnd,
          duration: responseEnd - startTime,
          frame: frame && readTimes<FrameTimes>(frame, FRAME_TIMES, shift),
          resource: resource
            ? readTimes<ResourceTiming>(resource, RESOURCE_TIMING, shift)
            : undefined,
        },
        serverTiming: (Array.isArray(serverTiming) ? serverTiming : [])
          .slice(0, MAX_ENTRIES)
          .map((entry) => readTimes<ServerTiming>(entry, SERVER_TIMING)),
      };
      if (reports.isDebug) measure(what, report);
      reports.request(report);
    };
    const close = (resource?: unknown): void => {
      stopListening?.();
      emit(resource);
    };
    if (!stopListening || !timing?.isFollowed) return close();
    setTimeout(() => onFollowed(), REPORT_TIMEOUT);
    void followed.then(close);
  };
  return {
    sent() {
      requestStart = now();
    },
    answered(head) {
      responseStart = now();
      status = head.status;
      timing = head.timing;
    },
    followed: onFollowed,
    failed: end,
    ended: (close) => end(undefined, close),
  };
}
