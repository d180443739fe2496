/**
 * A body in transferred chunks, the same in both directions. The reader's pull grants credit in bytes; the sender
 * reads its source only while there is credit, so a body nobody reads stops its server after {@link WINDOW} bytes.
 */
import type { FetchMessage } from '../rpc/contract.ts';
import { fromWireError, toWireError } from '../rpc/errors.ts';

export type Post = (message: FetchMessage, transfer?: Transferable[]) => void;
export type Read = () => Promise<ReadableStreamReadResult<Uint8Array>>;

/** Bytes that may be on their way or wait unread at the receiver. Both sides start with all of it granted. */
export const WINDOW = 1_048_576;

/** The bytes of a view in a buffer of their own, which may be transferred. `owned`: the view's buffer is ours to give away. */
export function ownBuffer(view: ArrayBufferView, owned: boolean): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = view;
  return owned && byteLength === buffer.byteLength && buffer instanceof ArrayBuffer
    ? buffer
    : (buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
}

/** Sends what `read` gives as CHUNK, then END or ERROR, as credit allows. */
export class BodySender {
  /** Resolves when END, ERROR or CANCEL has ended it. */
  readonly done: Promise<void>;
  #credit = WINDOW;
  #wake: (() => void) | undefined;
  #cancelled = false;
  readonly #cancel: (reason?: unknown) => void;

  constructor(read: Read, cancel: (reason?: unknown) => void, post: Post, owned: boolean) {
    this.#cancel = cancel;
    this.done = this.#pump(read, post, owned);
  }

  async #pump(read: Read, post: Post, owned: boolean): Promise<void> {
    try {
      for (;;) {
        while (this.#credit <= 0 && !this.#cancelled) {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
        if (this.#cancelled) return;
        const { done, value } = await read();
        if (this.#cancelled) return;
        if (done) return post({ type: 'end' });
        if (!ArrayBuffer.isView(value)) throw new TypeError('A chunk of a body stream is no Uint8Array');
        const bytes = ownBuffer(value, owned);
        this.#credit -= bytes.byteLength;
        post({ type: 'chunk', bytes }, [bytes]);
      }
    } catch (error) {
      post({ type: 'error', error: toWireError(error) });
    }
  }

  credit(bytes: number): void {
    this.#credit += bytes;
    this.#wake?.();
  }

  cancel(reason?: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#wake?.();
    this.#cancel(reason);
  }
}

/** Whether this engine has byte streams; the platform's own bodies are such where it has. */
const BYTES = (() => {
  try {
    return new ReadableStream({ type: 'bytes' }) instanceof ReadableStream;
  } catch {
    return false;
  }
})();

/** The other end of a {@link BodySender}: a ReadableStream of bytes. */
export class BodyReceiver {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableByteStreamController | ReadableStreamDefaultController<Uint8Array>;
  /** Granted and not yet arrived. */
  #granted = WINDOW;
  #ended = false;
  readonly #post: Post;
  readonly #onEnd: () => void;

  /** `first` bytes have come already; `onEnd` is called once, however it ends. */
  constructor(post: Post, onEnd: () => void, first?: ArrayBuffer) {
    this.#post = post;
    this.#onEnd = onEnd;
    const source = {
      start: (controller: ReadableByteStreamController) => {
        this.#controller = controller;
        if (first?.byteLength) controller.enqueue(new Uint8Array(first));
      },
      pull: () => this.#grant(),
      cancel: () => {
        post({ type: 'cancel' });
        this.#end();
      },
    };
    this.stream = BYTES
      ? new ReadableStream({ ...source, type: 'bytes' }, { highWaterMark: WINDOW })
      : new ReadableStream(source as unknown as UnderlyingDefaultSource<Uint8Array>, {
          highWaterMark: WINDOW,
          size: (chunk) => chunk.byteLength,
        });
  }

  #grant(): void {
    const more = (this.#controller.desiredSize ?? 0) - this.#granted;
    if (more < WINDOW / 4 || this.#ended) return;
    this.#granted += more;
    this.#post({ type: 'credit', bytes: more });
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd();
  }

  chunk(bytes: ArrayBuffer): void {
    if (this.#ended) return;
    this.#granted -= bytes.byteLength;
    if (bytes.byteLength > 0) this.#controller.enqueue(new Uint8Array(bytes));
  }

  /** END, or ERROR with `reason`. */
  end(reason?: unknown, failed = false): void {
    if (this.#ended) return;
    this.#end();
    if (failed) return this.#controller.error(reason);
    this.#controller.close();
    // A pending BYOB read is answered by hand: see the Streams standard, ReadableByteStreamController.close().
    (this.#controller as ReadableByteStreamController).byobRequest?.respond(0);
  }

  /** Takes a message of the sender's; false: it is another's. */
  handle(message: FetchMessage): boolean {
    if (message.type === 'chunk') this.chunk(message.bytes);
    else if (message.type === 'end') this.end();
    else if (message.type === 'error') this.end(fromWireError(message.error), true);
    else return false;
    return true;
  }
}
