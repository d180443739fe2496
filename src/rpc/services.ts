/** Types of a site's services, which host.js writes and the page calls. */

// biome-ignore lint/suspicious/noExplicitAny: matches any function
export type Method = (...args: any[]) => unknown;

/** What `this` has in a service's methods, beside the methods. */
export type ServiceContext = {
  /** The origin of the page that calls, as the browser reported it: no page can make it up. */
  readonly origin: string;
  /**
   * Aborts when the stream that the method gives is left: by the page's loop, its `close()`, or a
   * limit. `return()` alone reaches an async generator no sooner than at its next `yield`.
   */
  readonly signal: AbortSignal;
};

/** How a service is served. */
export type ServiceRule = {
  /**
   * The pages that may call it, written as in `serve({ origins })`, of which they have to be.
   * @default all of `origins`
   */
  origins?: string[];
};

/** The name under which {@link Service} has its methods. No service of a site's own has it. */
export const METHODS = 'hadoken.service';

/** What `service()` makes: methods, and who may call them. */
export type Service<Methods> = {
  readonly [METHODS]: Methods;
  readonly rule: ServiceRule;
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
