/**
 * A response's body in transferred chunks. The frame keeps count: it sends up to {@link WINDOW}
 * bytes ahead of what the page's reader has taken, so a body that nobody reads stops its server. A
 * request's body goes the other way one chunk at a time, as the frame asks for it: see the two
 * exchange.ts.
 */
import { toWireError } from '../rpc/errors.ts';
import type { FetchMessage, Progress } from '../rpc/wire/fetch.ts';

export type Post = (message: FetchMessage, transfer?: Transferable[]) => void;

/** Where a body's bytes come from: a stream's reader, or what stands for one. */
export type Source = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>;

/** Bytes that may be on their way or wait unread at the receiver. */
export const WINDOW = 8_388_608;

/**
 * The bytes of a view in a buffer of their own, which may be transferred, also where the view's is
 * shared memory. `owned`: the view's buffer is ours to give away.
 */
export function ownBuffer(view: ArrayBufferView, owned = false): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = view;
  return owned && byteLength === buffer.byteLength
    ? (buffer as ArrayBuffer)
    : new Uint8Array(buffer, byteOffset, byteLength).slice().buffer;
}

/** The size of `data` as it goes over the network, in bytes. */
export function byteLengthOf(data: string | ArrayBuffer | Blob): number {
  const { size, byteLength } = data as Partial<Blob & ArrayBuffer>;
  return size ?? byteLength ?? new TextEncoder().encode(data as string).length;
}

/**
 * Sends what `source` gives as 'chunk', then 'end' or 'error': never more than {@link WINDOW} ahead
 * of the page's reader.
 */
export class BodySender {
  /** Resolves when 'end', 'error' or cancel() has ended it. */
  readonly done: Promise<void>;
  readonly #source: Source;
  readonly #progress: Progress;
  /** Nothing leaves before the page has the head. */
  #taken = -Infinity;
  #cancelled = false;
  #wake: (() => void) | undefined;

  /**
   * The chunks' buffers are ours to give away. `progress`: what has been sent already, and how much
   * there is in all.
   */
  constructor(source: Source, post: Post, progress: Progress) {
    this.#source = source;
    this.#progress = progress;
    this.done = this.#pump(post);
  }

  async #pump(post: Post): Promise<void> {
    let { loaded, total } = this.#progress;
    try {
      for (;;) {
        while (loaded - this.#taken >= WINDOW && !this.#cancelled) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#cancelled) return;
        const { done, value } = await this.#source.read();
        if (this.#cancelled) return;
        if (done) return post({ type: 'end' });
        const bytes = ownBuffer(value, true);
        if (!bytes.byteLength) continue;
        loaded += bytes.byteLength;
        post({ type: 'chunk', bytes, progress: { loaded, total } }, [bytes]);
      }
    } catch (error) {
      this.cancel(error);
      post({ type: 'error', error: toWireError(error) });
    }
  }

  /** The page's reader has taken the first `loaded` bytes. */
  taken(loaded: number): void {
    this.#taken = loaded;
    this.#wake?.();
  }

  /** Stops, and lets the source go. */
  cancel(reason?: unknown): void {
    this.#cancelled = true;
    this.#wake?.();
    this.#source.cancel(reason).catch(() => {});
  }
}

let streamClass: typeof ReadableStream | undefined;

/**
 * The platform's ReadableStream, also where a polyfill has taken its name: what bodies of the
 * platform's Responses are. Another's is text to a Response, without an error.
 */
export function platformStream(): typeof ReadableStream {
  streamClass ??= (new Response('a').body?.constructor ?? ReadableStream) as typeof ReadableStream;
  return streamClass;
}

type Controller = ReadableByteStreamController | ReadableStreamDefaultController<Uint8Array>;

/** The other end of a {@link BodySender}: a stream of bytes, with what feeds it. */
export type Body = { stream: ReadableStream<Uint8Array>; controller: Controller };

/**
 * A body that begins with `first`. `onPull` hears when all of it is taken and a reader waits. The
 * stream holds the Body; who else does keeps it from being garbage.
 */
export function createBody(
  first: ArrayBuffer | null,
  onPull: (body: Body) => void,
  cancel: (reason: unknown) => void,
): Body {
  const body = {} as Body;
  const source = {
    start(controller: Controller) {
      body.controller = controller;
      // A byte stream takes no empty chunk.
      if (first?.byteLength) controller.enqueue(new Uint8Array(first));
    },
    pull: () => onPull(body),
    cancel,
  };
  const Stream = platformStream();
  try {
    body.stream = new Stream({ ...source, type: 'bytes' });
  } catch {
    // An engine without byte streams; its own bodies are none either.
    body.stream = new Stream(source);
  }
  return body;
}
