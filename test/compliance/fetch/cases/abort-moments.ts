/** Every way to read a body, aborted at each moment there is. */

import { wait } from '../../../support/env.ts';
import { attempt, type Case } from '../outcome.ts';

type Kit = Parameters<Case[1]>[0];
type Reader = (response: Response) => unknown;

const drain = async (stream: ReadableStream<Uint8Array>): Promise<number> => {
  const reader = stream.getReader();
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return length;
    length += value.byteLength;
  }
};

const READERS: Record<string, Reader> = {
  text: async (response) => (await response.text()).length,
  json: async (response) => JSON.stringify(await response.json()),
  arrayBuffer: async (response) => (await response.arrayBuffer()).byteLength,
  bytes: async (response) => (await response.bytes?.())?.byteLength,
  blob: async (response) => (await response.blob()).size,
  formData: async (response) => [...(await response.formData())].length,
  'the reader of body': ({ body }) => body && drain(body),
  'one half of body.tee()': ({ body }) => body && drain(body.tee()[0]),
  'a pipe out of body': ({ body }) =>
    body && drain(body.pipeThrough(new TransformStream<Uint8Array, Uint8Array>())),
};

/** A body that comes for two seconds. */
const SLOW = '/api/stream?chunks=1000&size=1000&ms=20';
const BODIES = {
  'a small body': '/api/bytes/10',
  'a body of 30 KB': '/api/bytes/30000',
  'a body of 300 KB': '/api/bytes/300000',
};

/** What every reader comes to, each with an exchange of its own. */
async function withEach(run: (read: Reader) => Promise<unknown>): Promise<unknown> {
  const outcomes = Object.entries(READERS).map(async ([how, read]) => [
    how,
    await attempt(() => run(read)),
  ]);
  return Object.fromEntries(await Promise.all(outcomes));
}

type Moment = (
  kit: Kit,
  read: Reader,
  start: (path: string) => { asked: Promise<Response>; abort(): void },
) => Promise<unknown>;

const moments: Record<string, Moment> = {
  'before it is asked for': async ({ fetch }, read) =>
    read(await fetch('/api/bytes/10', { signal: AbortSignal.abort() })),
  'in the task in which it is asked for': async (_, read, start) => {
    const { asked, abort } = start('/api/bytes/10');
    abort();
    return read(await asked);
  },
  'while the head is waited for': async (_, read, start) => {
    const { asked, abort } = start('/api/hang');
    setTimeout(abort, 50);
    return read(await asked);
  },
  'as the head comes': async (_, read, start) => {
    const { asked, abort } = start(SLOW);
    const response = await asked;
    abort();
    return read(response);
  },
  'as it begins to be read': async (_, read, start) => {
    const { asked, abort } = start(SLOW);
    const reading = read(await asked);
    abort();
    return reading;
  },
  'in its middle, while it is read': async (_, read, start) => {
    const { asked, abort } = start(SLOW);
    const reading = read(await asked);
    setTimeout(abort, 100);
    return reading;
  },
  'in its middle, while nobody reads it': async (_, read, start) => {
    const { asked, abort } = start(SLOW);
    const response = await asked;
    await wait(100);
    abort();
    return read(response);
  },
};

const start =
  ({ fetch }: Kit) =>
  (path: string) => {
    const controller = new AbortController();
    const asked = fetch(path, { signal: controller.signal });
    return { asked, abort: () => controller.abort() };
  };

export const abortMomentCases: Case[] = [
  ...Object.entries(moments).map(
    ([when, moment]): Case => [
      `fails every way to read a body that is aborted ${when}`,
      (kit) => withEach((read) => moment(kit, read, start(kit))),
    ],
  ),
  ...Object.entries(BODIES).flatMap(([what, path]): Case[] => [
    [
      `fails every way to read ${what}, aborted when all of it may have come`,
      (kit) =>
        withEach(async (read) => {
          const { asked, abort } = start(kit)(path);
          const response = await asked;
          await wait(50);
          abort();
          return read(response);
        }),
    ],
    [
      `reads ${what} in every way, aborted afterwards, and not twice`,
      (kit) =>
        withEach(async (read) => {
          const { asked, abort } = start(kit)(path);
          const response = await asked;
          const outcome = await attempt(() => read(response));
          abort();
          await wait(20);
          // Which error it is differs from engine to engine: docs/fetch.md has it.
          const again = await attempt(async () => [await read(response)]);
          return [outcome, Array.isArray(again) ? again : 'fails'];
        }),
    ],
  ]),
  [
    'fails two requests of one signal, each at its own moment',
    async ({ fetch }) => {
      const controller = new AbortController();
      const { signal } = controller;
      const waiting = attempt(() => fetch('/api/hang', { signal }));
      const response = await fetch(SLOW, { signal });
      const reading = attempt(() => response.text());
      controller.abort();
      return [await waiting, await reading];
    },
  ],
];
