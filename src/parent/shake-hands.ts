/** The page's side of the handshake: steps 2 and 4 of the protocol in rpc/handshake.ts. */
import { HadokenError } from '../rpc/errors.ts';
import { type Offer, type Refusal, readAnswer, readGateMessage, VERSIONS } from '../rpc/handshake.ts';

/** A port that a host answers on, and what it said. */
export type Shaken = { port: MessagePort; features: string[]; config: unknown };

export type Handshake = {
  frame: HTMLIFrameElement;
  /** The frame's origin: the only one HELLO is believed from and OFFER is sent to. */
  origin: string;
  nonce: string;
  /** Ends the attempt, and later the watch for the frame's end; its reason is what the attempt rejects with. */
  signal: AbortSignal;
  /** The frame said BYE, or HELLO once more: what was agreed is void. */
  onGone(): void;
};

/** Resolves with the port once the host accepts. Rejects with what the frame refused, or with the signal's reason. */
export function shakeHands({ frame, origin, nonce, signal, onGone }: Handshake): Promise<Shaken> {
  return new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    let offered = false;
    const refused = ({ code, message }: Refusal): void => reject(new HadokenError(code, message));
    port1.onmessage = ({ data }) => {
      const answer = readAnswer(data);
      if (answer?.hadoken === 'ACCEPT') resolve({ ...answer, port: port1 });
      else if (answer) refused(answer);
    };
    const onMessage = (event: MessageEvent): void => {
      // The last word of a window that is gone, BYE, comes without a source.
      if ((event.source && event.source !== frame.contentWindow) || event.origin !== origin) return;
      const message = readGateMessage(event.data, nonce);
      if (!message) return;
      if (offered) onGone();
      else if (message.hadoken === 'REFUSE') refused(message);
      else if (message.hadoken === 'HELLO') {
        offered = true;
        const offer: Offer = { hadoken: 'OFFER', nonce, versions: VERSIONS };
        frame.contentWindow?.postMessage(offer, origin, [port2]);
      }
    };
    addEventListener('message', onMessage);
    signal.addEventListener('abort', () => {
      removeEventListener('message', onMessage);
      port1.close();
      reject(signal.reason);
    });
  });
}
