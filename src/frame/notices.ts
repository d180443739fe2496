/**
 * `notify()`: from any script of the frame's origin that has called `serve()` to the pages of this
 * browser. Each page is told by its own host, and so once: also where pages share a hub, which has
 * no part in it.
 */
import { attempt, HadokenError, toClause } from '../rpc/errors.ts';
import {
  entryOutside,
  isAllowedOrigin,
  type OriginPattern,
  parseOriginList,
  parseOrigins,
} from '../rpc/origins.ts';
import { now } from '../rpc/time/clock.ts';
import {
  isNoticeName,
  MAX_NAME,
  type Notice,
  type NoticeMessage,
  readNotice,
} from '../rpc/wire/notice.ts';
import type { Effects, NoticeChannel } from './effects.ts';
import type { NotifyOptions, ServeOptions } from './options.ts';

export type Notify = (name: string, data?: unknown, options?: NotifyOptions) => void;

/** How many notices a script may send in {@link PERIOD}: a page can't flood the others by it. */
const MAX_NOTICES = 50;
/** In ms. */
const PERIOD = 1_000;

function invalid(why: string): HadokenError {
  return new HadokenError('INVALID_ARGUMENT', `notify(): ${why}.`);
}

/** Throws INVALID_ARGUMENT for origins that can't be read, or are not among `all`. */
function checkOrigins(given: unknown, all: readonly OriginPattern[]): string[] {
  if (!Array.isArray(given) || given.length === 0)
    throw invalid('origins is no list of pages. Leave it out for all of them');
  const entry = entryOutside(given, all, 'notify(): origins');
  if (entry !== undefined) throw invalid(`'${entry}' is not among origins of serve()`);
  return [...given];
}

/** Whom `serve()` lets in, as it was given and as it was read. */
type Served = { origins: readonly string[]; patterns: readonly OriginPattern[] };

/**
 * The pages of `served` are told if `options` names none: other hosts of the frame's origin serve
 * others. Throws INVALID_ARGUMENT for what can't be read.
 */
function toNotice(name: unknown, data: unknown, options: NotifyOptions, served: Served): Notice {
  if (!isNoticeName(name))
    throw invalid(`its name has to be a text of 1 to ${MAX_NAME} characters`);
  if (Object(options) !== options) throw invalid('its options are no object');
  const other = Object.keys(options).find((key) => key !== 'origins');
  if (other !== undefined) throw invalid(`there is no option ${other}, but origins`);
  const { origins: given = served.origins } = options;
  const origins = checkOrigins(given, served.patterns);
  try {
    return { name, data: structuredClone(data), origins };
  } catch (error) {
    throw invalid(`its data can't be cloned: ${toClause(error)}`);
  }
}

/** Sends notices for `serve(options)`. `deliver`: to this scope's own pages, without a channel. */
export function createNotify(
  { origins }: ServeOptions,
  effects: Effects,
  deliver: (notice: Notice) => void,
): Notify {
  const served = { origins, patterns: parseOrigins(origins) };
  let sent: number[] = [];
  // One for all: two channels of one script do not keep the order between them.
  let channel: NoticeChannel | undefined;
  return (name, data, options = {}) => {
    const notice = toNotice(name, data, options, served);
    const time = now();
    sent = sent.filter((before) => time - before < PERIOD);
    if (sent.length >= MAX_NOTICES)
      throw new HadokenError(
        'LIMIT_EXCEEDED',
        `notify(): ${MAX_NOTICES} notices were sent within ${PERIOD} ms, which is the limit.`,
      );
    sent.push(time);
    channel ??= effects.openNotices?.();
    if (!channel) return deliver(notice);
    try {
      channel.postMessage(notice);
    } catch (error) {
      // Shared memory, which clones within one page only.
      throw invalid(`its data can't be sent to other pages: ${toClause(error)}`);
    }
  };
}

export type NoticeBoard = {
  /** From now on the page hears of notices. */
  add(origin: string, port: MessagePort): void;
  deliver(notice: Notice): void;
};

/** Tells the pages of one host. It listens as soon as there is one. */
export function createNoticeBoard(effects: Effects): NoticeBoard {
  const pages: { origin: string; port: MessagePort }[] = [];
  let isListening = false;
  const deliver = ({ name, data, origins }: Notice): void => {
    // An entry that this release can't read lets nobody in.
    const patterns = attempt(() => parseOriginList(origins ?? [], 'notify(): origins'));
    const message: NoticeMessage = { hadoken: 'NOTIFY', name, data };
    for (const { origin, port } of pages)
      if (patterns && (!origins || isAllowedOrigin(origin, patterns))) port.postMessage(message);
  };
  return {
    deliver,
    add(origin, port) {
      pages.push({ origin, port });
      if (isListening) return;
      isListening = true;
      const channel = effects.openNotices?.();
      if (!channel) return;
      channel.onmessage = ({ data }: MessageEvent<unknown>) => {
        const notice = readNotice(data);
        if (notice) deliver(notice);
      };
    },
  };
}
