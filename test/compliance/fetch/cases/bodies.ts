import { bytes, type Case, seen, whole } from '../outcome.ts';

function form(...entries: [string, string | Blob, string?][]): FormData {
  const data = new FormData();
  for (const [name, value, filename] of entries) {
    if (typeof value === 'string') data.append(name, value);
    else if (filename === undefined) data.append(name, value);
    else data.append(name, value, filename);
  }
  return data;
}

const file = (name: string, type = 'text/x', content = 'content'): File =>
  new File([content], name, { type });

const bodies: Record<string, () => BodyInit> = {
  'a string': () => 'text',
  'an empty string': () => '',
  'a string beyond ASCII': () => 'grün ☃ 😀',
  'a string with a lone surrogate': () => 'a\ud800b',
  'a long string': () => 'long '.repeat(100_000),
  URLSearchParams: () => new URLSearchParams({ a: '1', 'b c': 'ü&=' }),
  'empty URLSearchParams': () => new URLSearchParams(),
  'a Blob': () => new Blob(['blob'], { type: 'application/x-blob' }),
  'a Blob of no type': () => new Blob(['blob']),
  'an empty Blob with a type': () => new Blob([], { type: 'a/b' }),
  'a Blob whose type has parameters': () => new Blob(['x'], { type: 'text/plain; charset=utf-16' }),
  'a slice of a Blob': () => new Blob(['0123456789']).slice(3, 6, 'a/b'),
  'a File': () => file('name.txt'),
  'an ArrayBuffer': () => bytes(1_000).buffer,
  'an empty ArrayBuffer': () => new ArrayBuffer(0),
  'a Uint8Array': () => bytes(1_000),
  'a part of a buffer': () => bytes(1_000).subarray(100, 110),
  'a Float64Array': () => Float64Array.of(1.5, -2),
  'a DataView of a part': () => new DataView(bytes(100).buffer, 10, 20),
  'a form of strings': () => form(['a', '1'], ['b', 'zwei ü'], ['a', 'again']),
  'an empty form': () => form(),
  'a form with a file': () => form(['a', '1'], ['file', file('name.txt')]),
  'a form with two files of one name': () =>
    form(['file', file('1.txt')], ['file', file('2.bin', '')]),
  'a form with a Blob': () => form(['blob', new Blob(['x'], { type: 'a/b' })]),
  'a form with a renamed file': () => form(['file', file('old.txt'), 'new.txt']),
  'a form with an empty file': () => form(['file', file('', '', '')]),
  'a form with names that need quoting': () => form(['a"b\r\nc', 'x'], ['ü', file('q"ü\n.txt')]),
  'a form with line breaks': () => form(['a', 'one\ntwo\r\nthree\rfour']),
  'a number': () => 42 as unknown as BodyInit,
  'a plain object': () => ({ a: 1 }) as unknown as BodyInit,
  'an array': () => [1, 2] as unknown as BodyInit,
  false: () => false as unknown as BodyInit,
};

export const bodyCases: Case[] = [
  ...Object.entries(bodies).map(
    ([what, make]): Case => [
      `sends ${what}`,
      ({ fetch }) => seen(fetch('/api/echo', { method: 'POST', body: make() })),
    ],
  ),
  ...['a string', 'a Blob', 'a Uint8Array', 'a form of strings', 'URLSearchParams'].map(
    (what): Case => [
      `keeps the Content-Type given with ${what}`,
      ({ fetch }) =>
        seen(
          fetch('/api/echo', {
            method: 'POST',
            body: bodies[what]?.(),
            headers: { 'Content-Type': 'x/y' },
          } as RequestInit),
        ),
    ],
  ),
  [
    'sends an empty Content-Type',
    ({ fetch }) =>
      seen(fetch('/api/echo', { method: 'POST', body: 'x', headers: { 'content-type': '' } })),
  ],
  [
    'does not detach the buffer it was given',
    async ({ fetch }) => {
      const body = bytes(1_000);
      await fetch('/api/echo', { method: 'POST', body });
      return [body.byteLength, body[250]];
    },
  ],
  [
    'sends a buffer as it was at the call',
    ({ fetch }) => {
      const body = bytes(10);
      const asked = fetch('/api/echo', { method: 'POST', body });
      body.fill(0);
      return seen(asked);
    },
  ],
  [
    'sends a form as it was at the call',
    ({ fetch }) => {
      const body = form(['a', '1']);
      const asked = fetch('/api/echo', { method: 'POST', body });
      body.append('b', '2');
      return seen(asked);
    },
  ],
  [
    'sends 3 MB',
    async ({ fetch }) =>
      (await fetch('/api/upload', { method: 'PUT', body: bytes(3_000_000) })).json(),
  ],
  [
    'sends a file of 3 MB',
    async ({ fetch }) =>
      (
        await fetch('/api/upload', { method: 'PUT', body: new File([bytes(3_000_000)], 'a') })
      ).json(),
  ],
  [
    'sends a file of 3 MB in a Request',
    async ({ fetch, origin }) =>
      (
        await fetch(
          new Request(`${origin}/api/upload`, {
            method: 'PUT',
            body: new File([bytes(3_000_000)], 'a'),
          }),
        )
      ).json(),
  ],
  [
    'refuses a keepalive body that is too large',
    ({ fetch }) =>
      whole(fetch('/api/echo', { method: 'POST', keepalive: true, body: bytes(100_000) })),
  ],
  [
    'refuses a stream that is locked',
    ({ fetch }) => {
      const body = new ReadableStream();
      body.getReader();
      return whole(fetch('/api/echo', { method: 'POST', body, duplex: 'half' } as RequestInit));
    },
  ],
  [
    'sends a body with DELETE',
    ({ fetch }) => seen(fetch('/api/echo', { method: 'DELETE', body: 'x' })),
  ],
];
