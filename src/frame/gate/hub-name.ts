/**
 * The hub's name. A SharedWorker lives on while any tab needs it, and longer: a page with other
 * rules, or of another release, must not find one that was started before.
 */
import { RELEASE } from '../../rpc/wire/hub.ts';
import { digestOf } from '../digest.ts';
import type { Effects } from '../effects.ts';
import type { ServeOptions } from '../options.ts';

/** The options that the hub heeds. The others may differ from place to place, as a time does. */
const HEEDED = [
  ...['origins', 'io', 'eventSource', 'limits'],
  ...['auth', 'onRequest', 'onResponse', 'vault', 'cookies'],
] as const;

/** Functions by their text. */
const toText = (_name: string, value: unknown): unknown =>
  typeof value === 'function' ? String(value) : value;

async function read(url: string, fetchText: Effects['fetch']): Promise<string> {
  // What was loaded a moment ago, and not what is there now.
  const response = await fetchText(new Request(url, { cache: 'force-cache' }));
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

/**
 * Of the release, the texts of `scripts`, and the options that they have given to `serve()`.
 * Rejects where the texts can't be read, or there is no `crypto.subtle`, as on plain http.
 */
export async function nameHub(
  options: ServeOptions,
  scripts: readonly string[],
  fetchText: Effects['fetch'],
): Promise<string> {
  const texts = await Promise.all(scripts.map((url) => read(url, fetchText)));
  const heeded = HEEDED.map((name) => options[name]);
  const digest = await digestOf(JSON.stringify([texts, heeded], toText));
  return `hadoken ${RELEASE} ${digest}`;
}
