import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, type HadokenError } from '../../src/parent/index.ts';
import { type AttackerPage, attackerUrl, openAttacker } from '../support/attacker.ts';
import { env, frameUrl, uniqueId } from '../support/env.ts';

/** What `/api/cached` says: the number of the answer, and for whom it was made. */
type Made = { made: number; page: string; cookie: string; own: string };
type Got = Partial<Made> & { code?: string; message?: string; page?: string };
type Init = Pick<
  RequestInit,
  'cache' | 'mode' | 'method' | 'headers' | 'credentials' | 'keepalive'
>;

/**
 * WebKit's driver gives each session a profile that keeps nothing: what is to be stolen is not
 * there, and what must not be stolen is asked for all the same.
 */
const hasCache = env.engine !== 'webkit';

/**
 * In a page: what `hadoken.fetch` gives it, or why not. Of an answer without a body the header says
 * who it was made for.
 */
const ask = async (url: string, init: Init): Promise<Got> => {
  const { client } = globalThis as unknown as { client: Hadoken };
  try {
    const response = await client.fetch(url, init);
    const text = await response.text();
    // Of a range there is half a text.
    const page = response.headers.get('x-page') ?? '';
    try {
      return { page, ...JSON.parse(text) };
    } catch {
      return { page };
    }
  } catch (error) {
    const { code = '', message } = error as HadokenError;
    return { code, message };
  }
};

const connectThere = async (script: string, frame: string): Promise<void> => {
  const tag = document.createElement('script');
  tag.src = script;
  tag.dataset.manual = '';
  const loaded = new Promise((resolve) => {
    tag.onload = resolve;
  });
  document.head.append(tag);
  await loaded;
  const { hadoken } = globalThis as unknown as { hadoken: { connect: typeof connect } };
  const client = hadoken.connect(frame);
  Object.assign(globalThis, { client });
  await client.ready;
};

/** In a page of the frame's own origin: what is in the cache, by the platform's own fetch. */
const peek = async (url: string): Promise<Made> =>
  (await fetch(url, { cache: 'only-if-cached', mode: 'same-origin' })).json();

