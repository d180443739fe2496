/** The site's own functions in host.js, and what becomes of their errors. */
import { HadokenError, toWireError } from '../rpc/errors.ts';
import type { Effects } from './host.ts';

/**
 * Runs `hook` of host.js. What it throws may hold what the page must not see, such as the URL of a
 * token's request: it goes to the frame's console, and the page gets HOST_FAILED, which names the
 * hook and `what` it was run for. A HadokenError is meant for the page, and reaches it as it is.
 */
export async function runHook<T>(
  hook: 'onRequest' | 'onResponse',
  what: string,
  log: Effects['log'],
  run: () => T | Promise<T>,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof HadokenError) throw error;
    const { name, message } = toWireError(error);
    const { stack = '' } = Object(error) as Partial<Error>;
    log(`${what}: ${hook} in host.js failed: ${name}: ${message}\n${stack}`);
    throw new HadokenError(
      'HOST_FAILED',
      `${what}: ${hook} in host.js failed. The frame's console says why.`,
    );
  }
}
