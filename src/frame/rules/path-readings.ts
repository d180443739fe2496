/**
 * Servers differ in how they read a path, and a chain of them (a CDN, a proxy, a framework) takes
 * several steps one after the other. What a rule allows has to be allowed however the path is read,
 * so the readings are all that any order of the steps in path-steps.ts leads to. Examples of each
 * kind, below a rule for `/v1/*`:
 *
 * | path | who reads it as `/secret`, or as something else that is not allowed |
 * |---|---|
 * | `/v1/..%2fsecret` | Apache with AllowEncodedSlashes, Envoy with UNESCAPE_AND_FORWARD |
 * | `/v1/%252e%252e/secret` | two that decode, one behind the other |
 * | `/v1/..;/secret` | Tomcat behind a proxy (Orange Tsai, Black Hat USA 2018) |
 * | `/v1/%u002e%u002e/secret` | IIS |
 * | `/v1/%c0%ae%c0%ae/secret` | Tomcat on old Java (CVE-2008-2938) |
 * | `/v1/%ef%bc%8e%ef%bc%8e/secret` | NFKC, Windows' best fit: https://worst.fit |
 * | `/v1/.%e2%80%8b./secret` | HFS+ (CVE-2014-9390) |
 * | `/v1/..%c2%85/secret` | what strips blanks, such as Python's `str.strip()` |
 * | `/files/secret%3f.png` | proxies that pass on what they decoded; rule `/files/*.png` |
 *
 * Not among them: servers that cut a character to its lowest byte. Every second Chinese path would
 * have a reading of theirs that is not allowed.
 */
import { DECODINGS, decodeCharacters, hasControl, STEPS, type Step } from './path-steps.ts';

/**
 * `.` and `..`, also with more dots, and with the blanks, `+` (a blank to some) or `;…` around them
 * that servers strip.
 */
const DOT_SEGMENT = /(?:^|[/\\])[\s+]*\.[.\s+]*(?:[;/\\]|$)/;

/**
 * More readings than these are nobody's honest path. An encoded blank, slash and percent sign come
 * to eight.
 */
const MAX_READINGS = 128;
/** In characters, over all readings: a path of a megabyte shall not keep the host busy. */
const MAX_TEXT = 1_000_000;

/**
 * The ways to read `pathname`, itself first; it is parsed, so that plain dot segments are gone from
 * it. Undefined for one that hides a dot segment or a control character: no two servers agree on
 * it.
 */
export function pathReadings(pathname: string): string[] | undefined {
  const readings = new Set([pathname]);
  // The loop reaches what is added meanwhile.
  for (const reading of readings) {
    if (DOT_SEGMENT.test(reading) || hasControl(reading)) return undefined;
    for (const step of STEPS) readings.add(step(reading));
    const { size } = readings;
    if (size > MAX_READINGS || size * pathname.length > MAX_TEXT) return undefined;
  }
  return [...readings];
}

/** So many rounds of decoding come to an end for all that is not made to have none. */
const MAX_ROUNDS = 32;

function decodeFully(pathname: string, decoding: readonly Step[]): string | undefined {
  let text = pathname;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    // Any number of layers of %25 is one round.
    const collapsed = text.replace(/%(?:25)+/g, '%');
    const decoded = decoding.reduce((path, step) => step(path), collapsed);
    if (decoded === text) return text;
    text = decoded;
  }
  return undefined;
}

/**
 * `pathname` decoded until nothing is left to decode, by each kind of decoder; undefined where that
 * takes too long.
 */
export function plainestTexts(pathname: string): string[] | undefined {
  const texts = DECODINGS.map((decoding) => decodeFully(pathname, decoding));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** `reading` for comparisons that heed neither case nor encoding. */
export function foldCase(reading: string): string {
  return decodeCharacters(reading).toLowerCase();
}

/**
 * As a file system sees it that heeds no case, as macOS' and Windows', nor a segment's last dots
 * and blanks, as Windows'.
 */
export function looseForms(readings: readonly string[]): string[] {
  const folded = readings.map(foldCase);
  const trimmed = folded.map((path) => path.replace(/[. ]+(?=\/|$)/g, ''));
  return [...new Set([...folded, ...trimmed])];
}
