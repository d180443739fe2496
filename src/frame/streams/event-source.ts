/**
 * The frame's side of `hadoken.EventSource`: rules, hooks, and the stream of a `fetch`. The
 * platform's EventSource can't be told where to go on, which it has to be when a frame is lost, nor
 * take a header.
 */
import { LONGEST } from '../../rpc/time/longest.ts';
import { type EventSourceTarget, readStreamCommand } from '../../rpc/wire/stream.ts';
import { decideInit, sharingOf } from '../ajax/request-init.ts';
import { createRoundTrip, letGo } from '../ajax/round-trip.ts';
import type { Effects } from '../effects.ts';
import { isUnavailable, runHook } from '../hook.ts';
import type { ServeOptions } from '../options.ts';
import type { Page } from '../page.ts';
import { type Allowed, createPolicy } from '../rules/policy.ts';
import type { Vault } from '../vault/contract.ts';
import { type Connect, EventSourceConnection } from './event-source-connection.ts';

/**
 * The least that the `retry` of a page may be, in ms: where an earlier frame left off, it may not
 * be a page's way to make requests without a pause.
 */
const RETRY_MIN = 1_000;

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

/**
 * Reads the body to its end, or until it breaks off, which is all the same here. `signal` ends it
 * too: a body that a hook made hears nothing of the request's.
 */
async function readText(
  { body }: Response,
  onText: (text: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  const stop = (): void => void reader?.cancel().catch(() => {});
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    for (;;) {
      const chunk = await reader?.read().catch(() => undefined);
      if (!chunk?.value) return;
      onText(decoder.decode(chunk.value, { stream: true }));
    }
  } finally {
    stop();
    signal.removeEventListener('abort', stop);
  }
}

/** Settles when the EventSource is closed; rejects with what refuses it. */
export type EventSourceHost = (target: EventSourceTarget, port: MessagePort) => Promise<void>;

/** A stream that the rules allow. */
export type StreamToShare = {
  target: EventSourceTarget;
  port: MessagePort;
  life: EventTarget;
  /** The page's. */
  origin: string;
  connect: Connect;
};

/** Follows a stream with other pages; undefined for one that is the page's alone. */
export type ShareStream = (asked: StreamToShare) => Promise<void> | undefined;

/** By page. Throws INVALID_ARGUMENT for rules that can't be read. */
export function createEventSourceHost(
  options: ServeOptions,
  effects: Effects,
  vault?: Vault,
  share: ShareStream = () => undefined,
): (page: Page) => EventSourceHost {
  const policy = createPolicy(options.eventSource, effects.origin, {
    option: 'eventSource',
    io: options.io,
    isTrusted: effects.isTrusted,
  });
  const sharing = sharingOf(options.origins);
  const roundTrip = createRoundTrip(options, effects, vault);

  return ({ context, life, takeSocket }) => {
    /** The request that the rules allow and the hook gets. */
    const build = (allowed: Allowed, lastEventId: string): Request => {
      const headers = new Headers({ Accept: 'text/event-stream' });
      if (lastEventId) headers.set('Last-Event-ID', toHeader(lastEventId));
      const init = decideInit({ cache: 'no-store' }, allowed, 'EventSource', sharing);
      return new Request(allowed.url, { ...init, headers });
    };

    const createConnect =
      (allowed: Allowed, url: string): Connect =>
      async (lastEventId, { onOpen, onText }, signal) => {
        const what = `EventSource ${url}`;
        /** Of the network, and not of a hook: another connection may do. */
        let isLost = false;
        const made = await roundTrip({
          context,
          kind: 'eventSource',
          what,
          signal,
          sharing,
          policy,
          headers: [],
          create: () => build(allowed, lastEventId),
          send: ({ sent }) =>
            effects.fetch(sent).catch((error: Error) => {
              isLost = true;
              // A browser's console says it by itself.
              if (effects.isTrusted) effects.log(`${what}: ${error.message}`);
              throw error;
            }),
          // Another connection may have them. What host.js says to the page ends the stream.
          onUnavailable(error) {
            isLost = isUnavailable(error);
          },
        }).catch((error) => {
          if (!isLost) throw error;
        });
        if (!made) return true;
        const { answered, shown } = made;
        try {
          const why = whyNot(shown);
          if (why) effects.log(`EventSource ${url}: ${why}.`);
          else {
            onOpen();
            // A body of the hook's own may give what is no bytes.
            await runHook({ hook: 'onResponse', what, log: effects.log }, () =>
              readText(shown, onText, signal),
            );
          }
          return !why;
        } finally {
          letGo(answered);
        }
      };

    return async (target, port) => {
      const { url, retry } = target;
      const allowed = policy({ url, method: 'GET', headers: [], origin: context.origin });
      const release = takeSocket();
      const bounded =
        retry === undefined ? {} : { retry: Math.min(Math.max(retry, RETRY_MIN), LONGEST) };
      const bound = { ...target, ...bounded };
      const connect = createConnect(allowed, url);
      const shared = share({ target: bound, port, life, origin: context.origin, connect });
      if (shared) return shared.finally(release);
      const connection = new EventSourceConnection(port, bound);
      const close = (): void => connection.close();
      const onFreeze = (): void =>
        connection.freeze(
          new Promise((resolve) => life.addEventListener('thaw', () => resolve(), { once: true })),
        );
      const onAnew = (): void => connection.freeze(Promise.resolve());
      life.addEventListener('freeze', onFreeze);
      life.addEventListener('anew', onAnew);
      life.addEventListener('bye', close);
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (readStreamCommand(data)?.type === 'close') close();
      };
      try {
        await connection.run(connect);
      } finally {
        life.removeEventListener('freeze', onFreeze);
        life.removeEventListener('anew', onAnew);
        life.removeEventListener('bye', close);
        release();
      }
    };
  };
}
