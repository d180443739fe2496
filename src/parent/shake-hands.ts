/** The page's side of the handshake: steps 2 and 4 of the protocol in rpc/handshake.ts. */
import { HadokenError } from '../rpc/errors.ts';
import {
  type Answer,
  negotiate,
  type Offer,
  readAnswer,
  readGateMessage,
  VERSIONS,
} from '../rpc/handshake.ts';

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

const WHY = {
  missing: 'could not be loaded. Put it beside frame.js',
  threw: 'threw while it was loading. Its error is in the console',
  silent: 'did not call hadokenFrame.serve()',
};

function mismatch(theirs: readonly number[], origin: string): HadokenError {
  return new HadokenError(
    'VERSION_MISMATCH',
    `This page speaks protocol ${VERSIONS.join('–')}, the frame on ${origin} ${theirs.join('–')}. Load hadoken.js and frame.js of the same release.`,
  );
}

/** Resolves with the port once the host accepts. Rejects with what the frame refused, or with the signal's reason. */
export function shakeHands({ frame, origin, nonce, signal, onGone }: Handshake): Promise<Shaken> {
  return new Promise((resolve, reject) => {
    let port: MessagePort | undefined;
    const offer = (): void => {
      const channel = new MessageChannel();
      port = channel.port1;
      port.onmessage = ({ data }) => {
        const answer: Answer | undefined = readAnswer(data);
        if (answer?.hadoken === 'ACCEPT') {
          const { features, config } = answer;
          resolve({ port: channel.port1, features, config });
        } else if (answer) reject(new HadokenError(answer.code, answer.message));
      };
      const message: Offer = { hadoken: 'OFFER', nonce, versions: VERSIONS };
      frame.contentWindow?.postMessage(message, origin, [channel.port2]);
    };
    const onMessage = (event: MessageEvent): void => {
      if (event.source !== frame.contentWindow || event.origin !== origin) return;
      const message = readGateMessage(event.data, nonce);
      if (!message) return;
      if (port) onGone();
      else if (message.hadoken === 'FAILED')
        reject(new HadokenError('HOST_FAILED', `${message.file} ${WHY[message.why]}.`));
      else if (message.hadoken === 'HELLO') {
        if (negotiate(VERSIONS, message.versions) === undefined) reject(mismatch(message.versions, origin));
        else offer();
      }
    };
    window.addEventListener('message', onMessage);
    signal.addEventListener('abort', () => {
      window.removeEventListener('message', onMessage);
      port?.close();
      reject(signal.reason);
    });
  });
}
