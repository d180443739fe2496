import { attempt, type Case, headOf, whole } from '../outcome.ts';

const statuses = [
  200, 201, 202, 203, 204, 205, 206, 207, 226, 299, 300, 304, 400, 401, 403, 404, 405, 409, 410,
  412, 418, 422, 429, 500, 501, 502, 503, 504, 511, 599, 600, 999,
];

const redirects = [301, 302, 303, 307, 308];

const readAll = async (stream: ReadableStream<Uint8Array>): Promise<number> => {
  let length = 0;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return length;
    length += value.byteLength;
  }
};

export const responseCases: Case[] = [
  ...statuses.map(
    (status): Case => [
      `answers with status ${status}`,
      ({ fetch }) => whole(fetch(`/api/status/${status}`, { cache: 'no-store' })),
    ],
  ),
  [
    'answers with a status text of its own',
    ({ fetch }) => whole(fetch('/api/status/200?text=All%20is%20well')),
  ],
  ['answers with an empty status text', ({ fetch }) => whole(fetch('/api/status/404?text='))],
  ...[200, 204, 404].map(
    (status): Case => [
      `answers HEAD with status ${status}`,
      ({ fetch }) => whole(fetch(`/api/status/${status}`, { method: 'HEAD' })),
    ],
  ),
  [
    'answers HEAD with the length of what GET would send',
    ({ fetch }) => whole(fetch('/api/bytes/1000', { method: 'HEAD' })),
  ],
  ...redirects.map(
    (status): Case => [
      `follows a ${status}`,
      ({ fetch }) => whole(fetch(`/api/redirect?status=${status}&to=/api/bytes/10`)),
    ],
  ),
  ...redirects.map(
    (status): Case => [
      `follows a ${status} of a POST`,
      async ({ fetch }) => {
        const response = await fetch(`/api/redirect?status=${status}`, {
          method: 'POST',
          body: 'kept?',
        });
        const { method, length } = await response.json();
        return { ...headOf(response), headers: [], method, length };
      },
    ],
  ),
  ['follows three redirects', ({ fetch }) => whole(fetch('/api/redirect?n=3&to=/api/bytes/10'))],
  [
    'gives up after too many redirects',
    ({ fetch }) => whole(fetch('/api/redirect?n=30&to=/api/bytes/10')),
  ],
  [
    'takes the hash of a redirect',
    ({ fetch }) => whole(fetch('/api/redirect?to=/api/bytes/10%23part')),
  ],
  [
    'gives an opaque redirect for redirect: manual',
    ({ fetch }) => whole(fetch('/api/redirect', { redirect: 'manual' })),
  ],
  [
    'clones an opaque redirect',
    async ({ fetch }) =>
      whole(Promise.resolve((await fetch('/api/redirect', { redirect: 'manual' })).clone())),
  ],
  [
    'rejects for redirect: error',
    ({ fetch }) => whole(fetch('/api/redirect', { redirect: 'error' })),
  ],
  [
    'does not mind redirect: error without one',
    ({ fetch }) => whole(fetch('/api/bytes/10', { redirect: 'error' })),
  ],

  [
    'passes when integrity is right',
    async ({ fetch }) => {
      const content = await (await fetch('/api/bytes/10')).arrayBuffer();
      const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
      return whole(
        fetch('/api/bytes/10', { integrity: `sha256-${btoa(String.fromCharCode(...hash))}` }),
      );
    },
  ],
  [
    'rejects when integrity is wrong',
    ({ fetch }) => whole(fetch('/api/bytes/10', { integrity: `sha256-${'A'.repeat(43)}=` })),
  ],
  ['rejects when the connection is reset', ({ fetch }) => whole(fetch('/api/reset'))],
  [
    'rejects the read of a body that is cut off',
    ({ fetch }) => whole(fetch('/api/cut?after=1000')),
  ],
  [
    'rejects the read of a large body that is cut off',
    async ({ fetch }) => {
      const response = await fetch('/api/cut?after=400000');
      return [headOf(response), await attempt(() => response.text())];
    },
  ],

  [
    'decodes gzip',
    async ({ fetch }) => {
      const response = await fetch('/api/gzip');
      return [headOf(response), await response.text()];
    },
  ],
  [
    'reads text as UTF-8, whatever the charset',
    async ({ fetch }) => (await fetch('/api/charset')).text(),
  ],
  [
    'keeps headers, duplicates joined and cookies hidden',
    ({ fetch }) => whole(fetch('/api/headers')),
  ],
  ['hides Set-Cookie', async ({ fetch }) => (await fetch('/api/headers')).headers.getSetCookie()],
  [
    'has no headers to change',
    async ({ fetch }) => {
      const { headers } = await fetch('/api/bytes/10');
      return [
        await attempt(() => headers.set('x-a', '1')),
        await attempt(() => headers.append('x-a', '1')),
        await attempt(() => headers.delete('content-type')),
        headers.has('x-a'),
      ];
    },
  ],
  [
    'is a Response with Headers and a stream',
    async ({ fetch }) => {
      const response = await fetch('/api/bytes/10');
      const { headers, body } = response;
      return [
        response instanceof Response,
        headers instanceof Headers,
        body instanceof ReadableStream,
        String(response),
        Object.keys(response),
        JSON.stringify(response),
        response.headers === headers,
        response.body === body,
      ];
    },
  ],
  [
    'has properties that can’t be set',
    async ({ fetch }) => {
      const response = await fetch('/api/bytes/10');
      const set = (key: string): Promise<unknown> => attempt(() => Reflect.set(response, key, 1));
      return [
        await set('url'),
        await set('type'),
        await set('redirected'),
        await set('status'),
        headOf(response),
      ];
    },
  ],
  ['reads JSON', async ({ fetch }) => Object.keys(await (await fetch('/api/echo')).json())],
  [
    'rejects JSON that is none',
    async ({ fetch }) => attempt(async () => (await fetch('/api/bytes/10')).json()),
  ],
  [
    'rejects JSON of an empty body',
    async ({ fetch }) => attempt(async () => (await fetch('/api/bytes/0')).json()),
  ],
  [
    'rejects JSON of no body',
    async ({ fetch }) => attempt(async () => (await fetch('/api/status/204')).json()),
  ],
  [
    'reads a Blob with its type',
    async ({ fetch }) => {
      const blob = await (await fetch('/api/charset')).blob();
      return [blob.type, blob.size];
    },
  ],
  ['reads bytes', async ({ fetch }) => [...(await (await fetch('/api/bytes/10')).bytes())]],
  [
    'reads a form that is urlencoded',
    async ({ fetch }) => {
      const url = '/api/echo?header=content-type:application/x-www-form-urlencoded';
      return attempt(async () => [...(await (await fetch(url)).formData()).keys()].length);
    },
  ],
  [
    'rejects a form that is none',
    async ({ fetch }) => attempt(async () => (await fetch('/api/bytes/10')).formData()),
  ],
  ['reads an empty body', ({ fetch }) => whole(fetch('/api/bytes/0'))],
  ['reads 5 MB', ({ fetch }) => whole(fetch('/api/bytes/5000000'))],
  ['reads 5 MB of unknown length', ({ fetch }) => whole(fetch('/api/bytes/5000000?chunked=1'))],
  [
    'reads a body that comes slowly',
    ({ fetch }) => whole(fetch('/api/stream?chunks=5&size=1000&ms=20')),
  ],
  [
    'uses a body up',
    async ({ fetch }) => {
      const response = await fetch('/api/bytes/10');
      const before = response.bodyUsed;
      await response.text();
      return [
        before,
        response.bodyUsed,
        response.body?.locked,
        await attempt(() => response.text()),
      ];
    },
  ],
  // Of a size that comes along whole, as a stream.
  ...(['arrayBuffer', 'blob', 'bytes', 'formData', 'json', 'text'] as const).map(
    (method): Case => [
      `uses 30 KB up with ${method}()`,
      async ({ fetch }) => {
        const response = await fetch('/api/bytes/30000');
        const read = await attempt(async () =>
          new Response((await response[method]()) as BodyInit).text(),
        );
        return [
          read,
          response.bodyUsed,
          response.body?.locked,
          await attempt(() => response.text()),
        ];
      },
    ],
  ),
  [
    'clones 30 KB',
    async ({ fetch }) => {
      const response = await fetch('/api/bytes/30000');
      const clone = response.clone();
      return [await whole(Promise.resolve(clone)), await whole(Promise.resolve(response))];
    },
  ],
  [
    'cancels 30 KB',
    async ({ fetch }) => {
      const response = await fetch('/api/bytes/30000');
      const cancelled = await response.body?.cancel('enough');
      return [cancelled, response.bodyUsed, await attempt(() => response.text())];
    },
  ],
  [
    'uses no body up where there is none',
    async ({ fetch }) => {
      const response = await fetch('/api/status/204');
      return [response.body, await response.text(), response.bodyUsed, await response.text()];
    },
  ],
  [
    'can’t clone a body that was used',
    async ({ fetch }) => {
      const response = await fetch('/api/bytes/10');
      await response.text();
      return attempt(() => response.clone());
    },
  ],
  [
    'clones with everything',
    async ({ fetch }) => {
      const response = await fetch('/api/redirect?to=/api/bytes/1000');
      const clone = response.clone();
      const again = clone.clone();
      return [
        await whole(Promise.resolve(response)),
        await whole(Promise.resolve(clone)),
        await whole(Promise.resolve(again)),
      ];
    },
  ],
  [
    'clones what can’t be changed either',
    async ({ fetch }) => {
      const { headers } = (await fetch('/api/bytes/10')).clone();
      return attempt(() => headers.set('x-a', '1'));
    },
  ],
  [
    'clones a large body',
    async ({ fetch }) => {
      const response = await fetch('/api/bytes/3000000');
      const clone = response.clone();
      const [one, two] = await Promise.all([response.arrayBuffer(), clone.arrayBuffer()]);
      return [one.byteLength, two.byteLength];
    },
  ],
  [
    'gives chunks of Uint8Array',
    async ({ fetch }) => {
      const reader = (await fetch('/api/bytes/10')).body?.getReader();
      const first = await reader?.read();
      const last = await reader?.read();
      return [first?.value instanceof Uint8Array, [...(first?.value ?? [])], last];
    },
  ],
  [
    'says when a reader is done',
    async ({ fetch }) => {
      const reader = (await fetch('/api/bytes/500000')).body?.getReader();
      while (!(await reader?.read())?.done);
      return [await reader?.closed, await reader?.read()];
    },
  ],
  ...[
    { length: 10, view: 4 },
    { length: 30_000, view: 20_000 },
  ].map(
    ({ length, view }): Case => [
      `reads ${length} bytes into a buffer of the caller’s, where the engine does`,
      async ({ fetch }) =>
        attempt(async () => {
          const reader = (await fetch(`/api/bytes/${length}`)).body?.getReader({ mode: 'byob' });
          let bytes = new Uint8Array(view);
          const read: number[] = [];
          for (;;) {
            const result = await reader?.read(bytes);
            if (!result?.value?.byteLength) return { read, done: result?.done };
            read.push(...result.value);
            bytes = new Uint8Array(result.value.buffer as ArrayBuffer, 0, view);
          }
        }),
    ],
  ),
  [
    'tees',
    async ({ fetch }) => {
      const [one, two] = (await fetch('/api/bytes/200000')).body?.tee() ?? [];
      return one && two && Promise.all([readAll(one), readAll(two)]);
    },
  ],
  [
    'pipes through a decoder',
    async ({ fetch }) => {
      const reader = (await fetch('/api/gzip')).body
        ?.pipeThrough(new TextDecoderStream())
        .getReader();
      let text = '';
      for (;;) {
        const result = await reader?.read();
        if (result?.done !== false) return text.length;
        text += result.value;
      }
    },
  ],
  [
    'iterates, where the engine does',
    async ({ fetch }) =>
      attempt(async () => {
        let length = 0;
        const body = (await fetch('/api/bytes/200000'))
          .body as unknown as AsyncIterable<Uint8Array>;
        for await (const chunk of body) length += chunk.byteLength;
        return length;
      }),
  ],
  [
    'reads no body that was cancelled',
    async ({ fetch }) => {
      const response = await fetch('/api/stream?chunks=20&size=1000&ms=20');
      const cancelled = await response.body?.cancel();
      return [cancelled, response.bodyUsed, await attempt(() => response.text())];
    },
  ],
  [
    'makes a Response of its body',
    async ({ fetch }) =>
      whole(fetch('/api/bytes/100').then(({ body }) => new Response(body, { status: 201 }))),
  ],
  [
    'sets the cookie that the server sets, and sends it',
    async ({ fetch }) => {
      await fetch('/api/cookie?name=compliance&value=1');
      const { cookies } = await (await fetch('/api/cookie')).json();
      return /compliance=1/.test(cookies);
    },
  ],
  [
    'sends no cookie for credentials: omit',
    async ({ fetch }) => {
      await fetch('/api/cookie?name=compliance&value=1');
      return (await fetch('/api/cookie', { credentials: 'omit' })).json();
    },
  ],
];
