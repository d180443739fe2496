/**
 * What ends a call early, if anything: `signal`, and `timeout` ms from now. Throws what
 * AbortSignal.timeout() throws.
 */
export function signalsOf(signal?: AbortSignal, timeout?: number): AbortSignal[] {
  const signals = signal ? [signal] : [];
  if (timeout !== undefined) signals.push(AbortSignal.timeout(timeout));
  return signals;
}
