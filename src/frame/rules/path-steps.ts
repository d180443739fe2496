/**
 * What servers do to a path before they look for what it names, one step each. {@link pathReadings}
 * takes them in any order. In here a path is text in which everything beyond ASCII stays
 * percent-encoded.
 */

/** Returns its input where it finds nothing to do. */
export type Step = (path: string) => string;

/** A byte that goes on with a sequence of UTF-8. */
const TAIL = '%[89ab][0-9a-f]';
/** A character beyond ASCII, by Unicode's table 3-7 (well-formed UTF-8). */
const CHARACTER =
  `%(?:c[2-9a-f]|d[0-9a-f])${TAIL}|%e0%[ab][0-9a-f]${TAIL}|%e[1-9a-cef](?:${TAIL}){2}` +
  `|%ed%[89][0-9a-f]${TAIL}|%f0%[9ab][0-9a-f](?:${TAIL}){2}|%f[1-3](?:${TAIL}){3}` +
  `|%f4%8[0-9a-f](?:${TAIL}){2}`;
/** What looks like one, with up to five tails as UTF-8 once had. */
const OLD_CHARACTERS = new RegExp(
  `%[cd][0-9a-f]${TAIL}|%e[0-9a-f](?:${TAIL}){2}|%f[0-7](?:${TAIL}){3}` +
    `|%f[89ab](?:${TAIL}){4}|%f[cd](?:${TAIL}){5}`,
  'gi',
);
/** Encoded or not: `%c0n` is `%c0%6e`. */
const BYTE = '(?:%[0-9a-f]{2}|[^%/])';
/** What may be overlong to whoever takes any byte for a tail. */
const LOOSE_CHARACTERS = new RegExp(
  `%c[01]${BYTE}|%e0(?:${BYTE}){2}|%f0(?:${BYTE}){3}|%f8(?:${BYTE}){4}|%fc(?:${BYTE}){5}`,
  'gi',
);
const CHARACTERS = new RegExp(CHARACTER, 'gi');
/** Each character beyond ASCII, and each byte that is in none. */
const CHARACTERS_AND_BYTES = new RegExp(`${CHARACTER}|%[89a-f][0-9a-f]`, 'gi');
const IS_CHARACTER = new RegExp(`^(?:${CHARACTER})$`, 'i');
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x1f\x7f]/;
const BEYOND_ASCII = /%[89a-f][0-9a-f]/i;

/** Encodes what is beyond ASCII. Half a surrogate pair becomes U+FFFD, as it does in a URL. */
function encode(text: string): string {
  const whole = text.replace(/[\ud800-\udfff]/gu, '\ufffd');
  return whole.replace(/[^\0-\x7f]+/g, encodeURIComponent);
}

/** Decodes what is well-formed and beyond ASCII. */
export const decodeCharacters: Step = (path) => path.replace(CHARACTERS, decodeURIComponent);

const decode =
  (codes: RegExp): Step =>
  (path) =>
    path.replace(codes, (code) => String.fromCharCode(Number.parseInt(code.slice(1), 16)));

/** Envoy decodes these alone (`UNESCAPE_AND_FORWARD`). */
const decodeSlashes = decode(/%(?:2f|5c)/gi);
/** Whoever decodes twice: CVE-2012-6431 in Symfony, CVE-2001-0333 in IIS. */
const decodePercents = decode(/%25/g);
/**
 * Apache (`AllowEncodedSlashes NoDecode`), Tomcat (`encodedSolidusHandling`) and routers leave
 * slashes.
 */
const decodeOthers = decode(/%(?!2f|5c|25)[0-7][0-9a-f]/gi);

