/**
 * Which headers are the hook's: a server may take the page's other spellings of them for the same.
 */
import { isSameHeader } from '../rules/header-rules.ts';

/**
 * The names of the headers that are set or taken away by the methods of `headers` from now on, in
 * lower case. Values don't tell it: the page may have guessed the one that the hook sets.
 */
export function recordNames(headers: Headers): Set<string> {
  const names = new Set<string>();
  for (const method of ['append', 'set', 'delete'] as const) {
    const original = headers[method] as (...args: string[]) => void;
    headers[method] = (...args: string[]) => {
      names.add(String(args[0]).toLowerCase());
      original.apply(headers, args);
    };
  }
  return names;
}

/** The names of the headers that are not the same in `one` and in `other`. */
export function namesThatDiffer(one: Headers, other: Headers): string[] {
  return [...one.keys(), ...other.keys()].filter((name) => one.get(name) !== other.get(name));
}

/** The names that are written as headers are, with hyphens. */
export function plainNames(headers: Headers): string[] {
  return [...headers.keys()].filter((name) => /^[a-z0-9-]+$/.test(name));
}

/** Drops from `headers` every other spelling of the names that are the hook's. */
export function dropOtherSpellings(headers: Headers, hooks: ReadonlySet<string>): void {
  for (const name of [...headers.keys()])
    if (!hooks.has(name) && [...hooks].some((other) => isSameHeader(name, other)))
      headers.delete(name);
}
