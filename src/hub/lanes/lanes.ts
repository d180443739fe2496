/** All lanes of a hub, and which of them a page's manager gets. */
import type { Clock } from '../../frame/effects.ts';
import type { ManagerHost, ManagerHostOptions } from '../../frame/push/manager.ts';
import { readManagerOptions, readQuery } from '../../frame/push/manager-options.ts';
import type { Generation } from '../generation.ts';
import { identityOf } from '../identity.ts';
import type { FindLane } from '../seats/parts.ts';
import type { SealedOffsets } from '../seats/sealed-offsets.ts';
import { openSeat } from '../seats/seat.ts';
import { createLane, type Lane } from './lane.ts';

export type LanesOptions = {
  retain: readonly string[];
  /** In ms. */
  linger: number;
  clock: Clock;
  offsets: SealedOffsets;
  generation: Generation;
  /** A lane has ended. */
  onEnd(): void;
};

export type Lanes = {
  readonly size: number;
  /** As {@link openManager}, for a connection that is shared. */
  open(options: ManagerHostOptions): ManagerHost;
  /** Ends all of them; their pages connect anew. */
  end(): void;
};

/** What the server sees of a connection before it hears of `auth`: pages that differ share none. */
function baseOf(text: string, query: string | undefined): string {
  const { options } = readManagerOptions(text);
  const { withCredentials, protocols } = options;
  return identityOf([readQuery(query ?? options.query), withCredentials, protocols]);
}

/** In ms: pages notice the death of a hub within 3 s. */
const YOUTH = 10_000;

/** So many lanes of one origin linger with nobody in them. One more, and the first of them ends. */
const MAX_LINGERING = 10;

export function createLanes(options: LanesOptions): Lanes {
  const { retain, linger, clock, offsets, generation, onEnd } = options;
  const lanes = new Map<Lane, { base: string; origin: string }>();
  let isYoung = true;
  clock.setTimeout(() => {
    isYoung = false;
  }, YOUTH);

  const create = (base: string, text: string, options: ManagerHostOptions): Lane => {
    const { io, rules, query, log } = options;
    const { origin } = options.context;
    const lane = createLane({
      io,
      rules,
      query,
      log,
      retain,
      linger,
      clock,
      text,
      isYoung: () => isYoung,
      onEmpty() {
        const lingering = [...lanes].filter(([{ isEmpty }, of]) => isEmpty && of.origin === origin);
        if (lingering.length > MAX_LINGERING) lingering[0]?.[0].end(false);
      },
      onEnd() {
        lanes.delete(lane);
        onEnd();
      },
    });
    lanes.set(lane, { base, origin });
    return lane;
  };
  return {
    get size() {
      return lanes.size;
    },
    open(options) {
      const findLane: FindLane = ({ text, host, wanted, current }) => {
        const base = baseOf(text, options.query);
        const fitting = [...lanes]
          .filter(([, of]) => of.base === base)
          .map(([lane]) => lane)
          .filter((lane) => (host === undefined ? lane.isAlive : lane.admits(host, wanted)));
        if (current && fitting.includes(current)) return current;
        // One that is open spares the page a wait.
        return fitting.find((lane) => lane.isOpen) ?? fitting[0] ?? create(base, text, options);
      };
      return openSeat(options, { findLane, offsets, generation, clock });
    },
    end() {
      for (const lane of [...lanes.keys()]) lane.end(true);
    },
  };
}
