/**
 * What a handle tells of what it does: events for who listens, lines for the log, and entries for
 * DevTools.
 */
import { attempt } from '../../rpc/errors.ts';
import { now } from '../../rpc/time/clock.ts';
import type { Connection } from '../connection/connection.ts';
import { callAll, type Listener } from '../emitter.ts';
import type { ReportEvents, RequestReport, SocketReport } from './report.ts';

export interface Reports {
  /** Whether the frame is to be asked for its part of the times. */
  isWanted(): boolean;
  /** Measures for DevTools are made. */
  readonly isDebug: boolean;
  /** Emits it; its line is the caller's. */
  request(report: RequestReport): void;
  /** Emits it, and writes it at the level debug. */
  socket(report: SocketReport): void;
  /** `url` as logs and DevTools name it: the path, of the frame's own; without its query. */
  nameUrl(url: string): string;
  /** Writes, at the level debug, what came of `what` since `start`. */
  log(what: string, came: unknown, start: number): void;
}

/**
 * The name by which a log knows an error: its code, if it has one that is a word. Never throws: a
 * page aborts with whatever it likes.
 */
export function nameOf(error: unknown): string {
  const named = attempt(() => {
    const { code, name } = Object(error) as { code?: unknown; name?: unknown };
    return [code, name].find((text) => typeof text === 'string') as string | undefined;
  });
  return named ?? typeof error;
}

/** `listeners`: of the handle, by event. */
export function createReports(
  { log, isDebug, url: { origin } }: Connection,
  listeners: (event: string) => Listener[] = () => [],
): Reports {
  const emit = (event: keyof ReportEvents, report: unknown): void =>
    callAll([...listeners(event)], [report]);
  const line = (what: string, came: unknown): void => log('debug', `${what}: ${came}`);
  const nameUrl = (url: string): string => {
    const bare = url.replace(/[?#].*/s, '');
    return bare.startsWith(`${origin}/`) ? bare.slice(origin.length) : bare;
  };
  return {
    isDebug,
    nameUrl,
    isWanted: () => isDebug || !!listeners('request')[0],
    request: (report) => emit('request', report),
    socket(report) {
      const { kind, name, state, reason, error } = report;
      const why = error ? nameOf(error) : reason;
      line(`${kind} ${nameUrl(name)}`, why === undefined ? state : `${state}, ${why}`);
      emit('socket', report);
    },
    log: (what, came, start) => line(what, `${came} in ${Math.round(now() - start)} ms`),
  };
}
