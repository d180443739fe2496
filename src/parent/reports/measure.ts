/** Requests in DevTools' Performance panel, which shows none of a worker's frame by themselves. */
import { attempt } from '../../rpc/errors.ts';
import type { RequestReport } from './report.ts';

/**
 * Makes a `performance.measure` of a request, on a track of its own in Chromium's panel, and takes
 * it out of the page's buffer again, which it would fill: a recording and observers have it by
 * then. Does nothing where the page has no such function.
 * @see https://developer.chrome.com/docs/devtools/performance/extension
 */
export function measure(
  what: string,
  { status, error, timing, serverTiming }: RequestReport,
): void {
  const name = `hadoken: ${what}`;
  const { startTime: start, responseEnd: end } = timing;
  const devtools = {
    dataType: 'track-entry',
    track: 'Hadoken',
    color: error || (status ?? 0) >= 400 ? 'error' : 'primary',
    properties: serverTiming.map((entry) => [entry.name, `${entry.duration} ms`]),
  };
  attempt(() => {
    performance.measure(name, { start, end, detail: { devtools } });
    performance.clearMeasures(name);
  });
}
