/**
 * What a gate and the hub, the SharedWorker of all pages, say to each other over the worker's port.
 * Only windows of the frame's own origin can reach it.
 *
 * 1. The gate starts the hub, or finds the one that is there, by its name: the release and a digest
 *    of what the frame's scripts say (frame/gate/hub-name.ts).
 * 2. The hub makes that name too, of what it has loaded itself. It answers READY with its release,
 *    or FAILED where the names differ or it could not be started. Then the page's own worker does
 *    all, as without a hub.
 * 3. The gate posts JOIN {origin} with a port, whose other end it has given to the page's own
 *    worker. The calls of {@link HubContract} go over it, of which `ping` is a sign of life.
 * 4. FREEZE, THAW and BYE tell what becomes of the page. END ends all that is shared, and is
 *    answered with ENDED.
 * 5. The hub may ask for cookies, which only a window can read, and the gate answers.
 */

/** Raised with each release: pages and hubs of different ones do not talk. */
export const RELEASE = '0.1.0';

export type GateToHub =
  | { hadoken: 'JOIN'; origin: string; port: MessagePort }
  | { hadoken: 'FREEZE' | 'THAW' | 'BYE' | 'END' }
  | { hadoken: 'COOKIES'; question: number; cookies: Record<string, string> };

export type HubToGate =
  | { hadoken: 'READY'; release: string }
  | { hadoken: 'FAILED'; message: string }
  | { hadoken: 'ENDED' }
  | { hadoken: 'COOKIES'; question: number; names: readonly string[] };

/** How often a page's own worker gives a sign of life, and wants one, in ms. */
export const BEAT = 600;
/** Of so many the hub may miss none, before it counts as lost to a page that is seen. */
export const HUB_BEATS = 4;
/** After so many without a sign the hub takes a page for gone. */
export const PAGE_BEATS = 20;
