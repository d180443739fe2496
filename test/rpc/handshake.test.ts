import { expect } from '@esm-bundle/chai';
import { negotiate, readAnswer, readGateMessage, readOffer } from '../../src/rpc/handshake.ts';

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

describe('readGateMessage', () => {
  it('takes what carries the nonce', () => {
    const hello = { hadoken: 'HELLO', nonce: 'n', versions: [1, 1] };
    expect(readGateMessage(hello, 'n')).to.equal(hello);
  });
  it('drops everything else', () => {
    for (const data of [undefined, null, 0, 'n', [], {}, { hadoken: 'HELLO', nonce: 'm' }, { nonce: ['n'] }])
      expect(readGateMessage(data, 'n')).to.equal(undefined);
  });
});

describe('readAnswer', () => {
  it('takes ACCEPT and REFUSE', () => {
    for (const hadoken of ['ACCEPT', 'REFUSE']) expect(readAnswer({ hadoken })).to.deep.equal({ hadoken });
  });
  it('drops everything else', () => {
    for (const data of [undefined, null, 1, 'ACCEPT', {}, { hadoken: 'accept' }, { hadoken: ['ACCEPT'] }])
      expect(readAnswer(data)).to.equal(undefined);
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
