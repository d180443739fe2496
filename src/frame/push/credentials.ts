/**
 * `auth` of host.js: what the frame adds to a page's CONNECT, and what the page is told where it
 * fails.
 */
import { HadokenError, isHadokenError, type WireError } from '../../rpc/errors.ts';
import { answerInTime } from '../../rpc/time/in-time.ts';
import { LONGEST } from '../../rpc/time/longest.ts';
import { isUnavailable, logHookFailure } from '../hook.ts';
import type { AuthContext, Context } from '../options/hooks.ts';
import { type AskedAuth, readAuth } from '../vault/socket-auth.ts';

/** Errors that say that `auth` has failed, which is no answer. */
const failures = new WeakSet<object>();

function asFailure(error: HadokenError): HadokenError {
  failures.add(error);
  return error;
}

/**
 * Whether `auth` has failed, so that it may answer the next time: not for an error that host.js has
 * made for the page.
 */
export const isAuthFailure = (error: unknown): boolean => failures.has(Object(error));

/** However soon the page would have it: what is asked is the site's own server, by each page. */
export const RETRY_MIN = 1_000;

function tooLate(ms: number): HadokenError {
  const limit = `${ms} ms, the page's timeout for a connection`;
  return asFailure(
    new HadokenError(
      'HOST_FAILED',
      `auth in host.js, or refresh of its vault, has not answered within ${limit}.`,
    ),
  );
}

/**
 * What `auth` gives for `context`, within `ms`. `last`: what it gave before. Rejects with
 * HadokenErrors alone: a HadokenError that host.js throws is meant for the page. Anything else may
 * hold a token or the answer that it was to come from, and may not even clone; it goes to the
 * frame's console, and the page is told HOST_FAILED.
 */
export async function askAuth(
  auth: AskedAuth,
  context: AuthContext,
  ms: number | boolean | undefined,
  log: (message: string) => void,
  last?: object,
): Promise<object> {
  try {
    const asked = auth(context, last);
    const isBounded = typeof ms === 'number';
    const answer = await (isBounded ? answerInTime(asked, ms, () => tooLate(ms)) : asked);
    const given = { ...readAuth(answer) };
    // A member that is not sent, such as undefined, is not the page's to say either.
    const named = Object.fromEntries(Object.keys(given).map((name) => [name, undefined]));
    // As it will be sent. A getter or a toJSON that throws does so here, where it is caught.
    return { ...named, ...JSON.parse(JSON.stringify(given)) };
  } catch (error) {
    if (isUnavailable(error)) throw asFailure(error as HadokenError);
    if (isHadokenError(error)) throw error;
    const run = { hook: 'auth', what: `a page of ${context.origin}`, log } as const;
    throw asFailure(logHookFailure(run, error));
  }
}

/** Of how many namespaces it is known that the server has refused them. */
const MAX_KNOWN = 1_000;

/**
 * What `auth` is asked for a page, by namespace, and what it is told of the server's refusals. A
 * manager that is closed and opened again asks for the same.
 */
export type Asking = {
  /** As {@link askAuth}. */
  ask(nsp: string, ms: number | boolean | undefined): Promise<object>;
  /** The server has let the page in. */
  admitted(nsp: string): void;
  /** The server's answer to what `auth` has `given`. */
  refused(nsp: string, error: WireError, given: object | undefined): void;
};

export function createAsking(
  auth: AskedAuth,
  { origin }: Context,
  log: (message: string) => void,
): Asking {
  type Known = { attempts: number; refused?: AuthContext['refused']; given?: object | undefined };
  const known = new Map<string, Known>();
  return {
    async ask(nsp, ms) {
      const state = known.get(nsp) ?? { attempts: 0 };
      if (known.size >= MAX_KNOWN) known.clear();
      known.set(nsp, state);
      state.attempts += 1;
      const { attempts: attempt, refused, given } = state;
      const context: AuthContext = { origin, attempt, ...(refused && { refused }) };
      return askAuth(auth, context, ms, log, given);
    },
    admitted: (nsp) => void known.delete(nsp),
    refused(nsp, { message, data }, given) {
      const refused = { message, ...(data !== undefined && { data }) };
      const state = known.get(nsp) ?? { attempts: 0 };
      known.set(nsp, Object.assign(state, { refused, given }));
    },
  };
}

/** Whether `auth` has given the same twice, so that the server would refuse it again. */
export const isSameAuth = (one: object, other: object): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** The settings of a Manager that say when it tries again. */
export type ReconnectionOptions = {
  reconnection: boolean;
  reconnectionAttempts: number;
  reconnectionDelay: number;
  reconnectionDelayMax: number;
};

/**
 * In how many ms `auth` is asked again after it has failed with `error`, for the `count`th time in
 * a row; undefined where it is not. What it asks may be back in a moment: a page that was told that
 * this is the end would stay without a connection.
 */
export function delayOfRetry(
  error: unknown,
  count: number,
  {
    reconnection,
    reconnectionAttempts,
    reconnectionDelay,
    reconnectionDelayMax,
  }: ReconnectionOptions,
): number | undefined {
  if (!isAuthFailure(error) || !reconnection || count > reconnectionAttempts) return undefined;
  // Not all browsers at once.
  const delay = reconnectionDelay * 2 ** Math.min(count - 1, 30) * (0.5 + Math.random());
  return Math.min(Math.max(Math.min(delay, reconnectionDelayMax), RETRY_MIN), LONGEST);
}
