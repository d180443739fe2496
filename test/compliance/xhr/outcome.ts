/** What came of an XMLHttpRequest, as plain data that can be compared and posted between origins. */

/** What a case runs with: the realm's class, and the origin that it asks. */
export type Kit = { XMLHttpRequest: typeof XMLHttpRequest; origin: string };

/** A sentence, and what it does; the result is compared between the platform's and ours. */
export type Case = [name: string, run: (kit: Kit) => unknown];

export const TYPES = [
  ...['readystatechange', 'loadstart', 'progress', 'abort', 'error', 'load', 'timeout', 'loadend'],
] as const;

/** All headers but those of the connection, and the time. */
export function headersOf(xhr: XMLHttpRequest): string {
  const all = xhr.getAllResponseHeaders();
  return all.replace(/^(date|connection|keep-alive|transfer-encoding): .*\r\n/gm, '');
}

/** The class and name of what was thrown. */
export function errorOutcome(error: unknown): unknown {
  if (!(error instanceof Error)) return { thrown: String(error) };
  const kind = error instanceof DOMException ? 'DOMException' : error.constructor.name;
  return `${kind} ${error.name}`;
}

/** What `run` gives, or throws. */
export function attempt(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return errorOutcome(error);
  }
}

/** As text that can be compared: null and undefined apart, a document and a blob by what they are. */
export function describeValue(value: unknown): unknown {
  if (value === undefined) return 'undefined';
  if (value instanceof Document)
    return `${Object.prototype.toString.call(value)} ${new XMLSerializer().serializeToString(value).slice(0, 300)}`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${[...new Uint8Array(value)].slice(0, 40)}`;
  if (value instanceof Blob) return `Blob ${value.size} ${value.type}`;
  return value;
}

export type Log = string[];

/** Writes down each event of `xhr` and its upload. What a fast network sends once or twice is there once. */
export function record(
  xhr: XMLHttpRequest,
  { upload = false, log = [] as Log, onEvent = (_line: string) => {} } = {},
): Log {
  const add = (line: string): void => {
    if (!/progress|readystatechange 3/.test(line) || !log.includes(line)) log.push(line);
    onEvent(line);
  };
  for (const type of TYPES)
    xhr.addEventListener(type, (event) => {
      const { loaded, total, lengthComputable } = event as ProgressEvent;
      const size = type === 'readystatechange' ? '' : ` ${loaded}/${total} ${lengthComputable}`;
      // WebKit tells of a part when the next one has come.
      const isPart = type === 'progress' && xhr.readyState > 1;
      add(isPart ? type : `${type} ${xhr.readyState}${size}`);
    });
  if (upload)
    for (const type of TYPES)
      xhr.upload.addEventListener(type, (event) => {
        const { loaded, total, lengthComputable } = event as ProgressEvent;
        const isPart = type === 'progress';
        add(
          `upload ${type} ${xhr.readyState}${isPart ? '' : ` ${loaded}/${total} ${lengthComputable}`}`,
        );
      });
  return log;
}

/** Resolves with `loadend`, or after all events of an `abort()` that is called by then. */
export const ended = (xhr: XMLHttpRequest): Promise<void> =>
  new Promise((resolve) => {
    xhr.addEventListener('loadend', () => setTimeout(resolve));
  });

/** All that an object shows. */
export function look(xhr: XMLHttpRequest): Record<string, unknown> {
  const { readyState, status, statusText, responseURL, responseType, timeout, withCredentials } =
    xhr;
  return {
    ...{ readyState, status, statusText, responseURL, responseType, timeout, withCredentials },
    response: attempt(() => describeValue(xhr.response)),
    responseText: attempt(() => xhr.responseText),
    responseXML: attempt(() => describeValue(xhr.responseXML)),
    type: xhr.getResponseHeader('Content-Type'),
  };
}

export type Asked = {
  method?: string;
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
  before?: (xhr: XMLHttpRequest) => void;
  upload?: boolean;
};

/** One request to its end: its events and what the object shows then. */
export async function ask(
  { XMLHttpRequest, origin }: Kit,
  { method = 'GET', path, headers = {}, body, before, upload = false }: Asked,
): Promise<{ xhr: XMLHttpRequest; log: Log }> {
  const xhr = new XMLHttpRequest();
  const log = record(xhr, { upload });
  xhr.open(method, origin + path);
  for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
  before?.(xhr);
  const end = ended(xhr);
  xhr.send(body as XMLHttpRequestBodyInit);
  await end;
  return { xhr, log };
}

/** Differences on docs/drop-in.md's list: the frame's own, or those of a worker. */
const LISTED =
  /^(hadoken-origin|referer|sec-.*|connection|host|content-length|user-agent|accept-encoding|origin|priority|cookie)$/;

/** What the server saw of a request to /api/echo. A multipart boundary is random, and gets a name. */
export function seen(xhr: XMLHttpRequest): unknown {
  const { method, url, headers, body } = JSON.parse(xhr.responseText);
  const text = atob(body);
  const boundary = /^--(\S+?)(?:--)?\r\n/.exec(text)?.[1];
  const hide = (value: string): string =>
    boundary ? value.replaceAll(boundary, 'BOUNDARY') : value;
  const kept = Object.entries(headers as Record<string, string>).filter(
    ([name]) => !LISTED.test(name),
  );
  return {
    method,
    url,
    headers: kept.map(([name, value]) => `${name}: ${hide(value)}`).sort(),
    body: hide(text),
  };
}
