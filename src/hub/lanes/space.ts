/** One namespace of a lane: its session with the server, and what is kept for pages that come. */
import type { DecodedPacket } from '../../rpc/wire/push-packet.ts';
import type { Place } from '../seats/place.ts';
import { type KeptEvent, type MayName, Ring } from './ring.ts';

type Fields = Record<string, unknown>;

export type Space = {
  readonly nsp: string;
  /** What the pages authenticate with: all the same. */
  readonly page: string;
  state: 'none' | 'connecting' | 'connected';
  sid: string;
  /** The server's name for a session that can be recovered. */
  pid: string | undefined;
  /** What the server has sent before its answer to CONNECT. */
  readonly early: DecodedPacket[];
  /** The last of each event that is retained. */
  readonly retained: ReadonlyMap<string, DecodedPacket>;
  /** The acknowledgements that the server waits for; each is given once. */
  readonly asked: Set<number>;
  /** Until it is left. */
  ending: unknown;
  /** Whether the last page to leave has said so. */
  isDone: boolean;
  /** The offset and the number of the session's last event. */
  readonly offset: string | undefined;
  readonly number: number;
  /** Of which the numbers are: another session, or another hub's connection, has another. */
  readonly ring: object;
  /** Whether the session was begun for a page that had none, and this page has another. */
  isBehind(place: Place): boolean;
  /** From the next connection on the session is the one of `place`. */
  takeOver(place: Place): void;
  /** What is asked of the server: the hub's own session, or if the hub is new that of `place`. */
  toSession(place: Place): object | undefined;
  /** Gives whether the server has recovered the session. */
  onConnect(data: Fields): boolean;
  onClose(): void;
  /** Keeps what others may need of an event; gives its number. */
  keep(packet: DecodedPacket, retain: readonly string[]): number | undefined;
  /** What a page has missed of the session that it had, or undefined where that is not known. */
  missedBy(place: Place, mayName: MayName): KeptEvent[] | undefined;
};

export function createSpace(nsp: string, page: string): Space {
  let ring = new Ring();
  const retained = new Map<string, DecodedPacket>();
  /** No page's session was asked for yet. */
  let isFresh = true;
  const space: Space = {
    nsp,
    page,
    state: 'none',
    sid: '',
    pid: undefined,
    early: [],
    retained,
    asked: new Set(),
    ending: undefined,
    isDone: false,
    get offset() {
      return ring.offset;
    },
    get ring() {
      return ring;
    },
    get number() {
      return ring.number;
    },
    isBehind: ({ session }) => isFresh && session !== undefined && session.pid !== space.pid,
    takeOver({ session, offset }) {
      isFresh = false;
      space.pid = session?.pid;
      ring = new Ring(offset);
    },
    toSession({ session, offset }) {
      if (session) isFresh = false;
      if (space.pid === undefined && session) {
        space.pid = session.pid;
        ring = new Ring(offset);
      }
      return space.pid === undefined ? undefined : { pid: space.pid, offset: ring.offset };
    },
    onConnect({ sid, pid }) {
      const isRecovered = pid !== undefined && pid === space.pid;
      if (!isRecovered) {
        ring = new Ring();
        retained.clear();
      }
      space.sid = sid as string;
      space.pid = typeof pid === 'string' ? pid : undefined;
      space.state = 'connected';
      return isRecovered;
    },
    onClose() {
      space.state = 'none';
      space.early.length = 0;
      space.asked.clear();
    },
    keep(packet, retain) {
      const { id, data } = packet;
      if (id !== undefined) {
        space.asked.add(id);
        return undefined;
      }
      const [name] = data;
      if (retain.includes(String(name))) retained.set(String(name), packet);
      const offset = data.at(-1);
      const isKept = space.pid !== undefined && typeof offset === 'string';
      return isKept ? ring.push(offset, packet) : undefined;
    },
    missedBy({ session, offered, offset, heard, upTo, ring: of }, mayName) {
      if (space.pid === undefined || session?.pid !== space.pid) return undefined;
      // By the number: also where all since was not the page's to hear, or offsets are alike.
      const byNumber =
        upTo !== undefined && of === ring && heard === offered ? ring.afterNumber(upTo) : undefined;
      return byNumber ?? ring.after(offset, mayName);
    },
  };
  return space;
}
