/** `hadoken.WebSocket`: the platform's WebSocket, its connection made by the frame. */
import { byteLengthOf, ownBuffer } from '../ajax/body.ts';
import type { StreamMessageInit } from '../rpc/contract.ts';
import type { Connection } from './connection.ts';
import { check, defineStream, failure, openStream, receive, resolveUrl, type State } from './stream.ts';

/** A `token` of RFC 9110. */
const TOKEN = /^[!#-'*+.^`|~\w-]+$/;

/** Resolves relative URLs against `base`, the frame's origin; http becomes ws. */
export function createWebSocket(connection: Connection, base: string): typeof WebSocket {
  class HadokenWebSocket extends EventTarget {
    readonly #state: State;

    static {
      defineStream(HadokenWebSocket, 'WebSocket', (socket) => socket.#state);
    }

    constructor(url: string | URL, protocols: string | string[] = []) {
      super();
      const resolved = resolveUrl(url, base);
      resolved.protocol = resolved.protocol.replace('http', 'ws');
      const { href } = resolved;
      check(/^wss?:[^#]*$/.test(href), `URL ${href}`);
      const list = [protocols].flat().map(String);
      check(
        list.every((protocol, at) => TOKEN.test(protocol) && list.indexOf(protocol) === at),
        `protocols ${list}`,
      );
      const state: State = {
        url: href,
        readyState: 0,
        bufferedAmount: 0,
        extensions: '',
        protocol: '',
        binaryType: 'blob',
      };
      this.#state = state;
      openStream(connection, 'webSocket', state, list, (message) => {
        const { sent = 0, bytes, event } = message;
        state.bufferedAmount -= sent;
        if (bytes)
          (event?.[2] as StreamMessageInit).data = state.binaryType === 'blob' ? new Blob([bytes]) : bytes;
        receive(this, state, message);
      }).catch((error) => this.#fail(error));
    }

    get binaryType() {
      return this.#state.binaryType;
    }

    set binaryType(type) {
      if (type === 'blob' || type === 'arraybuffer') this.#state.binaryType = type;
    }

    close(code?: number, reason = '') {
      const status = Math.round(code === undefined ? 1_000 : code);
      check(
        status === 1_000 || (status >= 3_000 && status < 5_000),
        `code ${code}: use 1000 or 3000-4999`,
        'InvalidAccessError',
      );
      reason = `${reason}`;
      check(byteLengthOf(reason) < 124, 'reason: over 123 bytes');
      const { readyState } = this.#state;
      if (readyState > 1) return;
      this.#state.readyState = 2;
      this.#state.port?.postMessage({ type: 'close', code, reason });
      if (!readyState) this.#fail();
    }

    send(data: string | Blob | BufferSource) {
      const state = this.#state;
      check(state.readyState, 'state: still connecting', 'InvalidStateError');
      const view = ArrayBuffer.isView(data) && ownBuffer(data);
      const sent = view || (data instanceof Blob || data instanceof ArrayBuffer ? data : `${data}`);
      state.bufferedAmount += byteLengthOf(sent);
      if (state.readyState === 1) state.port?.postMessage({ type: 'send', data: sent }, view ? [view] : []);
    }

    /** In the frame's stead, once. Two tasks: listeners' promises are settled between the events, as the platform has it. */
    #fail(error?: Error): void {
      const state = this.#state;
      const port = state.port as MessagePort;
      if (!port.onmessage || state.readyState > 2) return;
      port.onmessage = null;
      state.readyState = 2;
      setTimeout(receive, 0, this, state, failure(3, error));
      setTimeout(receive, 0, this, state, { state: {}, event: ['CloseEvent', 'close', { code: 1_006 }] });
    }
  }
  return HadokenWebSocket as unknown as typeof WebSocket;
}
