/**
 * Runs `run` at once or, where the engine has no URLPattern (Safari before 26, Firefox before 142),
 * when its polyfill has been loaded: a chunk of its own, so that nobody else pays for it.
 */
export function withUrlPattern(run: () => void): void {
  if ('URLPattern' in globalThis) return run();
  const report = (error: unknown): void => {
    // As an error event, like what `run` throws at once: the gate listens for its worker's.
    setTimeout(() => {
      throw error;
    });
  };
  import('urlpattern-polyfill').then(run).catch(report);
}
