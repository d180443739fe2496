import { expect } from '@esm-bundle/chai';
import { readTarget } from '../../src/parent/uri.ts';

const BASE = 'https://push.example.com';

describe('readTarget', () => {
  const cases: [uri: string, origin: string, nsp: string, query?: Record<string, string>][] = [
    ['', '', '/'],
    ['/', '', '/'],
    ['/chat', '', '/chat'],
    ['/chat?room=1&b=c d', '', '/chat', { room: '1', b: 'c d' }],
    ['/größe', '', '/größe'],
    ['/a/b#c', '', '/a/b'],
    ['https://api.example.com', 'https://api.example.com', '/'],
    ['https://api.example.com:443/chat', 'https://api.example.com', '/chat'],
    ['wss://api.example.com/chat?x=1', 'https://api.example.com', '/chat', { x: '1' }],
    ['ws://api.example.com:81', 'http://api.example.com:81', '/'],
    ['//api.example.com/chat', 'https://api.example.com', '/chat'],
    ['api.example.com:8443/chat', 'https://api.example.com:8443', '/chat'],
  ];
  for (const [uri, origin, nsp, query] of cases)
    it(`takes '${uri}' for ${origin || 'the frame’s server'} and ${nsp}`, () => {
      expect(readTarget(BASE, uri)).to.deep.equal({ origin, nsp, opts: query ? { query } : {} });
    });

  it('takes options alone, or none', () => {
    const opts = { forceNew: true };
    expect(readTarget(BASE, opts).opts).to.equal(opts);
    expect(readTarget(BASE, undefined, opts).opts).to.equal(opts);
    expect(readTarget(BASE)).to.deep.equal({ origin: '', nsp: '/', opts: {} });
  });

  it('keeps the query of the options where the uri has none', () => {
    expect(readTarget(BASE, '/chat', { query: { a: 1 } }).opts.query).to.deep.equal({ a: 1 });
  });
});
