/**
 * Servers differ in how they read a path: some decode %2f before they route, some decode twice, take `\` for `/`,
 * merge empty segments or drop `;…` from a segment. A rule has to hold for each of those readings.
 */

/** `%25` takes its turn with the rest: decoding once more is another reading. Only ASCII can be a separator or a dot. */
function decodeAscii(path: string): string {
  return path.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** `.` and `..`, also with the dots, blanks or `;…` after them that some servers strip. */
const DOT_SEGMENT = /^\.[.\s]*(;|$)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\0-\x1f]/;

/** More layers of encoding than this are nobody's honest path. */
const MAX_LAYERS = 5;

/**
 * The ways to read `pathname`, itself first; it is parsed, so that plain dot segments are gone from it. Undefined
 * for one that hides a dot segment or a control character: no two servers agree on it.
 */
export function pathReadings(pathname: string): string[] | undefined {
  const readings = new Set<string>();
  let path = pathname;
  for (let layer = 0; ; layer++) {
    const segments = path.split(/[/\\]/);
    if (layer > MAX_LAYERS || CONTROL.test(path) || segments.some((segment) => DOT_SEGMENT.test(segment)))
      return undefined;
    readings
      .add(path)
      .add(`/${segments.filter((segment, at) => segment !== '' || at === segments.length - 1).join('/')}`);
    const decoded = decodeAscii(path);
    if (decoded === path) return [...readings];
    path = decoded;
  }
}
