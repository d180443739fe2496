/** What the host, the hub and host.js have of the vault. */
import type { SignedIn } from '../options.ts';

export type Vault = {
  /**
   * The token for pages of `origin`; undefined where nobody is signed in. Rejects with HOST_FAILED
   * where there should be one. `since`: when what it is for began, by `Date.now()`; a refresh that
   * has failed since then is not asked again.
   */
  tokenFor(origin: string, since?: number): Promise<string | undefined>;
  /** The server does not take `token`: another is asked for the next time. */
  refuse(origin: string, token: string): void;
  attach(request: Request, token: string): void | Promise<void>;
  /** Resolves once nobody is signed in, in all places. */
  clear(): Promise<void>;
  /** Whoever was signed in before is not any more. */
  signIn(who?: SignedIn): Promise<void>;
  /** The page was in the back/forward cache, and has heard nothing meanwhile. */
  thaw(): void;
};
