/**
 * A response's body in transferred chunks. Nothing moves before the page grants credit, in bytes, and it grants as its
 * reader pulls: a body that nobody reads stops its server after {@link WINDOW} bytes. A request's body goes the other
 * way one chunk at a time, as the frame asks for it: see the two exchange.ts.
 */
import type { FetchMessage } from '../rpc/contract.ts';
import { fromWireError, toWireError } from '../rpc/errors.ts';

export type Post = (message: FetchMessage, transfer?: Transferable[]) => void;

/** Where a body's bytes come from: a stream's reader, or what stands for one. */
export type Source = Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>;

/** Bytes that may be on their way or wait unread at the receiver. */
export const WINDOW = 8_388_608;

/** The bytes of a view in a buffer of their own, which may be transferred. `owned`: the view's buffer is ours to give away. */
export function ownBuffer(view: ArrayBufferView, owned = false): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = view;
  return owned && byteLength === buffer.byteLength
    ? (buffer as ArrayBuffer)
    : (buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}

/** The size of `data` as it goes over the network, in bytes. */
export function byteLengthOf(data: string | ArrayBuffer | Blob): number {
  const { size, byteLength } = data as Partial<Blob & ArrayBuffer>;
  return size ?? byteLength ?? new TextEncoder().encode(data as string).length;
}

/** Sends what `source` gives as CHUNK, then END or ERROR, as credit allows. */
export class BodySender {
  /** Resolves when END, ERROR or CANCEL has ended it. */
  readonly done: Promise<void>;
  readonly #source: Source;
  #credit = 0;
  #cancelled = false;
  #wake: (() => void) | undefined;

  /** The chunks' buffers are ours to give away. */
  constructor(source: Source, post: Post) {
    this.#source = source;
    this.done = this.#pump(post);
  }

  async #pump(post: Post): Promise<void> {
    try {
      for (;;) {
        while (this.#credit <= 0 && !this.#cancelled) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#cancelled) return;
        const { done, value } = await this.#source.read();
        if (this.#cancelled) return;
        if (done) return post({ type: 'end' });
        const bytes = ownBuffer(value, true);
        this.#credit -= bytes.byteLength;
        post({ type: 'chunk', bytes }, [bytes]);
      }
    } catch (error) {
      this.cancel(error);
      post({ type: 'error', error: toWireError(error) });
    }
  }

  credit(bytes: number): void {
    this.#credit += bytes;
    this.#wake?.();
  }

  /** Stops, and lets the source go. */
  cancel(reason?: unknown): void {
    this.#cancelled = true;
    this.#wake?.();
    this.#source.cancel(reason).catch(() => {});
  }
}

type Controller = ReadableByteStreamController | ReadableStreamDefaultController<Uint8Array>;

/** The other end of a {@link BodySender}: a ReadableStream of bytes. */
export class BodyReceiver {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: Controller;
  /** Granted and not yet arrived. */
  #granted = 0;
  #ended = false;
  readonly #post: Post;
  readonly #onEnd: (reason?: unknown) => void;
  readonly #onWaiting: ((waiting: boolean) => void) | undefined;

  /**
   * `onEnd` is called once, with the reason if it fails; `first` bytes have come already. `onWaiting` hears whether a reader may
   * be waiting for bytes, that is whether the queue is empty.
   */
  constructor(
    post: Post,
    onEnd: (reason?: unknown) => void,
    first?: ArrayBuffer,
    onWaiting?: (waiting: boolean) => void,
  ) {
    this.#post = post;
    this.#onEnd = onEnd;
    this.#onWaiting = onWaiting;
    const source = {
      start: (controller: Controller) => {
        this.#controller = controller;
        if (first?.byteLength) this.#controller.enqueue(new Uint8Array(first));
      },
      pull: () => this.#grant(),
      cancel: () => {
        post({ type: 'cancel' });
        this.#end();
      },
    };
    try {
      this.stream = new ReadableStream({ ...source, type: 'bytes' }, { highWaterMark: WINDOW });
    } catch {
      // An engine without byte streams; its own bodies are none either.
      this.stream = new ReadableStream<Uint8Array>(source, {
        highWaterMark: WINDOW,
        size: (chunk) => chunk.byteLength,
      });
    }
  }

  #grant(): void {
    const room = this.#controller.desiredSize ?? 0;
    this.#onWaiting?.(room === WINDOW);
    const more = room - this.#granted;
    if (more < WINDOW / 4 || this.#ended) return;
    this.#granted += more;
    this.#post({ type: 'credit', bytes: more });
  }

  #end(reason?: unknown): void {
    this.#ended = true;
    this.#onEnd(reason);
  }

  /** Takes a message of the sender's; others it leaves alone. */
  handle(message: FetchMessage): void {
    if (message.type === 'error') this.fail(fromWireError(message.error));
    if (this.#ended) return;
    if (message.type === 'chunk') {
      const chunk = new Uint8Array(message.bytes);
      this.#granted -= chunk.byteLength;
      if (chunk.byteLength) this.#controller.enqueue(chunk);
      this.#onWaiting?.(this.#controller.desiredSize === WINDOW);
    } else if (message.type === 'end') {
      this.#end();
      this.#controller.close();
      // A pending BYOB read is answered by hand: see the Streams standard, ReadableByteStreamController.close().
      (this.#controller as ReadableByteStreamController).byobRequest?.respond(0);
    }
  }

  /** Ends it early: what reads it, or will, rejects with `reason`. */
  fail(reason: unknown): void {
    if (this.#ended) return;
    this.#end(reason);
    this.#controller.error(reason);
  }
}
