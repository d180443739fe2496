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
