/**
 * What crosses for a service's method beside its arguments and its result, and the readers of it: a
 * stream of items, and the AbortSignals among the arguments. A reader rebuilds the value from the
 * fields that it names and has checked. One for the frame returns undefined for anything else, and
 * the frame drops it; the page's leaves out what is not of its type.
 */
import type { WireError } from '../errors.ts';
import { isCount, isList } from '../is-count.ts';
import { isPort } from '../is-platform-object.ts';
import { ANY, readFields, type Shape } from '../read-fields.ts';

/** Page to frame, on the port of a stream. */
export type ItemsCommand =
  /** The page wants so many items in all, from the stream's begin on. */
  | { type: 'pull'; count: number }
  /** The page wants nothing more. */
  | { type: 'cancel' };

/** Frame to page, on the port of a stream. Nothing follows 'end' and 'error'. */
export type ItemsMessage =
  | { type: 'item'; value: unknown }
  | { type: 'end' }
  | { type: 'error'; error: WireError };

/** For the frame. */
export function readItemsCommand(command: unknown): ItemsCommand | undefined {
  const { type, count } = Object(command) as Record<string, unknown>;
  if (type === 'cancel') return { type };
  if (type === 'pull' && isCount(count)) return { type, count };
  return undefined;
}

const ITEMS_MESSAGE: Shape = { type: 'string', value: ANY, error: ANY };

/** For the page: each field is of its type or missing. */
export function readItemsMessage(
  message: unknown,
): Partial<{ type: string; value: unknown; error: unknown }> {
  return readFields(message, ITEMS_MESSAGE);
}

/** Where a signal was: the number of the argument, and of which of its members, if not itself. */
export type SignalPosition = readonly [argument: number, member?: string];

/** Page to frame, as the last argument of `call()`: the AbortSignals among the method's. */
export type WireSignals = {
  positions: SignalPosition[];
  port: MessagePort;
  /** Those that had aborted before the call: the method gets them so. */
  aborted: SignalMessage[];
};

/** Page to frame, on the port of the signals: one has aborted. */
export type SignalMessage = {
  /** Which one, as a number of `positions`. */
  index: number;
  /** A DOMException, which Node 20 does not clone. */
  error?: WireError;
  /** Any other, if it clones. */
  reason?: unknown;
};

/**
 * Whether a member can be set in `value`, which has been cloned: a plain object, of whichever
 * realm, and nothing else.
 */
function isPlain(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.getPrototypeOf(Object.getPrototypeOf(value) ?? {}) === null;
}

/** For the frame. `args`: the method's. */
export function readSignals(signals: unknown, args: readonly unknown[]): WireSignals | undefined {
  const { positions, port, aborted } = Object(signals) as Record<string, unknown>;
  if (!isList(positions) || !isPort(port)) return undefined;
  // Such an argument is a signal itself, and no object that has one.
  const given = positions as (SignalPosition | undefined)[];
  const whole = new Set(
    given.filter((position) => position?.[1] === undefined).map((position) => position?.[0]),
  );
  const isPosition = (position: unknown): position is SignalPosition => {
    if (!Array.isArray(position)) return false;
    const [argument, member] = position;
    if (!isCount(argument) || argument >= args.length) return false;
    if (member === undefined) return true;
    return typeof member === 'string' && isPlain(args[argument]) && !whole.has(argument);
  };
  if (!positions.every(isPosition)) return undefined;
  const rebuilt = positions.map(
    ([argument, member]): SignalPosition =>
      member === undefined ? [argument] : [argument, member],
  );
  // No more than there are signals.
  const told: unknown[] = Array.isArray(aborted) ? aborted.slice(0, rebuilt.length) : [];
  const messages = told.map(readSignalMessage);
  const isRead = (message?: SignalMessage): message is SignalMessage => message !== undefined;
  return { positions: rebuilt, port, aborted: messages.filter(isRead) };
}

/** For the frame. */
export function readSignalMessage(message: unknown): SignalMessage | undefined {
  const { index, error, reason } = Object(message) as Record<string, unknown>;
  if (!isCount(index)) return undefined;
  return { index, reason, ...(error !== undefined && { error: error as WireError }) };
}
