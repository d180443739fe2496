/** A page that the host serves. */
import type { Context } from './options/hooks.ts';
import type { TakeSocket } from './rules/socket-limit.ts';

/**
 * The page that is served. Its own `life` says 'freeze' when that page was put into the
 * back/forward cache, and 'thaw' when it came back: connections are dead by then, or must not live
 * on. In most engines both arrive together, at the thaw. A hub's pages say 'bye' as well, when they
 * are gone, and 'full' and 'room' of what waits for them.
 */
export type Page = { context: Context; life: EventTarget; takeSocket: TakeSocket };
