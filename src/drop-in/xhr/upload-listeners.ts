/** Whether somebody listens to an upload, which no object of the platform's tells. */

const TYPES = ['loadstart', 'progress', 'abort', 'error', 'load', 'timeout', 'loadend'];
const { addEventListener } = EventTarget.prototype;

const heard = new WeakSet<EventTarget>();
const watched = new WeakSet<EventTarget>();

/** From now on listeners of `upload` are noticed. */
export function watchListeners(upload: XMLHttpRequestUpload): XMLHttpRequestUpload {
  if (watched.has(upload)) return upload;
  watched.add(upload);
  const inherited = upload.addEventListener;
  Object.defineProperty(upload, 'addEventListener', {
    value(...args: unknown[]): void {
      Reflect.apply(inherited ?? addEventListener, this, args);
      if (TYPES.includes(`${args[0]}`) && args[1]) heard.add(upload);
    },
    configurable: true,
    writable: true,
  });
  return upload;
}

export function hasListeners(upload: XMLHttpRequestUpload): boolean {
  return heard.has(upload) || TYPES.some((type) => Reflect.get(upload, `on${type}`));
}
