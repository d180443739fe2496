/** The vault until its code is there: frame.vault.js, loaded where host.js has a vault. */
import { HadokenError, toText } from '../../rpc/errors.ts';
import type { Effects } from '../effects.ts';
import type { ServeOptions } from '../options.ts';
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
    markRefused: (origin, token) => vault?.markRefused(origin, token),
    attach: (request, token) => vault?.attach(request, token),
    clear: async () => (await load()).clear(),
    signIn: async (who) => (await load()).signIn(who),
    thaw: () => vault?.thaw(),
  };
}
