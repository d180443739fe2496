/** The classes that are asked for, by name. */
interface Platform {
  AbortSignal: AbortSignal;
  ArrayBuffer: ArrayBuffer;
  Blob: Blob;
  DOMException: DOMException;
  File: File;
  FormData: FormData;
  /** What is of no other: plain objects, and those of the page's own classes. */
  Object: object;
  ReadableStream: ReadableStream;
  Request: Request;
  Response: Response;
  SharedArrayBuffer: SharedArrayBuffer;
  Uint8Array: Uint8Array;
}

/**
 * Whether `value` is one of the platform's objects of the class `name`, of whichever realm: that of
 * an iframe is the same thing, and `instanceof` does not know it.
 */
export function isPlatformObject<Name extends keyof Platform>(
  value: unknown,
  ...names: Name[]
): value is Platform[Name] {
  const tag = Object.prototype.toString.call(value);
  return names.some((name) => tag === `[object ${name}]`);
}

/**
 * Whether `value`, which has come over a port, is a MessagePort: nothing else comes with a
 * function. Node's has no name of its own, and test environments put another class in its place.
 */
export function isPort(value: unknown): value is MessagePort {
  return typeof Object(value).postMessage === 'function';
}
