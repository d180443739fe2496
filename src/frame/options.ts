/**
 * What a site's host.js gives to `serve()`. The public contract: names and shapes here are fixed.
 */

import type { Method, Service, ServiceContext } from '../rpc/services.ts';

/** What a hook is told of the page that a request comes from. */
export type Context = {
  /** The page's origin, as the browser reported it: no page can make it up. */
  origin: string;
};

/** What `onRequest` is told of a request. */
export type RequestContext = Context & {
  /** What it is for. An event stream's is asked again for each connection. */
  kind: 'fetch' | 'eventSource';
  /** The values of {@link ServeOptions.cookies}, decoded; of one that is not set, undefined. */
  cookies: Record<string, string | undefined>;
};

/** What `onResponse` is told of an answer. */
export type ResponseContext = RequestContext & {
  /** The request as it was sent, without its body. */
  request: Request;
  /** Which attempt this is the answer of, from 1. */
  attempt: number;
  /**
   * Sends the request again, with its body, and resolves with what `onResponse` makes of the new
   * answer. Without `request` it is the page's, and `onRequest` is asked again; what is given is
   * sent in its place, with the page's body if it has none. A body that was a stream is not sent
   * again: then it resolves with the answer there is. The body of that answer is let go as soon as
   * the request is sent again. Rejects with what the page would get for that attempt, or with
   * HOST_FAILED after 10 attempts.
   */
  retry(request?: Request): Promise<Response>;
};

/** What `auth` is told of the page's attempt to connect to a namespace. */
export type AuthContext = Context & {
  /** Which attempt this is since the server has last let the page in, from 1. */
  attempt: number;
  /**
   * What the server has refused the last attempt with, its `connect_error`. Where `auth` then gives
   * something else than before, the socket tries once more before the page hears of it.
   */
  refused?: { message: string; data?: unknown };
};

