/**
 * The frame's side of `hadoken.EventSource`: rules, hooks, and the stream of a `fetch`. The platform's EventSource
 * can't be told where to go on, which it has to be when a frame is lost, nor take a header.
 */
import { type EventSourceTarget, readStreamCommand } from '../rpc/wire/stream.ts';
import { ORIGIN_HEADER } from './fetch.ts';
import { type Connect, Follower } from './follower.ts';
import type { Effects, Page } from './host.ts';
import type { ServeOptions } from './options.ts';
import { createPolicy } from './policy.ts';

/** Headers are bytes: an id goes as its UTF-8, which `fetch` takes as Latin-1. */
function toHeader(id: string): string {
  return Array.from(new TextEncoder().encode(id), (byte) => String.fromCharCode(byte)).join('');
}

/** Why `response` is no event stream, or undefined. */
function whyNot({ status, headers }: Response): string | undefined {
  const type = headers.get('content-type') ?? 'none';
  if (status !== 200) return `the answer's status is ${status}, not 200`;
  if (type.split(';')[0]?.trim().toLowerCase() !== 'text/event-stream')
    return `the answer's type is ${type}, not text/event-stream`;
  return undefined;
}

/** Reads the body to its end, or until it breaks off, which is all the same here. */
async function readText({ body }: Response, onText: (text: string) => void): Promise<void> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const chunk = await reader?.read().catch(() => undefined);
    if (!chunk?.value) return;
    onText(decoder.decode(chunk.value, { stream: true }));
  }
}

/** Settles when the EventSource is closed; rejects with what refuses it. */
export type EventSourceHost = (target: EventSourceTarget, port: MessagePort) => Promise<void>;

/** By page. Throws INVALID_ARGUMENT for rules that can't be read. */
export function createEventSourceHost(
  options: ServeOptions,
  effects: Effects,
): (page: Page) => EventSourceHost {
  const policy = createPolicy(options.eventSource, effects.origin, { option: 'eventSource', io: options.io });

  return ({ context, life, takeSocket }) => {
    const check = (url: string): string =>
      policy({ url, method: 'GET', headers: [], origin: context.origin }).url;

    const build = async (url: string, lastEventId: string): Promise<Request> => {
      const headers = new Headers({ Accept: 'text/event-stream' });
      if (lastEventId) headers.set('Last-Event-ID', toHeader(lastEventId));
      // A redirect to another origin is a network error: nothing of ours goes there.
      const request = new Request(url, { headers, cache: 'no-store', mode: 'same-origin' });
      const final = (await options.onRequest?.(request, context)) || request;
      final.headers.set(ORIGIN_HEADER, context.origin);
      return final;
    };

    const createConnect =
      (url: string): Connect =>
      async (lastEventId, { onOpen, onText }, signal) => {
        const request = await build(url, lastEventId);
        const answered = await effects.fetch(request, { signal }).catch(() => undefined);
        if (!answered) return true;
        try {
          if (answered.redirected) check(answered.url);
          const shown = (await options.onResponse?.(answered, context)) || answered;
          const why = whyNot(shown);
          if (why) effects.log(`EventSource ${url}: ${why}.`);
          else {
            onOpen();
            await readText(shown, onText);
          }
          return !why;
        } finally {
          // Whoever does not get it shall not keep the server busy with it either.
          if (!answered.body?.locked) void answered.body?.cancel();
        }
      };

    return async (target, port) => {
      const url = check(target.url);
      const release = takeSocket();
      const follower = new Follower(port, target);
      const onFreeze = (): void =>
        follower.freeze(
          new Promise((resolve) => life.addEventListener('thaw', () => resolve(), { once: true })),
        );
      life.addEventListener('freeze', onFreeze);
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (readStreamCommand(data)?.type === 'close') follower.close();
      };
      try {
        await follower.run(createConnect(url));
      } finally {
        life.removeEventListener('freeze', onFreeze);
        release();
      }
    };
  };
}
