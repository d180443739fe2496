/**
 * One handle's share of a connection: what was begun with it ends with it, and the other handles go
 * on.
 */
import type { Connection, ConnectionState } from './connection/connection.ts';
import { type Session, tooLate } from './connection/session.ts';
import { whenActive } from './connection/when-ready.ts';
import { callAll, callSoon } from './emitter.ts';
import type { PushLink } from './push/link.ts';
import { createReports, type Reports } from './reports/reports.ts';

/** What ends one use of a session. */
export interface Ending {
  readonly signal: AbortSignal;
  /** Calls `listener` when it aborts, unless what is returned was called before. */
  onAbort(listener: () => void): () => void;
}

/** What the facades of a handle work with. */
export interface Lease {
  /** `closed` is the handle's own, the rest is the connection's. */
  readonly state: ConnectionState;
  /** Aborts when the handle closes. */
  readonly closed: AbortSignal;
  /** For the handle's managers. */
  readonly link: PushLink;
  /** What the handle's listeners hear of, and its log. */
  readonly reports: Reports;
  /**
   * Calls `use`, an async function, with the session and with what ends its use: at once, or as
   * soon as there is a session, in the order of asking. Rejects when none is tried any more, or
   * there is none within `timeout` ms (`isBounded: false`: it waits for as long as trying again can
   * help), and as soon as the handle closes or one of `signals` aborts.
   */
  withSession<T>(
    use: (session: Session, ending: Ending) => Promise<T>,
    signals?: AbortSignal[],
    isBounded?: boolean,
  ): Promise<T>;
}

/**
 * With one listener for all that hear of it: Node warns of more than ten. Not with `onabort`, which
 * throws in Node 20 when it is set again after somebody else's listener has gone.
 */
function endingOf(signal: AbortSignal): Ending {
  const listeners = new Set<() => void>();
  const callListeners = (): void => callAll([...listeners]);
  return {
    signal,
    onAbort(listener) {
      if (!listeners.size) signal.addEventListener('abort', callListeners);
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (!listeners.size) signal.removeEventListener('abort', callListeners);
      };
    },
  };
}

/** A share until `closed` aborts, with a HadokenError as its reason. */
export function createLease(
  connection: Connection,
  linkOfAll: PushLink,
  closed: AbortSignal,
  reports = createReports(connection),
): Lease {
  const { url, timeout, waiters } = connection;
  /** What ends most calls: a signal for each would add a tenth to what a small one costs. */
  const ownEnding = endingOf(closed);
  return {
    reports,
    get state() {
      return closed.aborted ? 'closed' : connection.state;
    },
    closed,
    link(manager) {
      const onClose = (): void => manager.onFrame(closed.reason);
      if (closed.aborted) {
        callSoon(onClose);
        return () => {};
      }
      closed.addEventListener('abort', onClose);
      const send = linkOfAll(manager);
      return (command) => {
        send(command);
        if (command.type === 'close') closed.removeEventListener('abort', onClose);
      };
    },
    async withSession(use, signals = [], isBounded = true) {
      const ending = signals[0] ? endingOf(AbortSignal.any([closed, ...signals])) : ownEnding;
      const { signal } = ending;
      signal.throwIfAborted();
      let leave = (): void => {};
      let stopListening = (): void => {};
      try {
        return await new Promise((resolve, reject) => {
          const onSettled = (): void => {
            leave();
            const { session, error } = connection;
            if (session) use(session, ending).then(resolve, reject);
            else reject(error);
          };
          const onLate = (): void => reject(connection.error ?? tooLate(url, timeout));
          stopListening = ending.onAbort(() => {
            const { reason } = signal;
            const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError';
            // While there was no frame, that is what took so long.
            if (isTimeout && connection.error)
              Reflect.defineProperty(reason, 'cause', { value: connection.error });
            reject(reason);
          });
          if (connection.session || connection.state === 'failed') return onSettled();
          let timer: ReturnType<typeof setTimeout> | undefined;
          const startTimer = (): void => {
            timer = setTimeout(onLate, timeout);
          };
          if (isBounded) whenActive(startTimer, signal);
          waiters.add(onSettled);
          leave = () => {
            clearTimeout(timer);
            waiters.delete(onSettled);
          };
        });
      } finally {
        stopListening();
        leave();
      }
    },
  };
}
