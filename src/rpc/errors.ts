import { ANY, readFields, type Shape } from './read-fields.ts';

/**
 * Every code a {@link HadokenError} can carry. What each means and what to do is in
 * docs/troubleshooting.md.
 */
export type ErrorCode =
  | 'FRAME_TIMEOUT'
  | 'FRAME_BLOCKED'
  | 'FRAME_LOST'
  | 'HOST_FAILED'
  | 'ORIGIN_REFUSED'
  | 'VERSION_MISMATCH'
  | 'POLICY_REFUSED'
  | 'LIMIT_EXCEEDED'
  | 'INVALID_ARGUMENT'
  | 'METHOD_NOT_FOUND'
  | 'UNSUPPORTED'
  | 'CLOSED';

/** What a HadokenError is made with, besides its code and message. */
export interface HadokenErrorOptions extends ErrorOptions {
  /** See {@link HadokenError.retryable}. @default by the code: see docs/troubleshooting.md */
  retryable?: boolean | undefined;
  /** See {@link HadokenError.data}: what clones. @default none */
  data?: unknown;
}

/** What passes by itself, or once less is asked for at the same time. */
const RETRYABLE = /^(FRAME_TIMEOUT|FRAME_LOST|LIMIT_EXCEEDED)$/;

/** The mark of a HadokenError, the same in every copy of this code. */
const MARK = Symbol.for('hadoken.error');

/**
 * The one error class of Hadoken. A TypeError, so that code which treats a failed `fetch` as a
 * TypeError keeps working; `code` says which failure it is, `message` what, where and what to do.
 */
export class HadokenError extends TypeError {
  // A field, not an assignment: that would throw on a page which has frozen TypeError.prototype.
  override name = 'HadokenError';
  readonly code: ErrorCode;
  /**
   * Whether the same call may succeed when it is made again, and does no harm then. Of a request or
   * a call of a service that FRAME_LOST ended, only where it had not left the page, or its method
   * is idempotent (GET, HEAD, OPTIONS, PUT, DELETE): else it may have been carried out.
   */
  readonly retryable: boolean;
  /** What host.js has said of it, in an error that a hook or a service of its own threw. */
  declare readonly data?: unknown;
  /** Of an error that a request ended with: its method, as the platform writes it. */
  declare readonly method?: string;
  /** Of an error that a request ended with: its whole URL. */
  declare readonly url?: string;

  constructor(code: ErrorCode, message: string, options?: HadokenErrorOptions) {
    super(message, options);
    this.code = code;
    this.retryable = options?.retryable ?? RETRYABLE.test(code);
    if (options?.data !== undefined) this.data = options.data;
    Object.defineProperty(this, MARK, { value: true });
  }
}

/**
 * Whether `value` is a HadokenError, of whichever copy of this code: `instanceof` knows those of
 * one copy only, and a page may have loaded several. Never throws.
 */
export function isHadokenError(value: unknown): value is HadokenError {
  return attempt(() => (Object(value) as Record<symbol, unknown>)[MARK]) === true;
}

/**
 * An error as data: structured clone keeps an error's name and message at best, never its `code` or
 * `data`.
 */
export type WireError = {
  name: string;
  message: string;
  code?: string | number;
  data?: unknown;
  /** By which a framework knows errors of its own: React, Next. */
  digest?: string;
  /** Set for a DOMException, which is rebuilt as one. */
  dom?: boolean;
  /** Of a HadokenError. */
  retryable?: boolean;
  /**
   * Set for one without a stack: by that, libraries know WebKit's network errors from others of
   * that message.
   */
  bare?: boolean;
} & TransportDetails;

/** What an error of Socket.IO's transport carries beside its message. */
export type TransportDetails = {
  type?: string;
  description?: unknown;
  context?: unknown;
  transport?: string;
};

const NATIVE = /^(Type|Range|Syntax|Reference|URI|Eval)Error$/;

/**
 * `String(value)` of anything. A hostile object, or one without a prototype, must not make
 * reporting it throw.
 */
export function toText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'unknown';
  }
}

/** `String(error)` for the middle of a sentence: without the full stop that engines end it with. */
export function toClause(error: unknown): string {
  return toText(error).replace(/\.$/, '');
}

/** `read()`, or undefined where that throws: getters and proxies may. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * Any thrown value as data; never throws itself. Stacks stay where they are: they name the frame's
 * files and lines. `data` that does not clone is left out, because the whole message would be lost
 * with it.
 */
export function toWireError(thrown: unknown): WireError {
  // The text of a function is its source, which is for nobody to read.
  if (typeof thrown === 'function') return { name: 'Error', message: 'unknown' };
  if (typeof thrown !== 'object' || thrown === null)
    return { name: 'Error', message: toText(thrown) };
  const fields = thrown as Partial<WireError & Error>;
  const name = attempt(() => fields.name) ?? 'Error';
  const message = attempt(() => fields.message) ?? thrown;
  const code = attempt(() => fields.code);
  const digest = attempt(() => fields.digest);
  const data = attempt(() => structuredClone(fields.data));
  const error: WireError = { name: toText(name), message: toText(message) };
  if (attempt(() => thrown instanceof DOMException)) error.dom = true;
  else if (typeof code === 'string' || typeof code === 'number') error.code = code;
  if (typeof digest === 'string') error.digest = digest;
  if (data !== undefined) error.data = data;
  if (isHadokenError(thrown)) error.retryable = attempt(() => fields.retryable) === true;
  if (!attempt(() => fields.stack)) error.bare = true;
  return error;
}

const WIRE_ERROR: Shape = {
  name: 'string',
  message: 'string',
  code: 'string number',
  data: ANY,
  digest: 'string',
  dom: 'boolean',
  retryable: 'boolean',
  bare: 'boolean',
  type: 'string',
  description: ANY,
  context: ANY,
  transport: 'string',
};

const rebuilt = new WeakSet<object>();

/** Whether {@link fromWireError} made it: it is ours, and not one that the page has given. */
export function isRebuilt(error: object): boolean {
  return rebuilt.has(error);
}

/**
 * The one place where errors are rebuilt: reads what {@link toWireError} made, or what a fallen
 * frame sent instead. Never throws: where the page has put something in the place of an error's
 * class that does, what it throws is the error, for whoever waits has to be answered.
 */
export function fromWireError(wire: unknown): Error {
  try {
    return rebuild(wire);
  } catch (cause) {
    return cause as Error;
  }
}

function rebuild(wire: unknown): Error {
  const {
    name = 'Error',
    message = 'The frame failed.',
    dom,
    bare,
    retryable,
    ...own
  } = readFields<WireError>(wire, WIRE_ERROR);
  if (dom) return new DOMException(message, name);
  if (name === 'HadokenError')
    return new HadokenError(
      typeof own.code === 'string' ? (own.code as ErrorCode) : 'HOST_FAILED',
      message,
      { retryable, data: own.data },
    );
  const isNative = NATIVE.test(name);
  const Native = isNative ? (globalThis as never as Record<string, ErrorConstructor>)[name] : Error;
  const error = new (Native ?? Error)(message);
  rebuilt.add(error);
  if (bare) delete error.stack;
  // Assigning would run setters, and would throw where the page has frozen a prototype that has one
  // of these names.
  return Object.defineProperties(
    error,
    Object.getOwnPropertyDescriptors(isNative ? own : { ...own, name }),
  );
}
