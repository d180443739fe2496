/** The WebSocket of a Node client: of ws, since Node 20 has none, and no other takes headers. */
import { WebSocket as WsWebSocket } from 'ws';
import type { Identity } from '../options.ts';

/** How long a server may take to say goodbye, in ms. */
export const GOODBYE = 1_000;

/** A class whose handshakes have the client's headers. */
export function createWebSocketClass({ headers }: Identity): typeof WebSocket {
  return class extends WsWebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols, { headers });
      // Without a listener an error would be uncaught. The close event that follows says it.
      this.on('error', () => {});
    }

    override close(...args: Parameters<WsWebSocket['close']>): void {
      const isOpen = this.readyState === this.OPEN;
      super.close(...args);
      if (!isOpen) return;
      // ws waits 30 s for the goodbye of a server that is deaf, and keeps the process. What was
      // sent before may still be on its way.
      const part = (): void => {
        if (this.bufferedAmount === 0) this.terminate();
        else timer = setTimeout(part, GOODBYE);
      };
      let timer = setTimeout(part, GOODBYE);
      this.once('close', () => clearTimeout(timer));
    }
  };
}
