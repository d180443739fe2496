/** What `work` resolves with, or undefined where it takes over `ms`. */
export function inTime<T>(work: T | Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}