describe('the HTTP cache that pages of one frame share', () => {
  let app: Hadoken;
  let shop: AttackerPage;
  let own: AttackerPage;
  before(async () => {
    app = connect(frameUrl('shared'));
    Object.assign(globalThis, { client: app });
    shop = await openAttacker(attackerUrl(env.shop));
    own = await openAttacker(attackerUrl(env.push));
    await shop.run(connectThere, `${env.push}/hadoken/hadoken.js`, frameUrl('shared'));
    await app.ready;
  });
  after(() => {
    app.close();
    shop.close();
    own.close();
  });

  const asApp = (url: string, init: Init = {}): Promise<Got> => ask(url, init);
  const asShop = (url: string, init: Init = {}): Promise<Got> => shop.run<Got>(ask, url, init);
  const url = (rule: string, query: Record<string, string> = {}): string =>
    `${env.push}/api/cached/${rule}?${new URLSearchParams({ id: uniqueId(), ...query })}`;

  it('holds what the app was answered: there is something to steal', async () => {
    const shared = url('shared');
    const { made } = await asApp(shared);
    const peeked = await own.run<Made>(peek, shared);
    expect([peeked.made === made, peeked.page === env.app]).to.deep.equal([hasCache, hasCache]);
    expect((await asApp(shared)).made === made, 'and it is used').to.equal(hasCache);
  });

  for (const cache of ['force-cache', 'only-if-cached'] as const)
    for (const rule of ['shared', 'private', 'public'])
      it(`is not read with ${cache}, which is refused (${rule})`, async () => {
        const there = url(rule);
        await asApp(there);
        const got = await asShop(there, { cache, mode: 'same-origin' });
        expect(got).to.include({ code: 'POLICY_REFUSED' });
        expect(got.message)
          .to.contain(`cache: '${cache}' is refused, because`)
          .and.contain("'no-store'");
        expect(got).not.to.have.property('made');
      });

  const reads: [what: string, init: Init][] = [
    ['plainly', {}],
    ['with no-cache', { cache: 'no-cache' }],
    ['with reload', { cache: 'reload' }],
    ['with no-store', { cache: 'no-store' }],
    ['with HEAD', { method: 'HEAD' }],
    ['with a range', { headers: { range: 'bytes=0-10' } }],
    ['with If-None-Match', { headers: { 'if-none-match': '"made"' } }],
    [
      'with If-Modified-Since',
      { headers: { 'if-modified-since': 'Mon, 02 Nov 2026 10:00:00 GMT' } },
    ],
    ['with If-Match', { headers: { 'if-match': '"made"' } }],
    ['with If-Range', { headers: { range: 'bytes=0-10', 'if-range': '"made"' } }],
    [
      'with Cache-Control: only-if-cached',
      { headers: { 'cache-control': 'only-if-cached, max-stale=99999' } },
    ],
    ['without cookies', { credentials: 'omit' }],
    ['in the mode no-cors', { mode: 'no-cors' }],
    ['with POST', { method: 'POST' }],
    ['with keepalive', { keepalive: true }],
  ];
  for (const [what, init] of reads) {
    it(`is not read ${what} where the server says Vary: Hadoken-Origin`, async () => {
      const there = url('shared', { vary: 'Hadoken-Origin' });
      expect((await asApp(there)).page).to.equal(env.app);
      expect((await asShop(there, init)).page).to.equal(env.shop);
    });

    it(`is not read ${what} where the rule says cache: private`, async () => {
      const there = url('private');
      // Stored by somebody else on the frame's origin, for the rule's own requests store nothing.
      await own.run(async (address: string) => void (await (await fetch(address)).text()), there);
      expect((await own.run<Made>(peek, there)).page).to.equal('');
      expect((await asShop(there, init)).page).to.equal(env.shop);
      expect((await asApp(there, init)).page).to.equal(env.app);
    });
  }

  it('is not read by way of a hook, which may choose less and not more', async () => {
    for (const hook of ['anew', 'force-cache', 'only-if-cached', 'default', 'reload']) {
      const there = url('private', { hook });
      await own.run(async (address: string) => void (await (await fetch(address)).text()), there);
      expect((await asShop(there)).page, hook).to.equal(env.shop);
      const varying = url('shared', { hook, vary: 'Hadoken-Origin' });
      await asApp(varying);
      expect((await asShop(varying)).page, hook).to.equal(env.shop);
    }
  });

  it('is not read by way of a redirect from a path whose answers are not private', async () => {
    const there = url('private');
    await own.run(async (address: string) => void (await (await fetch(address)).text()), there);
    for (const [status, method] of [
      [302, 'GET'],
      [303, 'POST'],
      [302, 'POST'],
      [307, 'HEAD'],
    ] as const) {
      const by = `${env.push}/api/redirect?status=${status}&to=${encodeURIComponent(there)}`;
      expect(await asShop(by, { method }), `${status} ${method}`).to.include({
        code: 'POLICY_REFUSED',
      });
      const init = { method, cache: 'no-store' } as const;
      expect((await asShop(by, init)).page, `${status} ${method}, no-store`).to.equal(env.shop);
    }
  });

  it('is not read without cookies, if it was answered to cookies', async () => {
    const there = url('public');
    await own.run(async (address: string) => {
      await fetch('/api/cookie?name=cached&value=secret');
      await (await fetch(address)).text();
    }, there);
    expect((await own.run<Made>(peek, there)).cookie).to.contain('cached=secret');
    for (const cache of ['default', 'no-cache', 'reload'] as const)
      expect(await asApp(there, { cache, credentials: 'include' })).to.include({
        cookie: '',
        page: env.app,
      });
  });

  for (const [what, init] of [
    ['reload', { cache: 'reload' }],
    ['no-cache', { cache: 'no-cache' }],
    ['no-store', { cache: 'no-store' }],
    ['default and Cache-Control: no-cache', { headers: { 'cache-control': 'no-cache' } }],
    ['default and Cache-Control: max-age=0', { headers: { 'cache-control': 'max-age=0' } }],
    ['default and Pragma: no-cache', { headers: { pragma: 'no-cache' } }],
    ['default and a condition', { headers: { 'if-none-match': '"other"' } }],
  ] as [string, Init][])
    it(`is not written over with one's own headers (${what})`, async () => {
      const there = url('shared');
      const { made } = await asApp(there);
      const headers = { ...(init.headers as object), 'x-own': 'poison' };
      expect((await asShop(there, { ...init, headers })).own).to.equal('poison');
      const again = await asApp(there);
      expect(again).to.include({ page: env.app, own: '' });
      expect(again.made === made, 'still the stored one').to.equal(hasCache);
    });

  it('stays empty where the rule says cache: private', async () => {
    const there = url('private');
    for (const cache of ['default', 'reload', 'no-cache', 'no-store'] as const)
      await asApp(there, { cache });
    const found = await own.run<string>(async (address: string) => {
      const init = { cache: 'only-if-cached', mode: 'same-origin' } as const;
      // Chromium answers 504 where it has none, as the standard once said.
      return fetch(address, init).then(
        async (response) => (response.ok ? (await response.json()).page : 'nothing'),
        () => 'nothing',
      );
    }, there);
    // Without a cache, the answer is one that was made for nobody's page.
    expect(found).to.equal(hasCache ? 'nothing' : '');
  });

  it('is not read by an EventSource', async () => {
    const there = url('shared', { type: 'text/event-stream', events: '' });
    await asApp(there);
    const page = await shop.run<string>(async (address: string) => {
      const { client } = globalThis as unknown as { client: Hadoken };
      const source = new client.EventSource(address);
      const { data } = await new Promise<MessageEvent>((resolve) => {
        source.onmessage = resolve;
      });
      source.close();
      return JSON.parse(data).page;
    }, there);
    expect(page).to.equal(env.shop);
  });
});

