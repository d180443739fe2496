/**
 * What others have put around `XMLHttpRequest.prototype.send` before us (Sentry, zone.js) is called
 * for a request that goes through the frame too. At the bottom of it is the platform's `send`,
 * which has to send nothing: it fires `loadstart`, and if that opens another request, it returns.
 * @see https://xhr.spec.whatwg.org/#the-send()-method
 */
import { fromDocument } from '../page-document.ts';

const { addEventListener, removeEventListener } = EventTarget.prototype;

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

/** Calls the `send` that it is made with, if that is a patch, with `start` at its bottom. */
export function createPass(send: (...args: never[]) => unknown) {
  if (isPlatforms(send))
    return (_xhr: XMLHttpRequest, _body: unknown, start: () => void) => start();
  const open = platformOpen();
  return (xhr: XMLHttpRequest, body: unknown, start: () => void): void => {
    const reset = (): void => Reflect.apply(open, xhr, ['GET', 'data:,']);
    const onBottom = (event: Event): void => {
      event.stopImmediatePropagation();
      off();
      reset();
      start();
    };
    const off = (): void => Reflect.apply(removeEventListener, xhr, ['loadstart', onBottom, true]);
    reset();
    Reflect.apply(addEventListener, xhr, ['loadstart', onBottom, true]);
    try {
      Reflect.apply(send, xhr, [body]);
    } finally {
      off();
    }
  };
}