/** IIS and .NET: https://learn.microsoft.com/dotnet/api/system.web.httputility.urldecode */
const decodeUnicodeEscapes: Step = (path) =>
  path.replace(/(?:%u[0-9a-f]{4})+/gi, (codes) =>
    encode(codes.replace(/%u(.{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))),
  );

/** The shortest sequence of UTF-8 begins with these code points, by its length in bytes. */
const FIRST_OF_LENGTH = [0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000];

/** The character that a sequence of too many bytes stands for, or undefined where it is none. */
function readOverlong(text: string): string | undefined {
  const bytes = (text.match(/%..|./gs) ?? []).map((byte) =>
    byte.length > 1 ? Number.parseInt(byte.slice(1), 16) : byte.charCodeAt(0),
  );
  const [first = 0, ...tails] = bytes;
  const start = first & (0x7f >> bytes.length);
  const point = tails.reduce((sum, byte) => sum * 64 + (byte & 0x3f), start);
  const isOverlong = point < (FIRST_OF_LENGTH[bytes.length] as number);
  return isOverlong ? String.fromCodePoint(point) : undefined;
}

/** Tomcat up to 6.0.16 on old Java (CVE-2008-2938). */
const decodeOverlong: Step = (path) =>
  path.replace(OLD_CHARACTERS, (text) => {
    const character = readOverlong(text);
    return character === undefined ? text : encode(character);
  });

/** IIS 4 and 5 (CVE-2000-0884): `%c1%1c` is a `\`. Letters of Latin-1 make no control character. */
const decodeOverlongLoosely: Step = (path) =>
  path.replace(LOOSE_CHARACTERS, (text) => {
    const character = readOverlong(text);
    return character === undefined || CONTROL.test(character) ? text : encode(character);
  });

/**
 * What Windows makes of these for a program that takes its old code pages, beyond what NFKC makes
 * of them: https://unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WindowsBestFit/ (yen and won:
 * Japanese and Korean), and the full stops that host names take for a dot (UTS #46).
 */
const BEST_FIT: ReadonlyMap<string, string> = new Map([
  ['\u2044', '/'],
  ['\u2215', '/'],
  ['\u2216', '\\'],
  ['\u00a5', '\\'],
  ['\u20a9', '\\'],
  ['\u066a', '%'],
  ['\u3002', '.'],
  ['\uff61', '.'],
  // The one blank of Unicode that NFKC leaves alone, and `strip()` and `Trim()` do not.
  ['\u1680', ' '],
]);

/** Characters that become ASCII under NFKC, as Spotify's names did, or under Windows' best fit. */
const foldToAscii: Step = (path) =>
  path.replace(CHARACTERS, (text) => {
    const character = decodeURIComponent(text);
    const folded = BEST_FIT.get(character) ?? character.normalize('NFKC');
    return /[\0-\x7f]/.test(folded) ? encode(folded) : text;
  });

/**
 * HFS+ ignores zero-width characters (CVE-2014-9390); iconv's //IGNORE and the like drop stray
 * bytes, and decoders before Unicode 5.2 noncharacters (https://unicode.org/reports/tr36/, 3.5).
 */
const dropIgnored: Step = (path) =>
  path.replace(CHARACTERS_AND_BYTES, (text) => {
    const isDropped =
      !IS_CHARACTER.test(text) || /\p{DI}|\p{NChar}/u.test(decodeURIComponent(text));
    return isDropped ? '' : text;
  });

/** Decoders by the Encoding standard, Java's and Go's put U+FFFD in the place of stray bytes. */
const replaceStray: Step = (path) =>
  path.replace(CHARACTERS_AND_BYTES, (text) => (IS_CHARACTER.test(text) ? text : '%EF%BF%BD'));

/** Windows, and what asks its file system. */
const turnBackslashes: Step = (path) => path.replaceAll('\\', '/');
/** nginx (`merge_slashes`), Apache (`MergeSlashes`), every POSIX file system. */
const mergeSlashes: Step = (path) => path.replace(/\/{2,}/g, '/');
/** Tomcat, Jetty, Spring: https://jakarta.ee/specifications/servlet/6.0/, 3.5.2. */
const dropParameters: Step = (path) => path.replace(/;[^/]*/g, '');
/** mod_jk (`JkStripSession`), and what looks for the first `;` by itself. */
const cutParameters: Step = (path) => path.replace(/;.*/s, '');
/** A proxy that decodes a path and passes it on as it is then: the next one sees a query. */
const cutQuery: Step = (path) => path.replace(/\?.*/s, '');
const cutFragment: Step = (path) => path.replace(/#.*/s, '');

const PLAIN_DECODING: readonly Step[] = [
  decodePercents,
  decodeSlashes,
  decodeOthers,
  decodeUnicodeEscapes,
  foldToAscii,
  dropIgnored,
  turnBackslashes,
];
const FULL_DECODING: readonly Step[] = [decodeOverlong, decodeOverlongLoosely, ...PLAIN_DECODING];

/**
 * Steps that decode: taken again and again, they end in the plainest text. To some, stray bytes are
 * nothing; to others they are a character, or take one with them.
 */
export const DECODINGS: readonly (readonly Step[])[] = [
  PLAIN_DECODING,
  [decodeOverlong, ...PLAIN_DECODING],
  FULL_DECODING,
];

export const STEPS: readonly Step[] = [
  ...FULL_DECODING,
  replaceStray,
  mergeSlashes,
  dropParameters,
  cutParameters,
  cutQuery,
  cutFragment,
];

/** C1, with NEL, and the separators of lines and paragraphs. */
const ENCODED_CONTROL = /^%(?:c2%[89][0-9a-f]|e2%80%a[89]|[89][0-9a-f])$/i;

/**
 * Whether there is a control character in it, in Latin-1 also as a byte. Some servers end the path
 * there (NUL, a line's end), some strip them, also from around a dot segment: Python's `strip()`
 * and .NET's `Trim()` take NEL for a blank.
 */
export function hasControl(path: string): boolean {
  if (CONTROL.test(path)) return true;
  if (!BEYOND_ASCII.test(path)) return false;
  return (path.match(CHARACTERS_AND_BYTES) ?? []).some((text) => ENCODED_CONTROL.test(text));
}
