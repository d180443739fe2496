/** The page's EventSource and WebSocket, with what is taken connected by the frame. */
import type { Resolve } from './urls.ts';

type Stream = EventSource | WebSocket;
type StreamClass = { new (url: string | URL, options?: never): Stream; readonly prototype: Stream };

/**
 * A class that extends `Native`, the page's own. What it makes is the platform's, or, where the URL
 * is taken, an object of `Framed` that is of this class all the same, and of its subclasses.
 */
export function createStreamClass<Class extends StreamClass>(
  Native: Class,
  Framed: Class,
  resolve: Resolve,
): Class {
  const ofFrame = new WeakSet<object>();
  const Taking = {
    [Native.name]: function (this: unknown, ...args: ConstructorParameters<Class>) {
      if (!new.target) return Reflect.apply(Native, this, args);
      const target = args.length ? resolve(args[0]) : undefined;
      if (target === undefined) return Reflect.construct(Native, args, new.target);
      const stream = Reflect.construct(Framed, [target, ...args.slice(1)], new.target);
      ofFrame.add(stream);
      return stream;
    },
  }[Native.name] as unknown as Class;
  const sideOf = (stream: object): object => (ofFrame.has(stream) ? Framed : Native).prototype;

  Object.setPrototypeOf(Taking, Native);
  const prototype = Object.create(Native.prototype, {
    constructor: { value: Taking, configurable: true, writable: true },
  });
  Object.defineProperty(Taking, 'prototype', { value: prototype, writable: false });
  Object.defineProperty(Taking, 'length', { value: 1, configurable: true });
  for (const [key, own] of Object.entries(Object.getOwnPropertyDescriptors(Framed.prototype))) {
    if (key === 'constructor' || !(own.get || typeof own.value === 'function')) continue;
    const { enumerable = true } = own;
    const more: PropertyDescriptor & ThisType<object> = own.get
      ? {
          get() {
            return Reflect.get(sideOf(this), key, this);
          },
          ...(own.set && {
            set(value) {
              Reflect.set(sideOf(this), key, value, this);
            },
          }),
        }
      : {
          value(...args: unknown[]) {
            return Reflect.apply(Reflect.get(sideOf(this as object), key), this, args);
          },
          writable: true,
        };
    Object.defineProperty(prototype, key, { ...more, enumerable, configurable: true });
  }
  return Taking;
}
