/**
 * What crosses for `notify()`, and its readers: from one frame to the others of its origin, and
 * from a frame to its page.
 */
import { isStrings } from '../is-count.ts';
import { ANY, readFields, type Shape } from '../read-fields.ts';

/** The longest name of a notice, in characters. */
export const MAX_NAME = 128;

/** Frame to frames, on their BroadcastChannel. */
export type Notice = {
  name: string;
  data: unknown;
  /** The pages that it is for, as patterns. An older release sends none, which are all. */
  origins?: string[] | undefined;
};

/** Frame to page, on the port of the calls: it answers none of them. */
export type NoticeMessage = { hadoken: 'NOTIFY'; name: string; data: unknown };

export function isNoticeName(name: unknown): name is string {
  return typeof name === 'string' && name.length > 0 && name.length <= MAX_NAME;
}

/** For a frame, which may be of another release than who has sent it. */
export function readNotice(notice: unknown): Notice | undefined {
  const { name, data, origins } = Object(notice) as Record<string, unknown>;
  if (!isNoticeName(name)) return undefined;
  if (origins !== undefined && !isStrings(origins)) return undefined;
  return { name, data, origins };
}

const NOTICE: Shape = { hadoken: 'string', name: 'string', data: ANY };

/** For the page. */
export function readNoticeMessage(message: unknown): NoticeMessage | undefined {
  const read = readFields<NoticeMessage>(message, NOTICE);
  return read.hadoken === 'NOTIFY' && read.name !== undefined ? (read as NoticeMessage) : undefined;
}
