/** The site's own functions in host.js, and what becomes of their errors. */
import { attempt, HadokenError, isHadokenError, toText, toWireError } from '../rpc/errors.ts';
import type { Effects } from './effects.ts';

export type HookName =
  | 'auth'
  | 'config'
  | 'onRequest'
  | 'onResponse'
  | 'vault.attach'
  | 'vault.refresh';

/** A function of host.js that is run. */
export type HookRun = {
  hook: HookName;
  /** What it is run for, as the page and the console are told of it. */
  what: string;
  log: Effects['log'];
};

export type RunHookOptions = HookRun & {
  /** Whether an error is no failure of the hook's. @default none is */
  isOther?(error: unknown): boolean;
};

/**
 * Runs a hook of host.js. What it throws may hold what the page must not see, such as the URL of a
 * token's request: it goes to the frame's console, and the page gets HOST_FAILED, which names the
 * hook and what it was run for. A HadokenError is meant for the page, and reaches it as it is; so
 * does what `isOther` says is no failure of the hook's.
 */
export async function runHook<T>(
  { isOther = () => false, ...run }: RunHookOptions,
  work: () => T | Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isOther(error) ? error : toHookFailure(run, error);
  }
}

/**
 * What the page gets for an `error` of a hook, or of a body that it made: see {@link runHook}.
 */
export function toHookFailure(run: HookRun, error: unknown): HadokenError {
  return isHadokenError(error) ? error : logHookFailure(run, error);
}

/** Logs an `error` of a hook, and returns what a page gets that is to know nothing of it. */
export function logHookFailure({ hook, what, log }: HookRun, error: unknown): HadokenError {
  const { name, message } = toWireError(error);
  // A getter of it may throw what it was to keep.
  const stack = toText(attempt(() => (error as Partial<Error>).stack) ?? '');
  log(`${what}: ${hook} in host.js failed: ${name}: ${message}\n${stack}`);
  return hookFailed({ hook, what });
}

/** For a page, where the console has been told: a worker's is the page's own, a hub's is not. */
export function hookFailed({ hook, what }: Pick<HookRun, 'hook' | 'what'>): HadokenError {
  return unavailable(
    `${what}: ${hook} in host.js failed. Why is on the console of the frame, or of its ` +
      'SharedWorker (chrome://inspect/#workers) where connections are shared.',
  );
}

/** On errors of what may be there the next time: the same in every chunk. */
const UNAVAILABLE = Symbol.for('hadoken.unavailable');

/** HOST_FAILED for what may be there the next time: sockets and event streams try again. */
export function unavailable(message: string, options?: ErrorOptions): HadokenError {
  const error = new HadokenError('HOST_FAILED', message, options);
  return Object.defineProperty(error, UNAVAILABLE, { value: true });
}

/** Whether an error is one of {@link unavailable}, and none that host.js has made for the page. */
export const isUnavailable = (error: unknown): boolean =>
  isHadokenError(error) && UNAVAILABLE in error;
