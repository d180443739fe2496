/** Event streams that pages share: by URL and origin. And what becomes of a page without a hub. */
import { expect } from '@esm-bundle/chai';
import { connect } from '../../../src/parent/index.ts';
import { control, env, frameUrl, requestLog, uniqueId, until } from '../../support/env.ts';
import { openTab, type Tab, type TabState } from '../../support/tabs.ts';

declare const seen: unknown[];
declare const source: EventSource;

/** In a tab: opens a stream, and keeps what comes. */
async function follow({ hadoken }: TabState, url: string): Promise<void> {
  const source = new hadoken.EventSource(url);
  const seen: unknown[] = [];
  Object.assign(globalThis, { source, seen });
  for (const name of ['open', 'error', 'message'])
    source.addEventListener(name, (event) => seen.push((event as MessageEvent).data ?? name));
  await new Promise((resolve) => {
    source.onopen = resolve;
    source.onerror = resolve;
  });
}

const seenBy = (tab: Tab): Promise<unknown[]> => tab.run(async () => seen);

describe('event streams that are shared', function () {
  this.timeout(30_000);
  const tabs: Tab[] = [];
  const open = async (url: string, origin?: string): Promise<Tab> => {
    const tab = await openTab(origin);
    tabs.push(tab);
    await tab.run(follow, url);
    return tab;
  };
  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.close();
  });

  it('are one request for the tabs of an origin, and another for another origin', async () => {
    const id = uniqueId();
    const url = `/streams/sse?id=${id}`;
    for (const origin of [env.app, env.app, env.shop, env.shop]) await open(url, origin);
    const origins = (await requestLog(id)).map(({ headers }) => headers['hadoken-origin']);
    expect(origins.sort()).to.deep.equal([env.app, env.shop].sort());
  });

  it('are another for another URL', async () => {
    const id = uniqueId();
    await open(`/streams/sse?id=${id}`);
    await open(`/streams/sse?id=${id}&other`);
    expect(await requestLog(id)).to.have.lengthOf(2);
  });

  it('go on for the other tabs when one closes it', async () => {
    const id = uniqueId();
    const url = `/streams/sse?id=${id}`;
    const one = await open(url);
    const two = await open(url);
    await one.run(async () => source.close());
    await until(async () => (await two.run(async () => source.readyState)) === 1);
    const three = await open(url);
    expect(await requestLog(id)).to.have.lengthOf(1);
    expect(await seenBy(three)).to.include('open');
  });

  it('are refused to a page that the rules refuse', async () => {
    const tab = await open('/streams/other');
    expect(await seenBy(tab)).to.deep.equal(['error']);
    expect(await tab.run(async () => source.readyState)).to.equal(2);
  });
});

describe('a host that serves twice', () => {
  it('shares by what the first has said', async () => {
    const path = `/streams/sse?id=${uniqueId()}`;
    // Two frames of one hub.
    const pages = ['', '?other'].map((query) => connect(frameUrl('hub-twice') + query));
    for (const hadoken of pages) {
      const source = new hadoken.EventSource(path);
      await new Promise((resolve) => source.addEventListener('open', resolve));
    }
    expect(await requestLog(path.split('=')[1] as string)).to.have.lengthOf(1);
    for (const hadoken of pages) hadoken.close();
  });
});

describe('a page whose hub can’t be had', function () {
  this.timeout(60_000);
  beforeEach(async () => void (await control('io/start')));

  const open = async (host: string) => {
    const hadoken = connect(frameUrl(host), { log: 'silent' });
    await hadoken.ready;
    const start = performance.now();
    const socket = hadoken.io();
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    const answer = await socket.emitWithAck('echo', 1);
    const source = new hadoken.EventSource('/streams/sse');
    await new Promise((resolve) => {
      source.onopen = resolve;
    });
    hadoken.close();
    return { answer, ms: performance.now() - start };
  };

  for (const host of ['hub-refused', 'hub-throws', 'hub-silent'])
    it(`has all by its own worker: ${host}`, async () => {
      expect((await open(host)).answer).to.equal(1);
      // A later page hears nothing of a hub that died as it started, and waits no longer than is said.
      const later = await open(host);
      expect(later.answer).to.equal(1);
      expect(later.ms).to.be.below(25_000);
    });

  it('connects anew with the rules that it has: a hub with others is another', async () => {
    const [one, other] = await Promise.all([open('hub'), open('hub-other')]);
    expect([one.answer, other.answer]).to.deep.equal([1, 1]);
    await until(() => true);
  });
});
