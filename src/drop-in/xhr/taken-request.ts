/**
 * A request of an XMLHttpRequest that goes through the frame, from `open()` to the next: its
 * states, its events in their order, and its answer.
 * @see https://xhr.spec.whatwg.org/
 */
import type { FetchInit, Progress } from '../../parent/index.ts';
import { Answer } from './answer.ts';
import { headersFor, lengthOf, type Payload } from './body.ts';
import { dispatch, dispatchProgress } from './events.ts';

export const UNSENT = 0;
export const OPENED = 1;
export const HEADERS_RECEIVED = 2;
export const LOADING = 3;
export const DONE = 4;

/** How often a download may tell of its progress, in ms. */
const INTERVAL = 50;

/** What a request works with: `xhr` is the page's own object, and its events are that object's. */
export type Surroundings = {
  readonly xhr: XMLHttpRequest;
  readonly fetch: (url: string, init: FetchInit) => Promise<Response>;
  readonly upload: EventTarget;
  /** Whether somebody may listen to the upload: else nobody counts it. */
  readonly isUploadHeard: () => boolean;
  /** Why there is no answer: the object's `error` event can't say it. */
  readonly onRefusal: (error: unknown) => void;
};

/** What `open()` was told. */
export type Opened = {
  readonly method: string;
  /** On the frame's origin. */
  readonly url: string;
};

/** Whether `fetch` and XMLHttpRequest send no body with it. */
const hasNoBody = (method: string): boolean => /^(GET|HEAD)$/i.test(method);

export class TakenRequest {
  readyState = OPENED;
  isSent = false;
  /** None before its head has come, and after an error. */
  answer: Answer | undefined;
  readonly #opened: Opened;
  readonly #around: Surroundings;
  readonly #headers: [name: string, value: string][] = [];
  readonly #controller = new AbortController();
  #upload: Upload | undefined;
  #startedAt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #toldAt = -Infinity;
  /** Of the answer's bytes. */
  #told = 0;

  constructor(opened: Opened, around: Surroundings) {
    this.#opened = opened;
    this.#around = around;
  }

  addHeader(name: string, value: string): void {
    this.#headers.push([name, value]);
  }

