/** Who asked for what failed. */
import { attempt, HadokenError, isRebuilt } from '../rpc/errors.ts';

/** What a request was, on the errors that it ends with. */
type Details = { method?: string; url?: string };

/** Methods that may be repeated. @see https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2 */
const IDEMPOTENT = /^(GET|HEAD|OPTIONS|PUT|DELETE)$/;

/** Whether it has no stack. One whose stack throws has one. */
function isBare(error: Error): boolean {
  return attempt(() => !error.stack) === true;
}

/** `mayBeDone`: what it ended may have been carried out, should the frame have been lost. */
function copyOf(error: HadokenError, mayBeDone: boolean): HadokenError {
  const { code, message, cause, retryable, data } = error;
  const isLost = code === 'FRAME_LOST';
  const may = retryable && !(isLost && mayBeDone);
  return new HadokenError(code, message, { cause, retryable: may, data });
}

/**
 * `error` as the answer to one call: with the stack of `caller`, an Error that was made when the
 * call came in, and with `details`. An error's own stack shows where an answer was read, which is
 * the same for all of them. What came neither from the frame nor from here is left as it is: it is
 * the page's. An error without a stack stays without, because libraries know WebKit's network
 * errors by that. `isSent`: the call has left the page. What may have been carried out is not to be
 * made again, unless its method says that it may.
 */
export function answerTo(
  caller: Error,
  error: unknown,
  details: Details = {},
  isSent = false,
): unknown {
  const isOurs = error instanceof HadokenError;
  if (!isOurs && !isRebuilt(Object(error))) return error;
  // The loss of a frame is one error and the answer to many calls.
  const answer = isOurs
    ? copyOf(error, isSent && !IDEMPOTENT.test(`${details.method}`))
    : (error as Error);
  // A page's own Error.prepareStackTrace may give anything, and throw.
  const stack = attempt(() => caller.stack);
  // Chromium's begins with the error, the others' with the first of its frames. Not by assigning,
  // which would throw where the page has frozen Error.prototype.
  if (typeof stack === 'string' && !isBare(answer))
    Object.defineProperty(answer, 'stack', {
      value: stack.replace(/^Error\n/, () => `${answer.name}: ${answer.message}\n`),
      configurable: true,
      writable: true,
    });
  return Object.defineProperties(answer, Object.getOwnPropertyDescriptors(details));
}
