import { expect } from '@esm-bundle/chai';
import { readTarget } from '../../src/parent/push/target.ts';

describe('readTarget', () => {
  const cases: [uri: string, server: string, nsp: string][] = [
    ['', '', '/'],
    ['/', '', '/'],
    ['/chat', '', '/chat'],
    ['/chat?room=1&b=c d', '', '/chat'],
    ['/größe', '', '/größe'],
    ['/a/b#c', '', '/a/b'],
    ['/a//b', '', '/a//b'],
    ['https://api.example.com', 'https://api.example.com', '/'],
    ['wss://api.example.com/chat?x=1', 'wss://api.example.com', '/chat'],
    ['//api.example.com/chat', '//api.example.com', '/chat'],
    ['api.example.com:8443/chat', 'api.example.com:8443', '/chat'],
  ];
  for (const [uri, server, nsp] of cases)
    it(`takes '${uri}' for ${server || 'the frame’s server'} and ${nsp}`, () => {
      expect(readTarget(uri)).to.deep.equal({ uri, server, nsp, opts: {} });
    });

  it('takes options alone, or none', () => {
    const opts = { forceNew: true };
    expect(readTarget(opts).opts).to.equal(opts);
    expect(readTarget(undefined, opts).opts).to.equal(opts);
    expect(readTarget()).to.deep.equal({ uri: '', server: '', nsp: '/', opts: {} });
  });
});
