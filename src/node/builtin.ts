/** What is used of Node's own: asked for, since a bundler that knows no Node finds no import. */

/** Runs a function in the async context that was there when this was made. */
export type Snapshot = (run: () => void) => void;

/** An AsyncLocalStorage. */
export type Storage<T> = { run<R>(store: T, use: () => R): R; getStore(): T | undefined };

type Modules = {
  'node:async_hooks': {
    AsyncLocalStorage: { new <T>(): Storage<T>; snapshot(): Snapshot };
  };
  'node:buffer': { Blob: typeof Blob };
};
type NodeProcess = {
  getBuiltinModule?<Name extends keyof Modules>(name: Name): Modules[Name] | undefined;
};

/** The module, or undefined where this is no Node, or one before 20.16. */
export function builtin<Name extends keyof Modules>(name: Name): Modules[Name] | undefined {
  const { process } = globalThis as { process?: NodeProcess };
  return process?.getBuiltinModule?.(name);
}

const hooks = builtin('node:async_hooks');

/** What runs a function in the async context of now; undefined where Node has none. */
export const snapshot = (): Snapshot | undefined => hooks?.AsyncLocalStorage.snapshot();
