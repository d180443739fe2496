/**
 * What Node lacks of the platform, or has not right, in some of its releases, and the facades use:
 * rollup.config.mjs puts these in their places. Nothing is made global.
 */

const native = globalThis as Partial<typeof globalThis>;

/** An error of a listener's is uncaught, as one of an EventTarget's is. */
export const reportError =
  native.reportError ??
  ((error: unknown): void =>
    queueMicrotask(() => {
      throw error;
    }));

/** @see https://html.spec.whatwg.org/multipage/webappapis.html#errorevent */
export const ErrorEvent =
  native.ErrorEvent ??
  class ErrorEvent extends Event {
    readonly error: unknown;
    readonly message: string;
    constructor(type: string, { error, message = '' }: ErrorEventInit = {}) {
      super(type);
      this.error = error;
      this.message = message;
    }
  };

/** Node has it since 23. @see https://websockets.spec.whatwg.org/#the-closeevent-interface */
export const CloseEvent =
  native.CloseEvent ??
  class CloseEvent extends Event {
    readonly code: number;
    readonly reason: string;
    readonly wasClean: boolean;
    constructor(type: string, { code = 0, reason = '', wasClean = false }: CloseEventInit = {}) {
      super(type);
      this.code = code;
      this.reason = reason;
      this.wasClean = wasClean;
    }
  };

/** What depends on a signal, and how its listener goes. */
type Dependents = { controls: Set<WeakRef<AbortController>>; leave(): void };

/** What depends on a signal. One listener is for all of them: Node warns of more than ten. */
const dependents = new WeakMap<AbortSignal, Dependents>();

function dependentsOf(signal: AbortSignal): Dependents {
  const known = dependents.get(signal);
  if (known) return known;
  const controls: Dependents['controls'] = new Set();
  const onAbort = (): void => {
    for (const each of [...controls]) each.deref()?.abort(signal.reason);
  };
  const all: Dependents = {
    controls,
    leave() {
      signal.removeEventListener('abort', onAbort);
      dependents.delete(signal);
    },
  };
  dependents.set(signal, all);
  signal.addEventListener('abort', onAbort, { once: true });
  return all;
}

/** Of each signal of `anySignal`, while somebody has it: its controller, and its sources. */
const controls = new WeakMap<AbortSignal, [AbortController, AbortSignal[]]>();
const forgotten = new FinalizationRegistry<() => void>((leave) => leave());

/**
 * `AbortSignal.any`. That of Node 20 and 22 leaves a little behind for each call on a signal that
 * lives long, such as that of a client.
 *
 * @see https://dom.spec.whatwg.org/#dom-abortsignal-any
 */
export function anySignal(given: Iterable<AbortSignal>): AbortSignal {
  const control = new AbortController();
  const signals = [...given];
  const aborted = signals.find((signal) => signal.aborted);
  if (aborted) {
    control.abort(aborted.reason);
    return control.signal;
  }
  const held = new WeakRef(control);
  const sets = signals.map(dependentsOf);
  const leave = (): void => {
    for (const set of sets) {
      const wasIn = set.controls.delete(held);
      // Node holds a timeout that is listened to until its time is up.
      if (wasIn && set.controls.size === 0) set.leave();
    }
  };
  for (const set of sets) set.controls.add(held);
  control.signal.addEventListener('abort', leave, { once: true });
  controls.set(control.signal, [control, signals]);
  forgotten.register(control.signal, leave);
  return control.signal;
}
