/** What a Node client is told: the options of `connect()` that a page has no use for. */

import { ORIGIN_HEADER } from '../frame/ajax/prepare.ts';
import { type ConnectOptions, invalidArgument } from '../parent/options.ts';
import { toText } from '../rpc/errors.ts';
import { isAllowedOrigin, parseOriginPattern } from '../rpc/origins.ts';

/** Which server a client speaks to, and as whom. */
export type Target = {
  /** The frame's page, without a fragment. */
  url: URL;
  /** Sent with everything, `Hadoken-Origin` among them; the names in lower case. */
  headers: Record<string, string>;
  /** Who the host takes its page for. */
  origin: string;
};

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
  if (!isOne)
    throw invalidArgument(
      `origin can't be ${toText(origin)}. Use such as 'https://app.example.com', without a path`,
    );
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
export function readTarget(
  frame: string | URL,
  { headers: given, origin: asked }: ConnectOptions,
): Target {
  const url = readUrl(frame);
  const origin = readOrigin(asked);
  const headers = readHeaders(given);
  const originHeader = ORIGIN_HEADER.toLowerCase();
  delete headers[originHeader];
  if (origin !== undefined) headers[originHeader] = origin;
  return { url, headers, origin: origin ?? url.origin };
}
