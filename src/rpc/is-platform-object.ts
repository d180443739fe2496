/**
 * Whether `value` is one of the platform's objects of the class `name`, of whichever realm: that of
 * an iframe is the same thing, and `instanceof` does not know it.
 */
export function isPlatformObject(value: unknown, ...names: string[]): boolean {
  const tag = Object.prototype.toString.call(value);
  return names.some((name) => tag === `[object ${name}]`);
}
