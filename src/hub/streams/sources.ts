/** All event streams that pages share, by URL and by the origin and the identity of the pages. */
import type { Clock, Effects } from '../../frame/effects.ts';
import type { ServeOptions } from '../../frame/options.ts';
import { askAuth, isAuthFailure, RETRY_MIN } from '../../frame/push/credentials.ts';
import type { ShareStream, StreamToShare } from '../../frame/streams/event-source.ts';
import { brokenOff, type Connect, RETRY } from '../../frame/streams/event-source-connection.ts';
import { HadokenError } from '../../rpc/errors.ts';
import { readStreamCommand } from '../../rpc/wire/stream.ts';
import { identityOf } from '../identity.ts';
import { createSource, type Reader, type Source } from './source.ts';

/** For what host.js' auth says of a page, in ms. */
const AUTH_TIMEOUT = 20_000;

export type Sources = {
  readonly size: number;
  follow: ShareStream;
  end(): void;
};

export type SourcesOptions = {
  auth: ServeOptions['auth'];
  /** In ms. */
  linger: number;
  clock: Clock;
  log: Effects['log'];
  onEnd(): void;
};

export function createSources({ auth, linger, clock, log, onEnd }: SourcesOptions): Sources {
  const sources = new Map<string, Source>();

  const pause = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      clock.setTimeout(resolve, ms);
    });
  /** Who the pages of `origin` are, as far as host.js says. */
  const identify = async (origin: string): Promise<string> =>
    auth ? identityOf(await askAuth(auth, { origin, attempt: 1 }, AUTH_TIMEOUT, log)) : '';
  const drop = (key: string, source: Source): void => {
    if (sources.get(key) !== source) return;
    sources.delete(key);
    onEnd();
  };
  /** The pages of this stream are somebody else by now, or it was ended: they come back anew. */
  const release = (key: string, source: Source): void => {
    drop(key, source);
    for (const reader of [...source.readers]) {
      source.remove(reader);
      reader.onOver(AGAIN);
    }
    source.close();
  };
  const open = (key: string, asked: StreamToShare, who: string): Source => {
    let isFirst = true;
    const connect: Connect = async (...args) => {
      // Where it can't be said who the pages are, that is asked again after a while.
      const now = isFirst ? who : await identify(asked.origin).catch(() => undefined);
      isFirst = false;
      if (now === who) return asked.connect(...args);
      if (now === undefined) {
        await pause(RETRY_MIN);
        return true;
      }
      release(key, source);
      return false;
    };
    const source: Source = createSource(asked.target, connect, () => drop(key, source));
    sources.set(key, source);
    return source;
  };
  /** The ends of those that nobody reads. */
  const endings = new WeakMap<Source, unknown>();
  const leave = (key: string, source: Source, reader: Reader): void => {
    source.remove(reader);
    clock.clearTimeout(endings.get(source));
    const ending = clock.setTimeout(() => {
      if (source.readers.size) return;
      drop(key, source);
      source.close();
    }, linger);
    endings.set(source, ending);
  };

  const follow = async (asked: StreamToShare): Promise<void> => {
    const { target, port, life, origin } = asked;
    let retry = target.retry ?? RETRY;
    let isClosed = false;
    let isGone = false;
    let isFrozen = false;
    let onOver = (_error?: unknown): void => {};
    let onThaw = (): void => {};
    const reader: Reader = {
      lastEventId: target.lastEventId ?? '',
      number: undefined,
      post(message) {
        ({ lastEventId: reader.lastEventId = '', retry = RETRY } = message.state ?? {});
        port.postMessage(message);
      },
      onOver: (error) => onOver(error),
    };
    const close = (): void => {
      isClosed = true;
      onOver();
      onThaw();
    };
    const words: [word: string, listener: () => void][] = [
      [
        'bye',
        () => {
          isGone = true;
          close();
        },
      ],
      [
        'freeze',
        () => {
          isFrozen = true;
          onOver(AGAIN);
        },
      ],
      [
        'thaw',
        () => {
          isFrozen = false;
          onThaw();
        },
      ],
    ];
    for (const [word, listener] of words) life.addEventListener(word, listener);
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (readStreamCommand(data)?.type === 'close') close();
    };
    /** Who the page is, once host.js can say it; undefined where the stream is closed before. */
    const whoIsIt = async (): Promise<string | undefined> => {
      for (;;) {
        try {
          return await identify(origin);
        } catch (error) {
          // What host.js has for the page ends the stream; what failed may do next time.
          if (!isAuthFailure(error)) throw error;
        }
        if (isClosed) return undefined;
        if (!isFrozen) port.postMessage(brokenOff({ lastEventId: reader.lastEventId, retry }));
        await pause(Math.max(retry, RETRY_MIN));
        if (isClosed) return undefined;
      }
    };
    const read = async (): Promise<void> => {
      let before: Source | undefined;
      for (;;) {
        const who = await whoIsIt();
        if (isClosed || who === undefined) return;
        const key = identityOf([target.url, origin, who]);
        const there = sources.get(key);
        // The numbers are of one source.
        if (there !== before) reader.number = undefined;
        const own = { ...asked, target: { ...target, lastEventId: reader.lastEventId, retry } };
        // One that can't go on from what the others have gets a stream of its own.
        const place = there && !there.canResume(reader) ? `${key} ${Math.random()}` : key;
        const over = new Promise<unknown>((resolve) => {
          onOver = resolve;
        });
        const source = isFrozen ? undefined : (sources.get(place) ?? open(place, own, who));
        if (source) {
          before = source;
          source.add(reader);
        } else onOver(AGAIN);
        const error = await over;
        if (source) leave(place, source, reader);
        if (isClosed || error === undefined) return;
        if (error !== AGAIN) throw error;
        if (isFrozen)
          await new Promise<void>((resolve) => {
            onThaw = resolve;
          });
        if (isClosed) return;
        port.postMessage(brokenOff({ lastEventId: reader.lastEventId, retry }));
      }
    };
    try {
      await read();
    } finally {
      for (const [word, listener] of words) life.removeEventListener(word, listener);
    }
    // It may be there, and was silent for too long: its own worker takes the stream up again.
    if (isGone) throw new HadokenError('FRAME_LOST', 'The hub took this page for gone.');
  };
  return {
    get size() {
      return sources.size;
    },
    follow,
    end() {
      for (const [key, source] of [...sources]) release(key, source);
    },
  };
}

/** Instead of an error: the reader comes back, and goes on from where it is. */
const AGAIN = Symbol('again');