/** A token, as a site's authorization server gives it. */
export type Token = {
  token: string;
  /**
   * For how long it is good, in seconds from when it was asked for.
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

/**
 * What may cross of a namespace. `true`: everything. `false`: nothing, it can't be connected to. An
 * object: only the events that it names.
 */
export type NamespaceRule =
  | boolean
  | {
      /**
       * The events that pages may emit. Any other is dropped, the Manager's `error` says so, and an
       * acknowledgement that takes an error fails with POLICY_REFUSED.
       * @default every event
       */
      emit?: string[];
      /** The events that pages hear of. Any other is dropped. @default every event */
      on?: string[];
      /**
       * The pages that the rule is for, written as in {@link ServeOptions.origins}.
       * @default all of `origins`
       */
      origins?: string[];
    };

/** How the pages of a browser share one Socket.IO connection: see docs/shared.md. */
export type SharedIo = {
  /**
   * Events of which the last one that came, of each namespace, is told to pages that come later:
   * the server's `connection` handler runs once for all of them. Never one with an
   * acknowledgement. `serve()` throws INVALID_ARGUMENT for an event that no page may hear.
   * @default none
   */
  retain?: string[];
  /** How long a connection stays without a page, in ms: page loads keep it. @default 5_000 */
  linger?: number;
};

/** What `serve({ io })` lets through, and to which server. */
export type IoRules = {
  /**
   * The origin of the Socket.IO server. On another origin than the frame's it needs CORS. `serve()`
   * throws INVALID_ARGUMENT for what is no URL.
   * @default the frame's own origin
   */
  url?: string;
  /** The path that the server listens on, its own option `path`. @default '/socket.io/' */
  path?: string;
  /**
   * The transports that are tried, one after another in this order. A cluster needs sticky sessions
   * for 'polling'.
   * @default ['websocket', 'polling']
   */
  transports?: ('websocket' | 'polling' | 'webtransport')[];
  /**
   * Headers of the connection's requests. `serve()` throws INVALID_ARGUMENT where `transports` has
   * 'websocket', which takes no header from a script.
   * @default none
   */
  extraHeaders?: Record<string, string>;
  /**
   * Options of engine.io-client's for one transport each, by its name. `serve()` throws
   * INVALID_ARGUMENT for what is no object by the name of a transport, and for extraHeaders of
   * 'websocket'.
   * @default none
   * @see https://socket.io/docs/v4/client-options/#transportoptions
   */
  transportOptions?: Partial<Record<'websocket' | 'polling' | 'webtransport', object>>;
  /**
   * The namespaces that may be connected to, by name, such as '/' and '/chat', or by a pattern such
   * as '/room-*', where `*` is any text. A name that is written out goes before patterns; of those
   * the first counts. Any other namespace fails as the socket's `connect_error`, with
   * POLICY_REFUSED. Of a list of rules the first whose `origins` has the page counts.
   * @default every namespace, and all of its events
   */
  namespaces?: Record<string, NamespaceRule | NamespaceRule[]>;
  /**
   * One connection for all pages of a browser, but for those that ask for one of their own by
   * `forceNew: true` or `multiplex: false`. It changes what the server sees: read docs/shared.md.
   * @default false
   */
  shared?: boolean | SharedIo;
};

/**
 * What one frame may keep the browser and the server busy with. What goes beyond fails with
 * LIMIT_EXCEEDED. A page that loads the frame twice has twice as much.
 */
export type Limits = {
  /** How many requests may be under way at once. @default 1_000 */
  requests?: number;
  /**
   * How many Socket.IO namespaces, EventSources, WebSockets and streams of services may be open at
   * once, together.
   * @default 100
   */
  sockets?: number;
  /**
   * How large the body of one request may be, in bytes. Of a form, the names, values and file names
   * count as well as the files.
   * @default 1_073_741_824, which is 1 GiB
   */
  bodyBytes?: number;
};

// biome-ignore lint/suspicious/noExplicitAny: a service's methods and state are its own
type Self = Record<string, any> & ServiceContext;

/** A service's methods by name. In them `this` has the methods, and the page's `origin`. */
export type ServiceMethods = Record<string, Method> & ThisType<Self>;

/**
 * Services by name, and the methods of each; `service(methods, { origins })` for one that is for
 * some pages only. Arguments and results are copied by structured clone; `transfer()` moves
 * buffers, ports and streams instead. What a method throws rejects the page's call, with its name,
 * message, `code` and `data`.
 *
 * A method that returns an async iterable or a ReadableStream gives the page a stream: its items
 * are read as the page reads them, a few ahead at most, and it is left (`return()`, `cancel()`)
 * when the page leaves it or is gone. Each open one counts for `limits.sockets`. An AbortSignal
 * that the page gives, as an argument or as a member of one, arrives as one; functions never cross.
 */
export type Services = Record<string, ServiceMethods | Service<ServiceMethods>>;

/** Whom `notify()` tells. */
export type NotifyOptions = {
  /**
   * The pages that are told, written as in {@link ServeOptions.origins}, of which they have to be.
   * @default all of `origins`
   */
  origins?: string[];
};

/**
 * What `serve()` is told: who may use the frame, and for what. Nothing is let through that is not
 * allowed here. `serve()` throws INVALID_ARGUMENT for options that can't be read, and when it is
 * called twice.
 *
 * host.js is public: whoever can load the frame can read it. Keep secrets on the server.
 */
export type ServeOptions = {
  /**
   * The pages that may use this frame: `'https://a.b'` is exactly that origin, `'https://*.b'` is
   * every origin with one label more. At least one; `'*'` and `'null'` are refused. A page of
   * another origin is told ORIGIN_REFUSED.
   */
  origins: string[];
  /**
   * The requests that are made for pages: those that a rule allows, or with `true` all that go to
   * the frame's own origin, except with headers that servers take for their proxy's. Never to
   * another origin, and to Socket.IO's path only by a rule whose `path` begins with it literally.
   * @default false: none
   */
  fetch?: boolean | FetchRule[];
  /**
   * The Socket.IO server that pages may connect to, and what may cross; with `true`, every
   * namespace of the one on the frame's own origin.
   * @default false: none
   */
  io?: boolean | IoRules;
  /**
   * The event streams that pages may open: those that a rule names, or with `true` all on the
   * frame's own origin, except from Socket.IO's path.
   * @default false: none
   */
  eventSource?: boolean | EventSourceRule[];
  /**
   * The WebSockets that pages may open: those that a rule names, or with `true` all on the frame's
   * own origin, except to Socket.IO's path.
   * @default false: none
   */
  webSocket?: boolean | StreamRule[];
  /**
   * Methods of the site's own, which pages call by `hadoken.service(name)`. Only own functions of
   * own objects are called; for any other name the page's call rejects.
   * @default none
   */
  services?: Services;
  /**
   * What pages get as `hadoken.config`; a function is asked for each page that connects, and may
   * return a promise. It must survive structured clone. If that or the function fails, the page is
   * told HOST_FAILED.
   * @default undefined
   */
  config?: string | number | boolean | object | null | ((context: Context) => unknown);
  /**
   * Sees every request and event stream before it is sent, and may change its headers or return
   * another Request to the frame's own origin. The place for a token: the page never sees it. What
   * the rules say of `credentials` and `redirect` holds, whatever it returns. If it throws,
   * the page gets HOST_FAILED and the frame's console the error. A HadokenError reaches the page as
   * it is.
   * @default none
   *
   * @example
   * onRequest: (request) => request.headers.set('authorization', `Bearer ${token}`)
   */
  onRequest?(
    request: Request,
    context: RequestContext,
  ): Request | undefined | void | Promise<Request | undefined | void>;
  /**
   * Sees every answer before the page does, and may return another Response. One that reads the
   * body returns a Response with what it read. `return retry()` sends the request again. If it
   * throws, the page gets HOST_FAILED and the frame's console the error. A HadokenError reaches the
   * page as it is.
   * @default none
   *
   * @example
   * onResponse: (response, { attempt, retry }) =>
   *   response.status === 503 && attempt < 3 ? retry() : undefined
   */
  onResponse?(
    response: Response,
    context: ResponseContext,
  ): Response | undefined | void | Promise<Response | undefined | void>;
  /**
   * Gives Socket.IO credentials that are merged over the page's `auth`, at every connect and
   * reconnect of every namespace. If it throws, gives what is no object, or takes longer than the
   * page's `timeout` for a connection (20_000 ms), the socket hears `connect_error`, and `auth` is
   * asked again as after a lost connection. A HadokenError that it throws is the page's answer.
   * @default none
   */
  auth?(context: AuthContext): object | Promise<object>;
  /**
   * Tokens that are attached to requests and event streams, and are `{ token }` in Socket.IO's
   * auth, beneath what `auth` gives.
   * @default none
   */
  vault?: VaultOptions;
  /**
   * The cookies of the frame's origin that hooks get as `context.cookies`, read anew for each
   * request: for APIs that want one in a header (double-submit CSRF). No script can read a cookie
   * that is HttpOnly.
   * @default none
   */
  cookies?: string[];
  /** How much one frame may ask for. @default those of each of its members */
  limits?: Limits;
};
