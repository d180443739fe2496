/** `hadoken/drop-in`: for pages that can't be changed. Left out: what it puts in place. */
export { type TakeOverOptions, takeOver } from './take-over.ts';
export type { TakenUrl } from './urls.ts';
export type { Sync } from './xhr/xml-http-request.ts';
