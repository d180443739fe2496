/** What host.js' hooks are told. The public contract: names and shapes here are fixed. */

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
