/**
 * What crosses for a request of the page, and its readers. A reader rebuilds the value from the
 * fields that it names and has checked.
 */
import type { WireError } from '../errors.ts';
import { isCount } from '../is-count.ts';
import { isPlatformObject } from '../is-platform-object.ts';
import { ANY, BUFFER, readFields, type Shape } from '../read-fields.ts';
import type { ResourceTiming, WireTiming } from './timing.ts';

/** A request, normalised by the page's own `Request`, as data. */
export type WireRequest = {
  url: string;
  method: string;
  headers: WireHeader[];
  body?: WireBody;
  /** The rest of what `new Request(url, init)` takes, each as the platform names it. */
  init: WireRequestInit;
  /** The page wants upload progress. */
  progress?: boolean;
  /** The page wants to know when the frame did what. */
  timing?: boolean;
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

export type WireHeader = [name: string, value: string];

type Kind = 'string' | 'boolean';

/** Members that cross as the page's Request has them. Here is where a new one is added. */
export const PLAIN_MEMBERS = {
  mode: 'string',
  credentials: 'string',
  cache: 'string',
  redirect: 'string',
  referrerPolicy: 'string',
  integrity: 'string',
  keepalive: 'boolean',
} as const satisfies Partial<Record<keyof WireRequestInit, Kind>>;

/**
 * What each member is. One that is forgotten here, and so would have its requests refused by
 * readWireRequest, is a type error.
 */
export const REQUEST_MEMBERS: Record<keyof WireRequestInit, Kind> = {
  ...PLAIN_MEMBERS,
  // The page's Request does not show the one, and drops the other: see toWireRequest.
  priority: 'string',
  referrer: 'string',
};

/**
 * A request body: what clones goes as it is, files by reference; a form as its entries. `null`: a
 * stream, whose chunks are asked for on the port.
 */
export type WireBody = string | Blob | ArrayBuffer | FormEntry[] | null;
export type FormEntry = [name: string, value: string | File];

/**
 * A response's head, each member as the platform names it, with as much of the body as was there at
 * once.
 */
export type WireResponse = {
  status: number;
  statusText: string;
  headers: WireHeader[];
  url: string;
  type: ResponseType;
  redirected: boolean;
  /** `null`: there is no body (null-body status, HEAD), or none of it yet. */
  bytes: ArrayBuffer | null;
  /** Nothing of it follows. */
  done: boolean;
  downloaded: Progress;
  /** When the frame did what, where the page has asked. */
  timing?: WireTiming | undefined;
};

/** How far a body is, in bytes. */
export type Progress = {
  /** What has left, or come, by now. */
  loaded: number;
  /** All there is; undefined where nobody knows it. */
  total: number | undefined;
};

/** Which exchange a message is of: the page numbers them, and no two of a session are the same. */
export type Numbered<Message> = Message & { id: number };

/** Page to frame, on the port of all exchanges. */
export type FetchCommand =
  /** Begins an exchange. */
  | { type: 'request'; request: WireRequest }
  /** A chunk of the request's body, as it was asked for. */
  | { type: 'chunk'; bytes: ArrayBuffer }
  | { type: 'end' }
  /** The reader has taken the first `loaded` bytes of the response's body, and waits for more. */
  | { type: 'taken'; loaded: number }
  /** Stop everything about this request. */
  | { type: 'abort' };

/** Frame to page, on the port of all exchanges. */
export type FetchMessage =
  /** The page is to send the next chunk of the request's body. */
  | { type: 'pull' }
  /** Bytes of the request's body that have left. */
  | { type: 'progress'; progress: Progress }
  /** The answer, and with it what was there of its body. */
  | { type: 'head'; head: WireResponse }
  /** A chunk of the response's body. */
  | { type: 'chunk'; bytes: ArrayBuffer; progress: Progress }
  | { type: 'end' }
  /** There is no answer, or its body broke off. */
  | { type: 'error'; error: WireError }
  /** The last of all: what the engine says of the request, where it says it in time. */
  | { type: 'timing'; resource: ResourceTiming | undefined };

/** A command as the frame reads it: what is a request is for ajax/request.ts to say. */
export type ReadCommand = Numbered<
  Exclude<FetchCommand, { type: 'request' }> | { type: 'request'; request: unknown }
>;

/** For the frame: a command, or undefined for anything else. */
export function readFetchCommand(command: unknown): ReadCommand | undefined {
  const { id, type, request, bytes, loaded } = Object(command) as Record<string, unknown>;
  if (!isCount(id)) return undefined;
  if (type === 'request') return { id, type, request };
  if (type === 'end' || type === 'abort') return { id, type };
  if (type === 'chunk' && isPlatformObject(bytes, 'ArrayBuffer')) return { id, type, bytes };
  if (type === 'taken' && isCount(loaded)) return { id, type, loaded };
  return undefined;
}

/** A message as the page reads it: each field is of its type or missing. */
export type FetchNews = Partial<{
  id: number;
  type: string;
  head: unknown;
  bytes: ArrayBuffer;
  progress: Progress;
  error: unknown;
  resource: unknown;
}>;

const PROGRESS: Shape = { loaded: 'number', total: 'number' };
const NEWS: Shape = {
  id: 'number',
  type: 'string',
  head: ANY,
  bytes: BUFFER,
  progress: PROGRESS,
  error: ANY,
  resource: ANY,
};
const HEAD: Shape = {
  status: 'number',
  statusText: 'string',
  headers: 'object',
  url: 'string',
  type: 'string',
  redirected: 'boolean',
  bytes: BUFFER,
  done: 'boolean',
  downloaded: PROGRESS,
  timing: { frame: 'object', serverTiming: 'object', isFollowed: 'boolean' },
};

/** For the page. */
export function readFetchMessage(message: unknown): FetchNews {
  return readFields(message, NEWS);
}

/** For the page. What is no list of headers, the Response's constructor throws at. */
export function readWireResponse(value: unknown): Partial<WireResponse> {
  return readFields(value, HEAD);
}
