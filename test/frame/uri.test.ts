import { expect } from '@esm-bundle/chai';
import { readUri } from '../../src/frame/push/server/server-uri.ts';

const BASE = 'https://push.example.com';

describe('readUri', () => {
  const cases: [uri: string, origin: string, query?: string][] = [
    ['', ''],
    ['/', ''],
    ['/chat', ''],
    ['/chat?room=1&b=c d', '', 'room=1&b=c d'],
    ['/größe', ''],
    ['/a/b#c', ''],
    ['https://api.example.com', 'https://api.example.com'],
    ['https://api.example.com:443/chat', 'https://api.example.com'],
    ['wss://api.example.com/chat?x=1', 'https://api.example.com', 'x=1'],
    ['ws://api.example.com:81', 'http://api.example.com:81'],
    ['//api.example.com/chat', 'https://api.example.com'],
    ['api.example.com:8443/chat', 'https://api.example.com:8443'],
  ];
  for (const [uri, origin, query] of cases)
    it(`takes '${uri}' for ${origin || 'the frame’s server'}`, () => {
      expect(readUri(uri, BASE)).to.deep.equal({ origin, query });
    });

  it('throws for a host that can’t be', () => {
    expect(() => readUri('https://[/', BASE)).to.throw(TypeError);
  });
});
