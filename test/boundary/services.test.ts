/** Services over a real frame: streams that are left or lost, signals, and services of some pages only. */
import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken } from '../../src/parent/index.ts';
import { callByHand, shakeByHand } from '../support/attacker.ts';
import { rejection } from '../support/bare-host.ts';
import { env, frameUrl, uniqueId, until } from '../support/env.ts';
import { openTab, type TabState } from '../support/tabs.ts';

type Streams = {
  count(to: number, name: string): AsyncIterable<number>;
  bytes(size: number): ReadableStream<Uint8Array>;
  ended(): string[];
  until(signal: AbortSignal): [string, string];
};

const open: Hadoken[] = [];
const start = (): Hadoken => {
  const hadoken = connect(frameUrl('services'), { log: 'silent', reconnectionDelay: 20 });
  open.push(hadoken);
  return hadoken;
};
afterEach(() => {
  for (const hadoken of open.splice(0)) hadoken.close();
});

describe('a stream of a service, over a real frame', () => {
  it('is read item by item, and ends in the frame when the loop is left', async () => {
    const streams = start().service<Streams>('streams');
    const name = uniqueId();
    const items = [];
    for await (const item of streams.count(1_000, name)) {
      items.push(item);
      if (item === 30) break;
    }
    expect(items).to.deep.equal(Array.from({ length: 30 }, (_, i) => i + 1));
    await until(async () => (await streams.ended()).includes(name));
    let size = 0;
    for await (const chunk of streams.bytes(1_000_000)) {
      size += chunk.byteLength;
      if (size >= 20_000_000) break;
    }
    expect(size).to.equal(20_000_000);
  });

  it('fails with FRAME_LOST when the frame is lost, and the next frame gives another', async () => {
    const hadoken = start();
    const streams = hadoken.service<Streams>('streams');
    const items = await streams.count(2, 'lost');
    await items.next();
    await items.next();
    const waiting = rejection(items.next());
    for (const frame of hiddenFrames()) frame.remove();
    expect(await waiting).to.include({ code: 'FRAME_LOST' });
    expect(await rejection(items.next()), 'and so does each read').to.include({
      code: 'FRAME_LOST',
    });
    for await (const item of streams.count(2, 'next')) {
      expect(item).to.equal(1);
      break;
    }
  });

  it('ends in the frame with close() of its handle, and those of other handles go on', async () => {
    const [one, two] = [start(), start()];
    const name = uniqueId();
    const items = await one.service<Streams>('streams').count(2, name);
    const others = await two.service<Streams>('streams').count(20, `other ${name}`);
    await items.next();
    await others.next();
    one.close();
    expect(await rejection(items.next())).to.include({ code: 'CLOSED' });
    await until(async () => (await two.service<Streams>('streams').ended()).includes(name));
    expect((await others.next()).value).to.equal(2);
    expect(await two.service<Streams>('streams').ended()).not.to.include(`other ${name}`);
  });

  it('is a port of its own: what a page posts there is read, and reaches nothing else', async () => {
    const { frame, port } = await shakeByHand(frameUrl('services'));
    const argumentList = ['streams', 'count', [50, 'by hand']].map((value) => ({
      type: 'RAW',
      value,
    }));
    const answer = (await callByHand(port, { type: 'APPLY', path: ['call'], argumentList })) as {
      value: { items: MessagePort };
    };
    const { items } = answer.value;
    const got: { type: string; value: unknown }[] = [];
    items.onmessage = ({ data }) => got.push(data);
    for (const message of [
      { id: '9', type: 'APPLY', path: ['call'], argumentList },
      { id: '9', type: 'GET', path: ['constructor'] },
      { type: 'throw' },
      { type: 'next' },
      { type: 'pull', count: 3 },
    ])
      items.postMessage(message);
    await until(() => got.length >= 3);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(got).to.deep.equal([1, 2, 3].map((value) => ({ type: 'item', value })));
    frame.remove();
  });
});

describe('an AbortSignal for a service, over a real frame', () => {
  it('aborts there, with its reason', async () => {
    const streams = start().service<Streams>('streams');
    const control = new AbortController();
    const waiting = streams.until(control.signal);
    setTimeout(() => control.abort(), 50);
    expect(await waiting).to.deep.equal(['AbortError', env.app]);
    expect(await streams.until(AbortSignal.timeout(20))).to.deep.equal(['TimeoutError', env.app]);
  });
});

describe('a service with origins, over a real frame', () => {
  it('is for its pages, and refuses others', async () => {
    const shop = await openTab(env.shop, 'services');
    const who = await shop.run(async ({ hadoken }: TabState) =>
      hadoken.service<{ who(): string }>('shop').who(),
    );
    expect(who).to.equal(env.shop);
    shop.close();
    const error = await rejection(start().service<{ who(): string }>('shop').who());
    expect(error).to.include({ code: 'POLICY_REFUSED' });
    expect(error.message).to.include(env.app);
  });
});
