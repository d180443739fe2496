/** What `serve({ services })` is given. The public contract: names and shapes here are fixed. */
import type { Method, Service, ServiceContext } from '../../rpc/services.ts';

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
