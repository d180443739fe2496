/**
 * What others have put around `XMLHttpRequest.prototype.send` before us (Sentry, zone.js) is called
 * for a request that goes through the frame too. At the bottom of it is the platform's `send`,
 * which has to send nothing: it fires `loadstart`, and if that opens another request, it returns.
 * @see https://xhr.spec.whatwg.org/#the-send()-method
 */
import { fromDocument } from '../page-document.ts';

const { addEventListener } = EventTarget.prototype;

/** Whether `method` is what the platform has by the name of `send`. */
function isPlatforms(method: unknown): boolean {
  const text = Function.prototype.toString.call(method);
  const hasOwn = Reflect.ownKeys(method as object).some(
    (key) => !/^(length|name)$/.test(String(key)),
  );
  return /^\s*function send\(\)\s*{\s*\[native code\]\s*}\s*$/.test(text) && !hasOwn;
}

type Open = (this: XMLHttpRequest, method: string, url: string) => void;

/** The platform's `open`, past all patches: that of a window which nobody has seen. */
function platformOpen(): Open {
  const create = fromDocument('createElement') as (name: string) => HTMLIFrameElement;
  const frame = Reflect.apply(create, document, ['iframe']);
  fromDocument('documentElement').append(frame);
  const { XMLHttpRequest: Pristine } = frame.contentWindow as unknown as typeof globalThis;
  frame.remove();
  return Pristine.prototype.open;
}

/** How a request comes to the bottom of what others have patched. */
export type Pass = {
  /** For each object when it is made: its first listener is ours. */
  prepare(xhr: XMLHttpRequest): void;
  /** Has `start` called at the bottom of `send`, which may come to it later. */
  send(xhr: XMLHttpRequest, body: unknown, start: () => void): void;
  /** Nothing is to be started any more. */
  forget(xhr: XMLHttpRequest): void;
};

/** `send`: what the page has by that name. If that is no patch, nothing is around the request. */
export function createPass(send: (...args: never[]) => unknown): Pass {
  if (isPlatforms(send))
    return { prepare() {}, send: (_xhr, _body, start) => start(), forget() {} };
  const open = platformOpen();
  const reset = (xhr: XMLHttpRequest): void => Reflect.apply(open, xhr, ['GET', 'data:,']);
  const starts = new WeakMap<object, () => void>();
  return {
    prepare(xhr) {
      // The first: in Chromium one that captures comes no earlier.
      const onBottom = (event: Event): void => {
        const start = starts.get(xhr);
        if (!start) return;
        event.stopImmediatePropagation();
        starts.delete(xhr);
        reset(xhr);
        start();
      };
      Reflect.apply(addEventListener, xhr, ['loadstart', onBottom]);
    },
    send(xhr, body, start) {
      reset(xhr);
      starts.set(xhr, start);
      try {
        Reflect.apply(send, xhr, [body]);
      } catch (error) {
        starts.delete(xhr);
        throw error;
      }
    },
    forget: (xhr) => void starts.delete(xhr),
  };
}
