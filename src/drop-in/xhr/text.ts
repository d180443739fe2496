/** Bytes as text: by the charset of a response, its byte order mark, or what it says itself. */
import { isXml, type MimeType } from './mime-type.ts';

/** The first bytes, each as a character: what they say of their own encoding is in there. */
function peek(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 1_024));
}

function byteOrderMark(bytes: Uint8Array): string | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xff && second === 0xfe ? 'utf-16le' : undefined;
}

/** What a document says of its own encoding: UTF-16 can't be, where that could be read. */
function declared(bytes: Uint8Array, type: MimeType): string | undefined {
  const text = peek(bytes);
  const found = isXml(type)
    ? /^<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)/.exec(text)?.[1]
    : /<meta[^>]*[\s"';]charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(
        text.replace(/<!--[\s\S]*?-->/g, ''),
      )?.[1];
  return found && /^utf-?16/i.test(found) ? 'utf-8' : found;
}

/** `label`, unless no browser knows it. */
function supported(label: string | undefined): string | undefined {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/**
 * A decoder for what begins with `bytes`. `charset`: what the headers say, unless the bytes begin
 * with a byte order mark. `type`: what the bytes may be asked for, where the headers say nothing.
 */
export function createDecoder(
  bytes: Uint8Array,
  charset: string | undefined,
  type: MimeType | undefined,
): TextDecoder {
  const label =
    byteOrderMark(bytes) ??
    supported(charset) ??
    (type ? supported(declared(bytes, type)) : undefined) ??
    'utf-8';
  return new TextDecoder(label);
}
