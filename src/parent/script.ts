/**
 * hadoken.js: the script include. It connects by itself to frame.html beside the script, or to `data-frame`;
 * with `data-manual` it does not. The global `hadoken` is then that client, plus `connect`. What the loader of
 * docs/script.md has kept until now is done first.
 */
import { HadokenError } from '../rpc/errors.ts';
import { transfer } from '../rpc/transfer.ts';
import { connect } from './connect.ts';

/** One thing asked of `hadoken` before it was there: a property, a call, a `new` or an assignment `of` another step's result. */
type Step = {
  of?: Step;
  key?: string;
  value?: unknown;
  args?: unknown[];
  create?: true;
  /** What came of it; from then on the loader's stand-in passes everything on to that. */
  real?: unknown;
};

/** Does `step`, now that what it is `of` is there. */
function perform(step: Step, client: unknown): void {
  const { of, key = '', args, create } = step;
  if (!of) step.real = client;
  else if (args) {
    const call = of.real as ((...args: unknown[]) => unknown) & (new (...args: unknown[]) => unknown);
    step.real = create ? new call(...args) : call(...args);
  } else {
    const target = of.real as Record<string, unknown>;
    if ('value' in step) target[key] = step.value;
    else {
      const value = target[key];
      step.real = typeof value === 'function' ? value.bind(target) : value;
    }
  }
}

const script = document.currentScript as HTMLScriptElement | null;
const scope = globalThis as { hadoken?: unknown };
const { hadokenQueue } = Object(scope.hadoken) as { hadokenQueue?: Step[] };
const exported = { connect, transfer, HadokenError };
const client =
  !script || 'manual' in script.dataset
    ? exported
    : Object.assign(connect(new URL(script.dataset.frame ?? 'frame.html', script.src)), exported);

scope.hadoken = client;
for (const step of hadokenQueue ?? []) {
  try {
    perform(step, client);
  } catch (error) {
    reportError(error);
  }
}
