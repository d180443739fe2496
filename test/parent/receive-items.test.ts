/** A stream of a service, as the page reads it of a frame that sends what it likes. */
import { expect } from '@esm-bundle/chai';
import { createItems, type Items } from '../../src/parent/services/receive-items.ts';
import { rejection } from '../support/bare-host.ts';
import { until, wait } from '../support/env.ts';

type Fallen = {
  items: Items;
  frame: MessagePort;
  /** What the page has posted. */
  heard: { type: string; count?: number }[];
  lost: AbortController;
  ends: number[];
  /** How many messages have come to the page. */
  came(): number;
};

function open(): Fallen {
  const items = createItems();
  const { port1, port2 } = new MessageChannel();
  const heard: Fallen['heard'] = [];
  const ends: number[] = [];
  const lost = new AbortController();
  let came = 0;
  port1.addEventListener('message', () => {
    came += 1;
  });
  port2.onmessage = ({ data }) => heard.push(data);
  items.open({
    port: port1,
    lost: lost.signal,
    toError: (error) => error,
    onEnd: () => ends.push(1),
  });
  return { items, frame: port2, heard, lost, ends, came: () => came };
}

describe('a stream of a service, of a fallen frame', () => {
  it('keeps no more than it has asked for, however much comes', async () => {
    const { items, frame, heard, came } = open();
    for (let i = 0; i < 1_000; i++) frame.postMessage({ type: 'item', value: `unasked ${i}` });
    await wait(30);
    expect(heard, 'nobody reads').to.deep.equal([]);
    const first = items.iterator.next();
    await until(() => heard.length);
    expect(heard).to.deep.equal([{ type: 'pull', count: 8 }]);
    for (let i = 1_000; i < 2_000; i++) frame.postMessage({ type: 'item', value: i });
    await first;
    await until(() => came() === 2_000);
    frame.postMessage({ type: 'end' });
    await until(() => came() === 2_001);
    let rest = 0;
    for await (const _ of items.iterator) rest += 1;
    // What was sent before there was a reader is dropped or counted: 8 in all, not 2,000.
    expect(rest).to.equal(7);
  });

  it('stops at nothing that can’t be read', async () => {
    const { items, frame } = open();
    const first = items.iterator.next();
    const junk = [null, 1, 'item', [], {}, { type: 7 }, { type: 'then' }, { type: ['item'] }];
    for (const message of junk) frame.postMessage(message);
    frame.postMessage({ type: 'item', value: { next: 1 }, done: true });
    expect(await first).to.deep.equal({ done: false, value: { next: 1 } });
    const second = rejection(items.iterator.next());
    frame.postMessage({ type: 'error', error: 'no error' });
    expect(await second).to.be.instanceOf(Error);
  });

  it('ends once: what comes after the end, or after it is left, changes nothing', async () => {
    const { items, frame, heard, ends } = open();
    const first = items.iterator.next();
    await until(() => heard.length);
    frame.postMessage({ type: 'end' });
    for (const type of ['item', 'end', 'error']) frame.postMessage({ type, value: 1 });
    expect(await first).to.deep.equal({ done: true, value: undefined });
    await items.iterator.return?.();
    items.fail(new Error('too late'));
    expect((await items.iterator.next()).done).to.equal(true);
    expect(ends).to.deep.equal([1]);
    const left = open();
    await left.items.iterator.return?.();
    await left.items.iterator.return?.();
    left.lost.abort(new Error('too late'));
    await until(() => left.heard.length);
    await wait(20);
    expect(left.heard).to.deep.equal([{ type: 'cancel' }]);
    expect(left.ends).to.deep.equal([1]);
    expect((await left.items.iterator.next()).done).to.equal(true);
  });

  it('fails with what it is lost by, and tells the frame; what is unread is dropped', async () => {
    const { items, frame, heard, lost } = open();
    const first = items.iterator.next();
    await until(() => heard.length);
    for (let i = 0; i < 5; i++) frame.postMessage({ type: 'item', value: i });
    await first;
    await wait(20);
    const reason = new Error('lost');
    lost.abort(reason);
    expect(await rejection(items.iterator.next())).to.equal(reason);
    await until(() => heard.some(({ type }) => type === 'cancel'));
    await items.iterator.return?.();
  });
});
