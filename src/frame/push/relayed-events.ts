/**
 * The events that go to a page without having been through the rules, each with what it brings. No
 * others do.
 */
import type { ArgumentKind } from '../../rpc/wire/push-argument.ts';

type Events = ReadonlyMap<string, readonly ArgumentKind[]>;

/** Of the real Manager. Its `packet` is not among them: a packet goes through the rules first. */
export const MANAGER_EVENTS: Events = new Map<string, readonly ArgumentKind[]>([
  ['open', []],
  ['ping', []],
  ['reconnect_failed', []],
  ['error', ['error']],
  ['reconnect_error', ['error']],
  ['close', ['reason', 'cause']],
  ['reconnect_attempt', ['attempt']],
  ['reconnect', ['attempt']],
  // Not the real one's: what came of an `open` with `once`.
  ['opened', ['cause']],
]);

/**
 * Of its engine, once the page listens to them. `packet`, `packetCreate`, `data` and `message`
 * carry packets as they are on the wire, with the token of `auth` and with what the rules forbid.
 */
export const ENGINE_EVENTS: Events = new Map<string, readonly ArgumentKind[]>([
  ['open', []],
  ['heartbeat', []],
  ['ping', []],
  ['pong', []],
  ['drain', []],
  ['flush', []],
  ['error', ['error']],
  ['upgradeError', ['error']],
  ['close', ['reason', 'cause']],
  ['upgrade', ['transport']],
  ['upgrading', ['transport']],
  ['handshake', ['handshake']],
]);
