/**
 * The few lines in the frame's window: check who is asking, and hand the page's port to the host.
 * Steps 1 and 3 of the handshake (rpc/handshake.ts).
 */
import { type GateMessage, type HostFailure, type Offer, readOffer, VERSIONS } from '../rpc/handshake.ts';
import { isAllowedOrigin, type OriginPattern } from '../rpc/origins.ts';

/** A page's port, with what the browser said of who sent it. */
export type Entry = { origin: string; offer: Offer; port: MessagePort };

/** What the gate needs of a window. */
export type GateWindow = Pick<Window, 'parent' | 'location' | 'addEventListener'>;

export type Gate = {
  /** Says HELLO, and from now on lets allowed pages in. */
  open(origins: readonly OriginPattern[]): void;
  /** Tells the page that host.js did not get as far as `serve()`. */
  fail(why: HostFailure, file: string): void;
};

/**
 * `admit` gets the port of a page whose origin is allowed, `refuse` that of any other. Opened at the top level the
 * gate has no parent and does nothing.
 */
export function createGate(
  window: GateWindow,
  admit: (entry: Entry) => void,
  refuse: (entry: Entry) => void,
): Gate {
  const { parent } = window;
  const nonce = window.location.hash.slice(1);
  const framed = (parent as unknown) !== window && nonce !== '';
  // To any parent: it holds nothing but the nonce that the parent itself put into our URL.
  const say = (message: GateMessage): void => {
    if (framed) parent.postMessage(message, '*');
  };

  return {
    open(origins) {
      if (!framed) return;
      window.addEventListener('message', (event) => {
        const { source, origin, data, ports } = event;
        if (source !== parent) return;
        const offer = readOffer(data, nonce);
        const port = ports[0];
        if (!offer || !port || ports.length !== 1) return;
        const entry = { origin, offer, port };
        if (isAllowedOrigin(origin, origins)) admit(entry);
        else refuse(entry);
      });
      // Persisted or not: the page's calls can't be answered any more, or not before it is thawed.
      window.addEventListener('pagehide', (event) => {
        if (!event.persisted) say({ hadoken: 'BYE', nonce });
      });
      say({ hadoken: 'HELLO', nonce, versions: VERSIONS });
    },
    fail: (why, file) => say({ hadoken: 'FAILED', nonce, why, file }),
  };
}
