/** What a Node client is told: the options of `connect()` that a page has no use for. */

import { type ConnectOptions, invalidArgument } from '../parent/options.ts';
import { isAllowedOrigin, parseOriginPattern } from '../rpc/origins.ts';

/** What the client is to the server, and what it offers besides. */
export type Identity = {
  /** The frame's page, without a fragment. */
  url: URL;
  /** Sent with everything, `Hadoken-Origin` among them; the names in lower case. */
  headers: Record<string, string>;
  /** Who the host takes its page for. */
  origin: string;
};

/** The header by which an API knows whom a request is for. */
const ORIGIN_HEADER = 'hadoken-origin';

function readUrl(frame: string | URL): URL {
  let url: URL | undefined;
  try {
    url = new URL(frame);
    url.hash = '';
  } catch {}
  if (!url || !/^https?:$/.test(url.protocol))
    throw invalidArgument(
      `${frame} is no http(s) URL of a frame's page. In Node it has to be a whole one`,
    );
  return url;
}

function readOrigin(origin: unknown): string | undefined {
  if (origin === undefined) return undefined;
  let isOne = false;
  try {
    const pattern = parseOriginPattern(origin);
    isOne = !pattern.anyLabel && isAllowedOrigin(origin as string, [pattern]);
  } catch {}
  if (!isOne) throw invalidArgument(`origin can't be ${String(origin)}`);
  return origin as string;
}

function readHeaders(headers: HeadersInit | undefined): Record<string, string> {
  try {
    return Object.fromEntries(new Headers(headers));
  } catch (error) {
    throw invalidArgument(`headers can't be read: ${(error as Error).message}`);
  }
}

/** Throws INVALID_ARGUMENT for what can't be read. */
export function readIdentity(
  frame: string | URL,
  { headers: given, origin: asked }: ConnectOptions,
): Identity {
  const url = readUrl(frame);
  const origin = readOrigin(asked);
  const headers = readHeaders(given);
  delete headers[ORIGIN_HEADER];
  if (origin !== undefined) headers[ORIGIN_HEADER] = origin;
  return { url, headers, origin: origin ?? url.origin };
}
