/** What `work` resolves with, or undefined where it takes over `ms`. */
export function inTime<T>(work: T | Promise<T>, ms: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  return Promise.race([work, tooLate]).finally(() => clearTimeout(timer));
}

/** What `work` resolves with; rejects with `toError()` where it takes over `ms`. */
export async function answerInTime<T>(
  work: T | Promise<T>,
  ms: number,
  toError: () => Error,
): Promise<T> {
  const answer = await inTime(
    Promise.resolve(work).then((value) => ({ value })),
    ms,
  );
  if (!answer) throw toError();
  return answer.value;
}
