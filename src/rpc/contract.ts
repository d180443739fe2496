/**
 * Everything that crosses between page and frame once the handshake is done.
 * Control goes through {@link HostContract}; bodies and push traffic have ports of their own.
 */
import type { WireError } from './errors.ts';
import type { StreamTarget } from './wire/stream.ts';

/** What a call comes to. Errors are data, so that one place rebuilds them and `code` survives. */
export type Outcome<T> = { value: T } | { error: WireError };

/** A call and its result: the part of comlink's wire format that is let through, see rpc/guard.ts. */
export type WireCall = { id: string; type: 'APPLY'; path: [method: string]; argumentList: RawValue[] };
export type WireResult = { id: string; type: 'RAW'; value: Outcome<unknown> };
export type RawValue = { type: 'RAW'; value: unknown };

/** The methods of the host that a page may call, and nothing else. */
export type HostContract = {
  /** A sign of life. */
  ping(): Outcome<void>;
  /** One HTTP exchange. `port` carries bodies, abort and progress: {@link FetchMessage} both ways. */
  fetch(request: WireRequest, port: MessagePort): Promise<Outcome<WireResponse>>;
  /** Opens the port of all push traffic of this page. There is one: a second is refused with LIMIT_EXCEEDED. */
  push(port: MessagePort): Promise<Outcome<void>>;
  /**
   * The connection of an EventSource, with its reconnections, or of a WebSocket; settles when it is over.
   * `port`: StreamMessage to the page, StreamCommand back, see wire/stream.ts.
   */
  stream(target: StreamTarget, port: MessagePort): Promise<Outcome<void>>;
  /** A method of the site's own, from `serve({ services })`. */
  call(service: string, method: string, args: unknown[]): Promise<Outcome<unknown>>;
};

/** A request, normalised by the page's own `Request`, as data. */
export type WireRequest = {
  url: string;
  method: string;
  headers: [name: string, value: string][];
  body?: WireBody;
  /** The rest of what `new Request(url, init)` takes, each as the platform names it. */
  init: WireRequestInit;
  /** The page wants upload progress. */
  progress?: boolean;
};

export type WireRequestInit = {
  mode?: RequestMode;
  credentials?: RequestCredentials;
  cache?: RequestCache;
  redirect?: RequestRedirect;
  referrer?: string;
  referrerPolicy?: ReferrerPolicy;
  integrity?: string;
  keepalive?: boolean;
  priority?: RequestPriority;
};

/**
 * A request body: what clones goes as it is, files by reference; a form as its entries. `null`: a stream, whose chunks
 * are asked for on the port.
 */
export type WireBody = string | Blob | ArrayBuffer | FormEntry[] | null;
export type FormEntry = [name: string, value: string | File];

/** A response's head, with as much of the body as was there at once. To the page it is the ResponseInit of its own. */
export type WireResponse = {
  /** Undefined where the constructor does not take it. */
  status: number | undefined;
  statusText: string;
  headers: [name: string, value: string][];
  /** What a Response made by script lacks: `url`, `type`, `redirected`, and where need be `status` and `ok`. */
  own: PropertyDescriptorMap;
  /** `null`: there is no body (null-body status, HEAD), or none of it yet. */
  bytes: ArrayBuffer | null;
  /** Nothing follows on the port. */
  done: boolean;
  downloaded: Progress;
  /** The last that was said of the upload: what went over the request's port may come too late. */
  uploaded?: Progress | undefined;
};

/** How far a body is, in bytes. */
export type Progress = {
  /** What has left, or come, by now. */
  loaded: number;
  /** All there is; undefined where nobody knows it. */
  total: number | undefined;
};

/** On a request's own port. Who sends it says which body is meant: the page's goes up, the frame's comes down. */
export type FetchMessage =
  | { type: 'chunk'; bytes: ArrayBuffer; progress?: Progress }
  | { type: 'end' }
  /** Page to frame: the reader has taken the first `loaded` bytes, and waits for more. */
  | { type: 'taken'; loaded: number }
  /** Page to frame: stop everything about this request. */
  | { type: 'abort' }
  /** Frame to page: send the next chunk. */
  | { type: 'pull' }
  /** Frame to page: the body broke off. */
  | { type: 'error'; error: WireError }
  /** Frame to page: bytes of the request's body that have left. */
  | { type: 'progress'; progress: Progress };
