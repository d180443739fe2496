import { attempt, bytes, type Case, seen, whole } from '../outcome.ts';

const methods = [
  'GET',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'post',
  'delete',
  'patch',
  'FOO',
  'pAtCh',
];
const refusedMethods = ['TRACE', 'CONNECT', 'TRACK', 'trace', '', 'A B', 'Ä'];

const inits: Record<string, RequestInit> = {
  'an unknown mode': { mode: 'wrong' as RequestMode },
  'mode navigate': { mode: 'navigate' },
  'an unknown credentials mode': { credentials: 'wrong' as RequestCredentials },
  'an unknown cache mode': { cache: 'wrong' as RequestCache },
  'an unknown redirect mode': { redirect: 'wrong' as RequestRedirect },
  'an unknown referrer policy': { referrerPolicy: 'wrong' as ReferrerPolicy },
  'an unknown priority': { priority: 'wrong' as RequestPriority },
  'only-if-cached without same-origin': { cache: 'only-if-cached' },
  'a window': { window: {} as unknown as null },
  'a null window': { window: null },
  'GET with a body': { method: 'GET', body: 'x' },
  'HEAD with a body': { method: 'HEAD', body: 'x' },
  'GET with an empty body': { method: 'GET', body: '' },
  'a signal that is none': { signal: {} as AbortSignal },
  'a referrer that is no URL': { referrer: 'http://:wrong' },
  'a header name with a space': { headers: { 'a b': '1' } },
  'an empty header name': { headers: { '': '1' } },
  'a header value with a line break': { headers: { a: '1\n2' } },
  'a header value beyond Latin-1': { headers: { a: '☃' } },
  'a header pair of three': { headers: [['a', 'b', 'c']] as unknown as [string, string][] },
  'a null header list': { headers: null as unknown as HeadersInit },
};

const headers: Record<string, HeadersInit> = {
  'of a record': { 'X-One': '1', 'x-two': '2' },
  'of pairs, twice the same': [
    ['x-a', '1'],
    ['X-A', '2'],
  ],
  'of a Headers': new Headers({ 'x-a': '1' }),
  'with blanks around': { 'x-a': '  1  ' },
  'with an empty value': { 'x-a': '' },
  'in Latin-1': { 'x-a': 'grün' },
  'with a number': { 'x-a': 1 as unknown as string },
  'that are forbidden': {
    cookie: 'a=1',
    host: 'evil',
    'content-length': '7',
    'sec-x': '1',
    'proxy-x': '1',
  },
  'with accept and accept-language': { accept: 'text/x', 'accept-language': 'de' },
  'with authorization': { authorization: 'Bearer x' },
  'with a range': { range: 'bytes=0-1' },
};

const passing: Record<string, RequestInit> = {
  'mode same-origin': { mode: 'same-origin' },
  'mode no-cors': { mode: 'no-cors' },
  'mode no-cors and a header it hides': { mode: 'no-cors', headers: { 'x-a': '1' } },
  'credentials omit': { credentials: 'omit' },
  'credentials same-origin': { credentials: 'same-origin' },
  'credentials include': { credentials: 'include' },
  'cache no-store': { cache: 'no-store' },
  'cache reload': { cache: 'reload' },
  'cache no-cache': { cache: 'no-cache' },
  'cache force-cache': { cache: 'force-cache' },
  'referrerPolicy no-referrer': { referrerPolicy: 'no-referrer' },
  'an empty referrer': { referrer: '' },
  'priority high': { priority: 'high' },
  'an empty integrity': { integrity: '' },
  keepalive: { method: 'POST', keepalive: true, body: 'x' },
  'everything undefined': {
    method: undefined,
    body: undefined,
    headers: undefined,
    signal: undefined,
  } as unknown as RequestInit,
  'a null body and a null signal': { method: 'POST', body: null, signal: null },
};

