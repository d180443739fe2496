/** What a page is told of a namespace that it has joined: what it may hear, and where it is. */
import type { ManagerHostOptions } from '../../frame/push/manager.ts';
import { isOffset } from '../../frame/push/namespaces.ts';
import { CONNECT, type DecodedPacket, OFFSET } from '../../rpc/wire/push-packet.ts';
import type { Space } from '../lanes/space.ts';
import type { SeatParts } from './parts.ts';
import { keyOf, type Place } from './place.ts';

/** Before a page is told the offset of what it did not hear, in ms: of many the last one does. */
const OFFSET_DELAY = 250;

export type Telling = {
  /** An event, if the page may hear it. */
  toListener(place: Place, packet: DecodedPacket): void;
  /**
   * That it is in. What it has missed comes after that, or, if it is new, what is retained; unless
   * the server has just let it in, and has sent `early` before it did.
   */
  welcome(place: Place, space: Space, early?: DecodedPacket[]): void;
};

export function createTelling(
  { rules, recovery }: ManagerHostOptions,
  { offsets, clock }: SeatParts,
  toPage: (packet: DecodedPacket) => void,
): Telling {
  const toListener = (place: Place, packet: DecodedPacket): void => {
    const { nsp, id, data } = packet;
    const offset = id === undefined ? data.at(-1) : undefined;
    if (isOffset(packet) || !rules.allows('on', nsp, data[0])) return passBy(place, offset);
    if (id !== undefined) place.asked.add(id);
    // What the page takes for an offset too.
    if (typeof offset === 'string') {
      place.heard = offset;
      place.passed = undefined;
    }
    toPage(packet);
  };
  /** Tells the page, after a while, from where it would have to go on. */
  const passBy = (place: Place, offset: unknown): void => {
    if (!place.session || typeof offset !== 'string') return;
    const isPending = place.passed !== undefined;
    place.passed = offset;
    if (!isPending) clock.setTimeout(() => tellOffset(place).catch(() => {}), OFFSET_DELAY);
  };
  const tellOffset = async (place: Place): Promise<void> => {
    const { nsp, passed } = place;
    if (passed === undefined) return;
    const data = await offsets.seal(passed, keyOf(place));
    // It has heard something since, or is gone.
    if (place.passed === undefined || place.state !== 'joined') return;
    if (place.passed !== passed) return tellOffset(place);
    place.passed = undefined;
    place.heard = data;
    toPage({ type: OFFSET, nsp, data });
  };
  const welcome: Telling['welcome'] = (place, space, early) => {
    const { nsp } = place;
    // By what it has heard, or what was sealed for it: a guess would tell what others hear.
    const isSealed = place.offset !== place.offered;
    const missed = space.missedBy(
      place,
      (packet) => isSealed || isOffset(packet) || rules.allows('on', nsp, packet.data[0]),
    );
    place.state = 'joined';
    place.heard = place.offered;
    place.passed = undefined;
    // Another name for the same session: to the page it is another session, and so not recovered.
    if (!missed) {
      recovery.forget(keyOf(place), place.session);
      const { pid } = space;
      place.session = pid === undefined ? undefined : recovery.hide(keyOf(place), pid);
    }
    const pid = place.session?.name;
    if (!missed && early) for (const packet of early) toListener(place, packet);
    toPage({ type: CONNECT, nsp, data: { sid: space.sid, ...(pid && { pid }) } });
    if (missed) for (const { packet } of missed) toListener(place, packet);
    else {
      if (!early) for (const packet of space.retained.values()) toListener(place, packet);
      // The offset that it has is of another session, or of what is retained.
      place.heard = undefined;
      if (pid) toPage({ type: OFFSET, nsp, data: undefined });
      passBy(place, space.offset);
    }
    place.upTo = space.number;
    place.ring = space.ring;
  };
  return { toListener, welcome };
}
