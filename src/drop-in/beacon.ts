/** The page's `navigator.sendBeacon`, with what is taken sent through the frame. */
import type { Hadoken } from '../parent/index.ts';
import { fromDocument } from './page-document.ts';
import type { Resolve } from './urls.ts';
import { lengthOf } from './xhr/body.ts';

/** What the Fetch standard lets a page have under way with keepalive, in bytes. */
const LIMIT = 65_536;

/** In bytes, without what stands between the entries of a form. */
function sizeOf(data: BodyInit | null | undefined): number {
  if (data === null || data === undefined) return 0;
  if (!(data instanceof FormData)) return lengthOf(data);
  return [...data].flat().reduce((sum, part) => sum + lengthOf(part), 0);
}

/**
 * `native`: what the page has by that name. While the page is hidden or is being left it may be
 * gone at any time, and a message to the frame with it: then the platform sends, to the frame's
 * URL.
 */
export function createSendBeacon(
  native: Navigator['sendBeacon'],
  hadoken: Hadoken,
  resolve: Resolve,
): Navigator['sendBeacon'] {
  let isLeaving = false;
  // It comes before the page is hidden.
  for (const type of ['pagehide', 'pageshow'])
    addEventListener(
      type,
      () => {
        isLeaving = type === 'pagehide';
      },
      true,
    );
  const named = {
    // A member's name is the function's, whatever becomes of names when this is built.
    sendBeacon(this: Navigator, ...args: [url: string | URL, data?: BodyInit | null]) {
      const [url, data] = args;
      const target = args.length ? resolve(url, 'POST') : undefined;
      if (target === undefined) return Reflect.apply(native, this, args);
      if (isLeaving || fromDocument('visibilityState') === 'hidden')
        return Reflect.apply(native, this, [target, ...args.slice(1)]);
      if (Object.prototype.toString.call(data) === '[object ReadableStream]')
        throw new TypeError('A stream is no body of a beacon.');
      if (sizeOf(data) > LIMIT) return false;
      hadoken
        .fetch(target, {
          method: 'POST',
          body: data ?? null,
          keepalive: true,
          credentials: 'include',
        })
        .catch(() => {});
      return true;
    },
  };
  return named.sendBeacon;
}
