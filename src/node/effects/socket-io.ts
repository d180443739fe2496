/** socket.io-client in Node, with the client's headers, and `reconnect()` for its Managers. */
import { Encoder } from 'socket.io-parser';
import type { IoModule } from '../../frame/effects.ts';
import { TextKeepingDecoder } from '../../frame/push/parser/packet-decoder.ts';
import { createPushHost } from '../../frame/push/push.ts';
import { isReplaced, toBuffers } from '../buffers.ts';
import type { Target } from '../options.ts';
import { createPollingClass } from './polling.ts';

/** What is used of a Manager's own, which its types keep to themselves. */
type Inner = {
  backoff: { reset(): void; duration(): number };
  setTimeoutFn(run: () => void, ms: number): ReturnType<typeof setTimeout>;
  reconnect(): void;
};

/** socket.io-client's own takes bytes of another realm's ArrayBuffer for plain objects. */
class NodeEncoder extends Encoder {
  override encode(packet: Parameters<Encoder['encode']>[0]): ReturnType<Encoder['encode']> {
    if (isReplaced() && Array.isArray(packet.data)) toBuffers(packet.data);
    return super.encode(packet);
  }
}

/**
 * Node's bytes are a view of what was read from the network at once. A port would copy all of that
 * for each of them.
 */
class NodeDecoder extends TextKeepingDecoder {
  override add(received: unknown): void {
    const isView = ArrayBuffer.isView(received) && !isReplaced();
    super.add(isView ? new Uint8Array(received as Uint8Array).buffer : received);
  }
}

/** Why a transport failed: ws tells it in an ErrorEvent, `fetch` by the error itself. */
function reasonOf(description: unknown): { message?: string; code?: string } {
  const { error = description } = Object(description) as { error?: unknown };
  const { message, code } = Object(error) as { message?: unknown; code?: unknown };
  // Where several addresses were tried, Node's message is empty.
  const text = message || code;
  return { ...(text ? { message: `${text}` } : {}), ...(code ? { code: `${code}` } : {}) };
}

type TransportClass = new (
  ...args: never[]
) => { onPacket(packet: unknown): void; onError(reason: string, description: unknown): unknown };

/**
 * `Transport`, for which a handshake that is no JSON is a failed connection. The original throws
 * where nobody can catch it, and the process ends.
 */
function guarded<Base extends TransportClass>(Transport: Base): Base {
  return class extends (Transport as TransportClass) {
    override onPacket(packet: unknown): void {
      try {
        super.onPacket(packet);
      } catch (error) {
        this.onError('parse error', error);
      }
    }
  } as Base;
}

export type NodeIo = {
  load(): Promise<IoModule>;
  /** Has each Manager that waits for its next attempt make it now, and forget its back-off. */
  reconnect(): void;
};

export function createNodeIo(target: Target): NodeIo {
  const { headers } = target;
  /** By the Manager that waits: makes its attempt. */
  const waiting = new Map<object, () => void>();

  const load = async (): Promise<IoModule> => {
    // The transports are not in socket.io-client's build for CommonJS, which Jest takes.
    const [{ Manager }, { Fetch, NodeWebSocket, WebTransport }] = await Promise.all([
      import('socket.io-client'),
      import('engine.io-client'),
    ]);
    const Polling = guarded(createPollingClass(Fetch, target));
    class NodeManager extends Manager {
      constructor(...args: ConstructorParameters<typeof Manager>) {
        super(...args);
        const inner = this as unknown as Inner;
        const reconnect = inner.reconnect.bind(this);
        const { setTimeoutFn } = inner;
        inner.reconnect = () => {
          // The one timer that `Manager#reconnect` of socket.io-client 4.8 sets is the wait for the
          // next attempt.
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
        if (transport instanceof Polling) transport.abortSoon();
      }
    }
    return {
      createPushHost,
      Manager: NodeManager as typeof Manager,
      parser: { Encoder: NodeEncoder, Decoder: NodeDecoder },
      options: { extraHeaders: headers },
      transports: {
        polling: Polling,
        websocket: guarded(NodeWebSocket as unknown as TransportClass),
        webtransport: WebTransport,
      },
      reasonOf,
    };
  };
  let loaded: Promise<IoModule> | undefined;
  return {
    load() {
      loaded ??= load();
      return loaded;
    },
    reconnect() {
      for (const [manager, attempt] of waiting) {
        const { backoff } = manager as Inner;
        backoff.reset();
        // Counts the attempt that follows as the first.
        backoff.duration();
        attempt();
      }
    },
  };
}
