/** Puts something in the place of a global, and takes it away again. */

/** What is put back for something of ours that is released: what was there before it. */
const released = new WeakMap<object, PropertyDescriptor | undefined>();

/** What `prototype` is, member by member. */
function membersOf(prototype: object): Map<unknown, unknown> {
  const all = new Map<unknown, unknown>();
  for (const key of Reflect.ownKeys(prototype)) {
    const { value, get, set } = Object.getOwnPropertyDescriptor(prototype, key) ?? {};
    for (const [kind, one] of Object.entries({ value, get, set }))
      all.set(`${String(key)} ${kind}`, one);
  }
  return all;
}

/**
 * Puts `ours` at `holder[key]`. Returns what takes it away, where it is still on top and nobody has
 * patched it; else it stays, for what is around it still needs it.
 */
export function replace(holder: object, key: string, ours: object): () => void {
  const before = Object.getOwnPropertyDescriptor(holder, key);
  const { prototype } = ours as { prototype?: object };
  const made = prototype && membersOf(prototype);
  const enumerable = before?.enumerable ?? false;
  const own = { configurable: true, enumerable, writable: true, value: ours };
  // A page that has frozen the name keeps what it has.
  if (!Reflect.defineProperty(holder, key, own)) return () => {};
  const isPatched = (): boolean => {
    if (!prototype || !made) return false;
    const now = membersOf(prototype);
    return now.size !== made.size || [...now].some(([name, value]) => made.get(name) !== value);
  };
  return () => {
    if (released.has(ours)) return;
    released.set(ours, before);
    if (Reflect.get(holder, key) !== ours || isPatched()) return;
    let put = before;
    while (put && released.has(Object(put.value))) put = released.get(Object(put.value));
    if (put) Object.defineProperty(holder, key, put);
    else Reflect.deleteProperty(holder, key);
  };
}
