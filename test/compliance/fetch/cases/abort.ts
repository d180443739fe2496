import { wait } from '../../../support/env.ts';
import { attempt, type Case, headOf, whole } from '../outcome.ts';

const aborted = (reason?: unknown): AbortSignal =>
  reason === undefined ? AbortSignal.abort() : AbortSignal.abort(reason);

const reasons: Record<string, unknown> = {
  'no reason': undefined,
  'an Error': new RangeError('mine'),
  'a string': 'mine',
  'a number': 0,
  null: null,
  'a TimeoutError': new DOMException('late', 'TimeoutError'),
};

function whileWaiting(reason: unknown): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => (reason === undefined ? controller.abort() : controller.abort(reason)), 100);
  return controller.signal;
}

/**
 * Keeps what WebKit's own fetch lets go of: once a Request is collected its signal no longer aborts, and the
 * fetch hangs. Ours holds the signal itself: see test/parent/fetch.test.ts.
 */
const kept: unknown[] = [];
function keep<T>(value: T): T {
  kept.push(value);
  return value;
}

/** Each way to read a body, and what it comes to, as data. */
const READERS: [how: string, read: (response: Response) => unknown][] = [
  ['text()', (response) => response.text()],
  ['json()', (response) => response.json().then(JSON.stringify)],
  ['arrayBuffer()', async (response) => (await response.arrayBuffer()).byteLength],
  ['blob()', async (response) => (await response.blob()).size],
  ['formData()', async (response) => [...(await response.formData())].length],
  ['body', async ({ body }) => (await body?.getReader().read())?.value?.byteLength],
];

export const abortCases: Case[] = [
  ...Object.entries(reasons).map(
    ([what, reason]): Case => [
      `rejects at once when aborted before with ${what}`,
      ({ fetch }) => whole(fetch('/api/bytes/10', { signal: aborted(reason) })),
    ],
  ),
  ...Object.entries(reasons).map(
    ([what, reason]): Case => [
      `rejects when aborted while waiting with ${what}`,
      ({ fetch }) => whole(fetch('/api/hang', { signal: whileWaiting(reason) })),
    ],
  ),
  [
    'rejects with the very reason',
    async ({ fetch }) => {
      const reason = { mine: true };
      return fetch('/api/hang', { signal: whileWaiting(reason) }).catch(
        (thrown) => thrown === reason,
      );
    },
  ],
  [
    'judges the request before the signal',
    ({ fetch }) => whole(fetch('/api/echo', { method: 'TRACE', signal: aborted() })),
  ],
  [
    'rejects with AbortSignal.timeout',
    ({ fetch }) => whole(fetch('/api/hang', { signal: AbortSignal.timeout(100) })),
  ],
  [
    'rejects with AbortSignal.any',
    ({ fetch }) =>
      whole(
        fetch('/api/hang', {
          signal: keep(AbortSignal.any([new AbortController().signal, whileWaiting('any')])),
        }),
      ),
  ],
  [
    'heeds the signal of a Request',
    ({ fetch, origin }) =>
      whole(fetch(keep(new Request(`${origin}/api/hang`, { signal: whileWaiting('request') })))),
  ],
  [
    'heeds the signal of init rather than that of a Request',
    ({ fetch, origin }) =>
      whole(fetch(new Request(`${origin}/api/bytes/10`, { signal: aborted() }), { signal: null })),
  ],
  [
    'heeds the signal of a clone of a Request',
    ({ fetch, origin }) =>
      whole(
        fetch(
          keep(keep(new Request(`${origin}/api/hang`, { signal: whileWaiting('clone') })).clone()),
        ),
      ),
  ],
  ...[undefined, new RangeError('mine')].map(
    (reason): Case => [
      `fails a body when aborted while reading with ${reason}`,
      async ({ fetch }) => {
        const controller = new AbortController();
        const response = await fetch('/api/stream?chunks=1000&size=1000&ms=20', {
          signal: controller.signal,
        });
        const reader = response.body?.getReader();
        await reader?.read();
        controller.abort(reason);
        return [
          headOf(response).constructor.name,
          await attempt(() => reader?.read()),
          await attempt(() => reader?.closed),
        ];
      },
    ],
  ),
  [
    'fails text() when aborted while it reads',
    async ({ fetch }) => {
      const controller = new AbortController();
      const response = await fetch('/api/stream?chunks=1000&size=1000&ms=20', {
        signal: controller.signal,
      });
      setTimeout(() => controller.abort(), 50);
      return attempt(() => response.text());
    },
  ],
  [
    'fails a body that nobody has read yet when aborted',
    async ({ fetch }) => {
      const controller = new AbortController();
      const response = await fetch('/api/stream?chunks=1000&size=1000&ms=20', {
        signal: controller.signal,
      });
      controller.abort();
      return attempt(() => response.text());
    },
  ],
  [
    'fails the clone as well',
    async ({ fetch }) => {
      const controller = new AbortController();
      const response = await fetch('/api/stream?chunks=1000&size=1000&ms=20', {
        signal: controller.signal,
      });
      const clone = response.clone();
      controller.abort();
      return [await attempt(() => response.text()), await attempt(() => clone.text())];
    },
  ],
  ...READERS.flatMap(([how, read]): Case[] => [
    [
      `fails ${how} when aborted after the whole of a small body has come`,
      async ({ fetch }) => {
        const controller = new AbortController();
        const response = await fetch('/api/bytes/10', { signal: controller.signal });
        await wait(100);
        controller.abort();
        return attempt(() => read(response));
      },
    ],
    [
      `fails ${how} with the reason when aborted after the head`,
      async ({ fetch }) => {
        const controller = new AbortController();
        const response = await fetch('/api/bytes/10', { signal: controller.signal });
        controller.abort(new RangeError('mine'));
        return attempt(() => read(response));
      },
    ],
    [
      `lets ${how} be when aborted after it`,
      async ({ fetch }) => {
        const controller = new AbortController();
        const response = await fetch('/api/bytes/10', { signal: controller.signal });
        const outcome = await attempt(() => read(response));
        controller.abort();
        await wait(20);
        return [outcome, response.bodyUsed];
      },
    ],
  ]),
  [
    'does not mind an abort after the end',
    async ({ fetch }) => {
      const controller = new AbortController();
      const response = await fetch('/api/bytes/10', { signal: controller.signal });
      const text = await response.arrayBuffer();
      controller.abort();
      await wait(20);
      return [text.byteLength, response.bodyUsed];
    },
  ],
  [
    'sends a body with a signal that stays silent',
    async ({ fetch }) => {
      const { signal } = new AbortController();
      return (
        await fetch('/api/upload', { method: 'POST', body: 'x'.repeat(1_000), signal })
      ).json();
    },
  ],
];
