/** hadokenFrame.notify(): which pages hear of it, how often, and what no page can do about it. */
import { expect } from '@esm-bundle/chai';
import { attackerUrl, openAttacker, shakeByHand } from '../support/attacker.ts';
import { env, frameUrl, uniqueId, until, wait } from '../support/env.ts';
import { openTab, type Tab, type TabState } from '../support/tabs.ts';

type News = { tell(name: string, data: unknown, options?: object): void; flood(n: number): void };
declare const told: [name: string, data: unknown][];

describe('notify()', function () {
  this.timeout(40_000);
  const tabs: Tab[] = [];
  const open = async (origin?: string, host = 'services'): Promise<Tab> => {
    const tab = await openTab(origin, host);
    tabs.push(tab);
    await tab.run(async ({ hadoken }: TabState) => {
      const heard: unknown[] = [];
      Object.assign(globalThis, { told: heard });
      hadoken.on('notify', (...args) => heard.push(args));
    });
    // A channel is known to the browser some time after it was made, and what is told before is not for it.
    const probe = { id: uniqueId() };
    await until(async () => {
      // No more than 50 go in a second.
      await wait(50);
      await tell(tab, 'probe', probe);
      const heard = (await tab.run(async () => told)) as [string, { id: string }][];
      return heard.some(([, data]) => data?.id === probe.id);
    });
    return tab;
  };
  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.close();
  });
  const tell = (tab: Tab, ...args: unknown[]): Promise<void> =>
    tab.run(
      async ({ hadoken }: TabState, ...given: Parameters<News['tell']>) =>
        hadoken.service<News>('news').tell(...given),
      ...args,
    );
  /**
   * What a tab has heard of this test. What one tab tells comes in its order: each of the `tellers` says 'last' when it has told
   * the rest.
   */
  const toldTo = async (tab: Tab, id: string, tellers: Tab[]): Promise<string[]> => {
    const round = uniqueId();
    for (const teller of tellers) await tell(teller, 'last', { id: round });
    const heard = () => tab.run(async () => told) as Promise<[string, { id: string }][]>;
    const namesOf = async (of: string) =>
      (await heard()).filter(([, data]) => data?.id === of).map(([name]) => name);
    await until(async () => (await namesOf(round)).length >= tellers.length);
    expect((await namesOf(round)).length).to.equal(tellers.length);
    return namesOf(id);
  };

  for (const host of ['services', 'hub'])
    it(`reaches every page once, of each origin, from any of them (${host})`, async () => {
      const id = uniqueId();
      const [one, two, shop] = [
        await open(env.app, host),
        await open(env.app, host),
        await open(env.shop, host),
      ];
      if (host === 'hub')
        // All three are on one connection of it.
        for (const tab of [one, two, shop])
          await tab.run(async ({ hadoken, ...state }: TabState) => {
            const socket = hadoken.io('/any-notify');
            Object.assign(state, { socket });
            await new Promise<void>((resolve) => socket.once('connect', resolve));
          });
      await tell(one, 'first', { id });
      await tell(one, 'second', { id });
      await tell(shop, 'third', { id });
      for (const tab of [one, two, shop]) {
        const heard = await toldTo(tab, id, [one, shop]);
        expect([...heard].sort()).to.deep.equal(['first', 'second', 'third']);
        expect(heard.indexOf('first')).to.be.below(heard.indexOf('second'));
      }
    });

  it('reaches the pages of `origins` alone', async () => {
    const id = uniqueId();
    const [one, shop] = [await open(), await open(env.shop)];
    await tell(one, 'for the shop', { id }, { origins: [env.shop] });
    await tell(shop, 'for the app', { id }, { origins: [env.app] });
    expect(await toldTo(one, id, [one, shop])).to.deep.equal(['for the app']);
    expect(await toldTo(shop, id, [one, shop])).to.deep.equal(['for the shop']);
  });

  it('is refused where a service of the site’s passes on what can’t be read, or too much', async () => {
    const one = await open();
    const codes = await one.run(async ({ hadoken }: TabState) => {
      const news = hadoken.service<News>('news');
      const codeOf = (call: Promise<unknown>) =>
        call.then(
          () => 'told',
          ({ code }) => code,
        );
      return [
        await codeOf(news.tell('x'.repeat(200), 1)),
        await codeOf(news.tell('a', 1, { origins: ['https://stranger.example'] })),
        await codeOf(news.flood(1_000)),
        await codeOf(news.tell('a', 1)),
      ];
    });
    expect(codes).to.deep.equal([
      ...['INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
      ...['LIMIT_EXCEEDED', 'LIMIT_EXCEEDED'],
    ]);
    const heard = (await one.run(async () => told)) as [string, unknown][];
    expect(heard.filter(([name]) => name !== 'probe').length).to.be.at.most(50);
  });

  it('can’t be done by a page: neither on its port nor on a channel of its own origin', async () => {
    const id = uniqueId();
    const victim = await open(env.shop);
    const { frame, port } = await shakeByHand(frameUrl('services'));
    const notice = { name: 'forged', data: { id } };
    const channel = new BroadcastChannel('hadoken notify');
    channel.postMessage(notice);
    for (const message of [
      notice,
      { hadoken: 'NOTIFY', ...notice },
      { id: '1', type: 'APPLY', path: ['notify'], argumentList: [] },
      {
        id: '2',
        type: 'APPLY',
        path: ['notify'],
        argumentList: [
          { type: 'RAW', value: 'forged' },
          { type: 'RAW', value: { id } },
        ],
      },
    ]) {
      port.postMessage(message);
      frame.contentWindow?.postMessage(message, env.push);
    }
    await wait(300);
    expect(await toldTo(victim, id, [victim])).to.deep.equal([]);
    channel.close();
    frame.remove();
  });

  it('reaches no page that is not let in', async () => {
    const id = uniqueId();
    const stranger = await openAttacker(attackerUrl(env.other));
    await stranger.run((url: string) => {
      const heard: unknown[] = [];
      Object.assign(globalThis, { heard });
      const frame = document.createElement('iframe');
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => heard.push(data);
      addEventListener('message', ({ source, data }) => {
        if (source !== frame.contentWindow) return;
        heard.push(data);
        if (data.hadoken !== 'HELLO') return;
        const offer = { hadoken: 'OFFER', nonce: data.nonce, versions: [2, 2] };
        frame.contentWindow?.postMessage(offer, '*', [port2]);
      });
      const channel = new BroadcastChannel('hadoken notify');
      channel.onmessage = ({ data }) => heard.push(data);
      frame.src = `${url}#0123456789abcdef0123456789abcdef`;
      document.body.append(frame);
    }, frameUrl('services'));
    type Word = { hadoken?: string; code?: string };
    const heard = () => stranger.run<Word[]>(() => (globalThis as unknown as { heard: [] }).heard);
    await until(async () => (await heard()).some(({ hadoken }) => hadoken === 'REFUSE'));
    const one = await open();
    await toldTo(one, id, [one]);
    await wait(300);
    expect((await heard()).map(({ hadoken, code }) => code ?? hadoken)).to.deep.equal([
      'HELLO',
      'ORIGIN_REFUSED',
    ]);
    stranger.close();
  });
});
