/** One HTTP exchange on the frame's side: the port that carries bodies, abort and progress. */
import { BodyReceiver, BodySender, type Post } from '../ajax/body.ts';
import { readFetchMessage } from '../ajax/fetch-message.ts';
import { type Provenance, toWireResponse } from '../ajax/response.ts';
import type { FetchMessage, Progress, WireResponse } from '../rpc/contract.ts';
import type { HadokenError } from '../rpc/errors.ts';
import { transfer } from '../rpc/transfer.ts';

export class Exchange {
  /** Aborts when the page wants nothing of this any more. */
  readonly signal: AbortSignal;
  /** What this side refused it for while it was under way: engines tell of a failed upload in words of their own. */
  refusal: HadokenError | undefined;
  readonly #abort = new AbortController();
  readonly #port: MessagePort;
  readonly #onEnd: () => void;
  #uploaded: Progress | undefined;
  #upload: BodyReceiver | undefined;
  #download: BodySender | undefined;

  /** `onEnd` is called once, when head and body are done with. */
  constructor(port: MessagePort, onEnd: () => void) {
    this.#port = port;
    this.#onEnd = onEnd;
    this.signal = this.#abort.signal;
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      const message = readFetchMessage(data);
      if (message) this.#handle(message);
    };
  }

  readonly #post: Post = (message, transfer = []) => this.#port.postMessage(message, transfer);

  #handle(message: FetchMessage): void {
    if (message.type === 'abort') {
      this.#abort.abort();
      this.#download?.cancel();
    } else if (message.type === 'cancel') this.#download?.cancel();
    else if (message.type === 'credit') this.#download?.credit(message.bytes);
    else this.#upload?.handle(message);
  }

  /** The request's body, which the page sends as it is read. */
  upload(): ReadableStream<Uint8Array> {
    this.#upload = new BodyReceiver(this.#post, () => {});
    return this.#upload.stream;
  }

  /** Tells the page how many bytes of its body have left. */
  progress(loaded: number, total: number | undefined): void {
    this.#uploaded = { loaded, total };
    this.#post({ type: 'progress', loaded, total });
  }

  /** The head for the page; a body that did not come along follows. `from`: the answer that `response` was made of. */
  async answer(response: Response, from: Provenance): Promise<WireResponse> {
    const { wire, rest } = await toWireResponse(response, from);
    if (this.#uploaded) wire.uploaded = this.#uploaded;
    if (wire.body) transfer(wire, [wire.body.bytes]);
    if (rest) {
      this.#download = new BodySender(rest, this.#post, true);
      if (this.signal.aborted) this.#download.cancel();
      void this.#download.done.then(() => this.end());
    } else this.end();
    return wire;
  }

  end(): void {
    this.#port.close();
    this.#onEnd();
  }
}
