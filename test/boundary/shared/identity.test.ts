/** Who a page is decides which connection it has: a page never sees a packet of another user's. */
import { expect } from '@esm-bundle/chai';
import { connect } from '../../../src/parent/index.ts';
import { control, env, frameUrl, uniqueId, until } from '../../support/env.ts';
import { openTab, type Tab, type TabState } from '../../support/tabs.ts';

declare const socket: ReturnType<TabState['hadoken']['io']>;
declare const heard: unknown[][];

type Signing = { signIn(origin: string, user: string): void; endShared(): void };
type WhoAmI = { id: string; auth: { user?: string } };

/** In a tab: opens a socket, joins the room of the user that the server sees, and keeps what comes. */
async function join({ hadoken }: TabState, query: object): Promise<void> {
  const socket = hadoken.io('/', { query, reconnectionDelay: 30, reconnectionDelayMax: 60 });
  const heard: unknown[] = [];
  Object.assign(globalThis, { socket, heard });
  socket.onAny((...args) => heard.push(args.slice(0, 2)));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
}

const whoIs = (tab: Tab): Promise<WhoAmI> =>
  tab.run(async () => {
    for (;;) {
      if (!socket.connected) await new Promise<void>((resolve) => socket.once('connect', resolve));
      // Where the connection goes while it is asked, it is asked again.
      const who = await socket.emitWithAck('whoami').catch(() => undefined);
      if (who) return who;
    }
  });
const signIn = (tab: Tab, origin: string, user: string): Promise<void> =>
  tab.run(
    async ({ hadoken }, of: string, name: string) => {
      await hadoken.service<Signing>('user').signIn(of, name);
    },
    origin,
    user,
  );
const reconnect = (tab: Tab): Promise<void> =>
  tab.run(async () => {
    socket.disconnect();
    socket.connect();
    await new Promise<void>((resolve) => socket.once('connect', resolve));
  });
const news = (tab: Tab, name: string): Promise<void> =>
  tab.run(async (_state, event: string) => void socket.emit('emit-back', 'public', event), name);
const heardBy = (tab: Tab): Promise<unknown[]> =>
  tab.run(async () => heard.map(([, what]) => what));

