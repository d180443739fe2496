/** The vault until its code is there: frame.vault.js, loaded where host.js has a vault. */
import { HadokenError, toText } from '../../rpc/errors.ts';
import type { Effects } from '../effects.ts';
import type { AuthContext, IoRules, ServeOptions } from '../options.ts';
import { readServer } from '../rules/io-path.ts';
import type { Vault } from './contract.ts';

/** The vault of `options`, if there is one. Nothing is loaded before it is used. */
export function createVaultLoader(
  { vault: options }: ServeOptions,
  { loadVault, log }: Effects,
): Vault | undefined {
  if (!options || !loadVault) return undefined;
  let vault: Vault | undefined;
  let loading: Promise<Vault> | undefined;
  const load = (): Promise<Vault> => {
    loading ??= loadVault().then(
      ({ createVault }) => {
        vault = createVault(options, log);
        return vault;
      },
      (cause) => {
        loading = undefined;
        const what = 'frame.vault.js could not be loaded. Put it beside frame.js';
        throw new HadokenError(
          'HOST_FAILED',
          `${what} (of a pack: all its files). (${toText(cause)})`,
          {
            cause,
          },
        );
      },
    );
    return loading;
  };
  return {
    tokenFor: async (origin, since) => (await load()).tokenFor(origin, since),
    refuse: (origin, token) => vault?.refuse(origin, token),
    attach: (request, token) => vault?.attach(request, token),
    clear: async () => (await load()).clear(),
    signIn: async (who) => (await load()).signIn(who),
    thaw: () => vault?.thaw(),
  };
}

/** `auth` as it is asked inside. `last`: what it gave before, whose token may have been refused. */
export type AskedAuth = (context: AuthContext, last?: object) => object | Promise<object>;

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
  const { auth: own } = options;
  const auth: AskedAuth = async (context, last) => {
    const { origin, refused } = context;
    const { token: before } = Object(last) as { token?: unknown };
    if (refused && typeof before === 'string') vault.refuse(origin, before);
    const [token, given] = await Promise.all([
      vault.tokenFor(origin).catch((error: HadokenError) => {
        // Not the page's answer, as one that `auth` throws: it may do better the next time.
        throw error.code === 'HOST_FAILED' ? new Error(error.message) : error;
      }),
      own?.(context),
    ]);
    return { ...(token !== undefined && { token }), ...given };
  };
  return { ...options, auth };
}
