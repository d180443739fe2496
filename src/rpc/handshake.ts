/**
 * The handshake, written once.
 *
 * 1. The frame speaks first. Its gate posts HELLO {version range, nonce} to its parent; the nonce
 *    is the one that the page put into the frame's URL after `#`. There is no secret in it: it may
 *    go to any parent. Where the site's host.js is missing or broken, REFUSE {nonce, code, message}
 *    goes instead; it names no more than the file, for nobody has been asked yet who the parent is.
 * 2. The page checks that HELLO comes from its own iframe's window, from the frame's origin and
 *    with its nonce, and posts OFFER {version range, nonce} with one MessagePort, to exactly that
 *    origin.
 * 3. The gate checks that OFFER comes from its parent, its shape and nonce, takes the first and no
 *    other, and asks whether the browser's word for the sender's origin is allowed; then it hands
 *    {origin, offer, port} to the host, which runs in a worker.
 * 4. The host checks the origin again, settles the version and answers on the port: ACCEPT
 *    {version, features, config} or REFUSE {code, message}. From here on, the port is the proof.
 *
 * Later the gate says one thing more: BYE {nonce}, when the frame or its host is going away.
 */
import type { ErrorCode } from './errors.ts';
import { ANY, readFields, type Shape } from './read-fields.ts';

/** The protocol versions this build speaks, both ends included. */
export type VersionRange = readonly [min: number, max: number];
export const VERSIONS: VersionRange = [2, 2];

/** What both the gate and the host may answer instead of letting a page in. */
export type Refusal = { hadoken: 'REFUSE'; code: ErrorCode; message: string };

/** What the gate posts to its parent. */
export type GateMessage = { nonce: string } & (
  | { hadoken: 'HELLO'; versions: VersionRange }
  | { hadoken: 'BYE' }
  | Refusal
);

/** What the page posts to the gate, with one port. */
export type Offer = { hadoken: 'OFFER'; nonce: string; versions: VersionRange };

/** What the host answers on the port. */
export type Answer =
  | { hadoken: 'ACCEPT'; version: number; features: string[]; config: unknown }
  | Refusal;

function isVersions(value: unknown): value is VersionRange {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every(Number.isInteger) &&
    value[0] <= value[1]
  );
}

/**
 * What a page reads of what a gate or a host says: each field is of its type or missing. It has no
 * use for versions and features.
 */
export type FrameWord = Partial<{
  hadoken: string;
  nonce: string;
  code: ErrorCode;
  message: string;
  config: unknown;
}>;

const WORD: Shape = {
  hadoken: 'string',
  nonce: 'string',
  code: 'string',
  message: 'string',
  config: ANY,
};

/**
 * Reads a gate's message or a host's answer. The caller has checked source and origin, and looks at
 * the nonce.
 */
export function readFrameWord(data: unknown): FrameWord {
  return readFields(data, WORD);
}

/** Reads an OFFER, or undefined for anything else. The caller has checked the source. */
export function readOffer(data: unknown, nonce: string): Offer | undefined {
  if (typeof data !== 'object' || data === null) return undefined;
  const { hadoken, nonce: theirs, versions } = data as Record<keyof Offer, unknown>;
  return hadoken === 'OFFER' && theirs === nonce && isVersions(versions)
    ? { hadoken, nonce, versions }
    : undefined;
}

/** The highest version both sides speak, or undefined. */
export function negotiate(ours: VersionRange, theirs: VersionRange): number | undefined {
  const version = Math.min(ours[1], theirs[1]);
  return version >= Math.max(ours[0], theirs[0]) ? version : undefined;
}
