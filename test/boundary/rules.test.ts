import { expect } from '@esm-bundle/chai';
import { openByHand, type RawPage } from '../support/by-hand.ts';
import { env, requestLog, uniqueId } from '../support/env.ts';

const { host } = new URL(env.push);
const ws = env.push.replace('http', 'ws');

/**
 * Ways to read a path as something that the rules of the host `rules` do not allow. Each ends
 * before `?id=`.
 */
const readings: [what: string, ...paths: string[]][] = [
  [
    'dots that a server decodes',
    '/api/%252e%252e/secret',
    '/api/..%2fsecret',
    '/api/%%32%65./secret',
  ],
  [
    'dots that a server strips to',
    '/api/..;/secret',
    '/api/..%20/secret',
    '/api/%c2%85../secret',
    '/api/..%85/x',
  ],
  ['Unicode escapes', '/api/%u002e%u002e/secret', '/api/..%u2215secret', '/api/%25u002e./secret'],
  [
    'overlong UTF-8',
    '/api/%c0%ae%c0%ae/secret',
    '/api/..%e0%80%afsecret',
    '/api/%f0%80%80%ae./secret',
  ],
  [
    'look-alikes',
    '/api/．．/secret',
    '/api/..／secret',
    '/api/\u2025/secret',
    '/api/..\u2215secret',
  ],
  [
    'characters that are ignored',
    '/api/.\u200b./secret',
    '/api/.%ff./secret',
    '/api/.\u00ad./secret',
  ],
  [
    'control characters',
    '/api/a%00',
    '/api/a%7f',
    '/api/a%c2%9c',
    '/api/a%e2%80%a8',
    '/api/a%250a',
  ],
];

describe('the ways to read a path', () => {
  let page: RawPage;
  before(async () => {
    page = await openByHand('rules');
  });
  after(() => page.close());

  const refused = async (path: string): Promise<void> => {
    const id = uniqueId();
    const { value, error } = await page.fetch({ url: `${env.push}${path}?id=${id}` });
    expect(value, path).to.equal(undefined);
    expect(error?.code, path).to.equal('POLICY_REFUSED');
    expect(await requestLog(id), path).to.deep.equal([]);
  };

  for (const [what, ...paths] of readings)
    it(`are refused where one hides ${what}`, async () => {
      for (const path of paths) await refused(path);
    });

  it('are left alone in honest paths', async () => {
    for (const path of [
      '/api/Zürich',
      '/api/%E6%9D%B1',
      '/api/caf%E9',
      '/api/a%2Fb',
      '/api/a;b',
      '/api/a%20b/½',
    ]) {
      const id = uniqueId();
      expect(
        (await page.fetch({ url: `${env.push}${path}?id=${id}` })).value?.status,
        path,
      ).to.equal(404);
      expect((await requestLog(id)).map(({ url }) => url)).to.deep.equal([
        new URL(`${path}?id=${id}`, env.push).href.slice(env.push.length),
      ]);
    }
  });

  it('have the strictest credentials of all rules that are like one of them', async () => {
    const cookie = `${env.push}/api/cookie?name=seen&value=1`;
    await page.fetch({ url: cookie, init: { credentials: 'include' } });
    const cookiesAt = async (path: string): Promise<string | undefined> => {
      const id = uniqueId();
      await page.fetch({ url: `${env.push}${path}?id=${id}`, init: { credentials: 'include' } });
      return (await requestLog(id))[0]?.headers.cookie;
    };
    expect(await cookiesAt('/api/other')).to.contain('seen=1');
    for (const path of [
      '/api/echo',
      '/api/ech%6f',
      '/api/ECHO',
      '/api/echo;x',
      '/api//echo',
      '/api/echo.',
    ])
      expect(await cookiesAt(path), path).to.equal(undefined);
  });
});

