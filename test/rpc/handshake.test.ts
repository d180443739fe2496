import { expect } from '@esm-bundle/chai';
import { negotiate, readFrameWord, readOffer } from '../../src/rpc/handshake.ts';

describe('readOffer', () => {
  const offer = { hadoken: 'OFFER', nonce: 'n', versions: [1, 2] };
  it('takes an OFFER, and nothing of it but what it names', () => {
    expect(readOffer({ ...offer, origin: 'https://app.example.com' }, 'n')).to.deep.equal(offer);
  });
  for (const [what, data] of [
    ['nothing', undefined],
    ['null', null],
    ['text', 'OFFER'],
    ['an array', ['OFFER']],
    ['another tag', { ...offer, hadoken: 'HELLO' }],
    ['another nonce', { ...offer, nonce: 'm' }],
    ['a nonce in an array', { ...offer, nonce: ['n'] }],
    ['no versions', { ...offer, versions: undefined }],
    ['one version', { ...offer, versions: [1] }],
    ['three versions', { ...offer, versions: [1, 2, 3] }],
    ['versions in the wrong order', { ...offer, versions: [2, 1] }],
    ['versions that are text', { ...offer, versions: ['1', '2'] }],
    ['versions that are no integers', { ...offer, versions: [1, 1.5] }],
    ['versions without end', { ...offer, versions: [1, Infinity] }],
  ] as const) {
    it(`drops ${what}`, () => {
      expect(readOffer(data, 'n')).to.equal(undefined);
    });
  }
});

describe('readFrameWord', () => {
  it('takes what it names, each of its type, and nothing else', () => {
    const word = {
      hadoken: 'REFUSE',
      nonce: 'n',
      code: 'HOST_FAILED',
      message: 'why',
      config: { a: [1] },
    };
    expect(readFrameWord({ ...word, versions: [1, 1], toString: 'x', valueOf: 1 })).to.deep.equal(
      word,
    );
  });
  it('takes a config of any shape', () => {
    for (const config of [0, '', false, null, [], {}])
      expect(readFrameWord({ hadoken: 'ACCEPT', config })).to.deep.equal({
        hadoken: 'ACCEPT',
        config,
      });
  });
  for (const wrong of [1, null, {}, [], ['HELLO'], { toString: 1, valueOf: 1 }, true, 1n]) {
    it(`drops fields that are ${typeof wrong} ${Object.keys(Object(wrong))}`, () => {
      const word = { hadoken: wrong, nonce: wrong, code: wrong, message: wrong };
      // Names alone are compared: the runner can't report a BigInt.
      expect(Object.keys(readFrameWord(word))).to.deep.equal([]);
    });
  }
  it('finds nothing in what is no message', () => {
    for (const data of [
      undefined,
      null,
      0,
      'HELLO',
      [],
      new Map([['hadoken', 'HELLO']]),
      new Date(),
    ])
      expect(readFrameWord(data)).to.deep.equal({});
  });
});

describe('negotiate', () => {
  it('finds the highest version that both speak', () => {
    expect(negotiate([1, 3], [2, 5])).to.equal(3);
    expect(negotiate([2, 5], [1, 3])).to.equal(3);
    expect(negotiate([1, 1], [1, 1])).to.equal(1);
    expect(negotiate([1, 2], [2, 2])).to.equal(2);
  });
  it('finds none where there is none', () => {
    expect(negotiate([1, 1], [2, 3])).to.equal(undefined);
    expect(negotiate([4, 5], [2, 3])).to.equal(undefined);
  });
});
