/**
 * The engine's own word on the frame's requests: PerformanceResourceTiming, of which a page has
 * none, because the requests are another document's, or a worker's.
 */
import { now, toEpoch } from '../../rpc/time/clock.ts';
import type { ResourceTiming } from '../../rpc/wire/timing.ts';

/** One request, from before it is sent on. */
export interface ResourceWatch {
  /** Its head is there: what is asked for from now on, by a hook for example, is another one. */
  answered(): void;
  /** What there is on it, within {@link ENTRY_TIMEOUT}. To be called when it is over. */
  take(): Promise<ResourceTiming | undefined>;
  /** It failed, and nobody will ask. */
  close(): void;
}

/** Watches the request to `url` that is made next. */
export type WatchResource = (url: string) => ResourceWatch;

/** How long the entry of a request may take to come once that is over, in ms. */
const ENTRY_TIMEOUT = 500;

/** By how much the start of an entry may seem to be before the call: clocks are coarse. In ms. */
const SLACK = 2;

/** What the standard counts for the headers of an answer, whatever they are, in bytes. */
const HEADERS = 300;

const TIMES = [
  'fetchStart',
  'domainLookupStart',
  'domainLookupEnd',
  'connectStart',
  'secureConnectionStart',
  'connectEnd',
  'requestStart',
  'responseStart',
  'responseEnd',
] as const;

const withoutFragment = (url: string): string => url.replace(/#.*/s, '');

/**
 * What of an entry may cross. Of its sizes, the one with the headers is reckoned as the standard
 * has it: with their own it would tell of cookies.
 * @see https://w3c.github.io/resource-timing/#dom-performanceresourcetiming-transfersize
 */
function toResource(entry: PerformanceResourceTiming): ResourceTiming {
  const { transferSize, encodedBodySize, decodedBodySize, nextHopProtocol } = entry;
  const times = TIMES.map((name) => {
    const time = entry[name];
    return [name, time && toEpoch(time)];
  });
  return {
    ...Object.fromEntries(times),
    transferSize: transferSize && encodedBodySize + HEADERS,
    encodedBodySize,
    decodedBodySize,
    nextHopProtocol: nextHopProtocol ?? '',
  };
}

/** A request, and the entries of its URL that nobody has claimed yet are beside it. */
type Watched = { since: number; until: number; onEntry(): void };
type OfUrl = { watched: Set<Watched>; entries: PerformanceResourceTiming[] };

/**
 * The entry of `request`: it began after the request was made, and its head was there when the
 * request had its own. It is taken out of `entries`. Of several, because requests of one URL may
 * overlap, the one whose head came last: entries are claimed in the order in which requests end.
 */
export function claim<
  Entry extends Pick<PerformanceEntry, 'startTime'> & { responseStart: number },
>({ since, until }: Pick<Watched, 'since' | 'until'>, entries: Entry[]): Entry | undefined {
  const [latest] = entries
    .filter(({ startTime }) => startTime >= since - SLACK && startTime <= until)
    .filter(({ responseStart }) => responseStart <= until + SLACK)
    .sort((a, b) => b.responseStart - a.responseStart);
  if (latest) entries.splice(entries.indexOf(latest), 1);
  return latest;
}

/**
 * Watches requests of this worker or window, or undefined where the engine says nothing of them.
 * Observes nothing before the first one.
 */
export function createResourceWatch(): WatchResource | undefined {
  const { PerformanceObserver: Observer } = globalThis;
  if (!Observer?.supportedEntryTypes?.includes('resource')) return undefined;
  const urls = new Map<string, OfUrl>();
  let isObserving = false;

  const observe = (): void => {
    if (isObserving) return;
    isObserving = true;
    const observer = new Observer((list) => {
      for (const entry of list.getEntries()) {
        const found = urls.get(withoutFragment(entry.name));
        found?.entries.push(entry as PerformanceResourceTiming);
        for (const { onEntry } of found?.watched ?? []) onEntry();
      }
    });
    observer.observe({ type: 'resource' });
  };

  return (given) => {
    observe();
    const url = withoutFragment(given);
    const ofUrl = urls.get(url) ?? { watched: new Set(), entries: [] };
    urls.set(url, ofUrl);
    const { watched, entries } = ofUrl;
    const watch: Watched = { since: now(), until: Infinity, onEntry() {} };
    watched.add(watch);
    const close = (): void => {
      watched.delete(watch);
      if (!watched.size && urls.get(url) === ofUrl) urls.delete(url);
      // What nobody has claimed, and nobody will.
      const oldest = Math.min(...[...watched].map(({ since }) => since)) - SLACK;
      for (let at = entries.length - 1; at >= 0; at--)
        if ((entries[at]?.startTime ?? 0) < oldest) entries.splice(at, 1);
    };
    return {
      answered() {
        watch.until = now();
      },
      take: () =>
        new Promise((resolve) => {
          const settle = (entry?: PerformanceResourceTiming): void => {
            clearTimeout(timer);
            close();
            resolve(entry && toResource(entry));
          };
          const timer = setTimeout(() => settle(), ENTRY_TIMEOUT);
          watch.onEntry = () => {
            const entry = claim(watch, entries);
            if (entry) settle(entry);
          };
          watch.onEntry();
        }),
      close,
    };
  };
}