  /** Begins. Checked before: it is open, and not sent. */
  send(payload: Payload): void {
    const { xhr, upload } = this.#around;
    const { method } = this.#opened;
    const sent = hasNoBody(method) ? { body: null } : payload;
    this.isSent = true;
    if (sent.body !== null) this.#upload = new Upload(upload, sent.body);
    this.#startedAt = performance.now();
    dispatchProgress(xhr, 'loadstart');
    this.#upload?.start();
    // A listener may have aborted it, or opened another.
    if (!this.isSent || this.#isOver) return;
    this.watchTimeout();
    void this.#run(sent);
  }

  /** `timeout` counts from `send()`, also where it is set later. */
  watchTimeout(): void {
    clearTimeout(this.#timer);
    const { timeout } = this.#around.xhr;
    if (!this.isSent || !timeout) return;
    const left = this.#startedAt + timeout - performance.now();
    this.#timer = setTimeout(() => this.#fail('timeout'), Math.max(left, 0));
  }

  /** As `XMLHttpRequest.abort()`. */
  abort(): void {
    const { isSent } = this;
    // It can be sent still.
    if (this.readyState === OPENED && !isSent) return;
    this.terminate();
    if (this.readyState === OPENED || this.#isLoading) this.#end('abort');
    // No event tells of this. A listener may have opened another request.
    if (this.readyState === DONE) this.readyState = UNSENT;
    this.answer = undefined;
  }

  /** Ends it without a word, for another one begins. */
  terminate(): void {
    this.#controller.abort();
    clearTimeout(this.#timer);
  }

  get #isOver(): boolean {
    return this.#controller.signal.aborted;
  }

  get #isLoading(): boolean {
    return this.readyState === HEADERS_RECEIVED || this.readyState === LOADING;
  }

  async #run(payload: Payload): Promise<void> {
    try {
      const { url } = this.#opened;
      const response = await this.#around.fetch(url, this.#createInit(payload));
      if (this.#isOver) return;
      const answer = new Answer(response);
      this.#onHead(answer);
      const reader = response.body?.getReader();
      while (reader && !this.#isOver) {
        const { done, value } = await reader.read();
        if (this.#isOver) return;
        if (done) break;
        this.#onChunk(answer, value);
      }
      if (!this.#isOver) this.#onEnd(answer);
    } catch (error) {
      if (this.#isOver) return;
      this.#around.onRefusal(error);
      this.#fail('error');
    }
  }

  #createInit(payload: Payload): FetchInit {
    const { method } = this.#opened;
    const { withCredentials } = this.#around.xhr;
    const headers = headersFor(this.#headers, payload);
    const upload = this.#upload;
    return {
      method,
      headers,
      body: payload.body,
      credentials: withCredentials ? 'include' : 'same-origin',
      signal: this.#controller.signal,
      ...(upload &&
        this.#around.isUploadHeard() && {
          onUploadProgress: (progress: Progress) => {
            if (!this.#isOver) upload.onProgress(progress);
          },
        }),
    };
  }

  #change(state: number): void {
    this.readyState = state;
    dispatch(this.#around.xhr, 'readystatechange');
  }

  #onHead(answer: Answer): void {
    // A listener of the upload's last events may end it.
    this.#upload?.complete();
    if (this.#isOver) return;
    this.answer = answer;
    this.#change(HEADERS_RECEIVED);
  }

  #onChunk(answer: Answer, chunk: Uint8Array<ArrayBuffer>): void {
    // Of an empty body the platform tells nothing.
    if (!chunk.byteLength) return;
    answer.add(chunk);
    const now = performance.now();
    if (now - this.#toldAt < INTERVAL) return;
    this.#toldAt = now;
    this.#change(LOADING);
    // Also where a listener has ended it: all engines do.
    this.#tellProgress(answer);
  }

  #tellProgress({ loaded, total }: Answer): void {
    if (loaded === this.#told) return;
    this.#told = loaded;
    const shown: [loaded?: number, total?: number] = this.#isOver ? [] : [loaded, total];
    dispatchProgress(this.#around.xhr, 'progress', ...shown);
  }

  #onEnd(answer: Answer): void {
    this.#tellProgress(answer);
    if (this.#isOver) return;
    clearTimeout(this.#timer);
    answer.isWhole = true;
    this.isSent = false;
    this.#change(DONE);
    const { loaded, total } = answer;
    for (const type of ['load', 'loadend']) dispatchProgress(this.#around.xhr, type, loaded, total);
  }

  /** A failure that nobody asked for: `error` or `timeout`. */
  #fail(type: string): void {
    this.terminate();
    this.#end(type);
  }

  /** @see https://xhr.spec.whatwg.org/#request-error-steps */
  #end(type: string): void {
    const { xhr } = this.#around;
    this.isSent = false;
    this.answer = undefined;
    this.#change(DONE);
    this.#upload?.end(type);
    for (const each of [type, 'loadend']) dispatchProgress(xhr, each);
  }
}

/** The events of an upload, until all of it has left. */
class Upload {
  readonly #target: EventTarget;
  #total: number;
  #told = -1;
  #isDone = false;

  constructor(target: EventTarget, body: BodyInit) {
    this.#target = target;
    this.#total = lengthOf(body);
  }

  start(): void {
    dispatchProgress(this.#target, 'loadstart', 0, this.#total);
  }

  onProgress({ loaded, total = this.#total }: Progress): void {
    this.#total = total;
    if (this.#isDone || loaded <= this.#told) return;
    this.#told = loaded;
    dispatchProgress(this.#target, 'progress', loaded, total);
    if (loaded >= total) this.complete();
  }

  /** All of it has left. */
  complete(): void {
    this.onProgress({ loaded: this.#total, total: this.#total });
    if (this.#isDone) return;
    this.#isDone = true;
    for (const type of ['load', 'loadend'])
      dispatchProgress(this.#target, type, this.#total, this.#total);
  }

  /** It ended before that. */
  end(type: string): void {
    if (this.#isDone) return;
    this.#isDone = true;
    for (const each of [type, 'loadend']) dispatchProgress(this.#target, each);
  }
}
