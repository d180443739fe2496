/** socket.io-client in Node, with the client's headers, and what tries again at once. */
import { Encoder } from 'socket.io-parser';
import type { IoModule } from '../frame/effects.ts';
import { TextKeepingDecoder } from '../frame/push/packet-decoder.ts';
import type { Identity } from './options.ts';

/** What is used of a Manager's own, which its types keep to themselves. */
type Inner = {
  backoff: { reset(): void };
  setTimeoutFn(run: () => void, ms: number): ReturnType<typeof setTimeout>;
  reconnect(): void;
};

export type NodeIo = {
  load(): Promise<IoModule>;
  /** Has each Manager that waits for its next attempt make it now, and forget its back-off. */
  reconnect(): void;
};

export function createNodeIo({ headers }: Identity): NodeIo {
  /** By the Manager that waits: makes its attempt. */
  const waiting = new Map<object, () => void>();

  const load = async (): Promise<IoModule> => {
    const { Manager } = await import('socket.io-client');
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
        super._close();
      }
    }
    return {
      Manager: NodeManager as typeof Manager,
      parser: { Encoder, Decoder: TextKeepingDecoder },
      options: { extraHeaders: headers },
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