describe('the HTTP cache of a frame that one page may use', () => {
  const hadoken = connect(frameUrl('sending'));
  after(() => hadoken.close());

  it('is the platform’s, in every mode', async () => {
    const there = `/api/cached/mine?id=${uniqueId()}`;
    const made = async (cache: RequestCache): Promise<number> =>
      (await (await hadoken.fetch(there, { cache, mode: 'same-origin' })).json()).made;
    const first = await made('default');
    for (const cache of ['default', 'force-cache', 'only-if-cached'] as const)
      expect((await made(cache)) === first, cache).to.equal(hasCache);
    const reloaded = await made('reload');
    expect(reloaded).to.be.above(first);
    expect((await made('force-cache')) === reloaded, 'reload has stored it').to.equal(hasCache);
    expect(await made('no-store')).to.be.above(reloaded);
    expect((await made('default')) === reloaded).to.equal(hasCache);
  });

  it('is the page’s choice, whatever a hook forgets of it', async () => {
    const there = `/api/cached/mine?hook=anew&id=${uniqueId()}`;
    const first = await (await hadoken.fetch(there)).json();
    const past = await (await hadoken.fetch(there, { cache: 'no-store' })).json();
    expect(past.made).to.be.above(first.made);
  });

  it('is refused where a rule says cache: private', async () => {
    for (const cache of ['force-cache', 'only-if-cached'] as const) {
      const asked = hadoken.fetch('/api/slow?ms=1', { cache, mode: 'same-origin' });
      const error = await asked.catch((reason: HadokenError) => reason);
      expect(error).to.include({ code: 'POLICY_REFUSED' });
    }
  });
});
