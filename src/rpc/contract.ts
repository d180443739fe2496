/**
 * Everything that crosses between page and frame once the handshake is done.
 * Control goes through {@link HostContract}; bodies and push traffic have ports of their own.
 */
import type { WireError } from './errors.ts';

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
  /** Opens the one port of all push traffic of this page. */
  push(port: MessagePort): Outcome<void>;
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

/** A request body: what clones goes as it is, files by reference; a stream follows on the port in chunks. */
export type WireBody =
  | { type: 'data'; data: string | Blob | ArrayBuffer }
  | { type: 'form'; entries: [name: string, value: string | File][] }
  | { type: 'stream' };

/** A response's head, with as much of the body as was there at once. */
export type WireResponse = {
  url: string;
  status: number;
  statusText: string;
  ok: boolean;
  headers: [name: string, value: string][];
  type: ResponseType;
  redirected: boolean;
  /** `null`: there is none (null-body status, HEAD). `bytes` came with the head; unless `done`, more follows on the port. */
  body: { bytes: ArrayBuffer; done: boolean } | null;
};

/** On a request's own port. Who sends it says which body is meant: the page's goes up, the frame's comes down. */
export type FetchMessage =
  | { type: 'chunk'; bytes: ArrayBuffer }
  | { type: 'end' }
  | { type: 'error'; error: WireError }
  /** The reader will take `bytes` more. */
  | { type: 'credit'; bytes: number }
  /** The reader wants no more of it. */
  | { type: 'cancel' }
  /** Page to frame: stop everything about this request. */
  | { type: 'abort' }
  /** Frame to page: bytes of the request's body that have left. */
  | { type: 'progress'; loaded: number; total: number | undefined };
