import type { TestEnv } from '../../support/env.ts';

type Engine = TestEnv['engine'];

const abortError = { error: 'DOMException', name: 'AbortError' };
const typeError = { error: 'TypeError', name: 'TypeError' };
const rangeError = { error: 'RangeError', name: 'RangeError' };
const timeoutError = { error: 'DOMException', name: 'TimeoutError' };

/** What an abort does to a small body that has come, however it is read, in WebKit. */
const readersInWebKit = Object.fromEntries(
  ['text()', 'json()', 'arrayBuffer()', 'blob()', 'formData()', 'body'].map((how) => [
    `fails ${how} with the reason when aborted after the head`,
    { webkit: rangeError },
  ]),
);

/**
 * The differences that docs/fetch.md lists: what a case comes to with `hadoken.fetch` where the engine's own `fetch`
 * comes to something else.
 */
export const listed: Record<string, Partial<Record<Engine, unknown>>> = {
  // WebKit tells an AbortError, whatever the signal's reason.
  'rejects when aborted while waiting with an Error': { webkit: rangeError },
  'rejects when aborted while waiting with a string': { webkit: { thrown: 'mine' } },
  'rejects when aborted while waiting with a number': { webkit: { thrown: 0 } },
  'rejects when aborted while waiting with null': { webkit: { thrown: null } },
  'rejects when aborted while waiting with a TimeoutError': { webkit: timeoutError },
  'rejects with the very reason': { webkit: true },
  'rejects with AbortSignal.timeout': { webkit: timeoutError },
  'rejects with AbortSignal.any': { webkit: { thrown: 'any' } },
  'heeds the signal of a Request': { webkit: { thrown: 'request' } },
  'heeds the signal of a clone of a Request': { webkit: { thrown: 'clone' } },
  'fails a body when aborted while reading with RangeError: mine': {
    webkit: ['Object', rangeError, rangeError],
  },
  'fails the clone as well': { webkit: [abortError, abortError] },
  ...readersInWebKit,
  // WebKit takes what is no signal for none, and leaves parameters out of a Blob's type.
  'judges a signal that is none': { webkit: typeError },
  'reads a Blob with its type': { webkit: ['text/plain; charset=iso-8859-1', 4] },
  // WebKit can't read a form with a file back out of a Request: give the form as `body`.
  'sends a Request with a form': { webkit: { error: 'DOMException', name: 'InvalidStateError' } },
  // Firefox loses what it was given of a name before an empty value.
  'sends the values ["",""] of a name': { firefox: [',', ', '] },
  'sends the values ["","1",""] of a name': { firefox: [', 1,', ', 1, '] },
  'sends the values ["1","","2"] of a name': { firefox: ['1, , 2', '1, , 2'] },
  'sends the values [" ","a , b"," c "] of a name': { firefox: [', a , b, c', ', a , b, c'] },
  // Firefox and WebKit have no stream as a body and send "[object ReadableStream]", or throw.
  'refuses a stream that is locked': { firefox: typeError },
};
