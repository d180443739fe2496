/**
 * The few lines in the frame's window: check who is asking, and hand the page's port to the host.
 * Steps 1 and 3 of the handshake (rpc/handshake.ts).
 */
import type { ErrorCode } from '../../rpc/errors.ts';
import { type GateMessage, type Offer, readOffer, VERSIONS } from '../../rpc/handshake.ts';
import { isAllowedOrigin, type OriginPattern } from '../../rpc/origins.ts';

/** A page's port, with what the browser said of who sent it. */
export type Entry = { origin: string; offer: Offer; port: MessagePort };

/** What the gate needs of a window. */
export type GateWindow = Pick<Window, 'parent' | 'location' | 'addEventListener'>;

/** A page that was admitted, as the gate knows it: it sees when the page sleeps. */
export interface Guest {
  /** The page was put into the back/forward cache, with this frame and its worker. */
  freeze(): void;
  /** The page came back from there. */
  thaw(): void;
  /** Whether the page is seen by anybody, when that changes. */
  show?(isSeen: boolean): void;
  /** The page is gone for good. */
  leave?(): void;
}

/** Who is behind the gate. */
export interface Gatekeeper {
  /** A page whose origin is allowed. */
  admit(entry: Entry): Guest;
  /** Before that, where the engine names the page that the frame is in: it is an allowed one. */
  expect(): void;
  /** Any other page: it is owed an answer, and nothing more is done for it. */
  refuse(entry: Entry): void;
}

export type Gate = {
  /**
   * Says HELLO, and from now on lets the first page in that its parent's OFFER proves to be
   * allowed.
   */
  open(origins: readonly OriginPattern[], keeper: Gatekeeper): void;
  /**
   * Tells the parent why it will not be opened. The parent may be anyone: `message` must hold
   * nothing of the site's own.
   */
  refuse(code: ErrorCode, message: string): void;
  /** Tells the page that what it was let in to is gone. */
  bye(): void;
};

/**
 * At the top level, or without a nonce in the URL, there is nobody to let in: such a gate does
 * nothing.
 */
export function createGate(window: GateWindow): Gate {
  const { parent } = window;
  const nonce = window.location.hash.slice(1);
  const framed = (parent as unknown) !== window && nonce !== '';
  // To any parent: it holds nothing but the nonce that the parent itself put into our URL.
  const say = (message: GateMessage): void => {
    if (framed) parent.postMessage(message, '*');
  };
  const bye = (): void => say({ hadoken: 'BYE', nonce });

  return {
    bye,
    refuse: (code, message) => say({ hadoken: 'REFUSE', nonce, code, message }),
    open(origins, keeper) {
      if (!framed) return;
      const [above = ''] = window.location.ancestorOrigins ?? [];
      if (isAllowedOrigin(above, origins)) keeper.expect();
      let taken = false;
      let guest: Guest | undefined;
      window.addEventListener('message', (event) => {
        const { source, origin, data, ports } = event;
        if (taken || source !== parent) return;
        const offer = readOffer(data, nonce);
        const [port, ...more] = ports;
        if (!offer || !port || more.length > 0) return;
        taken = true;
        const entry = { origin, offer, port };
        if (isAllowedOrigin(origin, origins)) guest = keeper.admit(entry);
        else keeper.refuse(entry);
      });
      window.addEventListener('pagehide', ({ persisted }) => {
        if (persisted) return guest?.freeze();
        guest?.leave?.();
        bye();
      });
      window.addEventListener('pageshow', ({ persisted }) => {
        if (persisted) guest?.thaw();
      });
      say({ hadoken: 'HELLO', nonce, versions: VERSIONS });
    },
  };
}
