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
  /**
   * An EventSource's connection, with its reconnections; settles when it is over. `resume` says where an earlier
   * frame left off. `port`: {@link StreamMessage} to the page, {@link StreamCommand} back.
   */
  eventSource(url: string, resume: EventSourceResume | undefined, port: MessagePort): Promise<Outcome<void>>;
  /** A WebSocket's connection; settles when it is over. `port`: {@link StreamMessage} to the page, {@link StreamCommand} back. */
  webSocket(url: string, protocols: string[], port: MessagePort): Promise<Outcome<void>>;
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
  /** The last that was said of the upload: what went over the request's port may come too late. */
  uploaded?: Progress;
};

/** In bytes; `total` undefined where nobody knows it. */
export type Progress = { loaded: number; total: number | undefined };

/** On a request's own port. Who sends it says which body is meant: the page's goes up, the frame's comes down. */
export type FetchMessage =
  | { type: 'chunk'; bytes: ArrayBuffer }
  | { type: 'end' }
  /** The reader wants no more of it. */
  | { type: 'cancel' }
  /** Page to frame: the reader will take `bytes` more. */
  | { type: 'credit'; bytes: number }
  /** Page to frame: stop everything about this request. */
  | { type: 'abort' }
  /** Frame to page: send the next chunk. */
  | { type: 'pull' }
  /** Frame to page: the body broke off. */
  | { type: 'error'; error: WireError }
  /** Frame to page: bytes of the request's body that have left. */
  | ({ type: 'progress' } & Progress);

/** How an EventSource goes on: the id it last saw, and the ms to wait before it connects again. */
export type EventSourceResume = { lastEventId: string; retry: number };

/** What an EventSource or WebSocket of the page shows. */
export type StreamState = {
  readyState?: number;
  /** An EventSource's. */
  resume?: EventSourceResume;
  /** A WebSocket's, from its opening on. */
  protocol?: string;
  extensions?: string;
};

/** What the page makes a MessageEvent of; a WebSocket's binary data comes beside it, for the page says as what it is shown. */
export type StreamMessageInit = { data?: string | ArrayBuffer | Blob; origin: string; lastEventId?: string };

/** An event by its interface, and what the platform's constructor of that interface takes. */
export type StreamEvent =
  | ['Event', type: 'open' | 'error']
  | ['MessageEvent', type: string, init: StreamMessageInit]
  | ['CloseEvent', type: 'close', init: { code: number; reason?: string; wasClean?: boolean }]
  /** Made on the page, where the frame can't serve it. */
  | ['ErrorEvent', type: 'error', init: { error: unknown; message: string | undefined }];

/** Frame to page, on a stream's own port: what changes, and the event that is dispatched then, if any. */
export type StreamMessage = {
  state: StreamState;
  event?: StreamEvent;
  /** Binary data of the MessageEvent. */
  bytes?: ArrayBuffer;
  /** Bytes that have left for the server since the last message: a WebSocket's `bufferedAmount` shrinks by them. */
  sent?: number;
};

/** Page to frame, on a stream's own port; an EventSource has no `send`. */
export type StreamCommand =
  | { type: 'send'; data: string | ArrayBuffer | Blob }
  | { type: 'close'; code?: number | undefined; reason?: string };
