import { HadokenError } from './errors.ts';

/** An entry of `origins`, taken apart once: compared by parts, never as text. */
export type OriginPattern = { protocol: string; host: string; port: string; anyLabel: boolean };

const LABEL = '*.';

function invalidEntry(where: string, entry: unknown, why: string): HadokenError {
  return new HadokenError(
    'INVALID_ARGUMENT',
    `${where} has ${JSON.stringify(entry)}, ${why}. Use 'https://app.example.com', ` +
      "or 'https://*.example.com' for one label.",
  );
}

/**
 * Takes one entry of `origins` apart: an exact origin, or one whose first label is `*` (exactly one
 * label). Throws INVALID_ARGUMENT for anything else: `*`, `null`, a path, credentials, another
 * scheme, a `*` elsewhere. `where`: the list that has it, for the error.
 */
export function parseOriginPattern(entry: unknown, where: string): OriginPattern {
  const invalid = (why: string): HadokenError => invalidEntry(where, entry, why);
  if (typeof entry !== 'string') throw invalid('which is no string');
  const [scheme = '', ...others] = entry.split('://');
  const rest = others.join('://');
  const anyLabel = rest.startsWith(LABEL);
  const text = anyLabel ? `${scheme}://${rest.slice(LABEL.length)}` : entry;
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid('which is no origin');
  }
  const { protocol, hostname, port } = url;
  // The parser forgives these; an entry that needs forgiving is a mistake.
  if (!entry.includes('://') || /[\s\\/?#@%]|:$/.test(rest))
    throw invalid('which is more than scheme, host and port');
  if (protocol !== 'https:' && protocol !== 'http:')
    throw invalid('whose scheme is not http or https');
  if (text.includes('*') || hostname === '') throw invalid('where * is not the whole first label');
  // A dot at the end is the root's: com. is no more than com.
  const isDomain = hostname.replace(/\.$/, '').includes('.') && !/^[\d.]+$|^\[/.test(hostname);
  if (anyLabel && !isDomain) throw invalid('which would allow every host of a top-level domain');
  return { protocol, host: hostname, port, anyLabel };
}

/** Takes a list of such entries apart. `where`: what the list is, for the error. */
export function parseOriginList(entries: readonly unknown[], where: string): OriginPattern[] {
  return entries.map((entry) => parseOriginPattern(entry, where));
}

/**
 * Takes `serve({ origins })` apart. Throws INVALID_ARGUMENT where it names nobody, or somebody that
 * can't be read.
 */
export function parseOrigins(origins: unknown): OriginPattern[] {
  if (!Array.isArray(origins) || origins.length === 0) {
    const why = origins === undefined ? 'missing' : 'no list, or an empty one';
    throw new HadokenError(
      'INVALID_ARGUMENT',
      `serve(): origins is ${why}. List the pages that may use this frame: ` +
        "serve({ origins: ['https://app.example.com'] }).",
    );
  }
  return parseOriginList(origins, 'serve(): origins');
}

/**
 * Whether `origin`, as the browser reported it in `event.origin`, is one of `patterns`. Opaque
 * origins ('null'), other schemes and anything that does not survive a round trip through URL never
 * are.
 */
export function isAllowedOrigin(origin: string, patterns: readonly OriginPattern[]): boolean {
  let url: URL;
  try {
    url = new URL(origin);
  } catch {
    return false;
  }
  if (url.origin !== origin) return false;
  return patterns.some((pattern) => {
    if (url.protocol !== pattern.protocol || url.port !== pattern.port) return false;
    if (!pattern.anyLabel) return url.hostname === pattern.host;
    const dot = url.hostname.indexOf('.');
    return dot > 0 && url.hostname.slice(dot + 1) === pattern.host;
  });
}

/** Whether `pattern` lets in no more than `patterns` do: one of them says the same, or has it. */
export function isWithin(pattern: OriginPattern, patterns: readonly OriginPattern[]): boolean {
  const { protocol, host, port, anyLabel } = pattern;
  const authority = port ? `${host}:${port}` : host;
  if (!anyLabel) return isAllowedOrigin(`${protocol}//${authority}`, patterns);
  return patterns.some(
    (other) =>
      other.anyLabel && other.protocol === protocol && other.host === host && other.port === port,
  );
}

/**
 * The first of `entries` that is not within `patterns`, or undefined. Throws INVALID_ARGUMENT for
 * one that can't be read. `where`: as for {@link parseOriginPattern}.
 */
export function entryOutside<T>(
  entries: readonly T[],
  patterns: readonly OriginPattern[],
  where: string,
): T | undefined {
  return entries.find((entry) => !isWithin(parseOriginPattern(entry, where), patterns));
}
