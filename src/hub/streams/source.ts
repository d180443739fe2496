/** One event stream of the server's, with all who read it. */
import {
  type Connect,
  EventSourceConnection,
} from '../../frame/streams/event-source-connection.ts';
import type { EventSourceTarget, StreamMessage, StreamState } from '../../rpc/wire/stream.ts';

const OPEN = 1;
/** The most events that are kept for readers who come back, and the most characters in them. */
const MAX_EVENTS = 1_000;
const MAX_TEXT = 1_048_576;

/** A page's EventSource. */
export interface Reader {
  /** Where it is: the id that it saw last, and the number of what was posted to it last. */
  lastEventId: string;
  number: number | undefined;
  post(message: StreamMessage): void;
  /** The stream is over: by the server's word, or for an error. */
  onOver(error?: unknown): void;
}

export type Source = {
  readonly readers: ReadonlySet<Reader>;
  /** Whether a reader that saw this id last can go on here. */
  canResume(reader: Reader): boolean;
  add(reader: Reader): void;
  remove(reader: Reader): void;
  close(): void;
};

type Kept = { number: number; message: StreamMessage; size: number };

function sizeOf({ event }: StreamMessage): number {
  return event?.kind === 'MessageEvent' ? String(event.data).length + 100 : 0;
}

/** `onEnd`: the server or an error has ended it, and nobody else may come. */
export function createSource(
  target: EventSourceTarget,
  connect: Connect,
  onEnd: () => void,
): Source {
  const readers = new Set<Reader>();
  const kept: Kept[] = [];
  let text = 0;
  let numbers = 0;
  let state: StreamState | undefined;

  const keep = (message: StreamMessage): void => {
    const size = sizeOf(message);
    kept.push({ number: numbers, message, size });
    text += size;
    while (kept.length > MAX_EVENTS || text > MAX_TEXT) text -= kept.shift()?.size ?? 0;
  };
  const connection = new EventSourceConnection(
    {
      postMessage(message: StreamMessage) {
        state = message.state;
        if (message.event?.kind === 'MessageEvent') {
          numbers += 1;
          keep(message);
        }
        for (const reader of [...readers]) {
          reader.number = numbers;
          reader.post(message);
        }
      },
    },
    target,
  );
  const end = (error?: unknown): void => {
    onEnd();
    for (const reader of [...readers]) reader.onOver(error);
    readers.clear();
  };
  connection.run(connect).then(() => end(), end);

  /** What the reader has not seen, or undefined where that is not known. */
  const missedBy = ({ lastEventId, number }: Reader): Kept[] | undefined => {
    const first = kept[0]?.number ?? numbers + 1;
    if (number !== undefined)
      return number + 1 < first ? undefined : kept.filter((event) => event.number > number);
    // A newcomer hears what comes from now on.
    if (lastEventId === '') return [];
    // The first that has it: those without an id, which come after, have it too.
    const at = kept.findIndex(({ message }) => message.state?.lastEventId === lastEventId);
    if (at >= 0) return kept.slice(at + 1);
    return first === 1 && lastEventId === target.lastEventId ? [...kept] : undefined;
  };
  return {
    readers,
    canResume: (reader) => missedBy(reader) !== undefined,
    add(reader) {
      const missed = missedBy(reader) ?? [];
      readers.add(reader);
      if (state?.readyState === OPEN) {
        const lastEventId = reader.lastEventId || state.lastEventId;
        const opened: StreamMessage = {
          state: { ...state, lastEventId },
          event: { kind: 'Event', type: 'open' },
        };
        reader.post(opened);
      }
      for (const { message } of missed) reader.post(message);
      reader.number = numbers;
    },
    remove: (reader) => void readers.delete(reader),
    close: () => connection.close(),
  };
}
