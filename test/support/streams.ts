/** What the tests of EventSource and WebSocket share. */
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { env, frameUrl } from './env.ts';

export type Streams = { EventSource: typeof EventSource; WebSocket: typeof WebSocket };

/** The two that have to behave alike: the engine's own, and ours through the frame. */
export const SIDES = ['platform', 'hadoken'] as const;

let hadoken: Hadoken | undefined;

/** The constructors of `side`. Ours are those of one client; {@link closeSides} closes it. */
export function streamsOf(side: (typeof SIDES)[number]): Streams {
  if (side === 'platform') return globalThis;
  hadoken ??= connect(frameUrl());
  return hadoken;
}

export function closeSides(): void {
  hadoken?.close();
  hadoken = undefined;
}

/** An event stream's URL; what the query does is said in stream-server.mjs. */
export function sseUrl(query: Record<string, string | string[]> = {}): string {
  const url = new URL('/streams/sse', env.push);
  for (const [name, values] of Object.entries(query))
    for (const value of [values].flat()) url.searchParams.append(name, value);
  return url.href;
}

export const wsUrl = (name: string): string =>
  `${env.push.replace('http', 'ws')}/streams/ws/${name}`;

/** The next event of that type. */
export function next<E extends Event = MessageEvent>(
  target: EventTarget,
  type = 'message',
): Promise<E> {
  return new Promise((resolve) =>
    target.addEventListener(type, (event) => resolve(event as E), { once: true }),
  );
}

/** `type readyState` of every event from now on. */
export function record(target: EventTarget & { readyState: number }, types: string[]): string[] {
  const seen: string[] = [];
  for (const type of types)
    target.addEventListener(type, () => seen.push(`${type} ${target.readyState}`));
  return seen;
}

/** What `run` throws. */
export function thrown(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Long enough for an event that must not come to have come. */
export const settle = (ms = 200): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** Whether all of these open; they are closed again. */
export async function openAll(streams: (EventSource | WebSocket)[]): Promise<boolean> {
  const opened = await Promise.all(
    streams.map((stream) =>
      Promise.race([
        next(stream, 'open').then(() => true),
        next(stream, 'error').then(() => false),
      ]),
    ),
  );
  for (const stream of streams) stream.close();
  return !opened.includes(false);
}
