/** Every code a {@link HadokenError} can carry. What each means and what to do is in docs/troubleshooting.md. */
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
  | 'UNSUPPORTED'
  | 'CLOSED';

/**
 * The one error class of Hadoken. A TypeError, so that code which treats a failed `fetch` as a TypeError
 * keeps working; `code` says which failure it is, `message` what, where and what to do.
 */
export class HadokenError extends TypeError {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HadokenError';
    this.code = code;
  }
}

/** An error as data: structured clone keeps an error's name and message at best, never its `code` or `data`. */
export type WireError = {
  name: string;
  message: string;
  code?: string | number;
  data?: unknown;
  /** Set for a DOMException, which is rebuilt as one. */
  dom?: boolean;
  /** Set for one without a stack: by that, libraries know WebKit's network errors from others of that message. */
  bare?: boolean;
};

const NATIVE = /^(Type|Range|Syntax|Reference|URI|Eval)Error$/;

/** `String(value)`, of anything: an object without a prototype, or a hostile one, must not make reporting it throw. */
function text(value: unknown): string {
  try {
    return String(value);
  } catch {
    return 'unknown';
  }
}

/** Any thrown value as data. Stacks stay where they are: they name the frame's files and lines. */
export function toWireError(thrown: unknown): WireError {
  if (typeof thrown !== 'object' || thrown === null) return { name: 'Error', message: text(thrown) };
  const { name, message, code, data, stack } = thrown as Partial<WireError & Error>;
  const dom = typeof DOMException === 'function' && thrown instanceof DOMException;
  const error: WireError = { name: text(name ?? 'Error'), message: text(message ?? thrown) };
  if (dom) error.dom = true;
  else if (typeof code === 'string' || typeof code === 'number') error.code = code;
  if (data !== undefined) error.data = data;
  if (!stack) error.bare = true;
  return error;
}

/** The one place where errors are rebuilt. Takes only what it names from `wire`. */
export function fromWireError({ name, message, code, data, dom, bare }: WireError): Error {
  if (dom) return new DOMException(message, name);
  if (name === 'HadokenError') return new HadokenError(code as ErrorCode, message);
  const Native = NATIVE.test(name)
    ? (globalThis as never as Record<string, ErrorConstructor>)[name]
    : undefined;
  const error = new (Native ?? Error)(message) as Error & Partial<WireError>;
  if (!Native) error.name = name;
  if (bare) delete error.stack;
  if (code !== undefined) error.code = code;
  if (data !== undefined) error.data = data;
  return error;
}
