/** One handshake's worth of connection: the frame, its calls, and the watch over both. */
import { callHost, type HostCall } from '../rpc/calls.ts';
import { type ErrorCode, HadokenError } from '../rpc/errors.ts';
import { addFrame, makeNonce } from './frame-element.ts';
import { shakeHands } from './shake-hands.ts';

export type Session = {
  /** Calls a method of the host. */
  readonly call: HostCall;
  readonly features: readonly string[];
  readonly config: unknown;
  /** Aborts, with a HadokenError as its reason, when the session is over. */
  readonly lost: AbortSignal;
};

export type SessionOptions = {
  /** The frame's page, without a fragment. */
  url: URL;
  /** For the handshake, in ms. */
  timeout: number;
  /** In ms without a sign of life before the frame counts as lost. */
  heartbeat: number;
  /** Ends the attempt and the session, whichever there is. */
  signal: AbortSignal;
};

/** How many ticks of the heartbeat may pass without a sign of life. */
const TICKS = 5;

/**
 * Calls `onLost` once nothing is heard for `heartbeat` ms. Counted in ticks and not by a clock: while a page is frozen
 * or its machine asleep no tick passes, so that an hour without an answer proves nothing, as it should.
 */
function watch(
  frame: HTMLIFrameElement,
  { call, lost }: Session,
  heartbeat: number,
  onLost: () => void,
): void {
  let silent = 0;
  let asked = false;
  const heard = (): void => {
    silent = 0;
    asked = false;
  };
  const timer = setInterval(() => {
    silent += 1;
    if (!frame.isConnected || silent >= TICKS) onLost();
    else if (!asked) {
      asked = true;
      call('ping', []).then(heard, heard);
    }
  }, heartbeat / TICKS);
  lost.addEventListener('abort', () => clearInterval(timer));
}

/** Makes the frame and shakes hands with it. Rejects with the HadokenError that says why not. */
export async function openSession({ url, timeout, heartbeat, signal }: SessionOptions): Promise<Session> {
  const control = new AbortController();
  const lost = control.signal;
  const handshake = new AbortController();
  const within = { signal: handshake.signal };
  const fail = (code: ErrorCode, message: string): void => control.abort(new HadokenError(code, message));
  const nonce = makeNonce();
  const frame = addFrame(url.href, nonce);

  const onGone = (): void => fail('FRAME_LOST', `${url} went away or was loaded anew.`);
  let loads = 0;

  frame.onload = () => {
    if (loads++) onGone();
  };
  // Which of these it is can't be told: `load` comes for an error page as well.
  const timer = setTimeout(
    fail,
    timeout,
    'FRAME_TIMEOUT',
    `${url} did not answer within ${timeout} ms. Is it there (404?), with frame.js? Do X-Frame-Options, frame-ancestors or COEP keep it out?`,
  );
  document.addEventListener(
    'securitypolicyviolation',
    ({ blockedURI, effectiveDirective, disposition }) => {
      if (
        /^(frame|child)-src$/.test(effectiveDirective) &&
        disposition === 'enforce' &&
        blockedURI &&
        url.href.startsWith(blockedURI)
      )
        fail('FRAME_BLOCKED', `This page's CSP blocks ${url}. Add ${url.origin} to frame-src.`);
    },
    within,
  );
  signal.addEventListener('abort', () => control.abort(signal.reason), { signal: lost });
  lost.addEventListener('abort', () => {
    handshake.abort();
    clearTimeout(timer);
    frame.remove();
  });

  try {
    const { port, features, config } = await shakeHands({
      frame,
      origin: url.origin,
      nonce,
      signal: lost,
      onGone,
    });
    handshake.abort();
    clearTimeout(timer);
    const session = { call: callHost(port, lost), features, config, lost };
    watch(frame, session, heartbeat, () =>
      fail('FRAME_LOST', `${url} was removed, or gave no sign of life for ${heartbeat} ms.`),
    );
    return session;
  } catch (error) {
    control.abort(error);
    throw error;
  }
}
