/** One HTTP exchange on the frame's side: its bodies, abort and progress. */
import { BodySender, type Post, type Source } from '../../ajax/body.ts';
import { type Provenance, toWireResponse } from '../../ajax/response.ts';
import type { ReadCommand } from '../../rpc/wire/fetch.ts';
import type { RequestTimer } from '../timing/request-timer.ts';

export class Exchange {
  /** Aborts when the page wants nothing of this exchange any more. */
  readonly signal: AbortSignal;
  /**
   * Why this side broke the upload off. It is kept here, because engines report a failed upload
   * with errors of their own.
   */
  refusal: Error | undefined;
  /** Posts a message to the page. */
  readonly post: Post;
  /** Called when head and body are done with: what the page says after that is not heard. */
  readonly end: () => void;
  readonly #abort = new AbortController();
  /** Takes the chunk of the upload that was asked for, or `undefined` for its end. */
  #onChunk: ((bytes?: ArrayBuffer) => void) | undefined;
  #download: BodySender | undefined;

  constructor(post: Post, end: () => void) {
    this.post = post;
    this.end = end;
    this.signal = this.#abort.signal;
  }

  /** Does what the page says of it. */
  handle(command: ReadCommand): void {
    switch (command.type) {
      case 'abort':
        return this.abort();
      case 'taken':
        return this.#download?.taken(command.loaded);
      case 'chunk':
        return this.#onChunk?.(command.bytes);
      case 'end':
        return this.#onChunk?.();
    }
  }

  /** Stops what is done for it. */
  abort(): void {
    this.#abort.abort();
    this.#download?.cancel();
  }

  /**
   * The request's body: the page sends a chunk whenever one is wanted. It fails when the page
   * aborts.
   */
  upload(): ReadableStream<Uint8Array> {
    const { signal } = this;
    return new ReadableStream(
      {
        start: (controller) => {
          const fail = (): void => {
            // A chunk may be on its way.
            this.#onChunk = undefined;
            controller.error(signal.reason);
          };
          if (signal.aborted) fail();
          else signal.addEventListener('abort', fail);
        },
        pull: (controller) =>
          new Promise<void>((resolve) => {
            this.#onChunk = (bytes) => {
              this.#onChunk = undefined;
              if (bytes) controller.enqueue(new Uint8Array(bytes));
              else controller.close();
              resolve();
            };
            this.post({ type: 'pull' });
          }),
        // A chunk may be on its way.
        cancel: () => {
          this.#onChunk = undefined;
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** Posts to the page how many bytes of its body have left. */
  progress(loaded: number, total: number | undefined): void {
    this.post({ type: 'progress', progress: { loaded, total } });
  }

  /**
   * Posts the head to the page; a body that did not come along follows. `from`: what the page sees
   * of where it comes from. `isHooks`: a hook has made the response. `toFailure`: what the page
   * gets for an error of the body, if not that. `timer`: of a page that has asked. Resolves once
   * the head is posted; `done` resolves once the body has been sent, or cancelled.
   */
  async answer(
    response: Response,
    from: Provenance,
    isHooks: boolean,
    toFailure?: (error: unknown) => unknown,
    timer?: RequestTimer,
  ): Promise<{ done: Promise<void> }> {
    const { wire: head, rest } = await toWireResponse(response, from, undefined, isHooks);
    head.timing = timer?.toWire(response);
    this.post({ type: 'head', head }, head.bytes ? [head.bytes] : []);
    const end = (): void => {
      this.end();
      void timer?.follow((resource) => this.post({ type: 'timing', resource }));
    };
    let done = Promise.resolve();
    if (rest) {
      const read: Source['read'] = () =>
        rest.read().catch((error: unknown) => {
          throw toFailure?.(error);
        });
      const source = toFailure ? { ...rest, read } : rest;
      this.#download = new BodySender(source, this.post, head.downloaded);
      if (this.signal.aborted) this.#download.cancel();
      done = this.#download.done.then(end);
    } else end();
    return { done };
  }
}
