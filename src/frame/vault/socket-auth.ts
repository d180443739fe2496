/** The vault's token in Socket.IO's `auth`. */
import type { AuthContext } from '../options/hooks.ts';
import type { IoRules } from '../options/socket-io.ts';
import type { ServeOptions } from '../options.ts';
import { readServer } from '../rules/io-path.ts';
import type { Vault } from './contract.ts';

/** `auth` as it is asked inside. `last`: what it gave before, whose token may have been refused. */
export type AskedAuth = (context: AuthContext, last?: object) => object | Promise<object>;

/** What `auth` gave: null and undefined are nothing. Throws a TypeError for what is no object. */
export function readAuth(given: unknown): object {
  const answer = given ?? {};
  if (typeof answer !== 'object' || Array.isArray(answer))
    throw new TypeError('it gives what is no object. Return { token }, for example.');
  return answer;
}

/**
 * `options` whose `auth` gives the vault's token too, beneath what it gives itself. `frame`: the
 * frame's origin, which the token is for.
 */
export function withVault(
  options: ServeOptions,
  vault: Vault | undefined,
  frame: string,
): ServeOptions {
  const { url } = Object(options.io) as IoRules;
  // Another server's is not the API's: host.js may say there what it wants by `auth`.
  if (!vault || (readServer(url ?? frame) ?? frame) !== frame) return options;
  const { auth: hostAuth } = options;
  const auth: AskedAuth = async (context, last) => {
    const { origin, refused } = context;
    const { token: before } = Object(last) as { token?: unknown };
    if (refused && typeof before === 'string') vault.markRefused(origin, before);
    const [token, given] = await Promise.all([vault.tokenFor(origin), hostAuth?.(context)]);
    return { ...(token !== undefined && { token }), ...readAuth(given) };
  };
  return { ...options, auth };
}
