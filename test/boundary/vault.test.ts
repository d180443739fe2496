/** Tokens that pages use and never see: a real authorization server, real tabs, and everything that crosses. */
import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { rejection } from '../support/bare-host.ts';
import { env, frameUrl, uniqueId, until } from '../support/env.ts';
import { recordMessages, textsIn } from '../support/side-doors.ts';
import { openTab, type Tab } from '../support/tabs.ts';

type User = { signIn(user: string): void; signOut(): void };
type Me = { user?: string; body: string; xsrf: string; error?: string };

const ask = async (action: string, user: string): Promise<number> =>
  (await fetch(`${env.push}/cors/api/oauth/${action}?user=${user}`, { method: 'POST' })).json();

/** In a tab: who the API says it is, and with which status. */
const whoIs = (tab: Tab, count = 1): Promise<(string | number)[]> =>
  tab.run(async ({ hadoken }, times: number) => {
    const one = async () => {
      const response = await hadoken.fetch('/api/oauth/me');
      return (await response.json()).user ?? response.status;
    };
    return Promise.all(Array.from({ length: times }, () => one().catch((error) => error.code)));
  }, count);

for (const host of ['vault', 'vault@shared'])
  describe(`a vault of host.js: ${host}`, function () {
    this.timeout(30_000);
    let user: string;
    let hadoken: Hadoken;
    const tabs: Tab[] = [];
    const open = async (origin = env.app): Promise<Tab> => {
      const tab = await openTab(origin, host);
      tabs.push(tab);
      return tab;
    };
    beforeEach(async () => {
      user = uniqueId();
      hadoken = connect(frameUrl(host), { log: 'silent' });
      await hadoken.service<User>('user').signIn(user);
    });
    afterEach(async () => {
      hadoken.close();
      for (const tab of tabs.splice(0)) tab.close();
    });

    it('answers 40 requests in two tabs, with one refresh for an expired token', async () => {
      const both = [await open(), await open()];
      for (const tab of both) expect(await whoIs(tab)).to.deep.equal([user]);
      await ask('expire', user);
      const before = await ask('asked', user);
      const answers = await Promise.all(both.map((tab) => whoIs(tab, 20)));
      expect(answers.flat()).to.deep.equal(Array(40).fill(user));
      expect(await ask('asked', user)).to.equal(before + 1);
    });

    it('fails 40 requests in two tabs clearly, by one refresh, where there is no token', async () => {
      const both = [await open(), await open()];
      for (const tab of both) expect(await whoIs(tab)).to.deep.equal([user]);
      await ask('expire', user);
      await ask('fail', user);
      const before = await ask('asked', user);
      const answers = await Promise.all(both.map((tab) => whoIs(tab, 20)));
      expect(answers.flat()).to.deep.equal(Array(40).fill('HOST_FAILED'));
      expect(await ask('asked', user)).to.equal(before + 1);
    });

    it('takes the token of another open tab', async () => {
      const first = await open();
      expect(await whoIs(first)).to.deep.equal([user]);
      const before = await ask('asked', user);
      const second = await open();
      expect(await whoIs(second)).to.deep.equal([user]);
      expect(await ask('asked', user)).to.equal(before);
    });

    if (host === 'vault@shared')
      it('needs no refresh after a reload of the only tab, because its tokens persist', async () => {
        hadoken.close();
        const tab = await open();
        expect(await whoIs(tab)).to.deep.equal([user]);
        const before = await ask('asked', user);
        await tab.reload();
        expect(await whoIs(tab)).to.deep.equal([user]);
        expect(await ask('asked', user)).to.equal(before);
      });

    it('signs out in one tab what the other sees within a second, and asks for no token', async () => {
      const [first, second] = [await open(), await open()];
      for (const tab of [first, second]) expect(await whoIs(tab)).to.deep.equal([user]);
      const before = await ask('asked', user);
      await first.run(async ({ hadoken }) => void (await hadoken.service<User>('user').signOut()));
      expect(await whoIs(first)).to.deep.equal([401]);
      await until(async () => (await whoIs(second))[0] === 401, 1_000);
      expect(await whoIs(await open())).to.deep.equal([401]);
      expect(await ask('asked', user)).to.equal(before);
    });

    it('has the next user’s token in every tab once somebody else has signed in', async () => {
      const tab = await open();
      expect(await whoIs(tab)).to.deep.equal([user]);
      const next = uniqueId();
      await hadoken.service<User>('user').signIn(next);
      await until(async () => (await whoIs(tab))[0] === next);
    });

    it('has a token for each page origin', async () => {
      // WebKit parts its workers and channels by the page's origin.
      const shop = await open(env.shop);
      const before = await ask('asked', user);
      expect(await whoIs(shop)).to.deep.equal([user]);
      expect(await ask('asked', user)).to.equal(before + 1);
    });

    it('sends an upload with progress again, with its file, and a header of the cookie', async () => {
      // Its policy keeps the token from following a redirect, so that an XMLHttpRequest may carry it.
      const page = connect(frameUrl(host.replace('vault', 'vault+confined')), { log: 'silent' });
      await page.fetch('/api/oauth/me');
      await ask('expire', user);
      const form = new FormData();
      form.append('file', new File(['x'.repeat(100_000)], 'a.txt'));
      const progress: number[] = [];
      const response = await page.fetch('/api/oauth/me', {
        method: 'POST',
        body: form,
        onUploadProgress: ({ loaded }) => progress.push(loaded),
      });
      const { user: told, body, xsrf } = (await response.json()) as Me;
      expect(told).to.equal(user);
      expect(body).to.contain('filename="a.txt"').and.contain('x'.repeat(100_000));
      expect(xsrf).to.equal('a b');
      expect(progress.length).to.be.above(0);
      page.close();
    });

    it('shows the 401 of a stream that can’t be sent again, and has a new token for the next', async () => {
      await hadoken.fetch('/api/oauth/me');
      await ask('expire', user);
      const body = new Blob(['streamed']).stream();
      const init = { method: 'POST', body, duplex: 'half' };
      expect((await hadoken.fetch('/api/oauth/me', init)).status).to.equal(401);
      expect((await hadoken.fetch('/api/oauth/me')).status).to.equal(200);
    });

    it('opens an event stream with a new token', async () => {
      await hadoken.fetch('/api/oauth/me');
      await ask('expire', user);
      const source = new hadoken.EventSource('/api/oauth/events');
      const data = await new Promise((resolve) => {
        source.onmessage = (event) => resolve(event.data);
      });
      source.close();
      expect(data).to.equal(user);
    });

    it('connects a socket whose token the server refused, and the page hears no error', async () => {
      const errors: string[] = [];
      const socket = hadoken.io('/guarded', { forceNew: true });
      socket.on('connect_error', ({ message }) => errors.push(message));
      await new Promise<void>((resolve) => socket.once('connect', resolve));
      await ask('expire', user);
      socket.disconnect();
      const connected = new Promise<void>((resolve) => socket.once('connect', resolve));
      socket.connect();
      await connected;
      expect(errors).to.deep.equal([]);
      const shared = hadoken.io('/guarded');
      await ask('expire', user);
      shared.on('connect_error', ({ message }) => errors.push(message));
      await new Promise<void>((resolve) => shared.once('connect', resolve));
      expect(errors).to.deep.equal([]);
      socket.disconnect();
      shared.disconnect();
    });

    it('tells a socket of the server’s refusal where nobody is signed in', async () => {
      await hadoken.service<User>('user').signOut();
      const socket = hadoken.io('/guarded');
      const error = await new Promise<Error>((resolve) => socket.once('connect_error', resolve));
      expect(error.message).to.equal('expired');
      socket.disconnect();
    });

    it('lets no page see any of a token, in whatever crosses or can be reached', async () => {
      const recorder = recordMessages();
      const loot: unknown[] = [];
      const page = connect(frameUrl(host), { log: 'silent' });
      loot.push(await page.ready);
      const responses = [
        await page.fetch('/api/oauth/me'),
        await page.fetch('/api/oauth/me', { method: 'POST', body: 'a' }),
      ];
      loot.push(responses, await Promise.all(responses.map((response) => response.text())));
      loot.push(await rejection(page.fetch('/api/oauth/token')));
      const socket = page.io('/guarded');
      await new Promise<void>((resolve) => socket.once('connect', resolve));
      await ask('expire', user);
      await ask('fail', user);
      loot.push(await rejection(page.fetch('/api/oauth/me')), socket);
      const source = new page.EventSource('/api/oauth/events');
      loot.push(await new Promise((resolve) => source.addEventListener('error', resolve)));
      source.close();
      loot.push(performance.getEntries().map((entry) => entry.toJSON()));
      const texts = [...textsIn([loot, recorder.messages, page])];
      recorder.stop();
      expect(texts.filter((text) => text.includes('secret'))).to.deep.equal([]);
      // What it would find: the user's name is in what crosses.
      expect(texts.some((text) => text.includes(user))).to.equal(true);
      socket.disconnect();
      page.close();
    });
  });
