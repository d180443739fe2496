/** `1234567` → `1.2 MB`. */
export function bytes(count) {
  if (count < 1_000) return `${count} B`;
  return count < 1_000_000
    ? `${(count / 1_000).toFixed(1)} kB`
    : `${(count / 1_000_000).toFixed(1)} MB`;
}

/** `8.13` → `8.1 ms`, `1234` → `1.23 s`. */
export function duration(ms) {
  if (ms < 1_000) return `${ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(2)} s`;
}

/** `21:03:09`, as everywhere on this page. */
export const clock = (date = new Date()) => date.toLocaleTimeString('en-GB');

/** One line for anything that was thrown: the code of a HadokenError first. */
export function problem(error) {
  const name =
    error?.code && typeof error.code === 'string' ? error.code : (error?.name ?? 'Error');
  return { name, message: String(error?.message ?? error) };
}
