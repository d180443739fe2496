/**
 * hadoken.loader.js: inline, before a script that is async. Keeps what is asked of `hadoken`,
 * or of the name in its `data-global`, until the script comes, which then does it all in order.
 */

/** What was asked for; once the script has come, what it is, or why there is none. */
type Step = { real?: unknown; error?: unknown };
type Act = () => unknown;

const documentPrototype = Object.getPrototypeOf(document);
const script = Reflect.get(documentPrototype, 'currentScript', document) as HTMLElement | null;
const globalName = script?.dataset.global || 'hadoken';
/** `own`: what the page had by this name, for noConflict(). */
const queue = Object.assign([] as Act[], {
  own: Object.getOwnPropertyDescriptor(globalThis, globalName),
});
const steps = new WeakMap<object, Step>();

/** What a stand-in stands for, where it is given to a call. */
const unwrap = (value: unknown): unknown => steps.get(Object(value))?.real ?? value;

const realOf = (step: Step): never => {
  if ('error' in step) throw step.error;
  return step.real as never;
};

/** A stand-in for a step; `owner` is what it was read from, and called on. */
function standIn(step: Step, owner?: Step): unknown {
  const isKnown = (): boolean => 'real' in step || 'error' in step;
  const later = (act: Act, from?: Step): unknown => {
    const next: Step = {};
    if (isKnown()) {
      next.real = act();
      // Read from a stand-in, a function would be called on that.
      return from && typeof next.real === 'function' ? standIn(next, from) : next.real;
    }
    queue.push(() => {
      try {
        next.real = act();
      } catch (error) {
        next.error = error;
        throw error;
      }
    });
    return standIn(next, from);
  };
  const real = (): never => realOf(step);
  const done = (act: Act): boolean => !later(act) || true;
  /** `await` of it, whatever it comes to be. */
  const then = (...args: Parameters<Promise<unknown>['then']>): unknown =>
    new Promise((resolve) => queue.push(() => resolve((async () => real())()))).then(...args);
  const proxy = new Proxy(() => {}, {
    get: (_, key) =>
      key === 'hadokenQueue'
        ? queue
        : key === 'then' && !isKnown()
          ? then
          : later(() => real()[key], step),
    set: (_, key, value) => done(() => Reflect.set(real(), key, unwrap(value))),
    deleteProperty: (_, key) => done(() => Reflect.deleteProperty(real(), key)),
    apply: (_, _self, args) =>
      later(() => Reflect.apply(real(), owner && realOf(owner), args.map(unwrap))),
    construct: (_, args) => later(() => Reflect.construct(real(), args.map(unwrap))) as object,
  });
  steps.set(proxy, step);
  return proxy;
}

const first: Step = {};
queue.push((hadoken?: unknown) => {
  first.real = hadoken;
});
Reflect.set(globalThis, globalName, standIn(first));
