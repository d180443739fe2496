import { expect } from '@esm-bundle/chai';
import fc from 'fast-check';
import { isAllowedOrigin, parseOriginPattern, parseOrigins } from '../../src/rpc/origins.ts';
import { env } from '../support/env.ts';

const allows = (entry: string, origin: string): boolean =>
  isAllowedOrigin(origin, parseOrigins([entry]));

describe('an entry of origins', () => {
  const pairs: [entry: string, allowed: string[], refused: string[]][] = [
    [
      'https://app.example.com',
      ['https://app.example.com'],
      [
        'http://app.example.com',
        'https://app.example.com:8443',
        'https://app.example.com.',
        'https://app.example.com.evil.example',
        'https://evil-app.example.com',
        'https://evil.app.example.com',
        'https://example.com',
        'https://app.example.community',
        'https://app.example.com@evil.example',
        'https://user@app.example.com',
        'https://evil.example/https://app.example.com',
        'https://evil.example#https://app.example.com',
        'https://evil.example?https://app.example.com',
        'https://app.example.com/',
        'https://app.example.com/path',
        'https://APP.example.com',
        ' https://app.example.com',
        'https://app.example.com\n',
        'https:app.example.com',
        'https:\\\\app.example.com',
        'https://аpp.example.com',
        'https://xn--pp-fka.example.com',
        'wss://app.example.com',
        'ftp://app.example.com',
        'file://app.example.com',
        'blob:https://app.example.com',
        'chrome-extension://app.example.com',
        'null',
        'undefined',
        '',
        '*',
        '://',
      ],
    ],
    [
      'https://*.example.com',
      ['https://app.example.com', 'https://a-b.example.com', 'https://xn--pp-fka.example.com'],
      [
        'https://example.com',
        'https://a.b.example.com',
        'https://.example.com',
        'https://evilexample.com',
        'https://app.example.com.evil.example',
        'https://app.example.com:444',
        'http://app.example.com',
        'https://*.example.com.evil.example',
        'null',
      ],
    ],
    [
      'http://*.localhost.test:8080',
      ['http://a.localhost.test:8080'],
      ['http://a.localhost.test', 'http://localhost.test:8080'],
    ],
    [
      'http://localhost:3000',
      ['http://localhost:3000'],
      ['http://localhost', 'http://localhost:30000', 'http://127.0.0.1:3000'],
    ],
    ['http://[::1]:3000', ['http://[::1]:3000'], ['http://[::2]:3000', 'http://::1:3000']],
    ['https://APP.Example.com:443', ['https://app.example.com'], ['https://app.example.com:443']],
    [
      'https://münchen.example',
      ['https://xn--mnchen-3ya.example'],
      ['https://münchen.example', 'https://munchen.example'],
    ],
  ];
  for (const [entry, allowed, refused] of pairs) {
    for (const origin of allowed) {
      it(`${entry} allows ${origin}`, () => {
        expect(allows(entry, origin)).to.equal(true);
      });
    }
    for (const origin of refused) {
      it(`${entry} refuses ${JSON.stringify(origin)}`, () => {
        expect(allows(entry, origin)).to.equal(false);
      });
    }
  }

  const unreadable = [
    '*',
    'null',
    '',
    'app.example.com',
    '//app.example.com',
    'https:app.example.com',
    'https:/app.example.com',
    'https://',
    'https://*',
    'https://*.com',
    'https://*.localhost',
    'https://*.com.',
    'https://*.localhost.',
    'https://*.com%2e',
    'https://*.com\u3002',
    'https://a.b:///path',
    'https://a.b://c.d',
    'https://a.b:',
    'https://a%2eb',
    'https://*.*.example.com',
    'https://a*.example.com',
    'https://app.*.example.com',
    'https://*.1.2.3',
    'https://*.[::1]',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://app.example.com\\',
    'https://app.example.com?',
    'https://app.example.com#',
    'https://user@app.example.com',
    'https://@app.example.com',
    'https://app.example.com ',
    'https://app.example.com\n',
    'https://app.example.com:99999',
    'ftp://app.example.com',
    'file:///',
    'data:text/html,x',
    42,
    null,
    undefined,
    {},
    ['https://app.example.com'],
    /.*/,
  ];
  for (const entry of unreadable) {
    it(`can't be ${typeof entry === 'string' ? JSON.stringify(entry) : String(entry)}`, () => {
      expect(() => parseOriginPattern(entry, 'serve(): origins'))
        .to.throw(TypeError, /serve\(\): origins/)
        .with.property('code', 'INVALID_ARGUMENT');
    });
  }

  it('is needed: origins that name nobody are none', () => {
    expect(() => parseOrigins(undefined)).to.throw(TypeError, /origins is missing. List the pages/);
    for (const origins of [null, [], 'https://app.example.com', {}])
      expect(() => parseOrigins(origins)).to.throw(
        TypeError,
        /origins is no list, or an empty one/,
      );
  });

  it(`allows no other origin, whatever it is (seed ${env.seed})`, () => {
    const patterns = parseOrigins(['https://app.example.com', 'https://*.shop.example.com']);
    fc.assert(
      fc.property(
        fc.oneof(
          fc.webUrl(),
          fc.string(),
          fc.domain().map((host) => `https://${host}`),
        ),
        (origin) => {
          expect(isAllowedOrigin(origin, patterns)).to.equal(false);
        },
      ),
      { numRuns: 3_000, seed: env.seed },
    );
  });
});
