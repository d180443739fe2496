/** What `serve({ io })` is given. The public contract: names and shapes here are fixed. */

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
  url?: string | undefined;
  /** The path that the server listens on, its own option `path`. @default '/socket.io/' */
  path?: string | undefined;
  /**
   * The transports that are tried, one after another in this order. A cluster needs sticky sessions
   * for 'polling'.
   * @default ['websocket', 'polling']
   */
  transports?: ('websocket' | 'polling' | 'webtransport')[] | undefined;
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
   * How packets are packed, as the server's own `parser`: 'default' as JSON, 'msgpack' as
   * MessagePack, by socket.io-msgpack-parser 3, which is in frame.msgpack.js. Of what a page emits
   * JSON's types and what is binary arrive: a Date is text. A server with another parser fails the
   * sockets with UNSUPPORTED.
   * @default 'default'
   * @see https://socket.io/docs/v4/custom-parser/
   */
  parser?: 'default' | 'msgpack' | undefined;
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
