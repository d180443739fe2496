import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import { createHost } from '../../src/frame/host.ts';
import type { SignedIn, Token, VaultOptions } from '../../src/frame/options.ts';
import type { Vault } from '../../src/frame/vault/contract.ts';
import { createMemoryStore } from '../../src/frame/vault/memory-store.ts';
import { EMPTY, readRecord, type VaultStore } from '../../src/frame/vault/record.ts';
import { createVault } from '../../src/frame/vault/vault.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { API, bareHost, callByHand, PAGE, rejection } from '../support/bare-host.ts';
import { uniqueId, until } from '../support/env.ts';

/** The places of one browser: a store, locks and a channel that they have in common. */
function createBrowser(store: VaultStore = createMemoryStore()) {
  const name = `test vault ${uniqueId()}`;
  const logged: string[] = [];
  const channels: BroadcastChannel[] = [];
  return {
    logged,
    store,
    /** Hears all that the places say to each other. */
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
    openPlace: (options: VaultOptions): Vault =>
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

  it('asks refresh once for all who wait, in two places', async () => {
    const { asked, refresh } = createRefresh();
    const places = [browser.openPlace({ refresh }), browser.openPlace({ refresh })];
    const tokens = await Promise.all(
      Array.from({ length: 40 }, (_, at) => places[at % 2]?.tokenFor(ORIGIN)),
    );
    expect(new Set(tokens)).to.deep.equal(new Set(['t1']));
    expect(asked).to.deep.equal([{ origin: ORIGIN }]);
  });

  it('tells a place that comes later of the token there is', async () => {
    const { asked, refresh } = createRefresh();
    await browser.openPlace({ refresh }).tokenFor(ORIGIN);
    expect(await browser.openPlace({ refresh }).tokenFor(ORIGIN)).to.equal('t1');
    expect(asked).to.have.length(1);
  });

  it('has one token a page origin', async () => {
    const { asked, refresh } = createRefresh();
    const place = browser.openPlace({ refresh });
    expect(await place.tokenFor(ORIGIN)).to.equal('t1');
    expect(await place.tokenFor('https://shop.test')).to.equal('t2');
    expect(await place.tokenFor(ORIGIN)).to.equal('t1');
    expect(asked).to.have.length(2);
  });

  it('asks again for what was refused, once for two places that had it', async () => {
    const { asked, refresh } = createRefresh();
    const places = [browser.openPlace({ refresh }), browser.openPlace({ refresh })];
    for (const place of places) await place.tokenFor(ORIGIN);
    for (const place of places) place.markRefused(ORIGIN, 't1');
    const tokens = await Promise.all(places.map((place) => place.tokenFor(ORIGIN)));
    expect(tokens).to.deep.equal(['t2', 't2']);
    expect(asked[1]).to.deep.equal({ origin: ORIGIN, token: 't1' });
    // Late word of the old one changes nothing.
    for (const place of places) place.markRefused(ORIGIN, 't1');
    expect(await places[0]?.tokenFor(ORIGIN)).to.equal('t2');
    expect(asked).to.have.length(2);
  });

  it('renews a token before its end', async () => {
    const { asked, refresh } = createRefresh((n) => ({
      token: `t${n}`,
      expiresIn: n === 1 ? 0 : 60,
    }));
    const place = browser.openPlace({ refresh });
    expect(await place.tokenFor(ORIGIN)).to.equal('t1');
    expect(await place.tokenFor(ORIGIN)).to.equal('t2');
    expect(await place.tokenFor(ORIGIN)).to.equal('t2');
    expect(asked).to.have.length(2);
  });

  it('fails all who wait with one clear error where refresh fails, and does not ask again for them', async () => {
    const started = defer();
    const failing = defer<Token>();
    const { asked, refresh } = createRefresh(() => {
      started.resolve();
      return failing.promise;
    });
    const places = [browser.openPlace({ refresh }), browser.openPlace({ refresh })];
    const waiting = Array.from({ length: 40 }, (_, at) =>
      rejection(places[at % 2]?.tokenFor(ORIGIN) as never),
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
    await rejection(places[0]?.tokenFor(ORIGIN) as never);
    expect(asked).to.have.length(2);
  });

  for (const [what, value] of Object.entries({
    'no token': {},
    'an empty token': { token: '' },
    'a token that is no string': { token: 1 },
    'a time that is no number': { token: 't', expiresIn: '3600' },
    'a time below 0': { token: 't', expiresIn: -1 },
    'a string': 'token',
  }))
    it(`takes no answer of refresh with ${what}`, async () => {
      const place = browser.openPlace({ refresh: () => value as never });
      expect(await rejection(place.tokenFor(ORIGIN))).to.include({ code: 'HOST_FAILED' });
      expect(browser.logged).to.have.length(1);
    });

  it('has no token where refresh gives none, until somebody signs in', async () => {
    let isIn = false;
    const { asked, refresh } = createRefresh(() => (isIn ? { token: 'in' } : (undefined as never)));
    const places = [browser.openPlace({ refresh }), browser.openPlace({ refresh })];
    for (const place of [...places, ...places])
      expect(await place.tokenFor(ORIGIN)).to.equal(undefined);
    // One that asks within the same ms has the other's answer.
    const before = asked.length;
    expect(before).to.be.within(1, 2);
    isIn = true;
    await places[0]?.signIn();
    expect(await places[0]?.tokenFor(ORIGIN)).to.equal('in');
    await until(async () => (await places[1]?.tokenFor(ORIGIN)) === 'in');
    expect(asked).to.have.length(before + 1);
  });

  it('is empty in all places after clear(), and in those that come later, and asks nobody', async () => {
    const { asked, refresh } = createRefresh();
    const places = [browser.openPlace({ refresh }), browser.openPlace({ refresh })];
    for (const place of places) await place.tokenFor(ORIGIN);
    await places[0]?.clear();
    expect(await places[0]?.tokenFor(ORIGIN)).to.equal(undefined);
    await until(async () => (await places[1]?.tokenFor(ORIGIN)) === undefined);
    expect(await browser.openPlace({ refresh }).tokenFor(ORIGIN)).to.equal(undefined);
    expect(asked).to.have.length(1);
  });

  it('takes the token that somebody has signed in with, for that origin', async () => {
    const { asked, refresh } = createRefresh();
    const places = [browser.openPlace({ refresh }), browser.openPlace({ refresh })];
    for (const place of places) await place.tokenFor(ORIGIN);
    await places[0]?.clear();
    const who: SignedIn = { origin: ORIGIN, token: 'signed', expiresIn: 60 };
    await places[0]?.signIn(who);
    expect(await places[0]?.tokenFor(ORIGIN)).to.equal('signed');
    await until(async () => (await places[1]?.tokenFor(ORIGIN)) === 'signed');
    expect(asked).to.have.length(1);
    expect(await places[1]?.tokenFor('https://shop.test')).to.equal('t2');
  });

  it('refuses a sign-in with a token for nobody', async () => {
    const place = browser.openPlace(createRefresh());
    const error = await rejection(place.signIn({ token: 'a' }));
    expect(error).to.include({ code: 'INVALID_ARGUMENT' });
  });

  for (const [what, end] of Object.entries({
    'clear()': (place: Vault) => place.clear(),
    'signIn() of another': (place: Vault) => place.signIn({ origin: ORIGIN, token: 'other' }),
  }))
    for (const [where, at] of Object.entries({ 'the same place': 0, 'another place': 1 }))
      it(`throws a refresh away that ends after ${what} in ${where}`, async () => {
        const started = defer();
        const late = defer<Token>();
        const { asked, refresh } = createRefresh(() => {
          started.resolve();
          return late.promise;
        });
        const heard = browser.listen();
        const places = [browser.openPlace({ refresh }), browser.openPlace({ refresh })] as const;
        const waiting = places[0].tokenFor(ORIGIN);
        await started.promise;
        await end(places[at as 0]);
        late.resolve({ token: 'of-before' });
        const expected = what === 'clear()' ? undefined : 'other';
        expect(await waiting).to.equal(expected);
        for (const place of places)
          await until(async () => (await place.tokenFor(ORIGIN)) === expected);
        expect(asked).to.have.length(1);
        expect(JSON.stringify([heard, await browser.store.read()])).not.to.contain('of-before');
      });

  it('lets go of refresh after 10 s, and hears it no more', async function () {
    this.timeout(30_000);
    const { asked, refresh } = createRefresh((n) =>
      n === 1 ? new Promise<Token>(() => {}) : { token: 'second' },
    );
    const place = browser.openPlace({ refresh });
    const error = await rejection(place.tokenFor(ORIGIN));
    expect(error).to.include({ code: 'HOST_FAILED' });
    expect(browser.logged.join()).to.contain('10000 ms');
    expect(await browser.openPlace({ refresh }).tokenFor(ORIGIN)).to.equal('second');
    expect(asked).to.have.length(2);
  });

  it('keeps tokens in the store where they are to persist, and nowhere else', async () => {
    const { refresh } = createRefresh();
    await browser.openPlace({ refresh }).tokenFor(ORIGIN);
    expect(JSON.stringify(await browser.store.read())).not.to.contain('t1');
    const kept = createBrowser();
    await kept.openPlace({ refresh, persist: true }).tokenFor(ORIGIN);
    kept.close();
    const later = createBrowser(kept.store);
    const { asked, refresh: other } = createRefresh();
    expect(await later.openPlace({ refresh: other, persist: true }).tokenFor(ORIGIN)).to.equal(
      't2',
    );
    expect(asked).to.have.length(0);
    later.close();
  });

  it('asks refresh where the place that has the token does not answer', async () => {
    const { asked, refresh } = createRefresh();
    await browser.openPlace({ refresh }).tokenFor(ORIGIN);
    // As a page that was closed: nobody is left who has it.
    browser.close();
    const later = createBrowser(browser.store);
    expect(await later.openPlace({ refresh }).tokenFor(ORIGIN)).to.equal('t2');
    expect(asked).to.have.length(2);
    later.close();
  });

  it('is right again after its storage was emptied', async () => {
    const { refresh } = createRefresh();
    let store = createMemoryStore();
    const moved: VaultStore = {
      read: () => store.read(),
      update: (change) => store.update(change),
    };
    const own = createBrowser(moved);
    const place = own.openPlace({ refresh });
    await place.signIn();
    expect(await place.tokenFor(ORIGIN)).to.equal('t1');
    store = createMemoryStore();
    place.markRefused(ORIGIN, 't1');
    expect(await place.tokenFor(ORIGIN)).to.equal('t2');
    await place.clear();
    expect(await own.openPlace({ refresh }).tokenFor(ORIGIN)).to.equal(undefined);
    own.close();
  });

  it('knows of a sign-out that it did not hear of in the back/forward cache', async () => {
    const { asked, refresh } = createRefresh();
    const asleep = browser.openPlace({ refresh });
    expect(await asleep.tokenFor(ORIGIN)).to.equal('t1');
    const other = createBrowser(browser.store);
    await other.openPlace({ refresh }).clear();
    other.close();
    asleep.thaw();
    expect(await asleep.tokenFor(ORIGIN)).to.equal(undefined);
    expect(asked).to.have.length(1);
  });

  it('does not pass on the token of who was signed in before', async () => {
    const { refresh } = createRefresh();
    const heard = browser.listen();
    await browser.openPlace({ refresh }).tokenFor(ORIGIN);
    // Somebody else has signed in where this place did not hear of it, and another asks for the token.
    browser.say({ type: 'ask', generation: 9e12, origin: ORIGIN, count: 1 });
    browser.say({ type: 'ask', generation: 0, origin: 'https://b.test', count: 1 });
    const later = browser.openPlace({ refresh });
    await later.tokenFor(ORIGIN);
    expect(JSON.stringify(heard.slice(1))).not.to.contain('t1');
  });

  it('throws a failure away that comes after somebody has signed in', async () => {
    const started = defer();
    const failing = defer<Token>();
    const place = browser.openPlace({
      refresh() {
        started.resolve();
        return failing.promise;
      },
    });
    const waiting = place.tokenFor(ORIGIN);
    await started.promise;
    await place.signIn({ origin: ORIGIN, token: 'signed' });
    failing.reject(new Error('of before'));
    expect(await waiting).to.equal('signed');
  });

  it('takes what is stored in another form for nothing', async () => {
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
    expect(await browser.openPlace(options).tokenFor(ORIGIN)).to.equal('own');
  });

  it('hears nothing in what is no message of its own', async () => {
    // For the other origin it gives none, so that what comes is the message's.
    const refresh = ({ origin }: { origin: string }) =>
      origin === ORIGIN ? { token: 't1' } : undefined;
    const place = browser.openPlace({ refresh });
    await place.tokenFor(ORIGIN);
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
    await until(async () => (await place.tokenFor('https://b.test')) === 'b');
    expect(await place.tokenFor(ORIGIN)).to.equal('t1');
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
        loadVault: async () => ({ createVault: (given) => browser.openPlace(given) }),
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

  it('have none once somebody has signed out, however long onRequest takes', async () => {
    const started = defer();
    const release = defer();
    const browser = createBrowser();
    const seen: (string | null)[] = [];
    const place = browser.openPlace(createRefresh());
    const { fetch } = bareHost(
      {
        vault: { refresh: createRefresh().refresh },
        async onRequest() {
          started.resolve();
          await release.promise;
        },
      },
      (request) => {
        seen.push(request.headers.get('authorization'));
        return new Response();
      },
      { loadVault: async () => ({ createVault: () => place }) },
    );
    expect(await place.tokenFor(PAGE)).to.equal('t1');
    const answer = fetch('/a');
    await started.promise;
    await place.clear();
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

  for (const [what, vault] of Object.entries({
    'no refresh': {},
    'a refresh that is no function': { refresh: 'a' },
    'a member that there is not': { refresh() {}, refesh: 1 },
    'a persist that is no boolean': { refresh() {}, persist: 1 },
  }))
    it(`can’t be served with ${what}`, () => {
      expect(() => bareHost({ vault: vault as never })).to.throw(/vault/);
    });

  it('of an event stream are made again where a refresh failed, and not where host.js says no', async () => {
    const outcomeOf = async (error: Error): Promise<unknown> => {
      const browser = createBrowser();
      const failing = { refresh: () => Promise.reject(error) };
      const host = createHost({ origins: [PAGE], eventSource: true, vault: failing }, {
        origin: API,
        fetch: async () => new Response(),
        log() {},
        loadVault: async () => ({ createVault: (given: VaultOptions) => browser.openPlace(given) }),
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
    expect(await outcomeOf(new HadokenError('POLICY_REFUSED', 'for the page'))).to.equal(
      'POLICY_REFUSED',
    );
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