describe('who shares a connection', function () {
  this.timeout(30_000);
  let query: object;
  const tabs: Tab[] = [];
  const open = async (origin = env.app): Promise<Tab> => {
    const tab = await openTab(origin);
    tabs.push(tab);
    await tab.run(join, query);
    return tab;
  };
  beforeEach(async () => {
    await control('io/start');
    query = { test: uniqueId() };
    const tab = await openTab();
    for (const origin of [env.app, env.shop]) await signIn(tab, origin, '');
    tab.close();
  });
  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.close();
  });

  it('are pages of the same user, and not of another', async () => {
    const one = await open();
    await signIn(one, env.app, 'ann');
    const [ann, anne] = [await open(), await open()];
    const nobody = await open(env.shop);
    const [first, second, third, fourth] = await Promise.all([one, ann, anne, nobody].map(whoIs));
    expect(second?.id).to.equal(third?.id);
    expect(second?.id).to.not.equal(first?.id);
    expect(fourth?.id).to.equal(first?.id);
    expect([first, second, third, fourth].map((who) => who?.auth.user)).to.deep.equal([
      undefined,
      'ann',
      'ann',
      undefined,
    ]);
  });

  // In each order the second page is still, or not yet, another user.
  for (const order of ['signs in first', 'signs in last', 'signs in as another', 'signs out'])
    it(`hears nothing of the former user’s: ${order}`, async () => {
      const before = order === 'signs in as another' || order === 'signs out' ? 'bob' : '';
      const other = await open();
      if (before) {
        await signIn(other, env.app, before);
        await reconnect(other);
      }
      const page = await open();
      if (order === 'signs in last') await news(other, 'one');
      await signIn(page, env.app, order === 'signs out' ? '' : 'ann');
      await reconnect(page);
      expect((await whoIs(page)).id).to.not.equal((await whoIs(other)).id);
      await page.run(async () => void heard.splice(0));
      await news(other, 'of the other');
      await until(async () => (await heardBy(other)).includes('of the other'));
      await news(page, 'of the page');
      await until(async () => (await heardBy(page)).includes('of the page'));
      expect(await heardBy(page)).to.deep.equal(['of the page']);
      expect(await heardBy(other)).to.not.include('of the page');
      // A page that comes now is who it is now.
      const late = await open();
      expect((await whoIs(late)).id).to.equal((await whoIs(page)).id);
    });

  it('is asked again at each reconnect: a page that is somebody else by then gets its own', async () => {
    const [app, shop] = [await open(), await open(env.shop)];
    const { id } = await whoIs(app);
    await signIn(app, env.app, 'ann');
    await app.run(async () => void socket.emit('drop'));
    await until(async () => (await whoIs(app)).auth.user === 'ann', 15_000);
    const [appNow, shopNow] = await Promise.all([whoIs(app), whoIs(shop)]);
    expect(shopNow.auth.user).to.equal(undefined);
    expect(shopNow.id).to.not.equal(appNow.id);
    expect(appNow.id).to.not.equal(id);
  });

  it('does not take a session along to another user', async () => {
    const page = await open();
    await news(page, 'one');
    await until(async () => (await heardBy(page)).includes('one'));
    await signIn(page, env.app, 'ann');
    await page.run(async () => void socket.emit('drop'));
    await until(async () => (await whoIs(page)).auth.user === 'ann', 15_000);
    expect(await page.run(async () => socket.recovered)).to.equal(false);
  });

  it('is over for all at endShared()', async () => {
    const [one, two] = [await open(), await open()];
    const { id } = await whoIs(one);
    await signIn(one, env.app, 'ann');
    await one.run(async ({ hadoken }) => {
      await hadoken.service<Signing>('user').endShared();
    });
    for (const tab of [one, two])
      await until(async () => (await whoIs(tab)).auth.user === 'ann', 15_000);
    expect((await whoIs(one)).id).to.equal((await whoIs(two)).id);
    expect((await whoIs(one)).id).to.not.equal(id);
    await until(async () => !(await control('io/clients')).clients['/']?.includes(id));
    expect(await two.run(async () => socket.recovered)).to.equal(false);
  });

  it('is over in the hub of another release too', async () => {
    const tab = await open();
    const { id } = await whoIs(tab);
    await signIn(tab, env.app, 'ann');
    // Other rules are another hub, as another release is.
    const other = connect(frameUrl('hub-other'), { log: 'silent' });
    await other.service<Signing>('user').endShared();
    await until(async () => (await whoIs(tab)).auth.user === 'ann');
    expect((await whoIs(tab)).id).to.not.equal(id);
    other.close();
  });

  it('is over for a page that has no hub, and for the hubs of others', async () => {
    const tab = await open();
    await whoIs(tab);
    await signIn(tab, env.app, 'ann');
    const alone = connect(frameUrl('hub-refused'), { log: 'silent', reconnectionDelay: 30 });
    const own = alone.io('/', { reconnectionDelay: 30 });
    const source = new alone.EventSource('/streams/sse?body=retry:10%0Adata:1%0A%0A');
    await Promise.all([
      new Promise((resolve) => own.once('connect', () => resolve(undefined))),
      new Promise((resolve) => {
        source.onmessage = resolve;
      }),
    ]);
    // With an offset the server could recover the session of before.
    own.emit('emit-back', 'public', 1);
    await new Promise((resolve) => own.once('public', resolve));
    const { id } = own;
    const again = Promise.all([
      new Promise((resolve) => own.once('disconnect', resolve)),
      new Promise((resolve) => own.once('connect', () => resolve(undefined))),
      new Promise((resolve) => {
        source.onopen = resolve;
      }),
    ]);
    await alone.service<Signing>('user').endShared();
    expect((await again)[0]).to.equal('transport close');
    expect([own.recovered, own.id === id]).to.deep.equal([false, false]);
    await until(async () => (await whoIs(tab)).auth.user === 'ann');
    alone.close();
  });
});
