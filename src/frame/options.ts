/**
 * What a site's host.js gives to `serve()`. The public contract: names and shapes here are fixed.
 */
import type { Services } from '../rpc/services.ts';
import type { AuthContext, Context, RequestContext, ResponseContext } from './options/hooks.ts';
import type { EventSourceRule, FetchRule, StreamRule } from './options/rules.ts';
import type { IoRules } from './options/socket-io.ts';
import type { VaultOptions } from './options/vault.ts';

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
