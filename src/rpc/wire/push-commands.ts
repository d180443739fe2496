/** Is it a command of the contract? Everything a page sends on its push port comes through here. */

import { isList } from '../is-count.ts';
import { isObject, isRecord } from '../is-object.ts';
import { isPlatformObject } from '../is-platform-object.ts';
import { RESERVED } from './push-event.ts';
import { ACK, CONNECT, DISCONNECT, EVENT, type PushCommand } from './push-packet.ts';

/** Longer than any sensible name, short enough to do no harm. */
const NAME = 1_000;
/**
 * A namespace's name goes onto the wire as it is. A comma ends it there, and U+001E begins another
 * packet where the transport is polling, which would go past the rules and `auth`: so there are no
 * control characters in it at all, and no half of a pair, which would be sent as U+FFFD.
 * @see https://github.com/socketio/engine.io-protocol#http-long-polling-1
 */
const NAMESPACE = /^\/[^,\p{Cc}\p{Cs}]*$/u;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
const isOptional = (value: unknown, type: string): boolean =>
  value === undefined || typeof value === type;
const isName = (value: unknown): boolean => typeof value === 'string' && value.length <= NAME;

function isPacket(value: unknown): boolean {
  if (!isObject(value)) return false;
  const { type, nsp, id, text, binary = [], compress, volatile, fromQueue } = value;
  return (
    [CONNECT, DISCONNECT, EVENT, ACK].includes(type as number) &&
    isName(nsp) &&
    NAMESPACE.test(nsp as string) &&
    (id === undefined ? type !== ACK : isCount(id)) &&
    (text === undefined ? type === CONNECT || type === DISCONNECT : typeof text === 'string') &&
    isList(binary) &&
    binary.every((bytes) => isPlatformObject(bytes, 'ArrayBuffer', 'Blob', 'File')) &&
    isOptional(compress, 'boolean') &&
    isOptional(volatile, 'boolean') &&
    isOptional(fromQueue, 'boolean')
  );
}

function isPushCommand(value: unknown): value is PushCommand {
  if (!isObject(value) || !isCount(value.manager)) return false;
  switch (value.type) {
    case 'open':
      return (
        typeof value.uri === 'string' &&
        typeof value.options === 'string' &&
        typeof value.once === 'boolean'
      );
    case 'settings':
      return typeof value.options === 'string';
    case 'packet':
      return isCount(value.connection) && isPacket(value.packet);
    case 'engine':
      return value.name === undefined || isName(value.name);
    default:
      return value.type === 'close';
  }
}

/** The command, or undefined for what is none by its shape. What it may do is for the rules. */
export function readPushCommand(value: unknown): PushCommand | undefined {
  return isPushCommand(value) ? value : undefined;
}

/**
 * The data of a packet as Socket.IO allows it, or undefined: an event has a name that is not
 * reserved.
 */
export function readPacketData(type: number, text: string | undefined, binary: unknown[]): unknown {
  if (text === undefined) return undefined;
  const data: unknown = JSON.parse(text, (_key, value) => {
    if (!binary.length || !isObject(value) || value._placeholder !== true) return value;
    // A name would lead to the list's methods.
    return (isCount(value.num) && binary[value.num as number]) || value;
  });
  if (type === CONNECT) return isRecord(data) ? data : undefined;
  if (!Array.isArray(data)) return undefined;
  const [name] = data;
  const named = typeof name === 'number' || (typeof name === 'string' && !RESERVED.test(name));
  return type === ACK || named ? data : undefined;
}
