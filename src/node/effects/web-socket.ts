/** The WebSocket of a Node client: of ws, since Node 20 has none, and no other takes headers. */
import { WebSocket as WsWebSocket } from 'ws';
import type { Target } from '../options.ts';

/** How long a server may take to answer a close, in ms. */
export const CLOSE_TIMEOUT = 1_000;

type Log = (message: string) => void;

/** A class whose handshakes have the client's headers. */
export function createWebSocketClass({ headers }: Target, log: Log): typeof WebSocket {
  return class extends WsWebSocket {
    #isClosing = false;

    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { headers });
      // The event that follows does not say why, and a browser's console would.
      this.on('error', ({ message, code }: Error & { code?: string }) => {
        // Where several addresses were tried, Node's message is empty.
        if (!this.#isClosing) log(`WebSocket ${this.url}: ${message || code}`);
      });
    }

    override close(...args: Parameters<WsWebSocket['close']>): void {
      const isOpen = this.readyState === this.OPEN;
      this.#isClosing = true;
      super.close(...args);
      if (!isOpen) return;
      // ws waits 30 s for the goodbye of a server that is deaf, and keeps the process. What was
      // sent before may still be on its way.
      const terminateWhenSent = (): void => {
        if (this.bufferedAmount === 0) this.terminate();
        else timer = setTimeout(terminateWhenSent, CLOSE_TIMEOUT);
      };
      let timer = setTimeout(terminateWhenSent, CLOSE_TIMEOUT);
      this.once('close', () => clearTimeout(timer));
    }
  };
}
