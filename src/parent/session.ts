/** One handshake's worth of connection: the frame, its calls, and the watch over both. */
import { callHost, type HostCall } from '../rpc/calls.ts';
import { HadokenError } from '../rpc/errors.ts';
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

/** Asks for a sign of life while `lost` has not aborted, and calls `fail` when none comes. */
function watch(frame: HTMLIFrameElement, call: HostCall, heartbeat: number, end: AbortController): void {
  const every = heartbeat * 0.6;
  const fail = (why: string): void => end.abort(new HadokenError('FRAME_LOST', why));
  const timer = setInterval(() => {
    if (!frame.isConnected) return fail('The frame was removed from the page.');
    // A timer that is late (a frozen page, a sleeping machine) proves nothing: the answer gets its time from here.
    const late = setTimeout(
      fail,
      heartbeat - every,
      `The frame gave no sign of life for ${heartbeat} ms. It is made again.`,
    );
    call('ping', []).then(
      () => clearTimeout(late),
      () => clearTimeout(late),
    );
  }, every);
  end.signal.addEventListener('abort', () => clearInterval(timer));
}

/** Makes the frame and shakes hands with it. Rejects with the HadokenError that says why not. */
export async function openSession({ url, timeout, heartbeat, signal }: SessionOptions): Promise<Session> {
  const end = new AbortController();
  const nonce = makeNonce();
  const frame = addFrame(url.href, nonce);
  let loaded = false;
  frame.addEventListener('load', () => {
    loaded = true;
  });
  const fail = (code: 'FRAME_TIMEOUT' | 'FRAME_BLOCKED' | 'FRAME_LOST', message: string): void =>
    end.abort(new HadokenError(code, message));

  const timer = setTimeout(() => {
    const seen = loaded
      ? 'Something was loaded, but it is not frame.html with frame.js: look for a 404, X-Frame-Options or a CSP that blocks it'
      : 'Nothing was loaded: check that the URL can be reached';
    fail('FRAME_TIMEOUT', `${url} did not answer within ${timeout} ms. ${seen}.`);
  }, timeout);
  const onViolation = ({
    blockedURI,
    effectiveDirective,
    disposition,
  }: SecurityPolicyViolationEvent): void => {
    const frames = effectiveDirective === 'frame-src' || effectiveDirective === 'child-src';
    if (frames && disposition === 'enforce' && url.href.startsWith(blockedURI))
      fail(
        'FRAME_BLOCKED',
        `This page's Content-Security-Policy blocks ${url}. Add ${url.origin} to frame-src.`,
      );
  };
  document.addEventListener('securitypolicyviolation', onViolation);
  const onEnd = (): void => end.abort(signal.reason);
  signal.addEventListener('abort', onEnd);
  end.signal.addEventListener('abort', () => {
    clearTimeout(timer);
    document.removeEventListener('securitypolicyviolation', onViolation);
    signal.removeEventListener('abort', onEnd);
    frame.remove();
  });

  try {
    const { port, features, config } = await shakeHands({
      frame,
      origin: url.origin,
      nonce,
      signal: end.signal,
      onGone: () => fail('FRAME_LOST', 'The frame went away or was loaded anew.'),
    });
    clearTimeout(timer);
    document.removeEventListener('securitypolicyviolation', onViolation);
    const call = callHost(port, end.signal);
    watch(frame, call, heartbeat, end);
    return { call, features, config, lost: end.signal };
  } catch (error) {
    end.abort(error);
    throw error;
  }
}
