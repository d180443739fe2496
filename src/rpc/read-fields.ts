/** Reads what crossed, where the other side may have fallen: by name, and by type. */
import { isPlatformObject } from './is-platform-object.ts';

/**
 * By name: the types that a field may have, as `typeof` says them; or {@link BUFFER}; or the fields
 * of an object.
 */
export type Shape = { readonly [name: string]: string | Shape };

/** What may be anything that clones. */
export const ANY = 'string number boolean object bigint';

/** An ArrayBuffer. */
export const BUFFER = 'buffer';

/**
 * An object with those fields of `given` that `shape` names and that are of their type. There is
 * nothing else in it: no method, no prototype, no name of the sender's choice.
 */
export function readFields<T extends object>(given: unknown, shape: Shape): Partial<T> {
  const fields: Record<string, unknown> = {};
  for (const [name, wanted] of Object.entries(shape)) {
    const field = (Object(given) as Record<string, unknown>)[name];
    if (typeof wanted === 'object') fields[name] = readFields(field, wanted);
    else if (
      wanted === BUFFER ? isPlatformObject(field, 'ArrayBuffer') : wanted.includes(typeof field)
    )
      fields[name] = field;
  }
  return fields as Partial<T>;
}
