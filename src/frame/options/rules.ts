/**
 * The rules of requests and streams. The public contract: names and shapes here are fixed.
 */

/**
 * What `serve({ fetch })` lets through. One rule has to allow all of a request: its path, method,
 * headers and page. What no rule allows is not sent, and the page's `fetch` rejects with
 * POLICY_REFUSED and says what to add here. `serve()` throws INVALID_ARGUMENT for a rule that can't
 * be read.
 *
 * @example
 * { path: '/v1/*', methods: ['GET', 'POST'], headers: ['authorization'] }
 */
export type FetchRule = {
  /**
   * The path on the frame's own origin, as a URLPattern pathname: `/v1/*`, `/users/:id`. It is held
   * against the URL as the browser sends it, and against every way in which a server may read that;
   * after redirects against the last one too.
   *
   * @see https://developer.mozilla.org/docs/Web/API/URL_Pattern_API
   */
  path: string;
  /**
   * The methods that may be used, in any case of letters.
   * @default every method that `fetch` allows
   */
  methods?: string[];
  /**
   * The request headers that may cross, beside `accept`, `accept-language`, `content-language`,
   * `content-type` and `range`. Names are compared as CGI does, in any case of letters and with all
   * but letters and digits taken for `-`. What servers take for their proxy's (`X-Forwarded-For`,
   * `X-Original-URL`, …) crosses only if it is named here; so do `X-HTTP-Method-Override` and the
   * like, where the rule names `methods`.
   * @default every header that `fetch` allows, but a proxy's
   */
  headers?: string[];
  /**
   * The credentials mode that requests are sent with, whatever the page asks: 'omit' sends no
   * cookies, 'same-origin' and 'include' send the frame's. Of all rules whose paths are like the
   * request's, in any way to read it, the strictest counts: 'omit', 'same-origin', none, 'include'.
   * It is the same with `redirect` ('error') and `cache` ('private').
   * @default the page's, which is 'same-origin' unless it says otherwise
   */
  credentials?: RequestCredentials;
  /**
   * Whether redirects are followed; with 'error' a request that is redirected fails. No script can
   * see where a redirect leads before it was followed: with 'follow', a method other than GET and
   * HEAD has been made there by the time its answer is withheld.
   * @default 'follow'
   */
  redirect?: 'follow' | 'error';
  /**
   * How the browser's HTTP cache may be used. It is one for all pages of the frame's site, so an
   * answer that depends on who asks needs 'private', which sends the request with `no-store`, or
   * `Vary: Hadoken-Origin` from the server.
   * @default 'shared'
   */
  cache?: 'shared' | 'private';
  /**
   * The pages that the rule is for, written as in {@link ServeOptions.origins}.
   * @default all of `origins`
   */
  origins?: string[];
};

/** What `serve({ webSocket })` lets through, and `serve({ eventSource })` with a word more. */
export type StreamRule = {
  /** The path on the frame's own origin, as in {@link FetchRule.path}. */
  path: string;
  /**
   * The pages that the rule is for, written as in {@link ServeOptions.origins}.
   * @default all of `origins`
   */
  origins?: string[];
};

/** What `serve({ eventSource })` lets through. */
export type EventSourceRule = StreamRule & {
  /**
   * Whether the pages of one origin share one stream for each URL, in all tabs of the browser:
   * see docs/shared.md. Of several rules the first that allows the page counts.
   * @default false
   */
  shared?: boolean;
};
