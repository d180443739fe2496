import { expect } from '@esm-bundle/chai';
import { BodySender, createBody, ownBuffer, WINDOW } from '../../src/ajax/body.ts';
import { fromWireError } from '../../src/rpc/errors.ts';
import type { FetchCommand, FetchMessage } from '../../src/rpc/wire/fetch.ts';
import { until } from '../support/env.ts';

const CHUNK = 262_144;

/** A sender and a body with a real port between them, and what went over it. */
function pair(chunks: Iterator<Uint8Array>, first: ArrayBuffer | null = null) {
  const { port1, port2 } = new MessageChannel();
  const state = { read: 0, cancelled: undefined as unknown, ended: false };
  let loaded = 0;
  const post = (command: FetchCommand): void => port2.postMessage(command);
  const { stream, controller } = createBody(
    first,
    () => post({ type: 'taken', loaded }),
    () => {
      post({ type: 'abort' });
      port2.onmessage = null;
    },
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
    (message, transfer = []) => port1.postMessage(message, transfer),
    { loaded, total: undefined },
  );
  port1.onmessage = ({ data }: MessageEvent<FetchCommand>) => {
    if (data.type === 'taken') sender.taken(data.loaded);
    else sender.cancel();
  };
  port2.onmessage = ({ data }: MessageEvent<FetchMessage>) => {
    if (data.type === 'chunk') {
      loaded = data.progress?.loaded ?? 0;
      controller.enqueue(new Uint8Array(data.bytes));
    } else if (data.type === 'error') controller.error(fromWireError(data.error));
    else {
      state.ended = true;
      controller.close();
    }
  };
  return { state, stream, sender };
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
    const { stream, state } = pair(repeat(40));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    expect(bytes.byteLength).to.equal(40 * CHUNK);
    for (let i = 0; i < 40; i++) expect(bytes[i * CHUNK]).to.equal(i);
    expect(state.ended).to.equal(true);
  });

  it('does not move before the page has the head', async () => {
    let read = 0;
    const source = {
      async read() {
        read += 1;
        return { done: true as const, value: undefined };
      },
      async cancel() {},
    };
    const sender = new BodySender(source, () => {}, { loaded: 3, total: undefined });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(read).to.equal(0);
    sender.taken(0);
    await sender.done;
    expect(read).to.equal(1);
  });

  it('stops within a window while nobody reads, and goes on when somebody does', async () => {
    const { stream, sender, state } = pair(repeat(1_000));
    sender.taken(0);
    await settled(state);
    expect(state.read).to.equal(WINDOW);
    const reader = stream.getReader();
    for (let i = 0; i < 2 * (WINDOW / CHUNK); i++) await reader.read();
    await settled(state);
    expect(state.read)
      .to.be.at.most(3 * WINDOW)
      .and.at.least(2 * WINDOW);
  });

  it('begins with what came with the head', async () => {
    const { stream } = pair(repeat(1), new Uint8Array([7, 8]).buffer);
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    expect([bytes.byteLength, ...bytes.subarray(0, 3)]).to.deep.equal([CHUNK + 2, 7, 8, 0]);
  });

  it('never has an empty chunk, which a stream of bytes does not take', async () => {
    const { stream } = pair(
      [new Uint8Array(), new Uint8Array(2), new Uint8Array()][Symbol.iterator](),
    );
    expect((await new Response(stream).arrayBuffer()).byteLength).to.equal(2);
  });

  it('tells its source when it is cancelled', async () => {
    const { stream, sender, state } = pair(repeat(1_000));
    const reader = stream.getReader();
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
    const reader = pair(chunks).stream.getReader();
    expect((await reader.read()).value?.byteLength).to.equal(3);
    const error = await reader.read().catch((thrown) => thrown);
    expect(error).to.be.instanceOf(RangeError).with.property('message', 'broken');
  });

  it('takes Uint8Arrays only, as the platform does', async () => {
    const chunks = ['text' as unknown as Uint8Array][Symbol.iterator]();
    const { stream, state } = pair(chunks);
    const error = await stream
      .getReader()
      .read()
      .catch((thrown) => thrown);
    expect(error).to.be.instanceOf(TypeError);
    expect(state.cancelled).to.be.instanceOf(TypeError);
  });

  it('says when a reader waits, and not before', async () => {
    let pulls = 0;
    const { stream, controller } = createBody(
      new ArrayBuffer(3),
      () => {
        pulls += 1;
      },
      () => {},
    );
    const reader = stream.getReader();
    await reader.read();
    const next = reader.read();
    await until(() => pulls === 1);
    controller.enqueue(new Uint8Array(2));
    expect((await next).value).to.have.length(2);
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
