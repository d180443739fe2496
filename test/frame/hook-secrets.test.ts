import { expect } from '@esm-bundle/chai';
import { HadokenError } from '../../src/rpc/errors.ts';
import { bareHost, rejection, WHERE_WHY } from '../support/bare-host.ts';

const SECRET = 'token=secret';

/** Gives `chunk`, and then fails as a hook's own stream may. */
function failing(error: unknown, chunk?: string): ReadableStream {
  let isGiven = chunk === undefined;
  return new ReadableStream({
    pull(controller) {
      if (isGiven) return controller.error(error);
      isGiven = true;
      controller.enqueue(new TextEncoder().encode(chunk));
    },
  });
}

const ERRORS: [name: string, error: unknown][] = [
  ['an Error', new Error(SECRET)],
  ['a TypeError', new TypeError(SECRET)],
  ['a DOMException', new DOMException(SECRET, 'NetworkError')],
  [
    'an error with data',
    Object.assign(new Error('of the hook'), { data: { SECRET }, code: SECRET }),
  ],
  ['a text', SECRET],
  ['an object', { name: SECRET, message: SECRET }],
];

const textOf = (error: Error): string =>
  JSON.stringify([
    `${error}`,
    error.name,
    error.message,
    error.stack,
    Object.entries(error),
    error.cause,
  ]);

describe('what a hook’s own body fails with', () => {
  for (const [name, error] of ERRORS)
    for (const chunk of [undefined, 'some'])
      it(`is kept from the page: ${name}, ${chunk ? 'after a chunk' : 'at once'}`, async () => {
        const { fetch, logged } = bareHost({
          onResponse: () => new Response(failing(error, chunk)),
        });
        const told = await rejection(fetch('/a').then((response) => response.text()));
        expect(textOf(told)).not.to.contain(SECRET);
        expect(told.message).to.equal(
          `GET https://api.test/a: onResponse in host.js failed. ${WHERE_WHY}`,
        );
        expect(logged.join()).to.contain(name.includes('data') ? 'of the hook' : SECRET);
      });

  it('is shown where it is a HadokenError, which is meant for the page', async () => {
    const error = new HadokenError('POLICY_REFUSED', 'for the page');
    const { fetch } = bareHost({ onResponse: () => new Response(failing(error)) });
    const told = await rejection(fetch('/a').then((response) => response.text()));
    expect(told).to.include({ code: 'POLICY_REFUSED', message: 'for the page' });
  });

  it('is kept back too where the hook’s answer is no Response', async () => {
    const read = async (response: Response): Promise<Response> => {
      await response.text();
      return response;
    };
    for (const onResponse of [
      read,
      () => ({}),
      () => SECRET,
      () => new Request('https://api.test/'),
    ]) {
      const { fetch, logged } = bareHost(
        { onResponse: onResponse as never },
        () => new Response('body'),
      );
      expect((await rejection(fetch('/a'))).code).to.equal('HOST_FAILED');
      expect(logged.join()).to.match(
        /it returned (a Response whose body is read|what is no Response)/,
      );
    }
  });
});

describe('an error that throws when it is looked at', () => {
  const hostile: [name: string, error: unknown][] = [
    [
      'by the getter of its stack',
      {
        get stack() {
          throw new Error(SECRET);
        },
      },
    ],
    ['by what its stack is', { stack: { toString: () => thrown() } }],
    ['by every getter', new Proxy({}, { get: () => thrown() })],
    ['by its prototype', new Proxy(new Error(), { getPrototypeOf: () => thrown() })],
    [
      'by all that a proxy has',
      new Proxy({}, { get: () => thrown(), getPrototypeOf: () => thrown(), has: () => thrown() }),
    ],
  ];
  function thrown(): never {
    throw new Error(SECRET);
  }

  for (const [name, error] of hostile)
    it(`tells the page no more: ${name}`, async () => {
      const fails = (): never => {
        throw error;
      };
      const abort = (request: Request): Request =>
        new Request(request, { signal: AbortSignal.abort(error) });
      for (const options of [
        { onRequest: fails },
        { onResponse: fails },
        { onResponse: () => new Response(failing(error, 'some')) },
        { onRequest: abort },
      ]) {
        const { fetch } = bareHost(options, ({ signal }) => {
          signal.throwIfAborted();
          return new Response('body');
        });
        const told = await rejection(fetch('/a').then((response) => response.text()));
        expect(textOf(told)).not.to.contain(SECRET);
        expect(told.code === 'HOST_FAILED' || told.name === 'AbortError').to.equal(true);
      }
    });
});

