/** What seats are given by their hub. */
import type { Clock } from '../../frame/effects.ts';
import type { Generation } from '../generation.ts';
import type { Lane, Wanted } from '../lanes/lane.ts';
import type { SealedOffsets } from './sealed-offsets.ts';

/** What a page asks a lane for. */
export type LaneWanted = {
  /** The Manager's options, as JSON. */
  text: string;
  /** Who the page is by host.js' auth, where that is known. */
  host: string | undefined;
  wanted: readonly Wanted[];
  /** The lane that it has; it stays there if it can. */
  current?: Lane;
};

/** Finds the lane for a page, or makes one. */
export type FindLane = (asked: LaneWanted) => Lane;

/** What the seats of a hub have in common. */
export type SeatParts = {
  findLane: FindLane;
  offsets: SealedOffsets;
  generation: Generation;
  clock: Clock;
};
