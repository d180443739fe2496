/**
 * Notices a server that does not speak as this frame does. A parser that can't read a CONNECT hangs
 * up at it, and socket.io-client reports no more of that than `transport close`, again and again.
 */
import { HadokenError } from '../../../rpc/errors.ts';

/**
 * A server that goes down hangs up too, but not so many times in a row: only after that the page
 * hears of it.
 */
const TIMES = 2;

export type MismatchWatch = {
  /** A CONNECT has gone out. */
  asked(): void;
  /** The server has sent what could be read. */
  heard(): void;
  /**
   * The connection is closed. The error for the page, or undefined; `isLast`: no other connection
   * follows.
   */
  closed(reason: string, isLast: boolean): HadokenError | undefined;
};

export function createMismatchWatch(): MismatchWatch {
  let isUnanswered = false;
  let times = 0;
  return {
    asked() {
      isUnanswered = true;
    },
    heard() {
      isUnanswered = false;
      times = 0;
    },
    closed(reason, isLast) {
      const isUnread = reason === 'parse error';
      if (!isUnanswered || !(isUnread || reason === 'transport close')) return undefined;
      isUnanswered = false;
      times++;
      if (!isUnread && !isLast && times < TIMES) return undefined;
      const what = isUnread ? "'s answer can't be read" : ' hangs up at the first packet';
      return new HadokenError(
        'UNSUPPORTED',
        `The Socket.IO server${what}: it has another parser than io.parser of host.js, or is no ` +
          'Socket.IO server of version 3 or later.',
      );
    },
  };
}
