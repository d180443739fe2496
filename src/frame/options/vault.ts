/** What `serve({ vault })` is given. The public contract: names and shapes here are fixed. */
import type { Context } from './hooks.ts';

/** A token, as a site's authorization server gives it. */
export type Token = {
  token: string;
  /**
   * For how long it is good, in seconds from when it was asked for. 0 or less: it is used once, and
   * the next request asks for another.
   * @default until it is refused
   */
  expiresIn?: number;
};

/** Who has signed in, for `vault.signIn()`. */
export type SignedIn = Partial<Token> & {
  /** The page's origin that the token is for: a service has it as `this.origin`. */
  origin?: string;
};

/** Tokens that pages use and never see: see docs/vault.md. */
export type VaultOptions = {
  /**
   * Gets a token for the pages of `origin`, or nothing where nobody is signed in: then requests go
   * without one. `token`: the one before, which has expired or was refused. It is asked before the
   * first request, before a token expires, and when the server answers 401: once for all tabs, and
   * all requests wait for it. It has 10 s. If it throws, the page gets HOST_FAILED and the frame's
   * console the error. A HadokenError reaches the page as it is.
   */
  refresh(
    context: Context & { token?: string },
  ): Token | undefined | null | void | Promise<Token | undefined | null | void>;
  /**
   * Puts the token into a request.
   * @default sets `authorization: Bearer <token>`
   */
  attach?(request: Request, token: string): void | Promise<void>;
  /**
   * Whether tokens are kept in the IndexedDB of the frame's origin, so that they outlive the
   * browser's tabs.
   * @default false: in memory
   */
  persist?: boolean;
};
