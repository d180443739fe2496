/** One handshake's worth of connection: the frame, its calls, and the watch over both. */
import { callHost, type HostCall } from '../../rpc/calls.ts';
import { type ErrorCode, HadokenError } from '../../rpc/errors.ts';
import { readNoticeMessage } from '../../rpc/wire/notice.ts';
import { createExchanges, type OpenExchange } from '../ajax/exchanges.ts';
import { outsideZones } from '../zone.ts';
import { addFrame, makeNonce } from './frame-element.ts';
import { keepFocus } from './keep-focus.ts';
import { shakeHands } from './shake-hands.ts';
import { whenActive, whenHeadIsComplete } from './when-ready.ts';

export type Session = {
  /** Calls a method of the host. */
  readonly call: HostCall;
  /** Begins an HTTP exchange. */
  readonly openExchange: OpenExchange;
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
  /** The frame has something to tell the page. */
  onNotify(name: string, data: unknown): void;
};

/** How long a browser that says it is offline is given for a HELLO, in ms: a cache may have it. */
const OFFLINE_TIMEOUT = 1_000;

/** How many ticks of the heartbeat may pass without a sign of life. */
const TICKS = 5;

/** The error when the frame has said HELLO, and has not answered the OFFER in time. */
function tooSlow({ href }: URL, timeout: number): HadokenError {
  return new HadokenError(
    'FRAME_TIMEOUT',
    `${href} is there, and has not let this page in within ${timeout} ms. Does config of its ` +
      'host.js take so long?',
  );
}

/**
 * The error when no HELLO arrives in time. The causes can't be told apart: `load` comes for an
 * error page as well.
 */
export function tooLate(url: URL, timeout: number): HadokenError {
  return new HadokenError(
    'FRAME_TIMEOUT',
    `${url} did not answer within ${timeout} ms. Is the server up? Is it there (a 404, a ` +
      'redirect?), with frame.js? Do X-Frame-Options, frame-ancestors, COEP, or http in an https ' +
      'page keep it out?',
  );
}

/**
 * Opens a session. `control` is the attempt and then the session: aborting it ends them, and what
 * fails aborts it with the HadokenError that says why.
 */
export type OpenSession = (
  options: SessionOptions,
  control: AbortController,
  onOpen: (session: Session) => void,
) => void;

/**
 * Makes the frame, as soon as the page can have one, and shakes hands with it; the frame is removed
 * when `control` aborts.
 */
export const openSession: OpenSession = (options, control, onOpen) => {
  const { signal } = control;
  outsideZones(() =>
    whenActive(() => whenHeadIsComplete(() => begin(options, control, onOpen), signal), signal),
  );
};

function begin(
  { url, timeout, heartbeat, onNotify }: SessionOptions,
  control: AbortController,
  onOpen: (session: Session) => void,
): void {
  const { signal } = control;
  const { href, origin } = url;
  const nonce = makeNonce();
  const fail = (code: ErrorCode, message: string): void =>
    control.abort(new HadokenError(code, message));
  const onGone = (): void => fail('FRAME_LOST', `${href} went away or was loaded anew.`);
  let isThere = false;
  let isOpen = false;
  let loads = 0;

  /**
   * Silence is counted in ticks and not by a clock: while a page is frozen or its machine asleep no
   * tick passes, so that an hour without an answer proves nothing, as it should.
   */
  const watch = (call: HostCall): void => {
    let silent = 0;
    const heard = (): void => {
      silent = 0;
    };
    const timer = setInterval(() => {
      if (++silent < TICKS) call('ping', []).then(heard, heard);
      else fail('FRAME_LOST', `${href} gave no sign of life for ${heartbeat} ms.`);
    }, heartbeat / TICKS);
    signal.addEventListener('abort', () => clearInterval(timer));
  };

  const offlineTimer = setTimeout(() => {
    if (!isThere && !navigator.onLine)
      fail('FRAME_TIMEOUT', `${href} did not answer: the browser says that it is offline.`);
  }, OFFLINE_TIMEOUT);
  const timer = setTimeout(
    () => control.abort((isThere ? tooSlow : tooLate)(url, timeout)),
    timeout,
  );
  const stopTimers = (): void => {
    clearTimeout(offlineTimer);
    clearTimeout(timer);
  };
  signal.addEventListener('abort', stopTimers);
  const { frame, host } = addFrame(`${href}#${nonce}`, signal, () =>
    fail('FRAME_LOST', `The page removed the frame of ${href}.`),
  );
  frame.onload = () => {
    if (loads++) onGone();
  };
  keepFocus(host, signal, () =>
    fail(
      'FRAME_LOST',
      `${href} took the page's focus, as no frame of Hadoken does, and was removed.`,
    ),
  );
  addEventListener(
    'securitypolicyviolation',
    ({ blockedURI, effectiveDirective, disposition }) => {
      const isFrame = /^(frame|child)-src$/.test(effectiveDirective) && disposition === 'enforce';
      if (!isOpen && isFrame && blockedURI && href.startsWith(blockedURI))
        fail('FRAME_BLOCKED', `This page's CSP blocks ${href}. Add ${href} to frame-src.`);
    },
    { signal },
  );
  shakeHands({
    frame,
    origin,
    nonce,
    signal,
    onGone,
    onHello() {
      isThere = true;
    },
    onAnswer({ hadoken, config, code = 'HOST_FAILED', message = `${href} refused.` }, port) {
      // FRAME_… and CLOSED are the page's to say: it would try again for ever, or take itself for
      // closed.
      if (hadoken === 'REFUSE') fail(/^(FRAME|CLOSED)/.test(code) ? 'HOST_FAILED' : code, message);
      if (hadoken !== 'ACCEPT') return;
      isOpen = true;
      stopTimers();
      const call = callHost(port, signal, (message) => {
        const notice = readNoticeMessage(message);
        if (notice) onNotify(notice.name, notice.data);
      });
      watch(call);
      onOpen({ call, openExchange: createExchanges(call, signal), config, lost: signal });
    },
  });
}
