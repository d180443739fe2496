/** What `run` reports by `reportError`, which then fails no test. */
export async function reportedBy(run: () => unknown): Promise<unknown[]> {
  const { reportError } = globalThis;
  const reported: unknown[] = [];
  globalThis.reportError = (error) => void reported.push(error);
  try {
    await run();
  } finally {
    globalThis.reportError = reportError;
  }
  return reported;
}
