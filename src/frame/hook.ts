/** The site's own functions in host.js, and what becomes of their errors. */
import { attempt, HadokenError, isHadokenError, toText, toWireError } from '../rpc/errors.ts';
import { isPlatformObject } from '../rpc/is-platform-object.ts';
import type { Effects } from './effects.ts';

export type HookName = 'onRequest' | 'onResponse' | 'vault.attach' | 'vault.refresh';

/**
 * Runs `hook` of host.js. What it throws may hold what the page must not see, such as the URL of a
 * token's request: it goes to the frame's console, and the page gets HOST_FAILED, which names the
 * hook and `what` it was run for. A HadokenError is meant for the page, and reaches it as it is; so
 * does what `isOther` says is no failure of the hook's.
 */
export async function runHook<T>(
  hook: HookName,
  what: string,
  log: Effects['log'],
  run: () => T | Promise<T>,
  isOther: (error: unknown) => boolean = () => false,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw isOther(error) ? error : toHookFailure(hook, what, log, error);
  }
}

/**
 * What the page gets for an `error` of `hook`, or of a body that it made: see {@link runHook}.
 */
export function toHookFailure(
  hook: HookName,
  what: string,
  log: Effects['log'],
  error: unknown,
): HadokenError {
  if (isHadokenError(error)) return error;
  const { name, message } = toWireError(error);
  // A getter of it may throw what it was to keep.
  const stack = toText(attempt(() => (error as Partial<Error>).stack) ?? '');
  log(`${what}: ${hook} in host.js failed: ${name}: ${message}\n${stack}`);
  return hookFailed(hook, what);
}

/** For a page, where the frame's console has been told. */
export function hookFailed(hook: HookName, what: string): HadokenError {
  return new HadokenError(
    'HOST_FAILED',
    `${what}: ${hook} in host.js failed. The frame's console says why.`,
  );
}

/** `value`, which a hook has returned. Throws unless it can be answered with. */
export function checkShown(value: unknown): Response {
  const isResponse = isPlatformObject(value, 'Response');
  if (isResponse && !value.bodyUsed) return value;
  const what = isResponse ? 'a Response whose body is read' : 'what is no Response';
  throw new TypeError(`it returned ${what}`);
}
