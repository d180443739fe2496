import { expect } from '@esm-bundle/chai';
import { both, next } from './both.ts';

const bytesOf = (buffer: ArrayBuffer): number[] => [...new Uint8Array(buffer)];

both('binary', ({ io }) => {
  it('sends an ArrayBuffer, and gets one back', async () => {
    const socket = io();
    const [info, back] = await new Promise<[object, ArrayBuffer]>((resolve) =>
      socket.emit('binary', new Uint8Array([1, 2, 3]).buffer, (...args: unknown[]) =>
        resolve(args as [object, ArrayBuffer]),
      ),
    );
    expect(info).to.deep.equal({ isBuffer: true, length: 3 });
    expect(back).to.be.instanceOf(ArrayBuffer);
    expect(bytesOf(back)).to.deep.equal([1, 2, 3]);
  });

  it('sends of a view only what it shows', async () => {
    const socket = io();
    const large = new Uint8Array(1_000).fill(9);
    large.set([1, 2, 3], 500);
    const view = large.subarray(500, 503);
    expect(
      await socket.emitWithAck('describe', view, new DataView(large.buffer, 501, 1)),
    ).to.deep.equal([{ bytes: [1, 2, 3] }, { bytes: [2] }]);
  });

  it('sends typed arrays of wider elements as their bytes', async () => {
    const socket = io();
    expect(await socket.emitWithAck('describe', new Uint16Array([1, 258]))).to.deep.equal([
      { bytes: [1, 0, 2, 1] },
    ]);
  });

  it('finds binary at any depth, beside JSON', async () => {
    const socket = io();
    const value = { a: [{ b: new Uint8Array([1]), c: 'text' }, new Uint8Array([2])], d: null };
    expect(await socket.emitWithAck('describe', value)).to.deep.equal([
      { a: [{ b: { bytes: [1] }, c: 'text' }, { bytes: [2] }], d: null },
    ]);
    const back = await socket.emitWithAck('echo', value);
    expect(bytesOf(back.a[0].b)).to.deep.equal([1]);
    expect(bytesOf(back.a[1])).to.deep.equal([2]);
    expect(back.a[0].c).to.equal('text');
  });

  it('finds binary in what toJSON returns', async () => {
    const socket = io();
    const value = { toJSON: () => ({ bytes: new Uint8Array([7]) }) };
    expect(await socket.emitWithAck('describe', value)).to.deep.equal([{ bytes: { bytes: [7] } }]);
  });

  it('leaves the caller’s buffers whole', async () => {
    const socket = io();
    await next(socket, 'connect');
    const bytes = new Uint8Array([1, 2, 3]);
    const answer = socket.emitWithAck('echo', bytes.buffer, bytes);
    expect(bytes.byteLength).to.equal(3);
    await answer;
    expect([...bytes]).to.deep.equal([1, 2, 3]);
  });

  it('sends one buffer that stands in two places twice', async () => {
    const socket = io();
    const bytes = new Uint8Array([5]);
    expect(await socket.emitWithAck('describe', bytes, { again: bytes })).to.deep.equal([
      { bytes: [5] },
      { again: { bytes: [5] } },
    ]);
  });

  it('sends a Blob', async () => {
    const socket = io();
    expect(await socket.emitWithAck('describe', new Blob(['ab']))).to.deep.equal([
      { bytes: [97, 98] },
    ]);
  });

  it('sends empty binary', async () => {
    const socket = io();
    expect(
      await socket.emitWithAck('describe', new ArrayBuffer(0), new Uint8Array()),
    ).to.deep.equal([{ bytes: [] }, { bytes: [] }]);
  });

  it('gets binary events in order among others', async () => {
    const socket = io();
    const seen: unknown[] = [];
    socket.on('x', (value) => seen.push(value instanceof ArrayBuffer ? bytesOf(value) : value));
    socket.emit('several', ['x', 1], ['x', new Uint8Array([2])], ['x', 3]);
    await socket.emitWithAck('echo');
    expect(seen).to.deep.equal([1, [2], 3]);
  });

  it('acknowledges to the server with binary', async () => {
    const socket = io();
    socket.on('question', (bytes, ack) => ack(new Uint8Array(bytes).map((byte) => byte * 2)));
    const { answer } = await socket.emitWithAck('ask', 'question', new Uint8Array([1, 2]));
    expect(bytesOf(answer[0])).to.deep.equal([2, 4]);
  });

  it('sends what waited with its binary', async () => {
    const socket = io('/', { autoConnect: false });
    const answer = socket.emitWithAck('describe', new Uint8Array([4, 5]));
    socket.connect();
    expect(await answer).to.deep.equal([{ bytes: [4, 5] }]);
  });

  it('carries a mebibyte each way', async () => {
    const socket = io();
    const bytes = new Uint8Array(1 << 20).map((_, i) => i % 251);
    const back = await socket.emitWithAck('echo', bytes);
    expect(back.byteLength).to.equal(1 << 20);
    expect(new Uint8Array(back)[1_000_000]).to.equal(1_000_000 % 251);
  });
});
