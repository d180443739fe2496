/**
 * The handshake, written once.
 *
 * 1. The frame speaks first. Its gate posts HELLO {version range, nonce} to its parent; the nonce is the one
 *    that the page put into the frame's URL after `#`. There is no secret in it: it may go to any parent.
 *    Where the site's host.js is missing or broken, FAILED {nonce, why, file} goes instead.
 * 2. The page checks that HELLO comes from its own iframe's window, from the frame's origin and with its nonce,
 *    and posts OFFER {version range, nonce} with one MessagePort, to exactly that origin.
 * 3. The gate checks that OFFER comes from its parent, its shape and nonce, and that the browser's word for the
 *    sender's origin is allowed; then it hands {origin, version range, port} to the host, which runs in a worker.
 * 4. The host checks the origin again, settles the version and answers on the port:
 *    ACCEPT {version, features, config} or REFUSE {code, message}. From here on, the port is the proof.
 *
 * Later the gate says one thing more: BYE {nonce}, when the frame is going away.
 */
import type { ErrorCode } from './errors.ts';

/** The protocol versions this build speaks, both ends included. */
export type VersionRange = readonly [min: number, max: number];
export const VERSIONS: VersionRange = [1, 1];

/** Why a host.js did not get as far as `serve()`. */
export type HostFailure = 'missing' | 'threw' | 'silent';

/** What the gate posts to its parent. */
export type GateMessage =
  | { hadoken: 'HELLO'; nonce: string; versions: VersionRange }
  | { hadoken: 'FAILED'; nonce: string; why: HostFailure; file: string }
  | { hadoken: 'BYE'; nonce: string };

/** What the page posts to the gate, with one port. */
export type Offer = { hadoken: 'OFFER'; nonce: string; versions: VersionRange };

/** What the host answers on the port. */
export type Answer =
  | { hadoken: 'ACCEPT'; version: number; features: string[]; config: unknown }
  | { hadoken: 'REFUSE'; code: ErrorCode; message: string };

function isVersions(value: unknown): value is VersionRange {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isInteger) && value[0] <= value[1];
}

function tagged(data: unknown, nonce: string): Record<string, unknown> | undefined {
  const message = data as Record<string, unknown> | null;
  return typeof message === 'object' && message !== null && message.nonce === nonce ? message : undefined;
}

/** Reads a gate's message, or undefined for anything else. The caller has checked source and origin. */
export function readGateMessage(data: unknown, nonce: string): GateMessage | undefined {
  const message = tagged(data, nonce);
  const known =
    message?.hadoken === 'HELLO'
      ? isVersions(message.versions)
      : message?.hadoken === 'BYE' || (message?.hadoken === 'FAILED' && typeof message.file === 'string');
  return known ? (message as GateMessage) : undefined;
}

/** Reads an OFFER, or undefined for anything else. The caller has checked the source. */
export function readOffer(data: unknown, nonce: string): Offer | undefined {
  const message = tagged(data, nonce);
  return message?.hadoken === 'OFFER' && isVersions(message.versions) ? (message as Offer) : undefined;
}

/** Reads the host's answer, or undefined for anything else. */
export function readAnswer(data: unknown): Answer | undefined {
  const answer = data as Answer | null;
  if (typeof answer !== 'object' || answer === null) return undefined;
  if (answer.hadoken === 'ACCEPT') return Number.isInteger(answer.version) ? answer : undefined;
  return answer.hadoken === 'REFUSE' && typeof answer.code === 'string' ? answer : undefined;
}

/** The highest version both sides speak, or undefined. */
export function negotiate(ours: VersionRange, theirs: VersionRange): number | undefined {
  const version = Math.min(ours[1], theirs[1]);
  return version >= Math.max(ours[0], theirs[0]) ? version : undefined;
}
