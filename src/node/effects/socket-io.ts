/** socket.io-client in Node, with the client's headers, and what tries again at once. */
import { Encoder } from 'socket.io-parser';
import type { IoModule } from '../../frame/effects.ts';
import { TextKeepingDecoder } from '../../frame/push/packet-decoder.ts';
import { isReplaced, toBuffers } from '../buffers.ts';
import type { Identity } from '../options.ts';
import { createFetch } from './fetch.ts';
import { GOODBYE } from './web-socket.ts';

/** What is used of a Manager's own, which its types keep to themselves. */
type Inner = {
  backoff: { reset(): void };
  setTimeoutFn(run: () => void, ms: number): ReturnType<typeof setTimeout>;
  reconnect(): void;
};

/** What is used of the client's polling by `fetch`, whose `_fetch` is private to its types. */
type Base = new (...args: never[]) => { uri(): string; doClose(): void };

/** socket.io-client's own takes bytes of another realm's ArrayBuffer for plain objects. */
class NodeEncoder extends Encoder {
  override encode(packet: Parameters<Encoder['encode']>[0]): ReturnType<Encoder['encode']> {
    if (isReplaced() && Array.isArray(packet.data)) toBuffers(packet.data);
    return super.encode(packet);
  }
}

export type NodeIo = {
  load(): Promise<IoModule>;
  /** Has each Manager that waits for its next attempt make it now, and forget its back-off. */
  reconnect(): void;
};

export function createNodeIo(identity: Identity): NodeIo {
  const { headers } = identity;
  /** By the Manager that waits: makes its attempt. */
  const waiting = new Map<object, () => void>();

  const load = async (): Promise<IoModule> => {
    // The transports are not in socket.io-client's build for CommonJS, which Jest takes.
    const [{ Manager }, { Fetch, NodeWebSocket, WebTransport }] = await Promise.all([
      import('socket.io-client'),
      import('engine.io-client'),
    ]);
    /**
     * The client's own polling takes its headers along redirects to other origins, and leaves its
     * last request to a server that may never answer.
     */
    class Polling extends (Fetch as unknown as Base) {
      readonly #over = new AbortController();

      override doClose(): void {
        super.doClose();
        this.partSoon();
      }

      partSoon(): void {
        // A request that is under way keeps the process by itself.
        Object(setTimeout(() => this.#over.abort(), GOODBYE)).unref?.();
      }

      _fetch(data?: string): Promise<Response> {
        const url = new URL(this.uri());
        const isPost = data !== undefined;
        const type = { 'content-type': 'text/plain;charset=UTF-8' };
        const { signal } = this.#over;
        const post: RequestInit = isPost ? { method: 'POST', body: data, headers: type } : {};
        const request = new Request(url, { ...post, signal });
        return createFetch({ ...identity, url })(request, data ?? null);
      }
    }
    class NodeManager extends Manager {
      constructor(...args: ConstructorParameters<typeof Manager>) {
        super(...args);
        const inner = this as unknown as Inner;
        const reconnect = inner.reconnect.bind(this);
        const { setTimeoutFn } = inner;
        inner.reconnect = () => {
          // The one timer that `reconnect` sets is the wait for the next attempt.
          inner.setTimeoutFn = (run, ms) => {
            const attempt = (): void => {
              clearTimeout(timer);
              waiting.delete(this);
              run();
            };
            const timer = setTimeoutFn(attempt, ms);
            waiting.set(this, attempt);
            return timer;
          };
          reconnect();
          inner.setTimeoutFn = setTimeoutFn;
        };
      }

      override _close(): void {
        waiting.delete(this);
        const { transport } = Object(this.engine) as { transport?: unknown };
        super._close();
        // An engine that still has something to send waits for that before it closes.
        if (transport instanceof Polling) transport.partSoon();
      }
    }
    return {
      Manager: NodeManager as typeof Manager,
      parser: { Encoder: NodeEncoder, Decoder: TextKeepingDecoder },
      options: { extraHeaders: headers },
      transports: { polling: Polling, websocket: NodeWebSocket, webtransport: WebTransport },
    };
  };
  return {
    load,
    reconnect() {
      for (const [manager, attempt] of waiting) {
        (manager as Inner).backoff.reset();
        attempt();
      }
    },
  };
}
