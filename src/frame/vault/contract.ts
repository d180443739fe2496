/** What the host, the hub and host.js have of the vault. */
import type { SignedIn } from '../options/vault.ts';

export type Vault = {
  /**
   * The token for pages of `origin`; undefined where nobody is signed in. Rejects with HOST_FAILED
   * if `refresh` failed, or with the HadokenError that it threw. `since`: when the request began,
   * by `Date.now()`; a refresh that gave no token after that is not repeated for it.
   */
  tokenFor(origin: string, since?: number): Promise<string | undefined>;
  /**
   * A token in the place of `refused`, which the server has not taken; undefined where somebody has
   * signed in or out since: what was asked for by one user is not for the next to send. Else as
   * {@link tokenFor}.
   */
  renew(origin: string, refused: string, since: number): Promise<string | undefined>;
  /** The server does not take `token`: another is asked for the next time. */
  markRefused(origin: string, token: string): void;
  attach(request: Request, token: string): void | Promise<void>;
  /**
   * Resolves once the sign-out is written. This scope has no token at once; the others when they
   * get the message.
   */
  clear(): Promise<void>;
  /** Whoever was signed in before is not any more. */
  signIn(who?: SignedIn): Promise<void>;
  /** The page was in the back/forward cache, and has heard nothing meanwhile. */
  thaw(): void;
};
