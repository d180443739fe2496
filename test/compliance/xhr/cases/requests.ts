import {
  ask,
  attempt,
  type Case,
  describeValue,
  ended,
  type Kit,
  look,
  record,
  seen,
} from '../outcome.ts';

const ECHO = '/api/echo';

const bodies: [name: string, make: () => unknown][] = [
  ['nothing', () => undefined],
  ['null', () => null],
  ['text', () => 'grün'],
  ['an empty text', () => ''],
  ['a number', () => 7],
  ['an object', () => ({ a: 1 })],
  ['an array', () => [1, 2]],
  ['a Blob', () => new Blob(['blob'], { type: 'text/x-blob' })],
  ['a Blob without a type', () => new Blob(['blob'])],
  ['a File', () => new File(['file'], 'a.txt', { type: 'text/plain' })],
  ['a buffer', () => new TextEncoder().encode('buffer').buffer],
  ['a view', () => new TextEncoder().encode('a view').subarray(2, 5)],
  ['a DataView', () => new DataView(new TextEncoder().encode('view').buffer, 1, 2)],
  ['parameters', () => new URLSearchParams({ a: '1', b: 'ü' })],
  [
    'a form',
    () => {
      const form = new FormData();
      form.append('a', '1');
      form.append('a', 'ü');
      form.append('file', new File(['file'], 'a.txt', { type: 'text/plain' }));
      return form;
    },
  ],
  ['an XML document', () => new DOMParser().parseFromString('<a b="c">ü</a>', 'text/xml')],
  [
    'an HTML document',
    () => new DOMParser().parseFromString('<!DOCTYPE html><p>ü<br>', 'text/html'),
  ],
  ['a surrogate alone', () => 'a\ud800b'],
];

const TYPES = [
  'text/plain;charset=iso-8859-1',
  'text/plain; charset=UTF-8',
  'text/plain; charset=utf-8; a=b',
  'TEXT/x-a ; charset="latin1"; a="b c"',
  'application/json',
  'nonsense',
  '',
];

const NAMES = [
  'cookie',
  'host',
  'origin',
  'referer',
  'sec-a',
  'proxy-a',
  'user-agent',
  'date',
  'via',
  'content-length',
  'accept-encoding',
  'x-http-method-override',
];

const EXCEPTIONS: [name: string, run: (xhr: XMLHttpRequest, kit: Kit) => unknown][] = [
  ['open() without arguments', (xhr) => Reflect.apply(xhr.open, xhr, [])],
  ['open() with one argument', (xhr) => Reflect.apply(xhr.open, xhr, ['GET'])],
  ['open() of CONNECT', (xhr, { origin }) => xhr.open('CONNECT', origin)],
  ['open() of trace', (xhr, { origin }) => xhr.open('trace', origin)],
  ['open() of a method with a space', (xhr, { origin }) => xhr.open('GE T', origin)],
  ['open() of an empty method', (xhr, { origin }) => xhr.open('', origin)],
  ['open() of no URL', (xhr) => xhr.open('GET', 'http://[')],
  ['open() of a symbol', (xhr) => Reflect.apply(xhr.open, xhr, ['GET', Symbol('a')])],
  [
    'setRequestHeader() without a value',
    (xhr, kit) => opened(xhr, kit, () => Reflect.apply(xhr.setRequestHeader, xhr, ['a'])),
  ],
  [
    'setRequestHeader() with an empty name',
    (xhr, kit) => opened(xhr, kit, () => xhr.setRequestHeader('', 'a')),
  ],
  [
    'setRequestHeader() with a line break',
    (xhr, kit) => opened(xhr, kit, () => xhr.setRequestHeader('a', 'b\nc')),
  ],
  [
    'setRequestHeader() beyond Latin-1',
    (xhr, kit) => opened(xhr, kit, () => xhr.setRequestHeader('a', '€')),
  ],
  ['getResponseHeader() without a name', (xhr) => Reflect.apply(xhr.getResponseHeader, xhr, [])],
  ['overrideMimeType() without a type', (xhr) => Reflect.apply(xhr.overrideMimeType, xhr, [])],
  [
    'send() of a symbol',
    (xhr, kit) => opened(xhr, kit, () => Reflect.apply(xhr.send, xhr, [Symbol('a')]), 'POST'),
  ],
  [
    'send() twice',
    (xhr, kit) => opened(xhr, kit, () => [xhr.send(), xhr.send()], 'GET', '/api/hang'),
  ],
  [
    'a body whose toString() throws',
    (xhr, kit) =>
      opened(
        xhr,
        kit,
        () =>
          Reflect.apply(xhr.send, xhr, [
            {
              toString() {
                throw new RangeError('mine');
              },
            },
          ]),
        'POST',
      ),
  ],
  [
    'a status that is set',
    (xhr, kit) =>
      opened(xhr, kit, () => {
        (xhr as { status: number }).status = 7;
      }),
  ],
  ['a method of another object', ({ open }) => Reflect.apply(open, {}, ['GET', '/'])],
  ['an attribute of another object', (xhr) => Reflect.get(xhr, 'status', {})],
];

