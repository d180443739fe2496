/**
 * hadoken.loader.js: inline, before a script that is async. Keeps what is asked of `hadoken`,
 * or of the name in its `data-global`, until the script comes, which then does it all in order.
 */

/** What was asked for, and what it is once the script has come. */
type Step = { real?: unknown };
type Act = () => unknown;

const queue: unknown[] = [];
const steps = new WeakMap<object, Step>();
const script = Reflect.get(Document.prototype, 'currentScript', document) as HTMLElement | null;

/** What a stand-in stands for, where it is given to a call. */
const unwrap = (value: unknown): unknown => steps.get(Object(value))?.real ?? value;

/** A stand-in for a step; `owner` is what it was read from, and called on. */
function standIn(step: Step, owner?: Step): unknown {
  const later = (act: Act, from?: Step): unknown => {
    const next: Step = {};
    if ('real' in step) {
      next.real = act();
      // Read from a stand-in, a function would be called on that.
      return from && typeof next.real === 'function' ? standIn(next, from) : next.real;
    }
    queue.push(() => {
      next.real = act();
    });
    return standIn(next, from);
  };
  const real = (): never => step.real as never;
  const done = (act: Act): boolean => !later(act) || true;
  const proxy = new Proxy(() => {}, {
    get: (_, key) => (key === 'hadokenQueue' ? queue : later(() => real()[key], step)),
    set: (_, key, value) => done(() => Reflect.set(real(), key, unwrap(value))),
    deleteProperty: (_, key) => done(() => Reflect.deleteProperty(real(), key)),
    apply: (_, _self, args) => later(() => Reflect.apply(real(), owner?.real, args.map(unwrap))),
    construct: (_, args) => later(() => Reflect.construct(real(), args.map(unwrap))) as object,
  });
  steps.set(proxy, step);
  return proxy;
}

const first: Step = {};
queue.push((hadoken: unknown) => {
  first.real = hadoken;
});
Reflect.set(globalThis, script?.dataset.global || 'hadoken', standIn(first));
