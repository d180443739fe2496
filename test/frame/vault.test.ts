import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import { createHost } from '../../src/frame/host.ts';
import type { SignedIn, Token, VaultOptions } from '../../src/frame/options/vault.ts';
import type { Vault } from '../../src/frame/vault/contract.ts';
import { createVaultLoader } from '../../src/frame/vault/load.ts';
import { createMemoryStore } from '../../src/frame/vault/memory-store.ts';
import { EMPTY, readRecord, type VaultStore } from '../../src/frame/vault/record.ts';
import { createVault } from '../../src/frame/vault/vault.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { API, bareHost, callByHand, PAGE, rejection } from '../support/bare-host.ts';
import { uniqueId, until, wait } from '../support/env.ts';

/** The scopes of one browser: a store, locks and a channel that they have in common. */
function createBrowser(store: VaultStore = createMemoryStore()) {
  const name = `test vault ${uniqueId()}`;
  const logged: string[] = [];
  const channels: BroadcastChannel[] = [];
  return {
    logged,
    store,
    /** Hears all that the scopes say to each other. */
    listen(): object[] {
      const heard: object[] = [];
      const channel = new BroadcastChannel(name);
      channel.onmessage = ({ data }) => heard.push(data);
      channels.push(channel);
      return heard;
    },
    say(...messages: unknown[]): void {
      const channel = new BroadcastChannel(name);
      for (const message of messages) channel.postMessage(message);
      // Chromium may drop what was posted just before a channel is closed.
      channels.push(channel);
    },
    openScope: (options: VaultOptions): Vault =>
      createVault(
        options,
        {
          store,
          lock: (lock, work) => navigator.locks.request(`${name} ${lock}`, work) as never,
          openChannel() {
            const channel = new BroadcastChannel(name);
            channels.push(channel);
            return channel;
          },
        },
        (message) => logged.push(message),
      ),
    close() {
      for (const channel of channels) channel.close();
    },
  };
}

/** A `refresh` that gives t1, t2, … and counts. */
function createRefresh(
  answer: (count: number) => Promise<Token> | Token = (n) => ({ token: `t${n}` }),
) {
  const asked: object[] = [];
  const refresh = async (context: object) => {
    asked.push(context);
    return answer(asked.length);
  };
  return { asked, refresh };
}

const ORIGIN = 'https://app.test';

