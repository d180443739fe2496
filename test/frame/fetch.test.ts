import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import type { ServeOptions } from '../../src/frame/options.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { API, bareHost, PAGE, rejection, WHERE_WHY } from '../support/bare-host.ts';
import { until } from '../support/env.ts';

/** A Response as the network gives it: with a URL. */
function answered(url: string, redirected = false, body: BodyInit | null = 'body'): Response {
  const response = new Response(body, { headers: { 'x-secret': '1', 'x-open': '1' } });
  for (const [key, value] of Object.entries({ url, redirected, type: 'basic' }))
    Object.defineProperty(response, key, { value });
  return response;
}

describe('the host of fetch', () => {
  it('sends what the page asks, stamped with the page', async () => {
    let sent: Request | undefined;
    const { fetch } = bareHost({}, async (request) => {
      sent = request;
      return new Response(await request.text());
    });
    const headers = { 'x-a': '1', 'Hadoken-Origin': 'https://evil.test' };
    const response = await fetch('/v1/me?a=1', { method: 'POST', headers, body: 'text' });
    expect(await response.text()).to.equal('text');
    expect(sent).to.include({ url: `${API}/v1/me?a=1`, method: 'POST' });
    expect(sent?.headers.get('x-a')).to.equal('1');
    expect(sent?.headers.get('hadoken-origin')).to.equal(PAGE);
  });

  it('asks the rules before anything is sent', async () => {
    let asked = 0;
    const { fetch } = bareHost({ fetch: [{ path: '/v1/*', methods: ['GET'] }] }, () => {
      asked += 1;
      return new Response();
    });
    expect((await fetch('/v1/a')).status).to.equal(200);
    for (const refused of [
      rejection(fetch('/v2')),
      rejection(fetch('/v1/a', { method: 'POST' })),
      rejection(fetch('https://other.test/v1/a')),
    ])
      expect(await refused)
        .to.be.instanceOf(HadokenError)
        .with.property('code', 'POLICY_REFUSED');
    expect(asked).to.equal(1);
  });

  it('sends with the credentials that the rule says', async () => {
    const rules = [{ path: '/public', credentials: 'omit' as const }, { path: '/v1' }];
    const { fetch } = bareHost({ fetch: rules }, ({ credentials }) => new Response(credentials));
    const credentialsOf = async (path: string) =>
      (await fetch(path, { credentials: 'include' })).text();
    expect(await credentialsOf('/public')).to.equal('omit');
    expect(await credentialsOf('/v1')).to.equal('include');
  });

  describe('sends with a cache mode', () => {
    const modes = [
      'default',
      'no-store',
      'reload',
      'no-cache',
      'force-cache',
      'only-if-cached',
    ] as const;
    type Sent = Record<(typeof modes)[number], string>;
    const kept = Object.fromEntries(modes.map((mode) => [mode, mode])) as Sent;
    const shared: Sent = {
      default: 'default',
      'no-store': 'no-store',
      reload: 'no-store',
      'no-cache': 'no-store',
      'force-cache': 'POLICY_REFUSED',
      'only-if-cached': 'POLICY_REFUSED',
    };
    const hosts: [what: string, options: Partial<ServeOptions>, sent: Sent][] = [
      ['of the page’s, where one origin may use the frame', {}, kept],
      [
        'that shows no other page’s answers, where two may',
        { origins: [PAGE, 'https://b.test'] },
        shared,
      ],
      [
        'that shows none, where a label may be any',
        { origins: [PAGE.replace('app', '*.app'), PAGE] },
        shared,
      ],
      [
        'that neither reads nor writes, where the rule says private',
        { fetch: [{ path: '/*', cache: 'private' }] },
        { ...shared, default: 'no-store' },
      ],
      [
        'of the page’s, where the rule says shared',
        { fetch: [{ path: '/*', cache: 'shared' }] },
        kept,
      ],
    ];
    for (const [what, options, sent] of hosts)
      it(what, async () => {
        const { fetch } = bareHost(options, ({ cache }) => new Response(cache));
        for (const cache of modes) {
          const asked = fetch('/', { cache, mode: 'same-origin' });
          const outcome = await asked.then(
            (response) => response.text(),
            ({ code }) => code,
          );
          expect(outcome, cache).to.equal(sent[cache]);
        }
      });

    it('that a hook may choose where the page has not, within the same bounds', async () => {
      const sent = async (
        options: Partial<ServeOptions>,
        chosen: RequestCache,
        asked: RequestCache,
      ) => {
        const onRequest = (request: Request) => new Request(request, { cache: chosen });
        const { fetch } = bareHost({ ...options, onRequest }, ({ cache }) => new Response(cache));
        return (await fetch('/', { cache: asked })).text();
      };
      const two = { origins: [PAGE, 'https://b.test'] };
      expect(await sent({}, 'force-cache', 'default')).to.equal('force-cache');
      expect(await sent({}, 'force-cache', 'no-store')).to.equal('no-store');
      expect(await sent({}, 'default', 'reload')).to.equal('reload');
      expect(await sent(two, 'force-cache', 'default')).to.equal('default');
      expect(await sent(two, 'reload', 'default')).to.equal('no-store');
      expect(await sent(two, 'no-store', 'default')).to.equal('no-store');
    });
  });

  it('sends in the mode same-origin, whatever the page or a hook says', async () => {
    for (const mode of ['cors', 'no-cors', 'same-origin'] as const) {
      const { fetch } = bareHost({}, (request) => new Response(request.mode));
      expect(await (await fetch('/', { mode })).text()).to.equal('same-origin');
      const onRequest = ({ url }: Request) => new Request(url, { mode });
      const hooked = bareHost({ onRequest }, ({ mode: sent, headers }) => {
        return new Response(`${sent} ${headers.get('hadoken-origin')}`);
      });
      expect(await (await hooked.fetch('/')).text()).to.equal(`same-origin ${PAGE}`);
    }
  });

  it('follows redirects where the rule lets it', async () => {
    const rules = [{ path: '/once', redirect: 'error' as const }, { path: '/*' }];
    const { fetch } = bareHost({ fetch: rules }, ({ redirect }) => new Response(redirect));
    const sent = async (path: string, redirect?: RequestRedirect): Promise<string> =>
      (await fetch(path, redirect ? { redirect } : {})).text();
    expect(await sent('/once')).to.equal('error');
    expect(await sent('/once', 'follow')).to.equal('error');
    expect(await sent('/once', 'manual')).to.equal('manual');
    expect(await sent('/more')).to.equal('follow');
    expect(await sent('/more', 'error')).to.equal('error');
  });

  it('asks the rules again where redirects have led, and lets that answer go', async () => {
    let cancelled = 0;
    const body = (): ReadableStream =>
      new ReadableStream({
        cancel: () => {
          cancelled += 1;
        },
      });
    const rules = [
      { path: '/v1/*', methods: ['POST'] },
      { path: '/seen', methods: ['GET'] },
    ];
    let to = '';
    const { fetch, logged } = bareHost({ fetch: rules }, () =>
      answered(to, true, to.startsWith(`${API}/v1/`) ? 'ok' : body()),
    );
    const post = (final: string): Promise<Response> => {
      to = final;
      return fetch('/v1/a', { method: 'POST' });
    };
    expect(await (await post(`${API}/v1/b`)).text()).to.equal('ok');
    for (const final of [`${API}/secret?signature=1`, 'https://other.test/v1/b']) {
      const error = await rejection(post(final));
      expect(error).to.include({
        code: 'POLICY_REFUSED',
        message: `POST ${API}/v1/a: a redirect led outside the rules. The frame's console says where.`,
      });
      expect(logged.at(-1)).to.contain(new URL(final).pathname);
    }
    expect(cancelled).to.equal(2);
    const seen = await post(`${API}/seen`);
    expect(seen.redirected, 'a POST may have become a GET').to.equal(true);
    await seen.body?.cancel();
  });

  describe('an upload that the page breaks off', () => {
    const endless = (): ReadableStream =>
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1_000)) });
    const standing = (): ReadableStream =>
      new ReadableStream({ pull: () => new Promise(() => {}) });
    const failing = (): ReadableStream => {
      let pulls = 0;
      return new ReadableStream({
        pull: (controller) =>
          pulls++
            ? controller.error(new Error('of the page'))
            : controller.enqueue(new Uint8Array(9)),
      });
    };

    for (const [name, makeBody] of Object.entries({ endless, standing, failing }))
      it(`gives its place back: a stream that is ${name}`, async () => {
        const { fetch } = bareHost({ limits: { requests: 1 } });
        const { signal } =
          name === 'failing' ? new AbortController() : { signal: AbortSignal.timeout(100) };
        const uncaught: unknown[] = [];
        const onError = ({ error }: ErrorEvent): void => void uncaught.push(error);
        addEventListener('error', onError);
        await rejection(
          fetch('/a', { method: 'POST', body: makeBody(), signal, duplex: 'half' } as RequestInit),
        );
        expect(
          await until(() =>
            fetch('/b').then(
              ({ ok }) => ok,
              () => false,
            ),
          ),
        ).to.equal(true);
        removeEventListener('error', onError);
        expect(uncaught, 'a chunk was on its way').to.deep.equal([]);
      });
  });

  describe('onRequest', () => {
    it('may add to the request what the page never sees', async () => {
      let token: string | null = null;
      const onRequest = (request: Request): void =>
        request.headers.set('authorization', 'Bearer secret');
      const { fetch } = bareHost({ onRequest }, ({ headers, url }) => {
        token = headers.get('authorization');
        return answered(url);
      });
      const request = new Request(`${API}/a`);
      const response = await fetch(request);
      expect(token).to.equal('Bearer secret');
      expect(JSON.stringify([...request.headers, ...response.headers])).to.not.contain(
        'secret":"B',
      );
    });

    it('may put another in its place, which is stamped too, and hears who asks', async () => {
      const { fetch } = bareHost(
        {
          onRequest: async (request, { origin }) => {
            request.headers.set('x-page', origin);
            return new Request(`${API}/other`, { headers: request.headers });
          },
        },
        ({ url, headers }) =>
          new Response(`${url} ${headers.get('x-page')} ${headers.get('hadoken-origin')}`),
      );
      expect(await (await fetch('/a')).text()).to.equal(`${API}/other ${PAGE} ${PAGE}`);
    });

    it('may refuse by throwing a HadokenError, and then nothing is sent', async () => {
      let asked = 0;
      const onRequest = (): void => {
        throw new HadokenError('POLICY_REFUSED', 'not today');
      };
      const { fetch } = bareHost({ onRequest }, () => {
        asked += 1;
        return new Response(String(asked));
      });
      const error = await rejection(fetch('/a'));
      expect(error).to.be.instanceOf(HadokenError);
      expect(error).to.include({ message: 'not today', code: 'POLICY_REFUSED' });
      expect(asked).to.equal(0);
    });

    for (const [what, returned] of [
      ['another origin', () => new Request('https://other.test/?token=secret')],
      ['another port', () => new Request(`${API}:8443/`)],
      ['what is no Request', () => 'https://api.test/'],
    ] as const)
      it(`fails the request with ${what}, and says why on the console alone`, async () => {
        let asked = 0;
        const onRequest = returned as unknown as ServeOptions['onRequest'] & object;
        const { fetch, logged } = bareHost({ onRequest }, () => {
          asked += 1;
          return new Response(String(asked));
        });
        const error = await rejection(fetch('/a'));
        expect(error).to.include({ name: 'HadokenError', code: 'HOST_FAILED' });
        expect(error.message).not.to.contain('secret');
        expect(logged).to.have.length(1);
        expect(logged[0]).to.match(
          /^GET .*\/a: onRequest in host\.js failed: TypeError: it returned .* Give a Request to https:\/\/api\.test, or nothing\./,
        );
        expect(logged[0]).not.to.contain('secret');
        expect(asked).to.equal(0);
      });

    it('fails a request whose body it has read, and says what to do', async () => {
      const onRequest = async (request: Request): Promise<void> => void (await request.text());
      const { fetch, logged } = bareHost({ onRequest });
      const error = await rejection(fetch('/a', { method: 'POST', body: 'b' }));
      expect(error).to.include({ code: 'HOST_FAILED' });
      expect(error.message).to.contain('onRequest');
      expect(logged.join()).to.contain('Read request.clone()');
    });

    it('may put a token into the URL, which the page does not see', async () => {
      const onRequest = ({ url }: Request): Request => new Request(`${url}&token=secret`);
      let redirected = false;
      const { fetch } = bareHost({ onRequest }, ({ url }) => answered(url, redirected));
      expect((await fetch('/a?b=1#c')).url).to.equal(`${API}/a?b=1`);
      redirected = true;
      expect((await fetch('/a?b=1')).url).to.equal(`${API}/a`);
    });

    it('is not asked what the rules refuse', async () => {
      let asked = 0;
      const { fetch } = bareHost({
        fetch: [],
        onRequest: () => {
          asked += 1;
        },
      });
      await rejection(fetch('/a'));
      expect(asked).to.equal(0);
    });
  });

  describe('onResponse', () => {
    it('may hide a header, and the page can’t tell', async () => {
      const onResponse = (response: Response): Response => {
        const headers = new Headers(response.headers);
        headers.delete('x-secret');
        return new Response(response.body, { status: 203, headers });
      };
      const { fetch } = bareHost({ onResponse }, () => answered(`${API}/b`, true));
      const response = await fetch('/a');
      expect(response).to.include({
        url: `${API}/b`,
        redirected: true,
        type: 'basic',
        status: 203,
      });
      expect([response.headers.get('x-secret'), response.headers.get('x-open')]).to.deep.equal([
        null,
        '1',
      ]);
      expect(await response.text()).to.equal('body');
    });

    it('may look and let it pass', async () => {
      const seen: unknown[] = [];
      const onResponse = ({ status }: Response, { origin }: { origin: string }): void =>
        void seen.push(status, origin);
      const { fetch } = bareHost({ onResponse }, ({ url }) => answered(url));
      expect(await (await fetch('/a')).text()).to.equal('body');
      expect(seen).to.deep.equal([200, PAGE]);
    });

    it('may give the same bytes each time', async () => {
      const banner = new TextEncoder().encode('banner');
      const onResponse = (): Response =>
        new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(banner);
              controller.close();
            },
          }),
        );
      const { fetch } = bareHost({ onResponse }, ({ url }) => answered(url));
      for (let time = 0; time < 3; time++)
        expect(await (await fetch('/a')).text()).to.equal('banner');
    });

    it('may give another answer, and then the one before is let go, once that is through', async () => {
      let cancelled = false;
      const body = new ReadableStream({
        cancel: () => {
          cancelled = true;
        },
      });
      const later: ReadableStreamDefaultController[] = [];
      const onResponse = (): Response =>
        new Response(new ReadableStream({ start: (controller) => void later.push(controller) }));
      const { fetch } = bareHost({ onResponse }, ({ url }) => answered(url, false, body));
      const response = await fetch('/a');
      expect(cancelled).to.equal(false);
      later[0]?.enqueue(new Uint8Array(3));
      later[0]?.close();
      expect((await response.arrayBuffer()).byteLength).to.equal(3);
      await until(() => cancelled);
    });

    it('may throw, and then the answer is let go', async () => {
      let cancelled = false;
      const onResponse = (): never => {
        throw new TypeError('no');
      };
      const body = new ReadableStream({
        cancel: () => {
          cancelled = true;
        },
      });
      const { fetch } = bareHost({ onResponse }, ({ url }) => answered(url, false, body));
      expect(await rejection(fetch('/a'))).to.have.property('code', 'HOST_FAILED');
      expect(cancelled).to.equal(true);
    });
  });

  describe('a stream as the body', () => {
    const stream = (...chunks: string[]): ReadableStream<Uint8Array> => {
      const encoder = new TextEncoder();
      return new ReadableStream({
        start(controller) {
          for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
          controller.close();
        },
      });
    };

    it('is collected where it can’t be streamed', async () => {
      const { fetch } = bareHost({}, async (request) => new Response(await request.text()));
      const response = await fetch('/', { method: 'POST', body: stream('one ', 'two') });
      expect(await response.text()).to.equal('one two');
    });

    it('is not read before the rules are asked', async () => {
      let pulled = 0;
      const body = new ReadableStream(
        {
          pull: () => {
            pulled += 1;
          },
        },
        { highWaterMark: 0 },
      );
      const { fetch } = bareHost({ fetch: [] });
      expect(await rejection(fetch('/', { method: 'POST', body }))).to.have.property(
        'code',
        'POLICY_REFUSED',
      );
      expect(pulled).to.equal(0);
    });

    it('that fails, fails the request', async () => {
      let reached = 0;
      const body = new ReadableStream({
        start: (controller) => controller.error(new RangeError('broken')),
      });
      const { fetch } = bareHost({}, () => {
        reached += 1;
        return new Response(String(reached));
      });
      expect(await rejection(fetch('/', { method: 'POST', body }))).to.be.instanceOf(Error);
      expect(reached).to.equal(0);
    });

    it('that is too large, fails the request and is cancelled', async () => {
      let cancelled = false;
      const body = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(100)),
        cancel: () => {
          cancelled = true;
        },
      });
      const { fetch } = bareHost({ limits: { bodyBytes: 1_000 } });
      expect(await rejection(fetch('/', { method: 'POST', body }))).to.have.property(
        'code',
        'LIMIT_EXCEEDED',
      );
      await until(() => cancelled);
    });
  });

  it('tells of a failed request no more than that it failed', async () => {
    for (const thrown of [
      new TypeError('Failed to fetch (secret.test)'),
      new TypeError('Load failed'),
      new DOMException('NS_ERROR: https://secret.test/', 'NetworkError'),
    ]) {
      const { fetch } = bareHost({}, () => {
        throw thrown;
      });
      const error = await rejection(fetch('/'));
      expect(error).to.be.instanceOf(TypeError).with.property('message', 'Failed to fetch');
    }
  });

  describe('upload progress', () => {
    it('is what the frame’s upload tells', async () => {
      const told: unknown[] = [];
      const upload = async (
        request: Request,
        _form: undefined,
        _signal: AbortSignal,
        onProgress: (loaded: number, total: number) => void,
      ) => {
        const { size } = await request.blob();
        onProgress(1, size);
        onProgress(size, size);
        return answered(request.url);
      };
      const { fetch } = bareHost({}, undefined, { upload: upload as never });
      const init = { method: 'POST', body: 'text' };
      await (
        await fetch('/', {
          ...init,
          onUploadProgress: ({ loaded, total }) => told.push({ loaded, total }),
        })
      ).text();
      expect(told.at(-1)).to.deep.equal({ loaded: 4, total: 4 });
    });

    it('is not asked for what only fetch can send', async () => {
      let fetched = 0;
      const upload = async (): Promise<never> => {
        throw new Error('not this way');
      };
      const { fetch } = bareHost(
        {},
        () => {
          fetched += 1;
          return new Response(String(fetched));
        },
        { upload },
      );
      const inits: RequestInit[] = [
        { credentials: 'omit' },
        { redirect: 'manual' },
        { cache: 'no-store' },
        { referrerPolicy: 'no-referrer' },
        { referrer: '' },
        { integrity: 'sha256-AAAA' },
        { keepalive: true },
      ];
      for (const init of inits)
        await fetch('/', { method: 'POST', body: 'x', ...init, onUploadProgress: () => {} });
      expect(fetched).to.equal(inits.length);
    });

    it('is not asked for what has no body', async () => {
      const upload = async (): Promise<never> => {
        throw new Error('not this way');
      };
      const { fetch } = bareHost({}, ({ method }) => new Response(null, { headers: { method } }), {
        upload,
      });
      for (const method of ['GET', 'HEAD']) {
        const { headers } = await fetch('/', { method, onUploadProgress: () => {} });
        expect(headers.get('method')).to.equal(method);
      }
    });

    describe('of what a hook has changed', () => {
      const hooks: Record<string, ServeOptions['onRequest'] & object> = {
        'a header': (request) => request.headers.set('x-token', 'secret'),
        'a header less': (request) => request.headers.delete('x-page'),
        'a value': (request) => request.headers.set('x-page', '2'),
        'the URL': (request) =>
          new Request(`${request.url}?token=secret`, { method: 'POST', body: 'x' }),
        'the Request': (request) => new Request(request),
      };
      /** How an upload with progress goes, and what is logged, with a `hook` where `isConfined`. */
      async function wayOf(hook: ServeOptions['onRequest'], isConfined: boolean | undefined) {
        const ways: string[] = [];
        let probes = 0;
        const upload = async (): Promise<Response> => {
          ways.push('xhr');
          return new Response();
        };
        const effects: Partial<Effects> = { upload };
        if (isConfined !== undefined)
          effects.isConfined = async () => {
            probes += 1;
            return isConfined;
          };
        const answer = (): Response => {
          ways.push('fetch');
          return new Response();
        };
        const { fetch, logged } = bareHost(hook ? { onRequest: hook } : {}, answer, effects);
        const init = {
          method: 'POST',
          body: 'x',
          headers: { 'x-page': '1' },
          onUploadProgress: () => {},
        };
        for (let uploads = 0; uploads < 3; uploads++) await fetch('/', init);
        return { ways: [...new Set(ways)], probes, logged };
      }

      it('nothing: it is told, and nobody asks for the policy', async () => {
        const untouched = { ways: ['xhr'], probes: 0, logged: [] };
        expect(await wayOf(undefined, false)).to.deep.equal(untouched);
        expect(await wayOf(() => {}, false)).to.deep.equal(untouched);
        expect(await wayOf((request) => request, false)).to.deep.equal(untouched);
        expect(await wayOf((request) => request.headers.set('x-page', '1'), false)).to.deep.equal(
          untouched,
        );
      });

      for (const [what, hook] of Object.entries(hooks)) {
        it(`${what}: it is told where the policy keeps it at home`, async () => {
          expect(await wayOf(hook, true)).to.deep.equal({ ways: ['xhr'], probes: 3, logged: [] });
        });

        it(`${what}: it is not told elsewhere, with one warning`, async () => {
          for (const isConfined of [false, undefined]) {
            const { ways, logged } = await wayOf(hook, isConfined);
            expect(ways).to.deep.equal(['fetch']);
            expect(logged).to.have.length(1);
            expect(logged[0]).to.contain("connect-src 'self'");
          }
        });
      }
    });
  });

  it('passes abort on, wherever the request is', async () => {
    const signals: AbortSignal[] = [];
    const { fetch } = bareHost({}, ({ signal }) => {
      signals.push(signal);
      return new Promise(() => {});
    });
    const controller = new AbortController();
    const asked = rejection(fetch('/', { signal: controller.signal }));
    await until(() => signals[0]);
    controller.abort(new RangeError('mine'));
    expect(await asked).to.be.instanceOf(RangeError);
    await until(() => signals[0]?.aborted);
  });

  it('gives its places back, however a request ends', async () => {
    const endless = (): ReadableStream =>
      new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(100_000)) });
    const { fetch } = bareHost({ limits: { requests: 1 } }, ({ url }) => {
      if (url.endsWith('throw')) throw new TypeError('Failed to fetch');
      return answered(url, false, url.endsWith('endless') ? endless() : 'x');
    });
    await rejection(fetch('/throw'));
    const unread = await fetch('/endless');
    expect(await rejection(fetch('/'))).to.have.property('code', 'LIMIT_EXCEEDED');
    await unread.body?.cancel();
    await until(async () => (await fetch('/').catch(() => undefined))?.ok);
  });

  describe('when the frame is lost', () => {
    it('sends GET and HEAD once more, if they were not answered', async () => {
      const seen: string[] = [];
      const host = bareHost({}, ({ method }) => {
        seen.push(method);
        return seen.length > 2 ? new Response('again') : new Promise<Response>(() => {});
      });
      const asked = [host.fetch('/'), host.fetch('/', { method: 'HEAD' })];
      await until(() => seen.length === 2);
      host.lose();
      const [get, head] = await Promise.all(asked);
      expect(await get?.text()).to.equal('again');
      expect(head?.status).to.equal(200);
      expect(seen).to.have.members(['GET', 'HEAD', 'GET', 'HEAD']);
    });

    it('does so only once', async () => {
      let seen = 0;
      const host = bareHost({}, () => {
        seen += 1;
        return new Promise(() => {});
      });
      const asked = rejection(host.fetch('/'));
      await until(() => seen === 1);
      host.lose();
      await until(() => seen === 2);
      host.lose();
      expect(await asked).to.have.property('code', 'FRAME_LOST');
      expect(seen).to.equal(2);
    });

    it('rejects what may have changed something', async () => {
      let seen = 0;
      const host = bareHost({}, () => {
        seen += 1;
        return new Promise(() => {});
      });
      const asked = rejection(host.fetch('/', { method: 'POST', body: 'x' }));
      await until(() => seen === 1);
      host.lose();
      expect(await asked).to.have.property('code', 'FRAME_LOST');
      expect(seen).to.equal(1);
    });

    it('fails a body that was on its way', async () => {
      const body = new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(10)),
      });
      const host = bareHost({}, () => new Response(body));
      const read = (await host.fetch('/')).text();
      host.lose();
      expect(await rejection(read)).to.have.property('code', 'FRAME_LOST');
    });
  });

  for (const hook of ['onRequest', 'onResponse'] as const)
    for (const [what, thrown] of [
      ['an Error', new Error('the token is 42')],
      ['text', 'the token is 42'],
      ['what has no text', Object.create(null)],
      ['nothing', undefined],
    ])
      it(`keeps from the page what ${hook} throws, and logs it: ${what}`, async () => {
        const host = bareHost({
          [hook]: async () => {
            throw thrown;
          },
        });
        const error = await rejection(host.fetch('/v1/me'));
        expect(error.code).to.equal('HOST_FAILED');
        expect(error.message).to.equal(`GET ${API}/v1/me: ${hook} in host.js failed. ${WHERE_WHY}`);
        expect(host.logged.join()).to.contain(`${hook} in host.js failed`);
        if (what === 'an Error') expect(host.logged.join()).to.contain('the token is 42');
      });

  it('hands the page a HadokenError that a hook throws: it is meant for it', async () => {
    const host = bareHost({
      onRequest: () => {
        throw new HadokenError('POLICY_REFUSED', 'Sign in first.');
      },
    });
    const error = await rejection(host.fetch('/v1/me'));
    expect([error.code, error.message]).to.deep.equal(['POLICY_REFUSED', 'Sign in first.']);
  });
});
