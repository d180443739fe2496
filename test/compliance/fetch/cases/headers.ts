/** Names and values of headers, and reason phrases, as the server gets and as the page sees them. */
import { type Case, headOf, whole } from '../outcome.ts';

type Kit = Parameters<Case[1]>[0];

/** What each writes, for an `init` that is made anew each time. */
const named: Record<string, (kit: Kit) => RequestInit> = {
  'in a record': () => ({ headers: { 'X-Camel-Case': '1', 'x-lower': '2', 'X-UPPER': '3' } }),
  'in a list': () => ({ headers: [['X-Camel-Case', '1'] as [string, string], ['xX-MiXeD', '2']] }),
  'in a Map': () => ({ headers: new Map([['X-Camel-Case', '1']]) as unknown as HeadersInit }),
  'twice, in another case': () => ({
    headers: [['X-Twice', '1'] as [string, string], ['x-twice', '2'], ['X-TWICE', '3']],
  }),
  'that the platform knows': () => ({
    headers: { ACCEPT: 'a/b', 'CONTENT-TYPE': 'c/d', 'accept-language': 'de' },
    method: 'POST',
    body: 'x',
  }),
  'that it forbids': () => ({ headers: { 'X-Kept': '1', COOKIE: 'a=1', 'Sec-Fetch-X': '2' } }),
  'of an iterator that is used up': () => ({
    headers: [['x-once', '1']][Symbol.iterator]() as unknown as HeadersInit,
  }),
  'of an inherited member': () => Object.create({ headers: { 'X-Inherited': '1' } }),
  'that are no texts': () => ({ headers: [[1, 2]] as unknown as HeadersInit }),
  'of another Headers, which shows lower case': () => ({
    headers: new Headers({ 'x-from-headers': '1' }),
  }),
  'of no headers at all': () => ({ headers: null as unknown as HeadersInit }),
};

/** The names that the server got of the page's headers, as they came. */
async function namesSent(asked: Promise<Response>): Promise<string[]> {
  const { rawHeaders } = (await (await asked).json()) as { rawHeaders: string[] };
  const names = rawHeaders.filter((_, at) => at % 2 === 0);
  return names.filter((name) => /^(x|accept$|accept-language$|content-type|1)/i.test(name)).sort();
}

const empties: [string, string][][] = [
  [
    ['x-a', ''],
    ['x-a', ''],
  ],
  [
    ['x-a', ''],
    ['x-a', '1'],
    ['x-a', ''],
  ],
  [
    ['x-a', '1'],
    ['x-a', ''],
    ['x-a', '2'],
  ],
  [
    ['x-a', ' '],
    ['x-a', 'a , b'],
    ['x-a', ' c '],
  ],
];

const head = (lines: string[], as = 'latin1'): string => {
  const text = `HTTP/1.1 ${lines.join('\r\n')}\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok`;
  return `/api/raw?as=${as}&head=${encodeURIComponent(text)}`;
};

const answers: Record<string, string[]> = {
  'two of a name': ['200 OK', 'X-A: 1', 'X-A: 2'],
  'two of a name, in another case, with another between': ['200 OK', 'x-A: 1', 'X-B: 2', 'X-a: 3'],
  'two empty ones': ['200 OK', 'X-A:', 'X-A: '],
  'empty ones before and after': ['200 OK', 'X-A:', 'X-A: 1', 'X-A:'],
  'empty ones between': ['200 OK', 'X-A: 1', 'X-A:', 'X-A:', 'X-A: 2'],
  'empty ones after commas and blanks': ['200 OK', 'X-A: 1,  2', 'X-A:', 'X-A:'],
  'a blank that is no blank to HTTP': ['200 OK', 'X-A: \u00a01,  2\u00a0'],
  'commas and blanks within': ['200 OK', 'X-A: 1 ,  2,3', 'X-A: "4, 5"'],
  'links, varies and challenges': [
    '401 No',
    'Link: </a>; rel="x, y"',
    'Link: </b>',
    'Vary: A',
    'Vary: B',
    'WWW-Authenticate: X realm="a, b"',
    'WWW-Authenticate: Y',
  ],
  'bytes beyond ASCII': ['200 OK', 'X-A: gr\u00fcn', 'X-A: \u00ff\u0080'],
  'blanks about it': ['200 OK', 'X-A: \t 1 \t'],
};

const phrases: Record<string, [text: string, as?: string]> = {
  'in Latin-1': ['grün'],
  'in UTF-8': ['grün', 'utf8'],
  'beyond Latin-1': ['☃ 🥋', 'utf8'],
  'of bytes that are no UTF-8': ['\u00ff\u0080'],
  'with a tab': ['a\tb'],
  'of blanks': ['  a  '],
  'that is empty': [''],
};

export const headerCases: Case[] = [
  ...Object.entries(named).map(
    ([what, init]): Case => [
      `sends names of headers as they are written ${what}`,
      (kit) => namesSent(kit.fetch('/api/echo', init(kit))),
    ],
  ),
  [
    'sends the names of init rather than those of a Request',
    ({ fetch, origin }) =>
      namesSent(
        fetch(new Request(`${origin}/api/echo`, { headers: { 'x-request': '1' } }), {
          headers: { 'X-Init': '1' },
        }),
      ),
  ],
  ...empties.map(
    (headers): Case => [
      `sends the values ${JSON.stringify(headers.map(([, value]) => value))} of a name`,
      async ({ fetch }) => {
        const sent = (await (await fetch('/api/echo', { headers })).json()).headers['x-a'];
        return [sent, new Headers(headers).get('x-a')];
      },
    ],
  ),
  ...Object.entries(answers).map(
    ([what, lines]): Case => [
      `is answered with headers: ${what}`,
      async ({ fetch }) => {
        const response = await fetch(head(lines));
        return [headOf(response), headOf(response.clone()), response.headers.get('x-a')];
      },
    ],
  ),
  ...Object.entries(phrases).map(
    ([what, [text, as]]): Case => [
      `is answered with a reason phrase ${what}`,
      ({ fetch }) => whole(fetch(head([`200 ${text}`], as))),
    ],
  ),
];
