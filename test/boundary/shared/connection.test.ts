/** One connection for all tabs: what each sees of it, and the server. */
import { expect } from '@esm-bundle/chai';
import { control, env, uniqueId, until } from '../../support/env.ts';
import { openTab, type Tab, type TabState } from '../../support/tabs.ts';

type Options = {
  nsp?: string;
  query?: object;
  auth?: object;
  forceNew?: boolean;
  multiplex?: boolean;
};

/** In a tab: opens a socket, and keeps what it hears. */
async function join({ hadoken, ...state }: TabState, options: Options): Promise<string> {
  const { nsp = '/', ...rest } = options;
  const heard: unknown[] = [];
  const socket = hadoken.io(nsp, { reconnectionDelay: 30, reconnectionDelayMax: 60, ...rest });
  Object.assign(state, { socket });
  globalThis.Object.assign(globalThis, { socket, heard });
  socket.onAny((...args) => heard.push(args.slice(0, 2)));
  for (const name of ['connect', 'disconnect', 'connect_error'] as const)
    socket.on(name, (...args: unknown[]) =>
      heard.push(name === 'connect' ? [name, socket.recovered] : [name, String(args[0])]),
    );
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket.id as string;
}

/** What it heard, but for what a hub costs that is slow to answer: it is given up after 2.4 s, and resumed. */
async function heardBy(tab: Tab): Promise<unknown[][]> {
  const all = await tab.run(async () => heard);
  const isLoss = (entry: unknown[] = []): boolean =>
    entry[0] === 'disconnect' && entry[1] === 'frame lost';
  return all.filter(
    (entry, at) =>
      !isLoss(entry) && !(entry[0] === 'connect' && entry[1] === true && isLoss(all[at - 1])),
  );
}

/** An acknowledgement that such a hub takes with it is asked for again. */
const emitAt = (tab: Tab, ...args: unknown[]): Promise<unknown> =>
  tab.run(
    async (_state, ...given: [string, ...unknown[]]) => {
      for (;;)
        try {
          return await socket.emitWithAck(...given);
        } catch (error) {
          if ((error as Error).message !== 'socket has been disconnected') throw error;
        }
    },
    ...args,
  );

declare const socket: ReturnType<TabState['hadoken']['io']>;
declare const heard: unknown[][];

