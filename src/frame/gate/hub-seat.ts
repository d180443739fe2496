/** A page's seat in the hub, kept by its gate: in one hub after another. */
import { inTime } from '../../rpc/time/in-time.ts';
import { endTooLate, type JoinHub } from '../sharing.ts';
import { connectHub, type HubDoor, START_TIMEOUT } from './hub.ts';
import type { Script } from './worker.ts';

export type HubSeat = {
  /** For the page's own worker. Undefined, now and ever after, once a hub could not be had. */
  join: JoinHub;
  tell(word: 'FREEZE' | 'THAW' | 'BYE'): void;
  /** Ends all that is shared, for every page; resolves with whether this page is in it too. */
  end(): Promise<boolean>;
};

export type HubSeatOptions = {
  /** What the hub runs. */
  script(): Promise<Script>;
  /** Of the page, as the browser said it. */
  origin: string;
  /** What the hub that runs it is called. */
  name(script: Script): Promise<string>;
  log(message: string): void;
};

export function createHubSeat({ script, origin, name, log }: HubSeatOptions): HubSeat {
  let door: HubDoor | undefined;
  let hasFailed = false;
  const find = async (): Promise<HubDoor> => {
    const own = await script();
    const called = await inTime(name(own), START_TIMEOUT);
    if (called === undefined) throw new Error(`no name within ${START_TIMEOUT} ms`);
    return connectHub(own, called);
  };
  const join: JoinHub = async () => {
    if (hasFailed) return undefined;
    // A hub that does not answer its pages may live all the same.
    door?.tell('BYE');
    try {
      door = await find();
      return door.join(origin);
    } catch (error) {
      hasFailed = true;
      log(`nothing is shared with other tabs: ${(error as Error).message}`);
      return undefined;
    }
  };
  return {
    join,
    tell: (word) => door?.tell(word),
    async end() {
      if (!hasFailed && (await door?.end())) return true;
      // The hub that it knew may be dead, and the others in the next one. Where none can be had,
      // nothing is shared.
      const there = await find().catch(() => undefined);
      if (there && !(await there.end())) throw endTooLate();
      // A page that is in no hub has connections of its own.
      return !!there && !!door && !hasFailed;
    },
  };
}
