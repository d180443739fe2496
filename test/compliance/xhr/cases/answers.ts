import { ask, type Case, describeValue, headersOf, look } from '../outcome.ts';

const say = (
  type: string | null,
  content: { hex: string } | { text: string },
  more = '',
): string => {
  const url = new URL('/api/say', 'http://server');
  if (type !== null) url.searchParams.append('header', `content-type:${type}`);
  for (const [name, value] of Object.entries(content)) url.searchParams.append(name, value);
  return url.pathname + url.search + more;
};
const hexOf = (text: string): string =>
  [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

const RESPONSE_TYPES = ['', 'text', 'arraybuffer', 'blob', 'json', 'document'] as const;
const XML = '<?xml version="1.0"?><a><b c="d">é</b></a>';
const bodies: [what: string, path: string][] = [
  ['plain text', say('text/plain', { text: 'grün' })],
  ['JSON', say('application/json', { text: '{"a":[1,"ü",null]}' })],
  ['JSON that is 0', say('application/json', { text: '0' })],
  ['broken JSON', say('application/json', { text: '{"a":' })],
  ['JSON with a byte order mark', say('application/json', { hex: `efbbbf${hexOf('{"a":1}')}` })],
  ['XML', say('application/xml', { text: XML })],
  ['text/xml', say('text/xml', { text: XML })],
  ['SVG', say('image/svg+xml', { text: '<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>' })],
  ['RSS', say('application/rss+xml', { text: '<rss><channel/></rss>' })],
  ['broken XML', say('application/xml', { text: '<a><b></a>' })],
  ['HTML', say('text/html', { text: '<!DOCTYPE html><title>t</title><p>grün' })],
  ['an empty body', say('text/plain', { text: '' })],
  ['empty XML', say('application/xml', { text: '' })],
  ['bytes without a type', say(null, { hex: '00ff8041' })],
  ['a type that is none', say('nonsense', { text: 'a' })],
];

const CHARSETS: [what: string, path: string][] = [
  ['ISO-8859-1', say('text/plain; charset=iso-8859-1', { hex: '6772fc6e' })],
  ['windows-1252', say('text/plain; charset=windows-1252', { hex: '80' })],
  ['Shift_JIS', say('text/plain; charset=shift_jis', { hex: '93fa967b' })],
  ['UTF-16LE', say('text/plain; charset=utf-16le', { hex: '61006200' })],
  ['UTF-16BE', say('text/plain; charset=utf-16be', { hex: '00610062' })],
  ['a charset in quotes', say('text/plain; charset="iso-8859-1"', { hex: 'fc' })],
  ['a charset in capitals', say('TEXT/PLAIN; CHARSET=ISO-8859-1', { hex: 'fc' })],
  ['an unknown charset', say('text/plain; charset=klingon', { hex: 'c3bc' })],
  [
    'the first of two charsets',
    say('text/plain; charset=iso-8859-1; charset=utf-8', { hex: 'fc' }),
  ],
  ['a byte order mark of UTF-8', say('text/plain; charset=iso-8859-1', { hex: 'efbbbfc3bc' })],
  ['a byte order mark of UTF-16LE', say('text/plain', { hex: 'fffe61006200' })],
  ['a byte order mark of UTF-16BE', say('text/plain; charset=utf-8', { hex: 'feff00610062' })],
  ['bytes that are no UTF-8', say('text/plain', { hex: '61ff62c3' })],
  [
    'XML that says its charset',
    say('application/xml', {
      hex: `${hexOf('<?xml version="1.0" encoding="iso-8859-1"?><a>')}fc${hexOf('</a>')}`,
    }),
  ],
  [
    'XML that says another than the header',
    say('application/xml; charset=utf-8', {
      text: '<?xml version="1.0" encoding="iso-8859-1"?><a>ü</a>',
    }),
  ],
  [
    'HTML that says its charset',
    say('text/html', { hex: `${hexOf('<meta charset="iso-8859-1"><p>')}fc` }),
  ],
  [
    'HTML that says it by http-equiv',
    say('text/html', {
      hex: `${hexOf('<meta http-equiv="Content-Type" content="text/html; charset=windows-1252"><p>')}80`,
    }),
  ],
  ['half a character at the end', say('text/plain', { hex: 'c3' })],
];

const OVERRIDES: [given: string, path: string, as?: XMLHttpRequestResponseType][] = [
  ['text/plain; charset=x-user-defined', say('image/png', { hex: '00417f80ff' })],
  ['text/plain; charset=iso-8859-1', say('text/plain; charset=utf-8', { hex: 'fc' })],
  ['text/plain', say('text/plain; charset=iso-8859-1', { hex: 'fc' })],
  ['application/xml', say('text/plain', { text: '<a/>' })],
  ['text/xml', say('text/plain; charset=iso-8859-1', { hex: `${hexOf('<a>')}fc${hexOf('</a>')}` })],
  ['text/plain', say('application/xml', { text: '<a/>' })],
  ['nonsense', say('application/xml', { text: '<a/>' })],
  ['text/plain; charset=nonsense', say('text/plain; charset=iso-8859-1', { hex: 'fc' })],
  ['image/gif', say('text/plain', { text: 'a' }), 'blob'],
  ['TEXT/HTML; a=b', say('text/plain', { text: '<p>a' }), 'blob'],
  ['nonsense', say('text/plain', { text: 'a' }), 'blob'],
  ['text/html', say('text/plain', { text: '<p>a' }), 'document'],
];

const STATUSES = [
  200, 201, 202, 203, 204, 205, 206, 304, 400, 401, 403, 404, 410, 418, 500, 502, 503, 299, 599,
];

export const answerCases: Case[] = [
  ...RESPONSE_TYPES.flatMap((responseType) =>
    bodies.map(
      ([what, path]): Case => [
        `reads ${what} as ${responseType || 'the default'}`,
        async (kit) => {
          const { xhr, log } = await ask(kit, {
            path,
            before: (each) => (each.responseType = responseType),
          });
          return { log, ...look(xhr) };
        },
      ],
    ),
  ),
  ...CHARSETS.flatMap(([what, path]) =>
    (['', 'text', 'document', 'json'] as const).map(
      (responseType): Case => [
        `reads ${what} as ${responseType || 'the default'}`,
        async (kit) => {
          const { xhr } = await ask(kit, {
            path,
            before: (each) => (each.responseType = responseType),
          });
          const { response, responseText, responseXML } = look(xhr);
          return { response, responseText, responseXML };
        },
      ],
    ),
  ),
  ...OVERRIDES.map(
    ([given, path, as = '']): Case => [
      `overrides the type of ${path.slice(0, 60)} by ${given} as ${as || 'the default'}`,
      async (kit) => {
        const { xhr } = await ask(kit, {
          path,
          before(each) {
            each.responseType = as;
            each.overrideMimeType(given);
          },
        });
        return look(xhr);
      },
    ],
  ),
  ...STATUSES.map(
    (status): Case => [
      `shows status ${status}`,
      async (kit) => {
        const { xhr, log } = await ask(kit, { path: `/api/status/${status}` });
        return { log, ...look(xhr), headers: headersOf(xhr) };
      },
    ],
  ),
  ...['HEAD', 'OPTIONS', 'DELETE', 'PUT', 'PATCH', 'POST', 'REPORT'].map(
    (method): Case => [
      `shows the answer to ${method}`,
      async (kit) => {
        const { xhr, log } = await ask(kit, { method, path: say('text/plain', { text: 'abc' }) });
        return { log, ...look(xhr) };
      },
    ],
  ),
  [
    'shows the text of a status that is not usual',
    async (kit) => look((await ask(kit, { path: '/api/status/200?text=Very%20fine' })).xhr),
  ],
  ...[301, 302, 303, 307, 308].flatMap((status) =>
    ['GET', 'POST', 'PUT'].map(
      (method): Case => [
        `follows ${status} of ${method}`,
        async (kit) => {
          const body = method === 'GET' ? undefined : 'body';
          const path = `/api/redirect?status=${status}&n=2&to=/api/echo%23part`;
          const { xhr, log } = await ask(kit, { method, path, body });
          const { method: used, body: sent } = JSON.parse(xhr.responseText);
          return {
            log: log.map((line) => line.replace(/\d+\/\d+/, '')),
            url: xhr.responseURL,
            used,
            sent,
          };
        },
      ],
    ),
  ),
  [
    'leaves the fragment out of responseURL',
    async (kit) => (await ask(kit, { path: '/api/echo?a=1#part' })).xhr.responseURL,
  ],
  [
    'gives all headers sorted, in lower case, and each by any case of its name',
    async (kit) => {
      const names = ['X-B', 'x-a', 'X_A', 'Xz', 'x-a-b', 'X-EMPTY', 'X-DUP', 'X-DUP', 'Set-Cookie'];
      const query = names.map((name, at) => `header=${name}:${name === 'X-EMPTY' ? '' : `v${at}`}`);
      const { xhr } = await ask(kit, { path: `/api/say?text=a&${query.join('&')}` });
      const one = (name: string): unknown => xhr.getResponseHeader(name);
      return [
        headersOf(xhr),
        ...['x-b', 'X-B', 'X_A', 'x-empty', 'x-dup', 'set-cookie', 'none', 'a b', '', 'x-b '].map(
          one,
        ),
      ];
    },
  ],
  [
    'gives headers of bytes above ASCII as Latin-1',
    async (kit) => (await ask(kit, { path: '/api/headers' })).xhr.getResponseHeader('x-latin'),
  ],
  [
    'gives the same object each time',
    async (kit) => {
      const same: boolean[] = [];
      for (const responseType of ['arraybuffer', 'blob', 'json', 'document'] as const) {
        const path =
          responseType === 'document'
            ? say('text/xml', { text: XML })
            : say('text/plain', { text: '{}' });
        const { xhr } = await ask(kit, {
          path,
          before: (each) => (each.responseType = responseType),
        });
        const { response } = xhr;
        same.push(response !== null && xhr.response === response);
      }
      const { xhr } = await ask(kit, { path: say('text/xml', { text: XML }) });
      const { responseXML } = xhr;
      return [...same, responseXML !== null && xhr.responseXML === responseXML];
    },
  ],
  [
    'gives a document its type and URL',
    async (kit) => {
      const found: unknown[] = [];
      for (const type of [
        'text/xml',
        'application/rss+xml',
        'application/xhtml+xml',
        'text/html',
      ]) {
        const { xhr } = await ask(kit, {
          path: say(type, { text: '<a xmlns="b"/>' }),
          before: (each) => (each.responseType = 'document'),
        });
        const { contentType, URL, documentURI, defaultView, characterSet } =
          xhr.responseXML as Document;
        found.push([
          contentType,
          URL.split('?')[0],
          documentURI.split('?')[0],
          defaultView,
          characterSet,
        ]);
      }
      return found;
    },
  ],
  [
    'reads all bytes of an answer',
    async (kit) => {
      const { xhr } = await ask(kit, {
        path: '/api/bytes/300000',
        before: (each) => (each.responseType = 'arraybuffer'),
      });
      const bytes = new Uint8Array(xhr.response);
      return [bytes.length, bytes.every((byte, at) => byte === at % 251)];
    },
  ],
  [
    'reads a compressed answer',
    async (kit) => {
      const { xhr, log } = await ask(kit, { path: '/api/gzip' });
      return [log, xhr.responseText.length, describeValue(xhr.response === xhr.responseText)];
    },
  ],
];
