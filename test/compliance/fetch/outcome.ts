/** What came of a `fetch`, as plain data that can be compared and posted between origins. */

/** What a case runs with: its realm's `fetch`, and the origin it asks. */
export type Kit = { fetch: typeof fetch; origin: string };

/** A sentence, and what it does; the result is compared between the platform's `fetch` and ours. */
export type Case = [name: string, run: (kit: Kit) => unknown];

/** Not the same at two times of asking. */
const VOLATILE = ['date'];
/** Differences on docs/fetch.md's list: ours on purpose, or a worker's where a page was compared with. */
const LISTED = /^(hadoken-origin|referer|sec-ch-ua.*|sec-fetch-mode)$/;

export function errorOutcome(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: error };
  if (error instanceof ReferenceError) throw error;
  const kind = error instanceof DOMException ? 'DOMException' : undefined;
  return {
    error: kind ?? (error instanceof TypeError ? 'TypeError' : error.constructor.name),
    name: error.name,
  };
}

/** `work`'s value, or the class and name of what it threw. */
export async function attempt(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return errorOutcome(error);
  }
}

export function headOf(response: Response): object {
  const { status, statusText, ok, url, redirected, type, bodyUsed } = response;
  const headers = [...response.headers].filter(([name]) => !VOLATILE.includes(name));
  return {
    status,
    statusText,
    ok,
    url,
    redirected,
    type,
    bodyUsed,
    headers,
    hasBody: response.body !== null,
  };
}

async function digest(bytes: ArrayBuffer): Promise<unknown> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return {
    length: bytes.byteLength,
    sha256: [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  };
}

/** Head and body of an answer, or what was thrown on the way. */
export function whole(asked: Promise<Response>): Promise<unknown> {
  return attempt(async () => {
    const response = await asked;
    return {
      ...headOf(response),
      body: await attempt(async () => digest(await response.arrayBuffer())),
    };
  });
}

type Seen = {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  length: number;
};

/** What the server saw of a request to `/api/echo`. A multipart boundary is random: it gets a name. */
export function seen(asked: Promise<Response>): Promise<unknown> {
  return attempt(async () => {
    const response = await asked;
    const { method, url, headers, body, length } = (await response.json()) as Seen;
    const boundary = /^--(\S+?)(?:--)?\r\n/.exec(atob(body))?.[1];
    const hide = (text: string): string =>
      boundary ? text.replaceAll(boundary, 'BOUNDARY') : text;
    // Its length may differ from one to the next.
    if (boundary) delete headers['content-length'];
    const kept = Object.entries(headers).filter(([name]) => !LISTED.test(name));
    return {
      method,
      url,
      headers: Object.fromEntries(kept.map(([name, value]) => [name, hide(value)])),
      body: hide(atob(body)),
      length: boundary ? 'multipart' : length,
    };
  });
}

/** A file's worth of bytes that is easy to check. */
export const bytes = (length: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => i % 251);
