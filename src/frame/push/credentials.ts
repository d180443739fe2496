/**
 * `auth` of host.js: what the frame adds to a page's CONNECT, and what the page is told where it
 * fails.
 */
import { HadokenError, isHadokenError, toText } from '../../rpc/errors.ts';
import type { Context, ServeOptions } from '../options.ts';

/** Resolves as `given` does; rejects with HOST_FAILED when it takes over `ms`. */
async function inTime<T>(given: T | Promise<T>, ms: number | boolean | undefined): Promise<T> {
  if (typeof ms !== 'number') return given;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const limit = `${ms} ms, the page's timeout for a connection`;
    const message = `auth in host.js has not answered within ${limit}.`;
    timer = setTimeout(() => reject(new HadokenError('HOST_FAILED', message)), ms);
  });
  return Promise.race([given, tooLate]).finally(() => clearTimeout(timer));
}

/**
 * What `auth` gives for `context`, within `ms`. Rejects with HadokenErrors alone: a HadokenError
 * that host.js throws is meant for the page. Anything else may hold a token or the answer that it
 * was to come from, and may not even clone; it goes to the frame's console, and the page is told
 * HOST_FAILED.
 */
export async function askAuth(
  auth: NonNullable<ServeOptions['auth']>,
  context: Context,
  ms: number | boolean | undefined,
  log: (message: string) => void,
): Promise<object> {
  try {
    const given = { ...(await inTime(auth(context), ms)) };
    // A member that is not sent, such as undefined, is not the page's to say either.
    const named = Object.fromEntries(Object.keys(given).map((name) => [name, undefined]));
    // As it will be sent. A getter or a toJSON that throws does so here, where it is caught.
    return { ...named, ...JSON.parse(JSON.stringify(given)) };
  } catch (error) {
    if (isHadokenError(error)) throw error;
    log(`auth in host.js failed for ${context.origin}: ${toText(error)}`);
    throw new HadokenError(
      'HOST_FAILED',
      "auth in the frame's host.js failed. Why is on the console of the frame.",
    );
  }
}
