/** Bytes as text: by the charset of a response, its byte order mark, or what it says itself. */
import { isXml } from './mime-type.ts';

const MARKS: [mark: string, encoding: string][] = [
  ['\xef\xbb\xbf', 'utf-8'],
  ['\xfe\xff', 'utf-16be'],
  ['\xff\xfe', 'utf-16le'],
];
/** What a document says of its own encoding. */
const XML = /^<\?xml[^>]*\sencoding\s*=\s*["']([^"']+)/;
const HTML = /<meta[^>]*[\s"';]charset\s*=\s*["']?\s*([^\s"'/>;]+)/i;

/** A decoder by the first of `labels` that the engine knows. */
function decoderOf(...labels: (string | undefined)[]): TextDecoder {
  for (const label of labels)
    try {
      if (label) return new TextDecoder(label);
    } catch {}
  return new TextDecoder();
}

/**
 * A decoder for what begins with `bytes`. `charset`: what the headers say, unless the bytes begin
 * with a byte order mark. `type`: what the bytes may be asked for, where the headers say nothing.
 */
export function createDecoder(bytes: Uint8Array, charset?: string, type?: string): TextDecoder {
  // Each byte as a character.
  const text = String.fromCharCode(...bytes.subarray(0, 1_024));
  const mark = MARKS.find(([start]) => text.startsWith(start))?.[1];
  const declared = type && (isXml(type) ? XML : HTML).exec(text)?.[1];
  // Where that could be read, it is no UTF-16.
  return decoderOf(mark, charset, declared?.replace(/^utf-?16.*/i, 'utf-8'));
}
