/**
 * A frame that `npx hadoken pack` has packed: frame.js and host.js in one script, which is in the
 * frame's page itself, and as a file beside it for the hub and for where no Blob is allowed.
 */
import { withOwn } from '../ajax/request.ts';
import { type WorkerSource, workerOf } from './gate/worker.ts';

/** What pack puts before this script. */
type Packed = {
  /** host.js. */
  host(): void;
  /** The URL from which the parts are resolved: a Blob has none of its own. */
  base: string;
  /** In the frame's page, and in a Blob of its script: the name of the file that has the same. */
  file?: string;
};

const scope = globalThis as { hadokenPacked?: Packed; hadokenBase?: string };
export const packed = scope.hadokenPacked;

/** The URL of what this script came with, whose policy this scope has: a Blob has its page's. */
export const ownUrl = packed?.base ?? globalThis.location?.href;

/** The script that runs now: it is gone once it has run. */
const text = globalThis.document?.currentScript?.textContent;

/**
 * The host's worker. A Blob of the script in the page needs no request; where the page's policy
 * forbids it, the file is loaded.
 */
export function packedSource({ base, file = '' }: Packed): WorkerSource {
  const url = new URL(file, base).href;
  const script = { url, type: 'classic' as const, texts: [url] };
  const asFile = workerOf(script);
  if (!text) return asFile;
  const parts = [`self.hadokenBase=${JSON.stringify(base)};`, text];
  const createFromBlob = (): Worker => {
    const blob = URL.createObjectURL(new Blob(parts, { type: 'text/javascript' }));
    // By then it is loaded, or refused.
    setTimeout(() => URL.revokeObjectURL(blob), 60_000);
    return new Worker(blob, { name: 'hadoken' });
  };
  return { create: createFromBlob, script, fallback: asFile };
}

/** What a Request has for a referrer that is whoever sends it. */
const CLIENT = 'about:client';

/**
 * In a Blob relative URLs resolve against nothing. What a host.js may use with one is replaced, so
 * that it finds what it finds in the file: the frame's folder, and the file's `location`.
 */
function resolveAgainst(base: string, file: string): void {
  const resolve = (given: unknown): unknown =>
    typeof given === 'string' ? new URL(given, base).href : given;
  const { fetch, Request: NativeRequest } = globalThis;
  class OwnRequest extends NativeRequest {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(resolve(input) as RequestInfo, init);
    }
  }
  // A Request that the platform has made is one, too.
  Object.defineProperty(OwnRequest, Symbol.hasInstance, {
    value: (value: unknown) => Function.prototype[Symbol.hasInstance].call(NativeRequest, value),
  });
  const define = (name: string, value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  };
  const url = new URL(file, base);
  define('fetch', (input: RequestInfo, init?: RequestInit) => {
    const given = resolve(input) as RequestInfo;
    const asked = given as Partial<Request>;
    const members: RequestInit = Object(init ?? {});
    if ((members.referrer ?? asked.referrer ?? CLIENT) !== CLIENT)
      return fetch.call(globalThis, given, init);
    // The URL of a Blob is sent to nobody. With an init, a Request's own policy would be dropped.
    const referrerPolicy = members.referrerPolicy ?? asked.referrerPolicy ?? '';
    const own: RequestInit = { referrer: url.href, referrerPolicy };
    return fetch.call(globalThis, given, withOwn(members, own));
  });
  define('Request', OwnRequest);
  define('location', url);
  const { open } = XMLHttpRequest.prototype;
  XMLHttpRequest.prototype.open = function (
    this: XMLHttpRequest,
    ...[method, url, ...rest]: unknown[]
  ) {
    Reflect.apply(open, this, [method, resolve(url), ...rest]);
  };
}

if (packed && scope.hadokenBase !== undefined) resolveAgainst(packed.base, packed.file ?? '');
