/** zone.js, which Angular has: whose code it is that runs, is its current zone. */

/** What zone.js has of a zone. */
type Zone = { runGuarded?: unknown };

/**
 * Runs functions in the zone that is current now. What comes from the frame would run in the root
 * zone: zone.js patches neither a port's `onmessage` nor `await`. Where the page has no zone.js, it
 * just runs them.
 */
export function bindZone(): (run: () => void) => void {
  const { current }: { current?: Zone } = Object((globalThis as { Zone?: unknown }).Zone);
  return (run) => {
    if (typeof current?.runGuarded === 'function') current.runGuarded(run);
    else run();
  };
}