describe('the reason of a signal that a hook gives, kept from the page', () => {
  const waits = ({ signal }: Request): Promise<Response> =>
    new Promise((_, reject) => {
      const abort = (): void => reject(signal.reason);
      if (signal.aborted) abort();
      signal.addEventListener('abort', abort);
    });

  for (const [name, error] of [
    ...ERRORS,
    ['a timeout', new DOMException(SECRET, 'TimeoutError')] as const,
  ])
    for (const isLate of [false, true])
      it(`${name}, ${isLate ? 'while the server is asked' : 'before'}`, async () => {
        const onRequest = (request: Request): Request => {
          const controller = new AbortController();
          if (isLate) setTimeout(() => controller.abort(error), 20);
          else controller.abort(error);
          return new Request(request, { signal: controller.signal });
        };
        const { fetch } = bareHost({ onRequest }, waits);
        const told = await rejection(fetch('/a'));
        expect(textOf(told)).not.to.contain(SECRET);
        expect(told.name).to.equal(name === 'a timeout' ? 'TimeoutError' : 'AbortError');
      });

  it('in the body that it breaks off', async () => {
    const onRequest = (request: Request): Request => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error(SECRET)), 50);
      return new Request(request, { signal: controller.signal });
    };
    const { fetch } = bareHost({ onRequest }, ({ signal }) => {
      const body = new ReadableStream({
        start(controller) {
          signal.addEventListener('abort', () => controller.error(signal.reason));
        },
      });
      return new Response(body);
    });
    const told = await rejection(fetch('/a').then((response) => response.text()));
    expect(textOf(told)).not.to.contain(SECRET);
  });
});

describe('a header that a hook sets', () => {
  const sentWith = async (
    headers: Record<string, string>,
    set: Record<string, string>,
    isAnew = false,
  ): Promise<Record<string, string>> => {
    const onRequest = (request: Request): Request | undefined => {
      if (isAnew)
        return new Request(request, {
          headers: { ...Object.fromEntries(request.headers), ...set },
        });
      for (const [name, value] of Object.entries(set)) request.headers.set(name, value);
      return undefined;
    };
    const { fetch } = bareHost({ onRequest }, (request) => Response.json([...request.headers]));
    return Object.fromEntries(await (await fetch('/a', { headers })).json());
  };

  for (const isAnew of [false, true])
    it(`takes the place of the page's in every spelling${isAnew ? ', in a Request of its own' : ''}`, async () => {
      const given = {
        X_Token: 'page',
        'x.token': 'page',
        'X-TOKEN': 'page',
        X_Other: 'kept',
        'x-mine': 'kept',
      };
      const sent = await sentWith(given, { 'x-token': 'hook' }, isAnew);
      expect(sent).to.include({ 'x-token': 'hook', x_other: 'kept', 'x-mine': 'kept' });
      expect(sent).not.to.have.any.keys('x_token', 'x.token');
    });

  it('is taken away in every spelling, where the hook takes it away', async () => {
    const onRequest = (request: Request): void => request.headers.delete('x-admin');
    const { fetch } = bareHost({ onRequest }, (request) => Response.json([...request.headers]));
    const headers = { 'X-Admin': '1', X_Admin: '1', 'x.admin': '1', 'x-mine': 'kept' };
    const sent = Object.fromEntries(await (await fetch('/a', { headers })).json());
    expect(sent)
      .to.include({ 'x-mine': 'kept' })
      .and.not.have.any.keys('x-admin', 'x_admin', 'x.admin');
  });

  it('is the hook’s though the page has guessed its value', async () => {
    for (const run of [
      (headers: Headers) => headers.set('X-Role', 'user'),
      (headers: Headers) => {
        headers.delete('X-ROLE');
        headers.append('x-role', 'user');
      },
      (headers: Headers) => headers.delete('x-role'),
    ]) {
      const onRequest = ({ headers }: Request): void => run(headers);
      const { fetch } = bareHost({ onRequest }, (request) => Response.json([...request.headers]));
      for (const headers of [
        { 'X-Role': 'user', X_Role: 'admin', 'x.role': 'admin' },
        { X_Role: 'admin' },
      ]) {
        const sent = Object.fromEntries(await (await fetch('/a', { headers })).json());
        expect(JSON.stringify(sent)).not.to.contain('admin');
      }
    }
    const sent = await sentWith({ 'x-role': 'user', X_Role: 'admin' }, { 'x-role': 'user' }, true);
    expect(sent).to.include({ 'x-role': 'user' }).and.not.have.any.keys('x_role');
  });

  it('stands beside the page’s others, which it has left alone', async () => {
    const sent = await sentWith({ X_A: '1', 'X-A': '2' }, { authorization: 'hook' });
    expect(sent).to.include({ x_a: '1', 'x-a': '2', authorization: 'hook' });
  });
});
