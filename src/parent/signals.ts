import { LONGEST } from '../rpc/time/longest.ts';
import { whenActive } from './connection/when-ready.ts';

/** What counts as no timeout, as in the libraries that people come from: axios' 0, ky's false. */
const NONE: unknown[] = [undefined, null, false, 0, Infinity];

/**
 * AbortSignal.timeout(), whose time begins when the page is active. Throws a TypeError for what is
 * no number of ms.
 */
function startTimeout(given: number): AbortSignal {
  // As browsers take it: Node throws for a fraction, and what is too long is over at once there.
  const timeout = Math.min(Math.trunc(given), LONGEST);
  if (!(timeout >= 0)) throw new TypeError(`timeout is ${given}. Use a number of ms.`);
  let control: AbortController | undefined;
  let started: AbortSignal | undefined;
  whenActive(() => {
    const signal = AbortSignal.timeout(timeout);
    started = signal;
    // Where nobody needs it: Node holds a timeout that is listened to until its time is up.
    if (control) signal.onabort = () => control?.abort(signal.reason);
  });
  if (started) return started;
  control = new AbortController();
  return control.signal;
}

/**
 * What ends a call early, if anything: `signal`, and `timeout` ms from now. Throws what
 * AbortSignal.timeout() throws.
 */
export function signalsOf(signal?: AbortSignal, timeout?: number | null | false): AbortSignal[] {
  const signals = signal ? [signal] : [];
  if (!NONE.includes(timeout)) signals.push(startTimeout(timeout as number));
  return signals;
}
