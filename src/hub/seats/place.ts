/** What a page's manager has of one namespace. */
import type { Recoverable } from '../../frame/push/recovery.ts';
import type { WirePacket } from '../../rpc/wire/push-packet.ts';

export type Place = {
  readonly nsp: string;
  giveBack(): void;
  /**
   * 'away': the page has to connect it. 'asking': what host.js' auth says of the page. 'waiting':
   * for the server. 'joined': the server has let it in.
   */
  state: 'away' | 'asking' | 'waiting' | 'joined';
  /** The last attempt to connect it, and how often host.js' auth has failed in a row. */
  attempt: object | undefined;
  failures: number;
  /** Who the page is by its own auth, and by host.js'; see identity.ts. */
  page: string;
  host: string;
  /** The digest of both, to which its session is bound. */
  seal: string;
  /** What the page asked with. */
  data: Record<string, unknown> | undefined;
  /** What the page and host.js give to CONNECT. */
  own: object | undefined;
  added: object | undefined;
  /** The session that the page may ask for, by the name that it knows. */
  session: Recoverable | undefined;
  /** The last offset that the page has heard of, by its own word, and what that means. */
  offered: unknown;
  offset: string | undefined;
  /** The offset of what was not its to hear since, which it has to be told of. */
  passed: string | undefined;
  /**
   * The last offset that was posted to it, and the number in the ring up to which all was posted,
   * or was not the page's to hear.
   */
  heard: unknown;
  upTo: number | undefined;
  ring: object | undefined;
  /** Emitted while the page did not know yet that the connection was gone. */
  late: WirePacket[];
  /** In bytes, about. */
  lateSize: number;
  /** The acknowledgements that the page was asked for. */
  readonly asked: Set<number>;
};

/** What a session and an offset are bound to: the namespace, and who the page is. */
export const keyOf = ({ nsp, seal }: Pick<Place, 'nsp' | 'seal'>): string =>
  JSON.stringify([nsp, seal]);

export function createPlace(nsp: string, giveBack: () => void): Place {
  return {
    nsp,
    giveBack,
    state: 'asking',
    attempt: undefined,
    failures: 0,
    page: '',
    host: '',
    seal: '',
    data: undefined,
    own: undefined,
    added: undefined,
    session: undefined,
    offered: undefined,
    offset: undefined,
    passed: undefined,
    heard: undefined,
    upTo: undefined,
    ring: undefined,
    late: [],
    lateSize: 0,
    asked: new Set(),
  };
}