describe('the names of headers', () => {
  let page: RawPage;
  let open: RawPage;
  before(async () => {
    [page, open] = await Promise.all([openByHand('rules'), openByHand('default')]);
  });
  after(() => {
    page.close();
    open.close();
  });

  const refused = async (by: RawPage, path: string, name: string, value = '1'): Promise<void> => {
    const id = uniqueId();
    const url = `${env.push}${path}?id=${id}`;
    const { error } = await by.fetch({ url, headers: [[name, value]] });
    expect(error?.code, name).to.equal('POLICY_REFUSED');
    expect(await requestLog(id), name).to.deep.equal([]);
  };

  for (const name of ['Hadoken_Origin', 'hadoken.origin', 'HADOKEN~ORIGIN', "hadoken'origin"])
    it(`let no page say who it is, as ${name}`, async () => {
      for (const by of [page, open]) {
        const id = uniqueId();
        const url = `${env.push}/api/echo?id=${id}`;
        await by.fetch({ url, headers: [[name, 'https://admin.example']] });
        const [seen] = await requestLog(id);
        expect(seen?.headers['hadoken-origin']).to.equal(env.app);
        expect(JSON.stringify(seen?.headers)).to.not.contain('admin.example');
      }
    });

  for (const name of ['X_HTTP_Method_Override', 'X-HTTP_Method', 'x.method.override'])
    it(`let no page change the method, by ${name}`, () =>
      refused(page, '/api/status/200', name, 'DELETE'));

  for (const name of [
    'Sec_Fetch_Site',
    'Content_Length',
    'Transfer_Encoding',
    'Access_Control_Request_Method',
  ])
    it(`let no page say what only the browser says, as ${name}`, async () => {
      await refused(page, '/api/echo', name);
      await refused(open, '/api/echo', name);
    });

  for (const name of [
    'X-Original-URL',
    'X_Rewrite_URL',
    'X-Forwarded-Host',
    'Forwarded',
    'x-real-ip',
    'Remote-User',
  ])
    it(`let no page speak for the server’s proxy, by ${name}`, async () => {
      await refused(page, '/api/echo', name);
      await refused(open, '/api/echo', name);
    });

  it('cross where a rule names them', async () => {
    const id = uniqueId();
    const headers: [string, string][] = [
      ['X_One', '1'],
      ['x-forwarded-for', '1.2.3.4'],
    ];
    const url = `${env.push}/api/echo?id=${id}`;
    expect((await page.fetch({ url, headers })).value?.status).to.equal(200);
    expect((await requestLog(id))[0]?.headers).to.include({
      x_one: '1',
      'x-forwarded-for': '1.2.3.4',
    });
  });
});

/**
 * Spellings that lead to a path of the frame's with a base, and to none that is allowed without
 * one.
 */
const spellings: [url: (id: string) => string][] = [
  [(id) => `http:${host}/streams/../secret?id=${id}`],
  [(id) => `http:/secret?id=${id}`],
  [(id) => `http:secret?id=${id}`],
  [(id) => `http:///secret?id=${id}`],
  [(id) => `https:secret?id=${id}`],
  [(id) => `ws:/secret?id=${id}`],
  [(id) => `ws:secret?id=${id}`],
  [(id) => `\\\\${host}\\api\\echo?id=${id}`],
  [(id) => `//${host}/streams/sse?id=${id}`],
  [(id) => `/streams/sse?id=${id}`],
  [(id) => `streams/sse?id=${id}`],
  [(id) => `?id=${id}`],
  [(id) => `http://${host}\t.evil.example/streams/sse?id=${id}`],
  [(id) => `http:${host}/streams/..\n/sec\tret?id=${id}`],
  [(id) => `blob:${env.push}/streams/sse?id=${id}`],
];
/** Spellings that the parser mends. */
const mended: [url: (path: string) => string][] = [
  [(path) => `http:${host}${path}`],
  [(path) => `http:/${host}${path}`],
  [(path) => `http:\\\\${host}${path.replaceAll('/', '\\')}`],
  [(path) => `\n http:/\t/${host}${path}`],
  [(path) => `h\nttp://${host.toUpperCase()}/a/..${path}`],
  [(path) => `http:${host}/%2E%2e${path}#fragment`],
];

describe('a URL', () => {
  let page: RawPage;
  before(async () => {
    page = await openByHand('rules');
  });
  after(() => page.close());

  for (const [spell] of spellings) {
    const name = JSON.stringify(spell('1')).replaceAll(host, 'host');
    it(`is judged as it is sent: ${name} is refused, by fetch, EventSource and WebSocket`, async () => {
      const id = uniqueId();
      const url = spell(id);
      expect((await page.fetch({ url })).error?.code).to.equal('POLICY_REFUSED');
      expect((await page.stream('eventSource', url))?.code).to.equal('POLICY_REFUSED');
      for (const socket of [url, url.replace('http', 'ws')])
        expect((await page.stream('webSocket', socket))?.code).to.equal('POLICY_REFUSED');
      expect(await requestLog(id)).to.deep.equal([]);
    });
  }

  for (const [spell] of mended) {
    const name = JSON.stringify(spell('/path')).replaceAll(host, 'host');
    it(`is sent as it was judged: ${name}`, async () => {
      const sent = async (run: (path: string) => Promise<unknown>, path: string): Promise<void> => {
        const id = uniqueId();
        await run(`${path}?id=${id}`);
        const urls = (await requestLog(id)).map(({ url }) => url);
        expect([...new Set(urls)]).to.deep.equal([`${path}?id=${id}`]);
      };
      await sent((path) => page.fetch({ url: spell(path) }), '/api/echo');
      await sent((path) => page.stream('eventSource', spell(path)), '/streams/sse');
    });
  }

  it('of a WebSocket is sent as it was judged', async () => {
    for (const url of [
      `${ws}/streams/ws/echo`,
      `ws:${host}/x/../streams/ws/echo`,
      `ws:\\\\${host}\\streams\\ws/echo`,
    ]) {
      const id = uniqueId();
      expect(await page.stream('webSocket', `${url}?id=${id}`), url).to.equal(undefined);
      expect((await requestLog(id)).map((entry) => entry.url)).to.deep.equal([
        `/streams/ws/echo?id=${id}`,
      ]);
    }
  });
});
