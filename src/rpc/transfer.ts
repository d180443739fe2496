/**
 * What is moved over a port instead of copied: `transfer()` marks it in a service's arguments and
 * results, and `post()` sends any message.
 */

/**
 * What `transfer()` returns. The member is in the type alone: of a stream that a method returns, it
 * says that the page gets the stream itself, and no iterable.
 */
export type Transferred<T> = T & { readonly 'hadoken.transferred': T };

const lists = new WeakMap<object, Transferable[]>();

/**
 * Marks `value`, an argument or a result of a service's method, so that `transferables` in it are
 * moved, not copied: buffers, streams, ports. Returns `value`. Nothing is ever detached without it.
 *
 * @example
 * await hadoken.service<Images>('images').resize(transfer(pixels, [pixels.buffer]), 640);
 */
export function transfer<T extends object>(
  value: T,
  transferables: Transferable[],
): Transferred<T> {
  lists.set(value, transferables);
  return value as Transferred<T>;
}

/**
 * Posts `message`, without a list where there is nothing to move: to read an empty one costs a
 * fifth of a small message (Chromium 156).
 */
export function post(port: MessagePort, message: unknown, transferables: Transferable[]): void {
  if (transferables.length) port.postMessage(message, transferables);
  else port.postMessage(message);
}

/** What {@link transfer} said of any of `values`. */
export function transferablesOf(values: unknown[]): Transferable[] {
  return values.flatMap((value) => lists.get(value as object) ?? []);
}
