/**
 * The Server-Timing header. It is read from the answer that the page gets and not from the engine's
 * entry: what `onResponse` takes out of an answer stays out.
 */
import type { ServerTiming } from '../../rpc/wire/timing.ts';

const TOKEN = "[!#-'*+.^`|~\\w-]+";
const QUOTED = '"(?:[^"\\\\]|\\\\.)*"?';
/** One metric, up to the comma after it: commas in quotes are none. */
const METRIC = new RegExp(`(?:${QUOTED}|[^",])+`, 'gs');
const NAME = new RegExp(`^[\\t ]*(${TOKEN})`);
const PARAMETER = new RegExp(`;[\\t ]*(${TOKEN})[\\t ]*(?:=[\\t ]*(${QUOTED}|${TOKEN}))?`, 'gs');

function unquote(text: string): string {
  return text.startsWith('"') ? text.replace(/^"|"$/g, '').replace(/\\(.)/gs, '$1') : text;
}

function readMetric(text: string): ServerTiming[] {
  const name = NAME.exec(text)?.[1];
  if (name === undefined) return [];
  const given = new Map<string, string>();
  for (const [, key = '', value = ''] of text.matchAll(PARAMETER))
    if (!given.has(key.toLowerCase())) given.set(key.toLowerCase(), unquote(value));
  const duration = Number.parseFloat(given.get('dur') ?? '');
  const description = given.get('desc') ?? '';
  return [{ name, duration: Number.isFinite(duration) ? duration : 0, description }];
}

/**
 * Its metrics, in order. Of several parameters of one name the first counts.
 * @see https://w3c.github.io/server-timing/#dfn-parse-a-server-timing-header-field
 */
export function readServerTiming(header: string | null): ServerTiming[] {
  return [...(header ?? '').matchAll(METRIC)].flatMap(([text]) => readMetric(text));
}
