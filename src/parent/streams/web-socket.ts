/** `hadoken.WebSocket`: the platform's WebSocket, whose connection the frame makes. */
import { byteLengthOf, ownBuffer } from '../../ajax/body.ts';
import { isPlatformObject } from '../../rpc/is-platform-object.ts';
import {
  isCloseCode,
  isCloseReason,
  type StreamCommand,
  type StreamNews,
} from '../../rpc/wire/stream.ts';
import type { Lease } from '../lease.ts';
import type { WebSocketConstructor } from './constructors.ts';
import { createEvent } from './create-event.ts';
import {
  closePort,
  createHandlers,
  defineInterface,
  invalid,
  openStream,
  parseUrl,
  requireArgument,
  watchStream,
} from './stream.ts';

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** The connection is gone, and nobody said goodbye. RFC 6455, 7.4.1. */
const ABNORMAL = { code: 1_006 };

/** A `token` of RFC 9110, 5.6.2, as a subprotocol has to be. */
const TOKEN = /^[!#-'*+.^`|~\w-]+$/;

/** WebIDL's `(DOMString or sequence<DOMString>)`: what can be iterated over is a list. */
function toStrings(given: unknown): string[] {
  const isList = Object(given) === given && Symbol.iterator in (given as object);
  return (isList ? [...(given as Iterable<unknown>)] : [given]).map((entry) => `${entry}`);
}

/** WebIDL's `(BufferSource or Blob or USVString)`. */
function toWireData(data: unknown): string | ArrayBuffer | Blob {
  const isView = ArrayBuffer.isView(data);
  if (isPlatformObject(isView ? data.buffer : data, 'SharedArrayBuffer'))
    throw new TypeError('Shared memory is not sent');
  if (isView) return ownBuffer(data);
  const isBinary = isPlatformObject(data, 'ArrayBuffer', 'Blob', 'File');
  return isBinary ? (data as ArrayBuffer | Blob) : `${data}`;
}

/**
 * A class for the pages of one client. Relative URLs resolve against `base`, the frame's origin.
 * @see https://websockets.spec.whatwg.org/
 */
export function createWebSocket(lease: Lease, base: string): WebSocketConstructor {
  class FrameWebSocket extends EventTarget implements WebSocket {
    declare static readonly CONNECTING: 0;
    declare static readonly OPEN: 1;
    declare static readonly CLOSING: 2;
    declare static readonly CLOSED: 3;
    declare readonly CONNECTING: 0;
    declare readonly OPEN: 1;
    declare readonly CLOSING: 2;
    declare readonly CLOSED: 3;

    readonly #handlers = createHandlers(this);
    readonly #url: URL;
    readonly #port: MessagePort;
    #readyState: WebSocket['readyState'] = CONNECTING;
    #bufferedAmount = 0;
    #protocol = '';
    #extensions = '';
    #binaryType: BinaryType = 'blob';

    constructor(url: string | URL, protocols: string | string[] = []) {
      // biome-ignore lint/complexity/noArguments: they are counted
      requireArgument(arguments.length);
      super();
      const text = `${url}`;
      const offered = toStrings(protocols);
      const parsed = parseUrl(text, base);
      parsed.protocol = parsed.protocol.replace('http', 'ws');
      const { href } = parsed;
      // In a URL in full # begins the fragment, which may be empty.
      if (!/^wss?:[^#]*$/.test(href)) throw invalid(`URL: ${href}`);
      if (!offered.every((name) => TOKEN.test(name)) || new Set(offered).size < offered.length)
        throw invalid(`protocols: ${offered}`);
      this.#url = parsed;
      watchStream(this, lease, 'webSocket');
      this.#port = openStream(
        lease,
        { kind: 'webSocket', url: href, protocols: offered },
        {
          onMessage: (message) => this.#onMessage(message),
          onFailure: (event) => this.#end(ABNORMAL, event),
        },
      );
    }

    get url(): string {
      return this.#url.href;
    }

    get readyState(): WebSocket['readyState'] {
      // What ends it is still on its way.
      const isEnding = lease.state === 'closed' && this.#readyState < CLOSING;
      return isEnding ? CLOSING : this.#readyState;
    }

    get bufferedAmount(): number {
      return this.#bufferedAmount;
    }

    get extensions(): string {
      return this.#extensions;
    }

    get protocol(): string {
      return this.#protocol;
    }

    get binaryType(): BinaryType {
      return this.#binaryType;
    }

    set binaryType(type: BinaryType) {
      const text: string = `${type}`;
      const isOne = text === 'blob' || text === 'arraybuffer';
      this.#binaryType = isOne ? text : this.#binaryType;
    }

    get onopen(): WebSocket['onopen'] {
      return this.#handlers.get('open');
    }

    set onopen(handler: WebSocket['onopen']) {
      this.#handlers.set('open', handler);
    }

    get onmessage(): WebSocket['onmessage'] {
      return this.#handlers.get('message');
    }

    set onmessage(handler: WebSocket['onmessage']) {
      this.#handlers.set('message', handler);
    }

    get onerror(): WebSocket['onerror'] {
      return this.#handlers.get('error');
    }

    set onerror(handler: WebSocket['onerror']) {
      this.#handlers.set('error', handler);
    }

    get onclose(): WebSocket['onclose'] {
      return this.#handlers.get('close');
    }

    set onclose(handler: WebSocket['onclose']) {
      this.#handlers.set('close', handler);
    }

    send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
      // biome-ignore lint/complexity/noArguments: they are counted
      requireArgument(arguments.length);
      const sent = toWireData(data);
      if (this.#readyState === CONNECTING) throw invalid('state: connecting', 'InvalidStateError');
      // What comes after the end is counted and goes nowhere.
      if (this.#readyState === OPEN)
        this.#port.postMessage({ type: 'send', data: sent } satisfies StreamCommand);
      this.#bufferedAmount += byteLengthOf(sent);
    }

    close(...args: [code?: number, reason?: string]): void {
      const readyState = this.#readyState;
      const [code, reason = ''] = args;
      // WebIDL's [Clamp] rounds a half to the even number, as this sum does. What it would clamp is
      // refused anyway.
      const status = code === undefined ? code : +code + 2 ** 52 - 2 ** 52;
      const why = `${reason}`;
      if (status !== undefined && !isCloseCode(status))
        throw invalid(`code: ${code}`, 'InvalidAccessError');
      if (!isCloseReason(why)) throw invalid('reason: over 123 bytes');
      if (readyState > OPEN) return;
      this.#readyState = CLOSING;
      const command: StreamCommand = { type: 'close', code: status, reason: why, readyState };
      this.#port.postMessage(command);
      if (readyState === OPEN) return;
      // What the page closes before it is open is over, whatever there is to wait for.
      closePort(this.#port);
      setTimeout(() => this.#end(ABNORMAL, createEvent('error')));
    }

    /** An event counts only in the state that can lead to it. */
    #onMessage({ sent, event }: StreamNews): void {
      const readyState = this.#readyState;
      this.#bufferedAmount = Math.max(0, this.#bufferedAmount - sent);
      if (event.kind === 'CloseEvent')
        this.#end(event, event.isError ? createEvent('error') : undefined);
      if (event.kind === 'Event' && readyState === CONNECTING) {
        this.#readyState = OPEN;
        this.#protocol = event.protocol;
        this.#extensions = event.extensions;
        this.dispatchEvent(createEvent('open'));
      }
      if (event.kind === 'MessageEvent' && readyState === OPEN) {
        const isBlob = typeof event.data !== 'string' && this.#binaryType === 'blob';
        const data = isBlob ? new Blob([event.data]) : event.data;
        this.dispatchEvent(new MessageEvent('message', { data, origin: this.#url.origin }));
      }
    }

    #end(init: CloseEventInit, error?: Event): void {
      if (this.#readyState === CLOSED) return;
      this.#readyState = CLOSED;
      // Not by the frame: Chromium drops what is on its way to a page in the back/forward cache,
      // should the port be closed.
      closePort(this.#port);
      const end = (): boolean => this.dispatchEvent(new CloseEvent('close', init));
      if (!error) return void end();
      this.dispatchEvent(error);
      // In a task of its own: listeners' promises are settled between the events, as the platform
      // has it.
      setTimeout(end);
    }
  }

  defineInterface(FrameWebSocket, 'WebSocket', ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']);
  return FrameWebSocket as typeof WebSocket as WebSocketConstructor;
}
