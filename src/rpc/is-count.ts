/** What the readers of crossed values ask of a value. */

/** A whole number from 0 on that arithmetic keeps exact. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** An array without holes: a message of a few bytes can have billions of holes. */
export function isList(value: unknown): value is unknown[] {
  return Array.isArray(value) && Object.keys(value).length >= value.length;
}

export function isStrings(value: unknown): value is string[] {
  return isList(value) && value.every((entry) => typeof entry === 'string');
}