/** A promise, and what settles it. */
function defer<T = void>() {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

describe('the vault', () => {
  let browser: ReturnType<typeof createBrowser>;
  beforeEach(() => {
    browser = createBrowser();
  });
  afterEach(() => browser.close());

  it('asks refresh once for all who wait, in two scopes', async () => {
    const { asked, refresh } = createRefresh();
    const scopes = [browser.openScope({ refresh }), browser.openScope({ refresh })];
    const tokens = await Promise.all(
      Array.from({ length: 40 }, (_, at) => scopes[at % 2]?.tokenFor(ORIGIN)),
    );
    expect(new Set(tokens)).to.deep.equal(new Set(['t1']));
    expect(asked).to.deep.equal([{ origin: ORIGIN }]);
  });

  it('tells a scope that comes later of the token there is', async () => {
    const { asked, refresh } = createRefresh();
    await browser.openScope({ refresh }).tokenFor(ORIGIN);
    expect(await browser.openScope({ refresh }).tokenFor(ORIGIN)).to.equal('t1');
    expect(asked).to.have.length(1);
  });

  it('has one token a page origin', async () => {
    const { asked, refresh } = createRefresh();
    const scope = browser.openScope({ refresh });
    expect(await scope.tokenFor(ORIGIN)).to.equal('t1');
    expect(await scope.tokenFor('https://shop.test')).to.equal('t2');
    expect(await scope.tokenFor(ORIGIN)).to.equal('t1');
    expect(asked).to.have.length(2);
  });

  it('asks again for what was refused, once for two scopes that had it', async () => {
    const { asked, refresh } = createRefresh();
    const scopes = [browser.openScope({ refresh }), browser.openScope({ refresh })];
    for (const scope of scopes) await scope.tokenFor(ORIGIN);
    for (const scope of scopes) scope.markRefused(ORIGIN, 't1');
    const tokens = await Promise.all(scopes.map((scope) => scope.tokenFor(ORIGIN)));
    expect(tokens).to.deep.equal(['t2', 't2']);
    expect(asked[1]).to.deep.equal({ origin: ORIGIN, token: 't1' });
    // Late word of the old one changes nothing.
    for (const scope of scopes) scope.markRefused(ORIGIN, 't1');
    expect(await scopes[0]?.tokenFor(ORIGIN)).to.equal('t2');
    expect(asked).to.have.length(2);
  });

  for (const [when, expiresIn, kept, renewed] of [
    ['30 s before its end', 600, 569, 571],
    ['with a tenth of its life left, if that is less', 60, 53, 55],
  ] as const)
    it(`renews a token ${when}`, async () => {
      const { asked, refresh } = createRefresh((n) => ({ token: `t${n}`, expiresIn }));
      const scope = browser.openScope({ refresh });
      const { now } = Date;
      const start = now();
      const tokenAfter = (seconds: number): Promise<string | undefined> => {
        Date.now = () => start + seconds * 1_000;
        return scope.tokenFor(ORIGIN);
      };
      try {
        expect(await tokenAfter(0)).to.equal('t1');
        expect(await tokenAfter(kept)).to.equal('t1');
        expect(await tokenAfter(renewed)).to.equal('t2');
      } finally {
        Date.now = now;
      }
      expect(asked).to.have.length(2);
    });

  it('fails all who wait with one clear error where refresh fails, and does not ask again for them', async () => {
    const started = defer();
    const failing = defer<Token>();
    const { asked, refresh } = createRefresh(() => {
      started.resolve();
      return failing.promise;
    });
    const scopes = [browser.openScope({ refresh }), browser.openScope({ refresh })];
    const waiting = Array.from({ length: 40 }, (_, at) =>
      rejection(scopes[at % 2]?.tokenFor(ORIGIN) as never),
    );
    await started.promise;
    failing.reject(new Error('secret-of-the-server'));
    for (const error of await Promise.all(waiting)) {
      expect(error).to.include({ name: 'HadokenError', code: 'HOST_FAILED' });
      expect(error.message).to.contain('vault.refresh').and.contain(ORIGIN);
      expect(error.message).not.to.contain('secret');
    }
    expect(asked).to.have.length(1);
    expect(browser.logged.join()).to.contain('secret-of-the-server');
    // The next who asks is another attempt.
    await rejection(scopes[0]?.tokenFor(ORIGIN) as never);
    expect(asked).to.have.length(2);
  });

  for (const [what, value] of Object.entries({
    'no token': {},
    'an empty token': { token: '' },
    'a token that is no string': { token: 1 },
    'a time that is no number': { token: 't', expiresIn: '3600' },
    'a time that is NaN': { token: 't', expiresIn: Number.NaN },
    'OAuth’s name for the time': { token: 't', expires_in: 3600 },
    'OAuth’s names': { access_token: 't', expires_in: 3600 },
    'a token that no header takes': { token: 'a\nb' },
    'a string': 'token',
  }))
    it(`takes no answer of refresh with ${what}`, async () => {
      const scope = browser.openScope({ refresh: () => value as never });
      expect(await rejection(scope.tokenFor(ORIGIN))).to.include({ code: 'HOST_FAILED' });
      expect(browser.logged).to.have.length(1);
    });

  it('uses a token whose time is over by a clock that is wrong, and asks anew the next time', async () => {
    const { asked, refresh } = createRefresh((n) => ({ token: `t${n}`, expiresIn: -3_300 }));
    const scope = browser.openScope({ refresh });
    expect(await scope.tokenFor(ORIGIN)).to.equal('t1');
    expect(await scope.tokenFor(ORIGIN)).to.equal('t2');
    expect(asked).to.have.length(2);
  });

  it('has no token where refresh gives none, until somebody signs in', async () => {
    let isIn = false;
    const { asked, refresh } = createRefresh(() => (isIn ? { token: 'in' } : (undefined as never)));
    const scopes = [browser.openScope({ refresh }), browser.openScope({ refresh })];
    for (const scope of [...scopes, ...scopes])
      expect(await scope.tokenFor(ORIGIN)).to.equal(undefined);
    // One that asks within the same ms has the other's answer.
    const before = asked.length;
    expect(before).to.be.within(1, 2);
    isIn = true;
    await scopes[0]?.signIn();
    expect(await scopes[0]?.tokenFor(ORIGIN)).to.equal('in');
    await until(async () => (await scopes[1]?.tokenFor(ORIGIN)) === 'in');
    expect(asked).to.have.length(before + 1);
  });

  it('is empty in all scopes after clear(), and in those that come later, and asks nobody', async () => {
    const { asked, refresh } = createRefresh();
    const scopes = [browser.openScope({ refresh }), browser.openScope({ refresh })];
    for (const scope of scopes) await scope.tokenFor(ORIGIN);
    await scopes[0]?.clear();
    expect(await scopes[0]?.tokenFor(ORIGIN)).to.equal(undefined);
    await until(async () => (await scopes[1]?.tokenFor(ORIGIN)) === undefined);
    expect(await browser.openScope({ refresh }).tokenFor(ORIGIN)).to.equal(undefined);
    expect(asked).to.have.length(1);
  });

  it('takes the token that somebody has signed in with, for that origin', async () => {
    const { asked, refresh } = createRefresh();
    const scopes = [browser.openScope({ refresh }), browser.openScope({ refresh })];
    for (const scope of scopes) await scope.tokenFor(ORIGIN);
    await scopes[0]?.clear();
    const who: SignedIn = { origin: ORIGIN, token: 'signed', expiresIn: 60 };
    await scopes[0]?.signIn(who);
    expect(await scopes[0]?.tokenFor(ORIGIN)).to.equal('signed');
    await until(async () => (await scopes[1]?.tokenFor(ORIGIN)) === 'signed');
    expect(asked).to.have.length(1);
    expect(await scopes[1]?.tokenFor('https://shop.test')).to.equal('t2');
  });

  for (const who of [
    { token: 'a' },
    { origin: ORIGIN, access_token: 'a' },
    { origin: ORIGIN, token: 'a', expires_in: 1 },
    { origin: ORIGIN, token: '' },
    { origin: ORIGIN, token: 'a', expiresIn: '1' },
    { origin: 1, token: 'a' },
    'abc',
    null,
  ])
    it(`rejects signIn(${JSON.stringify(who)}), and nobody is signed in or out by it`, async () => {
      const scope = browser.openScope(createRefresh());
      expect(await scope.tokenFor(ORIGIN)).to.equal('t1');
      const error = await rejection(scope.signIn(who as never));
      expect(error).to.include({ code: 'INVALID_ARGUMENT' });
      expect(await scope.tokenFor(ORIGIN)).to.equal('t1');
    });

  it('rejects signIn() for pages that serve() does not let in, and loads nothing for it', async () => {
    let loads = 0;
    const scope = browser.openScope(createRefresh());
    const effects = {
      log() {},
      loadVault: async () => {
        loads += 1;
        return { createVault: () => scope };
      },
    } as unknown as Effects;
    const origins = [PAGE, 'https://*.shop.test'];
    const vault = createVaultLoader({ origins, vault: createRefresh() }, effects) as Vault;
    for (const origin of ['https://else.test', 'http://app.test:1', 'null', 'https://shop.test'])
      expect(await rejection(vault.signIn({ origin, token: 'a' })), origin).to.include({
        code: 'INVALID_ARGUMENT',
      });
    expect(loads).to.equal(0);
    await vault.signIn({ origin: 'https://a.shop.test', token: 'a' });
    expect(await vault.tokenFor('https://a.shop.test')).to.equal('a');
  });

  for (const [what, at] of Object.entries({ 'the same scope': 0, 'another scope': 1 }))
    it(`gives no token of the next user's in the place of one that was refused: ${what}`, async () => {
      const started = defer();
      const late = defer<Token>();
      const { refresh } = createRefresh((n) => {
        if (n === 1) return { token: 'ada' };
        started.resolve();
        return late.promise;
      });
      const scopes = [browser.openScope({ refresh }), browser.openScope({ refresh })] as const;
      expect(await scopes[0].tokenFor(ORIGIN)).to.equal('ada');
      const renewed = scopes[0].renew(ORIGIN, 'ada', Date.now());
      await started.promise;
      await scopes[at as 0].signIn({ origin: ORIGIN, token: 'bob' });
      expect(await renewed).to.equal(undefined);
      await until(async () => (await scopes[0].tokenFor(ORIGIN)) === 'bob');
      // Also where the answer comes after the sign-in.
      expect(await scopes[0].renew(ORIGIN, 'ada', Date.now())).to.equal(undefined);
      expect(await scopes[0].tokenFor(ORIGIN)).to.equal('bob');
      late.resolve({ token: 'late' });
    });

  it('asks refresh five times, and no more, where each time somebody signs in during it', async () => {
    let asked = 0;
    const scope: Vault = browser.openScope({
      async refresh() {
        asked += 1;
        await scope.signIn();
        return { token: `t${asked}` };
      },
    });
    expect(await rejection(scope.tokenFor(ORIGIN))).to.include({ code: 'HOST_FAILED' });
    expect(asked).to.equal(5);
    expect(browser.logged.join()).to.contain('somebody has signed in 5 times');
  });

  it('knows the last 100 tokens of who is signed in, and sends nothing again for older ones', async () => {
    const { refresh } = createRefresh((n) => ({ token: `t${n}`, expiresIn: 0 }));
    const scope = browser.openScope({ refresh });
    for (let i = 0; i < 101; i++) await scope.tokenFor(ORIGIN);
    expect(await scope.renew(ORIGIN, 't1', Date.now())).to.equal(undefined);
    expect(await scope.renew(ORIGIN, 't2', Date.now())).to.equal('t102');
  });

  it('lets go of a refresh that hangs as soon as somebody signs in or out', async () => {
    const started = defer();
    const { asked, refresh } = createRefresh((n) => {
      started.resolve();
      return n === 1 ? new Promise<Token>(() => {}) : { token: `t${n}` };
    });
    const scopes = [browser.openScope({ refresh }), browser.openScope({ refresh })] as const;
    const before = performance.now();
    const waiting = scopes[0].tokenFor(ORIGIN);
    await started.promise;
    await scopes[1].clear();
    expect(await waiting).to.equal(undefined);
    await scopes[1].signIn();
    expect(await scopes[1].tokenFor(ORIGIN)).to.equal('t2');
    // Of the 10 s that refresh has.
    expect(performance.now() - before).to.be.below(9_000);
    expect(asked).to.have.length(2);
  });

  for (const [what, end] of Object.entries({
    'clear()': (scope: Vault) => scope.clear(),
    'signIn() of another': (scope: Vault) => scope.signIn({ origin: ORIGIN, token: 'other' }),
  }))
    for (const [where, at] of Object.entries({ 'the same scope': 0, 'another scope': 1 }))
      it(`throws a refresh away that ends after ${what} in ${where}`, async () => {
        const started = defer();
        const late = defer<Token>();
        const { asked, refresh } = createRefresh(() => {
          started.resolve();
          return late.promise;
        });
        const heard = browser.listen();
        const scopes = [browser.openScope({ refresh }), browser.openScope({ refresh })] as const;
        const waiting = scopes[0].tokenFor(ORIGIN);
        await started.promise;
        await end(scopes[at as 0]);
        late.resolve({ token: 'of-before' });
        const expected = what === 'clear()' ? undefined : 'other';
        expect(await waiting).to.equal(expected);
        for (const scope of scopes)
          await until(async () => (await scope.tokenFor(ORIGIN)) === expected);
        expect(asked).to.have.length(1);
        expect(JSON.stringify([heard, await browser.store.read()])).not.to.contain('of-before');
      });

  it('lets go of refresh after 10 s, and hears it no more', async function () {
    this.timeout(30_000);
    const late = defer<Token>();
    const { asked, refresh } = createRefresh((n) => (n === 1 ? late.promise : { token: 'second' }));
    const scope = browser.openScope({ refresh });
    const error = await rejection(scope.tokenFor(ORIGIN));
    expect(error).to.include({ code: 'HOST_FAILED' });
    expect(browser.logged.join()).to.contain('10000 ms');
    // One that asks within the same ms has the failure as well.
    await wait(5);
    const other = browser.openScope({ refresh });
    expect(await other.tokenFor(ORIGIN)).to.equal('second');
    late.resolve({ token: 'late' });
    await wait(50);
    expect(await scope.tokenFor(ORIGIN)).to.equal('second');
    expect(await other.tokenFor(ORIGIN)).to.equal('second');
    expect(asked).to.have.length(2);
  });

  it('keeps tokens in the store where they are to persist, and nowhere else', async () => {
    const { refresh } = createRefresh();
    await browser.openScope({ refresh }).tokenFor(ORIGIN);
    expect(JSON.stringify(await browser.store.read())).not.to.contain('t1');
    const kept = createBrowser();
    await kept.openScope({ refresh, persist: true }).tokenFor(ORIGIN);
    kept.close();
    const later = createBrowser(kept.store);
    const { asked, refresh: other } = createRefresh();
    expect(await later.openScope({ refresh: other, persist: true }).tokenFor(ORIGIN)).to.equal(
      't2',
    );
    expect(asked).to.have.length(0);
    later.close();
  });

  it('asks refresh where the scope that has the token does not answer', async () => {
    const { asked, refresh } = createRefresh();
    await browser.openScope({ refresh }).tokenFor(ORIGIN);
    // As a page that was closed: nobody is left who has it.
    browser.close();
    const later = createBrowser(browser.store);
    expect(await later.openScope({ refresh }).tokenFor(ORIGIN)).to.equal('t2');
    expect(asked).to.have.length(2);
    later.close();
  });

  it('renews and signs out after its storage was emptied', async () => {
    const { refresh } = createRefresh();
    let store = createMemoryStore();
    const moved: VaultStore = {
      read: () => store.read(),
      update: (change) => store.update(change),
    };
    const own = createBrowser(moved);
    const scope = own.openScope({ refresh });
    await scope.signIn();
    expect(await scope.tokenFor(ORIGIN)).to.equal('t1');
    store = createMemoryStore();
    scope.markRefused(ORIGIN, 't1');
    expect(await scope.tokenFor(ORIGIN)).to.equal('t2');
    await scope.clear();
    expect(await own.openScope({ refresh }).tokenFor(ORIGIN)).to.equal(undefined);
    own.close();
  });

  it('knows of a sign-out that it did not hear of in the back/forward cache', async () => {
    const { asked, refresh } = createRefresh();
    const asleep = browser.openScope({ refresh });
    expect(await asleep.tokenFor(ORIGIN)).to.equal('t1');
    const other = createBrowser(browser.store);
    await other.openScope({ refresh }).clear();
    other.close();
    asleep.thaw();
    expect(await asleep.tokenFor(ORIGIN)).to.equal(undefined);
    expect(asked).to.have.length(1);
  });

  it('does not pass on the token of who was signed in before', async () => {
    const { refresh } = createRefresh();
    const heard = browser.listen();
    await browser.openScope({ refresh }).tokenFor(ORIGIN);
    // Somebody else has signed in where this scope did not hear of it, and another asks for the token.
    browser.say({ type: 'ask', generation: 9e12, origin: ORIGIN, count: 1 });
    browser.say({ type: 'ask', generation: 0, origin: 'https://b.test', count: 1 });
    const later = browser.openScope({ refresh });
    await later.tokenFor(ORIGIN);
    expect(JSON.stringify(heard.slice(1))).not.to.contain('t1');
  });

  it('throws a failure away that comes after somebody has signed in', async () => {
    const started = defer();
    const failing = defer<Token>();
    const scope = browser.openScope({
      refresh() {
        started.resolve();
        return failing.promise;
      },
    });
    const waiting = scope.tokenFor(ORIGIN);
    await started.promise;
    await scope.signIn({ origin: ORIGIN, token: 'signed' });
    failing.reject(new Error('of before'));
    expect(await waiting).to.equal('signed');
  });

  it('reads a malformed record as empty', async () => {
    for (const stored of [
      1,
      {},
      { generation: 1 },
      { generation: 1, isCleared: false, origins: 1 },
    ])
      expect(readRecord(stored)).to.equal(EMPTY);
    const origins = { [ORIGIN]: { count: 1, until: 1 }, 'https://b.test': { count: 'a' } };
    const record = { generation: 1, isCleared: false, origins };
    expect(Object.keys(readRecord(record).origins)).to.deep.equal([ORIGIN]);
  });

  it('calls host.js’ functions on its own object', async () => {
    const options = {
      name: 'own',
      refresh() {
        return { token: this.name };
      },
    };
    expect(await browser.openScope(options).tokenFor(ORIGIN)).to.equal('own');
  });

  it('ignores messages it cannot read', async () => {
    // For the other origin it gives none, so that what comes is the message's.
    const refresh = ({ origin }: { origin: string }) =>
      origin === ORIGIN ? { token: 't1' } : undefined;
    const scope = browser.openScope({ refresh });
    await scope.tokenFor(ORIGIN);
    // As a frame of another release might.
    browser.say(
      ...[null, 'token', { type: 'token' }, { type: 'state', generation: 9 }],
      { type: 'token', generation: 9, origin: ORIGIN, count: 9, until: Infinity },
      { type: 'token', generation: -1, origin: ORIGIN, count: 9, until: 9e15, token: 'x' },
      { type: 'state', generation: 9, isCleared: 1 },
    );
    // The last one is: by then the others were heard.
    browser.say({
      type: 'token',
      generation: 0,
      origin: 'https://b.test',
      count: 1,
      until: 9e15,
      token: 'b',
    });
    await until(async () => (await scope.tokenFor('https://b.test')) === 'b');
    expect(await scope.tokenFor(ORIGIN)).to.equal('t1');
  });
});

describe('requests with a vault', () => {
  /** A host with a vault of its own, whose API takes `accepted` alone. */
  function openHost(options: Partial<VaultOptions>, accepted: string[]) {
    const browser = createBrowser();
    const seen: (string | null)[] = [];
    const host = bareHost(
      { vault: { refresh: createRefresh().refresh, ...options } },
      (request) => {
        const given = request.headers.get('authorization');
        seen.push(given);
        return new Response('', { status: accepted.includes(String(given)) ? 200 : 401 });
      },
      {
        loadVault: async () => ({ createVault: (given) => browser.openScope(given) }),
      },
    );
    return { ...host, seen, browser };
  }

  it('carry the token, whatever the page has put there', async () => {
    const { fetch, seen, browser } = openHost({}, ['Bearer t1']);
    const headers = { authorization: 'Bearer of-the-page' };
    expect((await fetch('/a', { headers })).status).to.equal(200);
    expect(seen).to.deep.equal(['Bearer t1']);
    browser.close();
  });

  it('are sent again once with a new token where the server answers 401', async () => {
    const { fetch, seen, browser } = openHost({}, ['Bearer t2']);
    expect((await fetch('/a', { method: 'POST', body: 'a' })).status).to.equal(200);
    expect(seen).to.deep.equal(['Bearer t1', 'Bearer t2']);
    browser.close();
  });

  it('are not sent again with the token of who has signed in meanwhile, but show their 401', async () => {
    const started = defer();
    const late = defer<Token>();
    const { refresh } = createRefresh((n) => {
      if (n === 1) return { token: 'ada' };
      started.resolve();
      return late.promise;
    });
    const { fetch, seen, browser } = openHost({ refresh }, ['Bearer bob']);
    const answer = fetch('/order', { method: 'POST', body: 'of ada' });
    await started.promise;
    await browser.openScope({ refresh }).signIn({ origin: PAGE, token: 'bob' });
    expect((await answer).status).to.equal(401);
    expect(seen).to.deep.equal(['Bearer ada']);
    expect((await fetch('/a')).status).to.equal(200);
    expect(seen).to.deep.equal(['Bearer ada', 'Bearer bob']);
    late.resolve({ token: 'late' });
    browser.close();
  });

  /** A host whose onRequest waits at attempt number `at` until `release` is resolved. */
  function openSlowHost(at: number, status: number) {
    const started = defer();
    const release = defer();
    const browser = createBrowser();
    const seen: (string | null)[] = [];
    const scope = browser.openScope(createRefresh());
    let asked = 0;
    const host = bareHost(
      {
        vault: { refresh: createRefresh().refresh },
        async onRequest() {
          asked += 1;
          if (asked !== at) return;
          started.resolve();
          await release.promise;
        },
      },
      (request) => {
        seen.push(request.headers.get('authorization'));
        return new Response('', { status });
      },
      { loadVault: async () => ({ createVault: () => scope }) },
    );
    return { ...host, browser, scope, seen, started, release };
  }

  it('are sent again without a token once somebody has signed out, however long onRequest takes', async () => {
    const { fetch, scope, seen, started, release, browser } = openSlowHost(2, 401);
    const answer = fetch('/a');
    await started.promise;
    await scope.clear();
    release.resolve();
    expect((await answer).status).to.equal(401);
    expect(seen).to.deep.equal(['Bearer t1', null]);
    browser.close();
  });

  it('show the page the 401 where the new token is refused too', async () => {
    const { fetch, seen, browser } = openHost({}, []);
    expect((await fetch('/a')).status).to.equal(401);
    expect(seen).to.deep.equal(['Bearer t1', 'Bearer t2']);
    browser.close();
  });

  it('40 at once with an expired token, are 40 answers and one refresh', async () => {
    const { asked, refresh } = createRefresh();
    const { fetch, browser } = openHost({ refresh }, ['Bearer t2']);
    const answers = await Promise.all(Array.from({ length: 40 }, (_, at) => fetch(`/${at}`)));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(40).fill(200));
    expect(asked).to.have.length(2);
    browser.close();
  });

  it('fail with HOST_FAILED where there is no token to be had', async () => {
    const { fetch, seen, browser } = openHost(
      { refresh: () => Promise.reject(new Error('no')) },
      [],
    );
    expect(await rejection(fetch('/a'))).to.include({ code: 'HOST_FAILED' });
    expect(seen).to.deep.equal([]);
    browser.close();
  });

  it('carry it the way that host.js says, and fail where that fails', async () => {
    const attach = (request: Request, token: string): void => {
      if (request.url.endsWith('/fails')) throw new Error('secret');
      request.headers.set('authorization', `Own ${token}`);
    };
    const { fetch, seen, browser } = openHost({ attach }, ['Own t1']);
    expect((await fetch('/a')).status).to.equal(200);
    const error = await rejection(fetch('/fails'));
    expect(error).to.include({ code: 'HOST_FAILED' });
    expect(error.message).to.contain('vault.attach').and.not.contain('secret');
    expect(seen).to.deep.equal(['Own t1']);
    browser.close();
  });

  it('carry a token that no header takes, where attach of host.js puts it elsewhere', async () => {
    const attach = (request: Request, token: string): void =>
      request.headers.set('x-token', encodeURIComponent(token));
    const refresh = () => ({ token: 'žluť\n' });
    const { fetch, seen, browser } = openHost({ attach, refresh }, ['null']);
    expect((await fetch('/a')).status).to.equal(200);
    expect(seen).to.have.length(1);
    browser.close();
  });

  it('have none once somebody has signed out, however long onRequest takes', async () => {
    const { fetch, scope, seen, started, release, browser } = openSlowHost(1, 200);
    expect(await scope.tokenFor(PAGE)).to.equal('t1');
    const answer = fetch('/a');
    await started.promise;
    await scope.clear();
    release.resolve();
    await answer;
    expect(seen).to.deep.equal([null]);
    browser.close();
  });

  it('are not sent again for a 401 that is none of the token’s', async () => {
    const { asked, refresh } = createRefresh();
    const { fetch, seen, browser } = openHost({ refresh, attach() {} }, []);
    expect((await fetch('/login', { method: 'POST', body: 'a' })).status).to.equal(401);
    expect(seen).to.have.length(1);
    expect(asked).to.have.length(1);
    browser.close();
  });

  it('wait for an attach that takes its time', async () => {
    const attach = async (request: Request, token: string): Promise<void> => {
      await Promise.resolve();
      request.headers.set('authorization', `late ${token}`);
    };
    const { fetch, browser } = openHost({ attach }, ['late t1']);
    expect((await fetch('/a')).status).to.equal(200);
    browser.close();
  });

  it('of an event stream are made again where a refresh failed, and not where host.js says no', async () => {
    const outcomeOf = async (error: Error): Promise<unknown> => {
      const browser = createBrowser();
      const failing = { refresh: () => Promise.reject(error) };
      const host = createHost({ origins: [PAGE], eventSource: true, vault: failing }, {
        origin: API,
        fetch: async () => new Response(),
        log() {},
        loadVault: async () => ({ createVault: (given: VaultOptions) => browser.openScope(given) }),
      } as unknown as Effects);
      const { port1: ours, port2: theirs } = new MessageChannel();
      const told = new Promise((resolve) => {
        ours.onmessage = ({ data }) => resolve(data.state.readyState);
      });
      const target = { kind: 'eventSource', url: `${API}/a` };
      const answered = callByHand<{ error?: { code: string } }>(
        host,
        'stream',
        [target, theirs],
        [theirs],
      );
      const outcome = await Promise.race([told, answered.then((answer) => answer.error?.code)]);
      ours.postMessage({ type: 'close' });
      browser.close();
      return outcome;
    };
    expect(await outcomeOf(new Error('the network'))).to.equal(0);
    for (const code of ['POLICY_REFUSED', 'HOST_FAILED'] as const)
      expect(await outcomeOf(new HadokenError(code, 'for the page'))).to.equal(code);
  });

  it('are for one page origin each', async () => {
    const { fetch, seen, browser } = openHost(
      { refresh: ({ origin }) => ({ token: `for ${origin}` }) },
      [],
    );
    await fetch('/a');
    expect(seen[0]).to.equal(`Bearer for ${PAGE}`);
    browser.close();
  });
});
