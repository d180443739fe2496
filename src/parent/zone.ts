/** zone.js, which Angular has: whose code it is that runs, is its current zone. */

/** What zone.js has of a zone. */
type Zone = { runGuarded?: unknown };
type Zones = { current?: Zone; root?: { run?: unknown } };

const zones = (): Zones => Object((globalThis as { Zone?: unknown }).Zone);

/**
 * Runs functions in the zone that is current now. What comes from the frame would run in the root
 * zone: zone.js patches neither a port's `onmessage` nor `await`. Where the page has no zone.js, it
 * just runs them.
 */
export function bindZone(): (run: () => void) => void {
  const { current } = zones();
  return (run) => {
    if (typeof current?.runGuarded === 'function') current.runGuarded(run);
    else run();
  };
}

/**
 * Runs `run` in the root zone: an application of Angular's is not stable while a timer of its own
 * zone is to come, and ours are none of its concern.
 */
export function outsideZones(run: () => void): void {
  const { root } = zones();
  if (typeof root?.run === 'function') root.run(run);
  else run();
}
