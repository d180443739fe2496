/** Arguments of events, as data that a page may see. */
import { toWireError } from '../rpc/errors.ts';

/** Of errors, DOM events and transports, what a page may want to know and clone would drop or throw on. */
const DETAILS = [
  'type',
  'description',
  'context',
  'name',
  'message',
  'code',
  'reason',
  'wasClean',
  'status',
  'statusText',
  'responseText',
  'data',
  'sid',
  'pingInterval',
  'pingTimeout',
  'maxPayload',
  'upgrades',
];

function pick(value: object, depth = 0): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of DETAILS) {
    let detail: unknown;
    try {
      detail = (value as Record<string, unknown>)[name];
    } catch {
      // An XMLHttpRequest throws for a responseText that is no text.
    }
    if (detail instanceof ArrayBuffer || Array.isArray(detail)) picked[name] = detail;
    else if (typeof detail === 'object' && detail !== null) {
      if (depth < 2) picked[name] = pick(detail, depth + 1);
    } else if (detail !== undefined && typeof detail !== 'function') picked[name] = detail;
  }
  return picked;
}

/** An argument of an event as data. An error keeps what it carries; fromWireArgument in parent/manager.ts is the other half. */
export function toWireArgument(arg: unknown): unknown {
  if (arg instanceof Error) {
    const { name: _name, message: _message, ...extra } = pick(arg);
    return { error: toWireError(arg), extra };
  }
  if (typeof arg !== 'object' || arg === null || arg instanceof ArrayBuffer) return arg;
  return pick(arg);
}

/** The buffers in what a server sent, to be transferred. */
export function* buffersIn(value: unknown): Iterable<ArrayBuffer> {
  if (value instanceof ArrayBuffer) yield value;
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) yield* buffersIn(inner);
}
