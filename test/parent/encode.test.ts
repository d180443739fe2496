import { expect } from '@esm-bundle/chai';
import { encode } from '../../src/parent/push/encode.ts';
import { readPacketData } from '../../src/rpc/wire/push-commands.ts';
import { EVENT } from '../../src/rpc/wire/push-packet.ts';

/** There and back, over a clone as a port makes it. */
function roundTrip(data: unknown): unknown {
  const { text, binary } = structuredClone(encode(data));
  return readPacketData(EVENT, text, binary);
}

describe('encode, and readPacketData on the other side', () => {
  it('carry what JSON carries', () => {
    const data = ['x', 1, null, true, { a: [{ b: 'c' }] }];
    expect(roundTrip(data)).to.deep.equal(data);
  });

  it('carry binary at any depth, and cut views', () => {
    const large = new Uint8Array(100).fill(1);
    const { binary } = encode(['x', large.subarray(0, 3), { deep: [large.buffer] }]);
    expect(binary.map((bytes) => (bytes as ArrayBuffer).byteLength)).to.deep.equal([3, 100]);
    const [, view, { deep }] = roundTrip(['x', large.subarray(0, 3), { deep: [large.buffer] }]) as [
      string,
      ArrayBuffer,
      { deep: [ArrayBuffer] },
    ];
    expect(view.byteLength).to.equal(3);
    expect(deep[0].byteLength).to.equal(100);
  });

  it('carry a view that has a toJSON, as the Buffers of Node and of bundlers have, as binary', () => {
    const view = Object.assign(new Uint8Array([1, 2]), { toJSON: () => 'no' });
    const buffer = Object.assign(new ArrayBuffer(3), { toJSON: () => 'no' });
    const { binary } = encode(['x', view, { deep: [buffer] }, { toJSON: () => [view] }]);
    expect(binary.map((bytes) => (bytes as ArrayBuffer).byteLength)).to.deep.equal([2, 3, 2]);
  });

  it('leave what only looks like a placeholder as it is, without binary', () => {
    const data = ['x', { _placeholder: true, num: 0 }];
    expect(roundTrip(data)).to.deep.equal(data);
  });

  it('keep __proto__ an own key', () => {
    const [, value] = roundTrip(['x', JSON.parse('{"__proto__":{"a":1}}')]) as [string, object];
    expect(Object.keys(value)).to.deep.equal(['__proto__']);
  });
});
