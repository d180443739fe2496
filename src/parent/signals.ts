/** What counts as no timeout, as in the libraries that people come from: axios' 0, ky's false. */
const NONE: unknown[] = [undefined, null, false, 0, Infinity];

/**
 * What ends a call early, if anything: `signal`, and `timeout` ms from now. Throws what
 * AbortSignal.timeout() throws.
 */
export function signalsOf(signal?: AbortSignal, timeout?: number | null | false): AbortSignal[] {
  const signals = signal ? [signal] : [];
  if (!NONE.includes(timeout)) signals.push(AbortSignal.timeout(timeout as number));
  return signals;
}
