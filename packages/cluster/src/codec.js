/**
 * What an entry of a stream carries. JSON where it can be, since that is the fastest and can be read with redis-cli;
 * MessagePack in base64 where there are buffers inside.
 */
import { decode, encode } from '@msgpack/msgpack';

/** So deep may be what has buffers inside. */
const DEPTH = 1_000;

/** Throws where there is no text for it, as of what is circular or nested too deep. @param {unknown} value */
export function toText(value) {
  const text = hasBinary(value)
    ? `~${Buffer.from(encode(withoutProto(value), { maxDepth: DEPTH })).toString('base64')}`
    : JSON.stringify(value);
  if (text === undefined) throw new TypeError('it is no data');
  return text;
}

/** @param {string} text what `toText()` made */
export function fromText(text) {
  return text.startsWith('~')
    ? restoreBuffers(decode(Buffer.from(text.slice(1), 'base64')))
    : JSON.parse(text);
}

function hasBinary(value) {
  if (!value || typeof value !== 'object') return false;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return true;
  if (typeof value.toJSON === 'function') return false;
  return Object.values(value).some(hasBinary);
}

/**
 * A client can send a key named `__proto__`, which MessagePack encodes and refuses to decode.
 * @see https://github.com/msgpack/msgpack-javascript/blob/v2.8.0/src/Decoder.ts
 */
function withoutProto(value) {
  if (!value || typeof value !== 'object' || typeof value.toJSON === 'function') return value;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value;
  if (Array.isArray(value)) return value.map(withoutProto);
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      key === '__proto__' ? [] : [[key, withoutProto(inner)]],
    ),
  );
}

/** Socket.IO's parser sends a Buffer as it is; a Uint8Array over a larger buffer is one to be on the safe side. */
function restoreBuffers(value) {
  if (ArrayBuffer.isView(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  if (!value || typeof value !== 'object' || value instanceof Date) return value;
  for (const key of Object.keys(value)) value[key] = restoreBuffers(value[key]);
  return value;
}

/** A reply of Redis, `[name, value, …]`, as an object. */
export function toFields(list) {
  const fields = Object.create(null);
  for (let i = 0; i < list.length; i += 2) fields[list[i]] = list[i + 1];
  return fields;
}
