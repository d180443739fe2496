/**
 * The arguments of the events that are relayed below the rules of push: a pair, `toWireArgument` on
 * the frame's side and `fromWireArgument` on the page's. Each argument is rebuilt by what it is,
 * from named fields. A packet's content, an XMLHttpRequest's answer and a URL never cross here: the
 * rules have not seen them, and the token of `auth` is in them.
 */
import { fromWireError, isHadokenError, toWireError, type WireError } from '../errors.ts';
import { isObject } from '../is-object.ts';

/** What an argument is; `cause` is an error, details, or nothing. */
export type ArgumentKind = 'error' | 'cause' | 'reason' | 'attempt' | 'transport' | 'handshake';

/**
 * The texts of socket.io-client 4.8, engine.io-client 6.6 and socket.io-parser 4.2, all constant.
 * Others do not cross: the message of a platform's exception may hold a URL with its query, that of
 * a site's own parser a piece of a packet.
 */
const TEXTS = new Set([
  // Reasons.
  'forced close',
  'parse error',
  'ping timeout',
  'transport close',
  'transport error',
  // Messages.
  'fetch read error',
  'fetch write error',
  'server error',
  'timeout',
  'websocket error',
  'webtransport error',
  'xhr poll error',
  'xhr post error',
  'No transports available',
  'Illegal attachments',
  'illegal attachments',
  'invalid payload',
  'too many attachments',
  'got binary data when not reconstructing a packet',
  'got plaintext data when reconstructing a packet',
  // Descriptions.
  'network connection lost',
  'transport closed by the server',
  'websocket connection closed',
  // Codes, types and names.
  'parser error',
  'TransportError',
  'close',
  'error',
  'polling',
  'websocket',
  'webtransport',
]);

/** `value` where it is a text of TEXTS, or nearly one. */
function knownText(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value.startsWith('probe error')) return 'probe error';
  return TEXTS.has(value) || /^unknown packet type (\d|NaN)$/.test(value) ? value : undefined;
}

/** `fields` without those that are undefined. */
const defined = (fields: object): object =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

const numberOf = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;

/**
 * Of a CloseEvent or an XMLHttpRequest the numbers: texts are the server's, and no rule has seen
 * them.
 */
function contextOf(context: unknown): object | undefined {
  if (!isObject(context)) return undefined;
  const { code, status, wasClean } = context;
  return defined({
    code: numberOf(code),
    status: numberOf(status),
    wasClean: typeof wasClean === 'boolean' ? wasClean : undefined,
  });
}

/** What a description says in words, for a receiver who may know all of it: Node's own process. */
export type ReasonOf = (description: unknown) => { message?: string; code?: string };

/** Of an error of the transport, or what describes why one was closed. */
function detailsOf(
  { type, description, context, transport }: Record<string, unknown>,
  reasonOf?: ReasonOf,
): object {
  return defined({
    type: knownText(type),
    description: isObject(description)
      ? defined({ type: knownText(description.type), ...reasonOf?.(description) })
      : (numberOf(description) ?? knownText(description)),
    context: contextOf(context),
    transport: knownText(transport),
  });
}

function toWireFailure(error: unknown, reasonOf?: ReasonOf): object {
  if (isHadokenError(error)) return { error: toWireError(error) };
  const given = Object(error) as Record<string, unknown>;
  const message = knownText(given.message ?? error) ?? 'connection error';
  const code = knownText(given.code);
  return {
    error: {
      name: 'Error',
      message,
      ...detailsOf(given, reasonOf),
      ...(code && { code }),
    } satisfies WireError,
  };
}

function toWireHandshake(handshake: unknown, sid: string): object {
  const { pingInterval, pingTimeout, maxPayload, upgrades } = Object(handshake) as Record<
    string,
    unknown
  >;
  return {
    sid,
    pingInterval: numberOf(pingInterval),
    pingTimeout: numberOf(pingTimeout),
    maxPayload: numberOf(maxPayload),
    upgrades: Array.isArray(upgrades) ? upgrades.map(knownText).filter(Boolean) : [],
  };
}

/** An argument as data that a page may see. `engineId`: what the page knows the engine by. */
export function toWireArgument(
  kind: ArgumentKind,
  argument: unknown,
  engineId: string,
  reasonOf?: ReasonOf,
): unknown {
  switch (kind) {
    case 'error':
      return toWireFailure(argument, reasonOf);
    case 'cause':
      if (argument instanceof Error) return toWireFailure(argument, reasonOf);
      return isObject(argument) ? detailsOf(argument, reasonOf) : undefined;
    case 'reason':
      return knownText(argument) ?? 'transport error';
    case 'attempt':
      return numberOf(argument);
    case 'transport':
      return { name: knownText((Object(argument) as { name: unknown }).name) };
    case 'handshake':
      return toWireHandshake(argument, engineId);
  }
}

/** Reads an argument: an error is rebuilt, all else is data for a listener. */
export function fromWireArgument(wire: unknown): unknown {
  const { error } = Object(wire) as { error?: unknown };
  return error ? fromWireError(error) : wire;
}
