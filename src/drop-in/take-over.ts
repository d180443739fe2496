/** `takeOver()`: a page's own requests, without a line of it changed. */
import type { Hadoken } from '../parent/index.ts';
import { createSendBeacon } from './beacon.ts';
import { createFetch } from './fetch.ts';
import { createIo } from './io.ts';
import { replace } from './replace.ts';
import { createStreamClass } from './streams.ts';
import { createResolve, type Resolve, type TakenUrl } from './urls.ts';
import { createXMLHttpRequest, type Sync } from './xhr/xml-http-request.ts';

/** What is taken, and of which of the page's globals. */
export interface TakeOverOptions {
  /**
   * Which requests go through the frame: paths (`'/v1/*'`) and http(s) URLs, in which `*` stands
   * for anything, or functions `(url, method) => URL | boolean`. A path is one of the page's own
   * origin, which is asked of the frame's origin instead, or of the frame's. An entry without a
   * query is for every query. Throws INVALID_ARGUMENT for an entry that can't be read, and for a
   * URL of a third origin, which the frame can't ask. @default all of the frame's origin
   */
  urls?: TakenUrl[] | Exclude<TakenUrl, string>;
  /** @default true */
  fetch?: boolean;
  /** Objects made before, and of classes derived before, stay the platform's. @default true */
  XMLHttpRequest?: boolean;
  /** @default true */
  EventSource?: boolean;
  /** @default true */
  WebSocket?: boolean;
  /** @default true */
  sendBeacon?: boolean;
  /**
   * `window.io` of the page, of whichever Socket.IO client, for the frame's server: without a URL,
   * or with one of the frame's origin. It is put there where there is none. @default false
   */
  io?: boolean;
  /**
   * What becomes of a taken XMLHttpRequest that is synchronous, which can't wait for the frame:
   * 'native' leaves it to the platform, with one warning; 'throw' throws UNSUPPORTED in `open()`.
   * @default 'native'
   */
  sync?: Sync;
}

/**
 * Sends the page's own requests for chosen URLs through the frame of `hadoken`: those of `fetch`,
 * XMLHttpRequest, EventSource, WebSocket, `navigator.sendBeacon` and, if wanted, `io`. What is not
 * taken is the platform's. Returns a function that ends it: everything is as it was, and where
 * others have patched ours in between, it stays under their patch and passes everything on.
 *
 * @example
 * const release = takeOver(hadoken, { urls: ['/v1/*'] });
 */
export function takeOver(hadoken: Hadoken, options: TakeOverOptions = {}): () => void {
  const { sync = 'native' } = options;
  const all = createResolve(options.urls, hadoken.origin);
  let isReleased = false;
  const resolve: Resolve = (url, method) => (isReleased ? undefined : all(url, method));
  const undo: (() => void)[] = [];
  /** `create` gets what the page has, and gives what stands there from now on. */
  const take = <Key extends string>(
    isWanted: boolean,
    holder: object,
    key: Key,
    create: (native: never) => object,
  ): void => {
    const native = Reflect.get(holder, key);
    if (isWanted && (native !== undefined || key === 'io'))
      undo.push(replace(holder, key, create(native as never)));
  };

  take(options.fetch !== false, globalThis, 'fetch', (native) =>
    createFetch(native, hadoken, resolve),
  );
  take(options.XMLHttpRequest !== false, globalThis, 'XMLHttpRequest', (native) =>
    createXMLHttpRequest(native, { fetch: hadoken.fetch, resolve, sync }),
  );
  for (const name of ['EventSource', 'WebSocket'] as const)
    take(options[name] !== false, globalThis, name, (native) =>
      createStreamClass<never>(native, hadoken[name] as never, resolve),
    );
  const holder = Object.hasOwn(navigator, 'sendBeacon') ? navigator : Navigator.prototype;
  take(options.sendBeacon !== false, holder, 'sendBeacon', (native) =>
    createSendBeacon(native, hadoken, resolve),
  );
  take(options.io === true, globalThis, 'io', (native) =>
    createIo(native, hadoken, hadoken.origin, () => isReleased),
  );

  return () => {
    isReleased = true;
    for (const each of undo) each();
  };
}
