/** The page's side of the handshake: steps 2 and 4 of the protocol in rpc/handshake.ts. */
import { type FrameWord, type Offer, readFrameWord, VERSIONS } from '../../rpc/handshake.ts';

export type Handshake = {
  frame: HTMLIFrameElement;
  /** The frame's origin: the only one HELLO is believed from and OFFER is sent to. */
  origin: string;
  nonce: string;
  /** Ends the handshake, the port, and the listener for the gate's messages. */
  signal: AbortSignal;
  /**
   * The gate or the host answered, with ACCEPT or REFUSE; `port` is for what comes after ACCEPT.
   */
  onAnswer(answer: FrameWord, port: MessagePort): void;
  /** The frame said HELLO: it is there, and has been made the offer. */
  onHello(): void;
  /** The frame said BYE, or HELLO once more: what was agreed is void. */
  onGone(): void;
};

export function shakeHands({
  frame,
  origin,
  nonce,
  signal,
  onAnswer,
  onHello,
  onGone,
}: Handshake): void {
  const { port1, port2 } = new MessageChannel();
  let offered = false;
  port1.onmessage = ({ data }) => {
    onAnswer(readFrameWord(data), port1);
  };
  // Said outright at every port: a page's patch (zone.js) may take `onmessage` for its own, and in
  // WebKit the port then waits for ever.
  port1.start();
  const onMessage = (event: MessageEvent): void => {
    const { contentWindow } = frame;
    // The last word of a window that is gone, BYE, comes without a source.
    if ((event.source && event.source !== contentWindow) || event.origin !== origin) return;
    const message = readFrameWord(event.data);
    if (message.nonce !== nonce) return;
    if (offered) onGone();
    else if (message.hadoken === 'REFUSE') onAnswer(message, port1);
    else if (message.hadoken === 'HELLO') {
      offered = true;
      onHello();
      const offer: Offer = { hadoken: 'OFFER', nonce, versions: VERSIONS };
      contentWindow?.postMessage(offer, origin, [port2]);
    }
  };
  addEventListener('message', onMessage, { signal });
  signal.addEventListener('abort', () => port1.close());
}
