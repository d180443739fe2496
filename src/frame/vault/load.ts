/** The vault until its code is there: frame.vault.js, loaded where host.js has a vault. */
import { HadokenError, toText } from '../../rpc/errors.ts';
import { isAllowedOrigin, parseOrigins } from '../../rpc/origins.ts';
import type { Effects } from '../effects.ts';
import { unavailable } from '../hook.ts';
import type { SignedIn } from '../options/vault.ts';
import type { ServeOptions } from '../options.ts';
import type { Vault } from './contract.ts';

/** The vault of `options`, if there is one. Nothing is loaded before it is used. */
export function createVaultLoader(
  { vault: options, origins }: ServeOptions,
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
        throw unavailable(`${what} (of a pack: all its files). (${toText(cause)})`, { cause });
      },
    );
    return loading;
  };
  return {
    tokenFor: async (origin, since) => (await load()).tokenFor(origin, since),
    renew: async (origin, refused, since) => (await load()).renew(origin, refused, since),
    markRefused: (origin, token) => vault?.markRefused(origin, token),
    attach: (request, token) => vault?.attach(request, token),
    clear: async () => (await load()).clear(),
    async signIn(who) {
      const { origin } = Object(who) as SignedIn;
      if (typeof origin === 'string' && !isAllowedOrigin(origin, parseOrigins(origins)))
        throw new HadokenError(
          'INVALID_ARGUMENT',
          `vault.signIn(): '${origin}' is not among origins of serve().`,
        );
      await (await load()).signIn(who);
    },
    thaw: () => vault?.thaw(),
  };
}
