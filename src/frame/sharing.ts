/**
 * A page's line to the hub, from its own worker: the page's port for push and its shared event
 * streams are passed on, and taken to the next hub where one is lost.
 */
import { type Call, callHost } from '../rpc/calls.ts';
import type { HubContract } from '../rpc/contract.ts';
import { HadokenError } from '../rpc/errors.ts';
import { inTime } from '../rpc/time/in-time.ts';
import { BEAT, HUB_BEATS } from '../rpc/wire/hub.ts';
import {
  type EventSourceTarget,
  readStreamCommand,
  readStreamMessage,
  type StreamCommand,
  type StreamMessage,
} from '../rpc/wire/stream.ts';
import { type Clock, platformClock } from './effects.ts';
import { brokenOff } from './streams/event-source-connection.ts';

/** Asks the gate for a line to the hub: its port, or undefined where nothing is shared. */
export type JoinHub = () => Promise<MessagePort | undefined>;

type Line = { call: Call<HubContract>; lost: AbortSignal };

export type Sharing = {
  /**
   * Passes a page's port for push on. Settles with false, and has done nothing, where nothing is
   * shared; rejects with FRAME_LOST when the hub is lost.
   */
  push(port: MessagePort): Promise<boolean>;
  /** As `push`, for an event stream; settles when that is over, and lives on in the next hub. */
  stream(target: EventSourceTarget, port: MessagePort): Promise<EventSourceTarget | undefined>;
  /** Whether the page is seen: one that is not gives no hub up. */
  show(isSeen: boolean): void;
  /** Resolves with whether there was a hub that has done so. */
  endShared(): Promise<boolean>;
};

/** For the end of all that is shared, in ms: a page that is not seen waits for a dead hub. */
const END_TIMEOUT = 5_000;

export function endTooLate(): HadokenError {
  const message = 'The worker that all tabs share has not answered endShared() in time.';
  return new HadokenError('FRAME_TIMEOUT', message);
}

function hubLost(): HadokenError {
  return new HadokenError('FRAME_LOST', 'The worker that all tabs share is gone.');
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Watches over a line: it is lost when a call of `ping` is refused, or some are not answered. */
function openLine(port: MessagePort, clock: Clock, isSeen: () => boolean): Line & Watch {
  const control = new AbortController();
  const call = callHost<HubContract>(port, control.signal);
  let silent = 0;
  let timer: unknown;
  const lose = (): void => {
    clock.clearTimeout(timer);
    control.abort(hubLost());
    port.close();
  };
  const look = (): void => {
    if (silent >= HUB_BEATS && isSeen() && !control.signal.aborted) lose();
  };
  const beat = (): void => {
    look();
    if (control.signal.aborted) return;
    silent += 1;
    const heard = (): void => {
      silent = 0;
    };
    // A page that is not seen waits on, and asks no more until one of these is answered.
    if (silent <= HUB_BEATS) call('ping', []).then(heard, lose);
    timer = clock.setTimeout(beat, BEAT);
  };
  beat();
  return { call, lost: control.signal, look };
}

/** `look`: gives the hub up if it is silent. */
type Watch = { look(): void };

/** Joins at once; `join` is asked again when a hub was lost, and not after it gave none. */
export function createSharing(join: JoinHub, clock = platformClock): Sharing {
  let isSeen = true;
  let line: Promise<(Line & Watch) | undefined>;
  const connect = async (): Promise<(Line & Watch) | undefined> => {
    const port = await join();
    if (!port) return undefined;
    const opened = openLine(port, clock, () => isSeen);
    opened.lost.addEventListener('abort', () => {
      line = connect();
    });
    return opened;
  };
  line = connect();

  return {
    async push(port) {
      const current = await line;
      if (!current) return false;
      const { call, lost } = current;
      await call('push', [port], [port]);
      await aborted(lost);
      throw lost.reason;
    },
    async stream({ ...target }, port) {
      let toHub: MessagePort | undefined;
      let isClosed = false;
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (readStreamCommand(data)?.type !== 'close') return;
        isClosed = true;
        toHub?.postMessage({ type: 'close' } satisfies StreamCommand);
      };
      for (;;) {
        const current = await line;
        if (isClosed) return undefined;
        if (!current) return target;
        const { port1, port2 } = new MessageChannel();
        toHub = port1;
        port1.onmessage = ({ data }: MessageEvent<StreamMessage>) => {
          const state = readStreamMessage(data)?.state;
          Object.assign(target, { lastEventId: state?.lastEventId, retry: state?.retry });
          port.postMessage(data);
        };
        try {
          await current.call('stream', [{ ...target }, port2], [port2]);
          return undefined;
        } catch (error) {
          if (isClosed) return undefined;
          const isGone = (error as HadokenError).code === 'FRAME_LOST';
          if (!isGone && !current.lost.aborted) throw error;
          // The hub took this page for gone: the next beat says so, and the line is given up.
          await aborted(current.lost);
        }
        port1.close();
        port.postMessage(brokenOff(target));
      }
    },
    show(seen) {
      isSeen = seen;
      void line.then((current) => current?.look());
    },
    async endShared() {
      for (;;) {
        const current = await line;
        try {
          const ended = current?.call('endShared', []).then(() => true);
          if (ended && !(await inTime(ended, END_TIMEOUT))) throw endTooLate();
          return !!ended;
        } catch (error) {
          // The hub died meanwhile, and the next one resumes what it had.
          if (!current?.lost.aborted) throw error;
        }
      }
    },
  };
}
