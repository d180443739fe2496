import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fromText, toText } from '../src/codec.js';

describe('what an entry carries', () => {
  it('is JSON, and MessagePack where there are buffers inside', () => {
    for (const value of [
      null,
      5,
      'x',
      [1, [null]],
      { a: { b: true } },
      [Buffer.from([1]), { c: 2 }],
    ])
      assert.deepEqual(fromText(toText(value)), value);
  });

  it('is without a key named __proto__ where MessagePack would not decode it', () => {
    const sent = JSON.parse('{"a":[{"__proto__":{"x":1},"b":2}]}');
    sent.bytes = Buffer.from([1]);
    const got = fromText(toText(sent));
    assert.deepEqual(got, { a: [{ b: 2 }], bytes: Buffer.from([1]) });
    assert.equal(got.a[0].x, undefined);
  });

  it('throws for what there is no text for', () => {
    const circular = {};
    circular.self = circular;
    for (const value of [undefined, () => {}, circular, 5n]) assert.throws(() => toText(value));
  });
});
