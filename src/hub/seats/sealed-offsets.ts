/**
 * Offsets of events that a page does not hear, in a form that the page can keep and not read: what
 * a server sends last in an event may be an offset, or a part of what is not for this page. A later
 * hub of the same frame reads them.
 */
import type { SessionStore } from '../../frame/effects.ts';

const KEY = 'key of sealed offsets';
const PREFIX = 'hadoken-offset-';
const IV_BYTES = 12;

export type SealedOffsets = {
  /** `scope`: whose it is. It can't be read for another. */
  seal(offset: string, scope: string): Promise<string>;
  /** What a page says is its offset: a server's own, or one that was sealed. */
  read(given: unknown, scope: string): Promise<string | undefined>;
};

const toText = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
const toBytes = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

/** Without a store the key ends with the hub, and what it has sealed is never read again. */
export function createSealedOffsets(store: SessionStore | undefined): SealedOffsets {
  const loadKey = async (): Promise<CryptoKey> => {
    const stored = await store?.get(KEY);
    const raw = stored ? toBytes(stored) : crypto.getRandomValues(new Uint8Array(32));
    if (!stored) store?.set(KEY, toText(raw));
    return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  };
  let key: Promise<CryptoKey> | undefined;
  const cipher = (iv: Uint8Array<ArrayBuffer>, scope: string): AesGcmParams => {
    return { name: 'AES-GCM', iv, additionalData: new TextEncoder().encode(scope) };
  };
  return {
    async seal(offset, scope) {
      key ??= loadKey();
      const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
      const text = new TextEncoder().encode(offset);
      const sealed = await crypto.subtle.encrypt(cipher(iv, scope), await key, text);
      return PREFIX + toText(new Uint8Array([...iv, ...new Uint8Array(sealed)]));
    },
    async read(given, scope) {
      if (typeof given !== 'string') return undefined;
      if (!given.startsWith(PREFIX)) return given;
      key ??= loadKey();
      try {
        const bytes = toBytes(given.slice(PREFIX.length));
        const iv = bytes.slice(0, IV_BYTES);
        const sealed = bytes.slice(IV_BYTES);
        const text = await crypto.subtle.decrypt(cipher(iv, scope), await key, sealed);
        return new TextDecoder().decode(text);
      } catch {
        // Of another frame, or made up.
        return undefined;
      }
    },
  };
}
