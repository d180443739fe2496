/** What a site's host.js gives to `serve()`. The public contract: names and shapes here are fixed. */

/** What a hook is told about the page a request comes from. */
export type Context = {
  /** The page's origin, as the browser reported it. */
  origin: string;
};

export type FetchRule = {
  /** A URLPattern pathname on the frame's own origin: `/v1/*`, `/users/:id`. */
  path: string;
  /** @default every method that `fetch` allows */
  methods?: string[];
  /**
   * Request headers that may cross, beside the CORS-safelisted ones. Names are compared as CGI does, with all but letters and
   * digits taken for `-`. @default every header that `fetch` allows, but those that servers take for their proxy's
   */
  headers?: string[];
  /**
   * The credentials mode requests are sent with, whatever the page asks. Of all rules whose paths are like the request's, in
   * any way to read it, the strictest counts, for `redirect` and `cache` too: 'omit', 'same-origin', none, 'include'.
   * @default the page's
   */
  credentials?: RequestCredentials;
  /**
   * Whether redirects are followed. No script can see where a redirect leads before it was followed: with 'follow', a
   * method other than GET and HEAD has been made there by the time its answer is withheld. @default 'follow'
   */
  redirect?: 'follow' | 'error';
  /**
   * 'private' sends the request with `no-store`. The browser's HTTP cache is one for all pages of the frame's site, so an
   * answer that depends on who asks needs this, or `Vary: Hadoken-Origin` from the server. @default 'shared'
   */
  cache?: 'shared' | 'private';
  /** Pages this is for, as in {@link ServeOptions.origins}. @default all of `origins` */
  origins?: string[];
};

/** For EventSource and WebSocket. Both members are those of a {@link FetchRule}. */
export type StreamRule = Pick<FetchRule, 'path' | 'origins'>;

/** `true`: everything in the namespace; or only these events, page to server (`emit`) and server to page (`on`). */
export type NamespaceRule = boolean | { emit?: string[]; on?: string[] };

export type IoRules = {
  /** The Socket.IO server. @default the frame's own origin */
  url?: string;
  /** @default '/socket.io/' */
  path?: string;
  /** In order of preference. @default ['websocket', 'polling'] */
  transports?: ('websocket' | 'polling' | 'webtransport')[];
  /** By name. @default every namespace */
  namespaces?: Record<string, NamespaceRule>;
};

export type Limits = {
  /** Requests under way at once. @default 1_000 */
  requests?: number;
  /** Sockets, EventSources and WebSockets open at once. @default 100 */
  sockets?: number;
  /** Size of one request body, in bytes. @default 1_073_741_824 */
  bodyBytes?: number;
};

// biome-ignore lint/suspicious/noExplicitAny: a service's arguments are its own
export type Services = Record<string, Record<string, (...args: any[]) => unknown>>;

type Awaitable<T> = T | Promise<T>;

export type ServeOptions = {
  /** Pages that may use this frame: `'https://a.b'` exactly, or `'https://*.b'` for one label. Never `'*'`, never `'null'`. */
  origins: string[];
  /**
   * Requests that are proxied; `true`: all to the frame's own origin, except to Socket.IO's path and with headers that
   * servers take for their proxy's. @default false
   */
  fetch?: boolean | FetchRule[];
  /** Socket.IO; `true`: every namespace of the frame's own origin. @default false */
  io?: boolean | IoRules;
  /** @default false */
  eventSource?: boolean | StreamRule[];
  /** @default false */
  webSocket?: boolean | StreamRule[];
  /** Methods of the site's own, for `hadoken.service(name)`. Own functions of own objects only. */
  services?: Services;
  /** Becomes `hadoken.config`; a function is asked for each page. Must survive structured clone. */
  config?: unknown | ((context: Context) => unknown);
  /** Sees every proxied request before it is sent, and may replace it: add a token here, the page never sees it. */
  onRequest?(request: Request, context: Context): Awaitable<Request | undefined | void>;
  /** Sees every answer before the page does, and may replace it. */
  onResponse?(response: Response, context: Context): Awaitable<Response | undefined | void>;
  /** Socket.IO `auth`, merged over the page's on the frame's side. */
  auth?(context: Context): object | Promise<object>;
  /** Per page. */
  limits?: Limits;
};