describe('one connection for all tabs', function () {
  this.timeout(30_000);
  let query: object;
  const tabs: Tab[] = [];
  const open = async (origin?: string, options: Options = {}): Promise<[Tab, string]> => {
    const tab = await openTab(origin);
    tabs.push(tab);
    return [tab, await tab.run(join, { query, ...options })];
  };
  const socketsOf = async (nsp = '/'): Promise<string[]> =>
    (await control('io/clients')).clients[nsp] ?? [];
  beforeEach(async () => {
    await control('io/start');
    query = { test: uniqueId() };
  });
  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.close();
  });

  it('is one socket at the server, with one id, for tabs of two origins', async () => {
    const before = await socketsOf();
    const opened = [];
    for (const origin of [env.app, env.shop, env.app, env.shop]) opened.push(await open(origin));
    const ids = opened.map(([, id]) => id);
    expect(new Set(ids)).to.have.lengthOf(1);
    const own = (await socketsOf()).filter((id) => !before.includes(id));
    expect(own).to.deep.equal([ids[0]]);
  });

  it('tells each tab what its origin may hear, and nothing else', async () => {
    const [app] = await open(env.app);
    const [shop] = await open(env.shop);
    await emitAt(app, 'whoami');
    await app.run(async () => {
      socket.emit('emit-back', 'secret', 1);
      socket.emit('emit-back', 'public', 2);
    });
    for (const tab of [app, shop])
      await until(async () => (await heardBy(tab)).some(([name]) => name === 'public'));
    expect(await heardBy(app)).to.deep.equal([
      ['connect', false],
      ['secret', 1],
      ['public', 2],
    ]);
    expect(await heardBy(shop)).to.deep.equal([
      ['connect', false],
      ['public', 2],
    ]);
  });

  it('gives the answer to who has asked', async () => {
    const [app] = await open(env.app);
    const [shop] = await open(env.shop);
    const both = await Promise.all([emitAt(app, 'echo', 'a'), emitAt(shop, 'echo', 'b')]);
    expect(both).to.deep.equal(['a', 'b']);
  });

  it('refuses a tab what its origin may not emit, nor connect to', async () => {
    await open(env.app);
    const [shop] = await open(env.shop);
    const refused = await shop.run(async () =>
      socket
        .timeout(10_000)
        .emitWithAck('burst', 'x', 1)
        .catch(({ code }) => code),
    );
    expect(refused).to.equal('POLICY_REFUSED');
    const chat = open(env.shop, { nsp: '/chat' }).catch((error) => String(error));
    expect(await chat)
      .to.contain('/chat is for other pages')
      .and.contain('its origins in host.js');
  });

  it('takes patterns of namespaces, exact names first', async () => {
    const [, id] = await open(env.app, { nsp: '/any-room' });
    expect(id).to.be.a('string');
    const refused = open(env.app, { nsp: '/any-thing' }).catch((error) => String(error));
    expect(await refused).to.contain('/any-thing is outside the rules');
  });

  it('goes on while one tab stays, and in Chromium outlives the last one', async () => {
    const [one, id] = await open();
    const [two] = await open();
    one.close();
    expect(await emitAt(two, 'echo', 1)).to.equal(1);
    // Elsewhere a SharedWorker ends with its last page, unless that is in the back/forward cache.
    if (env.engine === 'chromium') two.close();
    const [, next] = await open();
    expect(next).to.equal(id);
  });

  it('ends after a while without a tab', async function () {
    // Where a goodbye is lost, the hub takes the tab for gone after 12 s.
    this.timeout(90_000);
    const [one, id] = await open();
    one.close();
    await until(async () => !(await socketsOf()).includes(id), 75_000);
  });

  it('is left by a tab alone that disconnects', async () => {
    const [one] = await open();
    const [two, id] = await open();
    await one.run(async () => void socket.disconnect());
    expect(await emitAt(two, 'echo', 1)).to.equal(1);
    expect(await socketsOf()).to.include(id);
  });

  it('tells a late tab the last of what is retained', async () => {
    const [first] = await open(env.app, { nsp: '/greet' });
    await until(async () => (await heardBy(first)).length === 3);
    const [late] = await open(env.shop, { nsp: '/greet' });
    await until(async () => (await heardBy(late)).length > 1);
    expect(await heardBy(late)).to.deep.equal([
      ['connect', false],
      ['hello', 2],
    ]);
  });

  it('connects all again after a loss, recovered, with what was missed', async () => {
    const [app] = await open(env.app);
    const [shop] = await open(env.shop);
    await app.run(async () => void socket.emit('emit-back', 'public', 1));
    await until(async () => (await heardBy(shop)).length === 2);
    await app.run(async () => void socket.emit('drop'));
    for (const tab of [app, shop])
      await until(
        async () => (await heardBy(tab)).filter(([name]) => name === 'connect').length === 2,
      );
    await app.run(async () => void socket.emit('emit-back', 'public', 2));
    for (const tab of [app, shop]) await until(async () => (await heardBy(tab)).at(-1)?.[1] === 2);
    const expected = [
      ['connect', false],
      ['public', 1],
      ['disconnect', 'transport close'],
      ['connect', true],
      ['public', 2],
    ];
    expect(await heardBy(shop)).to.deep.equal(expected);
    expect(await heardBy(app)).to.deep.equal(expected);
  });

  it('is not for a page that wants its own', async () => {
    const [, id] = await open();
    for (const own of [{ forceNew: true }, { multiplex: false }])
      expect((await open(env.app, own))[1]).to.not.equal(id);
  });

  it('is another one for another query, and for another auth', async () => {
    const [, id] = await open(env.app, { auth: { a: 1, b: 2 } });
    expect((await open(env.app, { auth: { b: 2, a: 1 } }))[1]).to.equal(id);
    expect((await open(env.app, { auth: { a: 1 } }))[1]).to.not.equal(id);
    query = { test: uniqueId() };
    expect((await open(env.app, { auth: { a: 1, b: 2 } }))[1]).to.not.equal(id);
  });

  it('shows the place that a cluster gives to no listener, and what only looks like it to all', async () => {
    const [tab] = await open();
    const places = ['2["hadoken:offset","17-4"]', '2["hadoken:offset","5-5","more"]'];
    await tab.run(
      async (_state, ...texts: string[]) => void socket.emit('raw', ...texts),
      ...places,
      '2["hadoken:offset",{"a":"5-5"}]',
      '2["hadoken:other","5-5"]',
    );
    await emitAt(tab, 'echo', 0);
    const names = (await heardBy(tab)).filter(([name]) => String(name).startsWith('hadoken:'));
    expect(names).to.deep.equal([
      ['hadoken:offset', '5-5'],
      ['hadoken:offset', { a: '5-5' }],
      ['hadoken:other', '5-5'],
    ]);
  });
});
