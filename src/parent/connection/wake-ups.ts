/** What tells a connection of a page that it is worth trying again at once. */

/** Calls `wake` when the network is back, or the page: until `signal` aborts. */
export function listenForWakeUps(wake: () => void, signal: AbortSignal): void {
  for (const name of ['online', 'pageshow']) addEventListener(name, wake, { signal });
}
