import { expect } from '@esm-bundle/chai';
import { parseUri } from '../../src/parent/uri.ts';

const BASE = 'https://push.example.com/hadoken/frame.html';

describe('parseUri', () => {
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
      expect(parseUri(uri, BASE)).to.deep.equal({ origin, nsp, query });
    });
});