function opened(
  xhr: XMLHttpRequest,
  { origin }: Kit,
  act: () => unknown,
  method = 'GET',
  path = ECHO,
): unknown {
  xhr.open(method, origin + path);
  return act();
}

export const requestCases: Case[] = [
  ...bodies.flatMap(([what, make]) =>
    ['POST', 'GET'].map(
      (method): Case => [
        `sends ${what} by ${method}`,
        async (kit) => seen((await ask(kit, { method, path: ECHO, body: make() })).xhr),
      ],
    ),
  ),
  ...TYPES.flatMap((type) =>
    (['text', 'a Blob', 'an XML document', 'parameters'] as const).map(
      (what): Case => [
        `sends ${what} as ${type || 'nothing'}`,
        async (kit) => {
          const body = bodies.find(([name]) => name === what)?.[1]();
          const headers = { 'Content-Type': type };
          return seen((await ask(kit, { method: 'POST', path: ECHO, body, headers })).xhr);
        },
      ],
    ),
  ),
  ...['get', 'Post', 'put', 'patch', 'PATCH', 'Delete', 'options', 'rePORT'].map(
    (method): Case => [
      `sends the method ${method}`,
      async (kit) => seen((await ask(kit, { method, path: ECHO })).xhr),
    ],
  ),
  ...NAMES.map(
    (name): Case => [
      `sends or drops the header ${name}`,
      async (kit) => {
        const { xhr } = await ask(kit, { path: ECHO, headers: { [name]: 'GET' } });
        const { headers } = JSON.parse(xhr.responseText);
        return headers[name] === 'GET';
      },
    ],
  ),
  [
    'joins headers of one name',
    async (kit) =>
      seen(
        (
          await ask(kit, {
            path: ECHO,
            before(xhr) {
              xhr.setRequestHeader('X-A', ' one ');
              xhr.setRequestHeader('x-a', 'two');
              xhr.setRequestHeader('x-empty', '');
              xhr.setRequestHeader('Accept', 'text/x');
              xhr.setRequestHeader('accept', 'text/y');
            },
          })
        ).xhr,
      ),
  ],
  [
    'forgets the headers of an earlier open()',
    async (kit) =>
      seen(
        (
          await ask(kit, {
            path: ECHO,
            before(xhr) {
              xhr.setRequestHeader('x-a', 'one');
              xhr.open('GET', `${kit.origin}${ECHO}?again`);
              xhr.setRequestHeader('x-b', 'two');
            },
          })
        ).xhr,
      ),
  ],
  [
    'sends cookies with and without withCredentials',
    async (kit) => {
      await ask(kit, { path: '/api/cookie?name=xhr&value=1' });
      const found: unknown[] = [];
      for (const withCredentials of [false, true]) {
        const { xhr } = await ask(kit, {
          path: '/api/cookie',
          before: (each) => {
            each.withCredentials = withCredentials;
          },
        });
        found.push(JSON.parse(xhr.responseText).cookies.includes('xhr=1'));
      }
      return found;
    },
  ],
  ...EXCEPTIONS.map(
    ([name, run]): Case => [
      `throws or not: ${name}`,
      (kit) => {
        const xhr = new kit.XMLHttpRequest();
        const log = record(xhr);
        const result = attempt(() => describeValue(run(xhr, kit)));
        const shown = look(xhr);
        if (xhr.readyState) xhr.abort();
        return { result: String(result), shown, log };
      },
    ],
  ),
  [
    'takes arguments that are objects',
    async (kit) => {
      const text = (value: string) => ({ toString: () => value }) as unknown as string;
      const xhr = new kit.XMLHttpRequest();
      xhr.open(text('PUT'), text(`${kit.origin}${ECHO}`));
      xhr.setRequestHeader(text('x-a'), text('b'));
      const end = ended(xhr);
      xhr.send(text('body'));
      await end;
      return seen(xhr);
    },
  ],
  [
    'keeps a buffer as it was at send()',
    async (kit) => {
      const bytes = new TextEncoder().encode('before');
      const xhr = new kit.XMLHttpRequest();
      xhr.open('POST', `${kit.origin}${ECHO}`);
      const end = ended(xhr);
      xhr.send(bytes);
      bytes.fill(33);
      await end;
      return [seen(xhr), bytes.byteLength];
    },
  ],
];