export const requestCases: Case[] = [
  ...methods.map(
    (method): Case => [
      `sends the method ${method}`,
      ({ fetch }) => seen(fetch('/api/echo', { method })),
    ],
  ),
  ...refusedMethods.map(
    (method): Case => [
      `refuses the method '${method}'`,
      ({ fetch }) => whole(fetch('/api/echo', { method })),
    ],
  ),
  ...Object.entries(inits).map(
    ([what, init]): Case => [`judges ${what}`, ({ fetch }) => seen(fetch('/api/echo', init))],
  ),
  ...Object.entries(headers).map(
    ([what, value]): Case => [
      `sends headers ${what}`,
      ({ fetch }) => seen(fetch('/api/echo', { headers: value })),
    ],
  ),
  ...Object.entries(passing).map(
    ([what, init]): Case => [`sends with ${what}`, ({ fetch }) => seen(fetch('/api/echo', init))],
  ),

  ['takes a path', ({ fetch }) => whole(fetch('/api/bytes/10'))],
  ['takes an absolute URL', ({ fetch, origin }) => whole(fetch(`${origin}/api/bytes/10`))],
  ['takes a URL', ({ fetch, origin }) => whole(fetch(new URL('/api/bytes/10', origin)))],
  [
    'takes what has a toString',
    ({ fetch }) => whole(fetch({ toString: () => '/api/bytes/10' } as string)),
  ],
  [
    'keeps query and drops nothing of it',
    ({ fetch }) => whole(fetch('/api/bytes/10?a=1&b=%20&c=ü')),
  ],
  ['leaves the hash out of the URL', ({ fetch }) => whole(fetch('/api/bytes/10#part'))],
  ['normalises the path', ({ fetch }) => whole(fetch('/x/../api/./bytes/10'))],
  ['trims the URL', ({ fetch }) => whole(fetch('  /api/bytes/10\n'))],
  ['refuses what is no URL', ({ fetch }) => whole(fetch('http://:wrong'))],
  [
    'refuses a URL with credentials',
    ({ fetch, origin }) => whole(fetch(origin.replace('//', '//user:pw@'))),
  ],
  [
    'never throws, it rejects',
    ({ fetch }) =>
      attempt(() => {
        const asked = fetch('/api/echo', { method: 'TRACE' });
        return [asked instanceof Promise, asked.catch(() => 0) instanceof Promise];
      }),
  ],
  ['refuses a symbol', ({ fetch }) => whole(fetch(Symbol('x') as unknown as string))],
  [
    'takes null for init',
    ({ fetch }) => whole(fetch('/api/bytes/10', null as unknown as RequestInit)),
  ],
  [
    'refuses a number for init',
    ({ fetch }) => whole(fetch('/api/bytes/10', 1 as unknown as RequestInit)),
  ],
  [
    'takes a frozen init',
    ({ fetch }) => seen(fetch('/api/echo', Object.freeze({ method: 'POST', body: 'frozen' }))),
  ],
  [
    'takes an init with getters that are inherited',
    ({ fetch }) => {
      class Init {
        get method(): string {
          return 'PUT';
        }
        get body(): string {
          return 'got';
        }
      }
      return seen(fetch('/api/echo', new Init()));
    },
  ],
  [
    'takes a Request for init',
    ({ fetch, origin }) =>
      seen(
        fetch('/api/echo', new Request(`${origin}/x`, { method: 'PUT', headers: { 'x-a': '1' } })),
      ),
  ],

  [
    'sends a Request',
    ({ fetch, origin }) =>
      seen(fetch(new Request(`${origin}/api/echo`, { headers: { 'x-a': '1' } }))),
  ],
  [
    'sends a Request with a string',
    ({ fetch, origin }) =>
      seen(fetch(new Request(`${origin}/api/echo`, { method: 'POST', body: 'text' }))),
  ],
  [
    'sends a Request with JSON',
    ({ fetch, origin }) =>
      seen(
        fetch(
          new Request(`${origin}/api/echo`, {
            method: 'PUT',
            body: '{"a":1}',
            headers: { 'content-type': 'application/json' },
          }),
        ),
      ),
  ],
  [
    'sends a Request with an empty string',
    ({ fetch, origin }) =>
      seen(fetch(new Request(`${origin}/api/echo`, { method: 'POST', body: '' }))),
  ],
  [
    'sends a Request with a Blob',
    ({ fetch, origin }) =>
      seen(
        fetch(
          new Request(`${origin}/api/echo`, {
            method: 'POST',
            body: new Blob(['b'], { type: 'a/b' }),
          }),
        ),
      ),
  ],
  [
    'sends a Request with bytes',
    ({ fetch, origin }) =>
      seen(fetch(new Request(`${origin}/api/echo`, { method: 'POST', body: bytes(300) }))),
  ],
  [
    'sends a Request with a form',
    ({ fetch, origin }) => {
      const body = new FormData();
      body.append('a', '1');
      body.append('file', new File(['content'], 'ü "x".txt', { type: 'text/x' }));
      return seen(fetch(new Request(`${origin}/api/echo`, { method: 'POST', body })));
    },
  ],
  [
    'sends a Request with URLSearchParams',
    ({ fetch, origin }) =>
      seen(
        fetch(
          new Request(`${origin}/api/echo`, {
            method: 'POST',
            body: new URLSearchParams({ a: 'ü &' }),
          }),
        ),
      ),
  ],
  [
    'lets init override a Request',
    ({ fetch, origin }) =>
      seen(
        fetch(
          new Request(`${origin}/api/echo`, {
            method: 'POST',
            body: 'old',
            headers: { 'x-a': '1' },
          }),
          {
            method: 'PUT',
            headers: { 'x-b': '2' },
            body: 'new',
          },
        ),
      ),
  ],
  [
    'lets init override the body of a Request alone',
    ({ fetch, origin }) =>
      seen(
        fetch(new Request(`${origin}/api/echo`, { method: 'POST', body: 'old' }), {
          body: new Blob(['b']),
        }),
      ),
  ],
  [
    'uses the body of a Request up, at once',
    async ({ fetch, origin }) => {
      const request = new Request(`${origin}/api/echo`, { method: 'POST', body: 'x' });
      const asked = fetch(request);
      const used = request.bodyUsed;
      await asked;
      return [used, request.bodyUsed];
    },
  ],
  [
    'refuses a Request whose body was used',
    async ({ fetch, origin }) => {
      const request = new Request(`${origin}/api/echo`, { method: 'POST', body: 'x' });
      await request.text();
      return whole(fetch(request));
    },
  ],
  [
    'sends a clone of a Request as well',
    async ({ fetch, origin }) => {
      const request = new Request(`${origin}/api/echo`, { method: 'POST', body: 'twice' });
      const clone = request.clone();
      return [await seen(fetch(request)), await seen(fetch(clone))];
    },
  ],
  [
    'refuses a Request of mode navigate',
    ({ fetch, origin }) => attempt(() => fetch(new Request(origin, { mode: 'navigate' }))),
  ],
];
