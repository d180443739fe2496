import { expect } from '@esm-bundle/chai';
import { BodyReceiver, BodySender, ownBuffer, WINDOW } from '../../src/ajax/body.ts';
import type { FetchMessage } from '../../src/rpc/contract.ts';
import { until } from '../support/env.ts';

const CHUNK = 262_144;

/** A sender and a receiver with a real port between them, and what went over it. */
function pair(chunks: Iterator<Uint8Array>) {
  const { port1, port2 } = new MessageChannel();
  const state = { read: 0, sent: 0, cancelled: undefined as unknown, ends: [] as unknown[] };
  const receiver = new BodyReceiver(
    (message) => port2.postMessage(message),
    (reason) => state.ends.push(reason),
  );
  const sender = new BodySender(
    {
      async read() {
        const next = chunks.next();
        if (next.done) return { done: true, value: undefined };
        state.read += next.value.byteLength;
        return { done: false, value: next.value };
      },
      async cancel(reason) {
        state.cancelled = reason ?? 'cancelled';
      },
    },
    (message, transfer = []) => {
      state.sent += message.type === 'chunk' ? message.bytes.byteLength : 0;
      port1.postMessage(message, transfer);
    },
  );
  port1.onmessage = ({ data }: MessageEvent<FetchMessage>) => {
    if (data.type === 'credit') sender.credit(data.bytes);
    else if (data.type === 'cancel') sender.cancel();
  };
  port2.onmessage = ({ data }: MessageEvent<FetchMessage>) => receiver.handle(data);
  return { state, receiver, sender };
}

function* repeat(times: number): Generator<Uint8Array> {
  for (let i = 0; i < times; i++) yield new Uint8Array(CHUNK).fill(i % 251);
}

/** Nothing has moved for a while. */
async function settled(state: { read: number }): Promise<void> {
  let last = -1;
  await until(async () => {
    if (state.read === last) return true;
    last = state.read;
    await new Promise((resolve) => setTimeout(resolve, 100));
    return false;
  });
}

describe('a body in chunks', () => {
  it('arrives whole and in order', async () => {
    const { receiver, state } = pair(repeat(40));
    const bytes = new Uint8Array(await new Response(receiver.stream).arrayBuffer());
    expect(bytes.byteLength).to.equal(40 * CHUNK);
    for (let i = 0; i < 40; i++) expect(bytes[i * CHUNK]).to.equal(i);
    expect(state.ends).to.deep.equal([undefined]);
  });

  it('stops within a window while nobody reads, and goes on when somebody does', async () => {
    const { receiver, state } = pair(repeat(1_000));
    await settled(state);
    expect(state.read)
      .to.be.at.most(WINDOW + CHUNK)
      .and.at.least(WINDOW / 2);
    const reader = receiver.stream.getReader();
    for (let i = 0; i < 2 * (WINDOW / CHUNK); i++) await reader.read();
    await settled(state);
    expect(state.read)
      .to.be.at.most(3 * WINDOW + CHUNK)
      .and.at.least(2.5 * WINDOW);
  });

  it('tells its source when it is cancelled', async () => {
    const { receiver, sender, state } = pair(repeat(1_000));
    const reader = receiver.stream.getReader();
    await reader.read();
    await reader.cancel();
    await sender.done;
    expect(state.cancelled).to.equal('cancelled');
    expect(state.read).to.be.below(3 * WINDOW);
  });

  it('fails as its source does', async () => {
    const chunks = (function* (): Generator<Uint8Array> {
      yield new Uint8Array(3);
      throw new RangeError('broken');
    })();
    const reader = pair(chunks).receiver.stream.getReader();
    expect((await reader.read()).value?.byteLength).to.equal(3);
    const error = await reader.read().catch((thrown) => thrown);
    expect(error).to.be.instanceOf(RangeError).with.property('message', 'broken');
  });

  it('takes Uint8Arrays only, as the platform does', async () => {
    const chunks = ['text' as unknown as Uint8Array][Symbol.iterator]();
    const { receiver, state } = pair(chunks);
    const error = await receiver.stream
      .getReader()
      .read()
      .catch((thrown) => thrown);
    expect(error).to.be.instanceOf(TypeError);
    expect(state.cancelled).to.be.instanceOf(TypeError);
  });

  it('says whether a reader may be waiting', async () => {
    const heard: boolean[] = [];
    const receiver = new BodyReceiver(
      () => {},
      () => {},
      undefined,
      (waiting) => heard.push(waiting),
    );
    await until(() => heard.at(-1) === true);
    receiver.handle({ type: 'chunk', bytes: new ArrayBuffer(3) });
    expect(heard.at(-1)).to.equal(false);
    await receiver.stream.getReader().read();
    await until(() => heard.at(-1) === true);
  });

  it('drops what comes after its end', async () => {
    const receiver = new BodyReceiver(
      () => {},
      () => {},
    );
    receiver.handle({ type: 'end' });
    receiver.handle({ type: 'chunk', bytes: new ArrayBuffer(3) });
    receiver.handle({ type: 'error', error: { name: 'Error', message: 'late' } });
    expect((await new Response(receiver.stream).arrayBuffer()).byteLength).to.equal(0);
  });
});

describe('ownBuffer', () => {
  it('copies what is a part, or not ours', () => {
    const view = new Uint8Array(10);
    expect(ownBuffer(view, true)).to.equal(view.buffer);
    expect(ownBuffer(view)).to.not.equal(view.buffer);
    const part = ownBuffer(view.subarray(2, 5), true);
    expect(part).to.have.property('byteLength', 3);
    expect(part).to.not.equal(view.buffer);
  });
});
