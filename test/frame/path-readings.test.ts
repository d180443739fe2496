import { expect } from '@esm-bundle/chai';
import { pathReadings } from '../../src/frame/rules/path-readings.ts';
import { createPolicy, type Policy } from '../../src/frame/rules/policy.ts';
import { env } from '../support/env.ts';

const FRAME = 'https://api.example.com';
const ORIGIN = 'https://app.example.com';

const policies = new Map<string, Policy>();

/** Whether a page gets through to `path` where host.js has `rules` for paths. */
function isAllowed(rules: string[], path: string): boolean {
  const key = rules.join(' ');
  const policy = policies.get(key) ?? createPolicy(rules.map(toRule), FRAME);
  policies.set(key, policy);
  try {
    policy({ url: FRAME + path, method: 'GET', headers: [], origin: ORIGIN });
    return true;
  } catch {
    return false;
  }
}
const toRule = (path: string): { path: string } => ({ path });

/** Attacks on a rule for `/v1/*`, by what the server would have to do. */
const hidden: Record<string, string[]> = {
  'dots that lead out': ['/v1/../secret', '/v1/a/../../secret', '/v1/./../secret'],
  'encoded dots': ['/v1/%2e%2e/secret', '/v1/.%2E/secret', '/v1/%2e./secret'],
  'dots encoded twice': ['/v1/%252e%252e/secret', '/v1/%25252e./secret', '/v1/%%32%65./secret'],
  'encoded slashes before dots': [
    '/v1/..%2fsecret',
    '/v1/a%2f..%2f..%2fsecret',
    '/v1/..%252fsecret',
  ],
  backslashes: ['/v1\\..\\secret', '/v1/..%5csecret', '/v1/..%255csecret'],
  'dots with parameters': [
    '/v1/..;/secret',
    '/v1/..;a=b/secret',
    '/v1/..%3b/secret',
    '/v1/;/..;/secret',
  ],
  'dots with blanks': [
    '/v1/..%20/secret',
    '/v1/%20../secret',
    '/v1/..+/secret',
    '/v1/..%c2%a0/secret',
  ],
  'blanks beyond ASCII': [
    '/v1/..%e3%80%80/secret',
    '/v1/%e2%80%83../secret',
    '/v1/..%u00a0/secret',
  ],
  'the blank that NFKC leaves alone': [
    '/v1/..%e1%9a%80/secret',
    '/v1/\u1680../secret',
    '/v1/..%u1680/x',
  ],
  'more dots': ['/v1/.../secret', '/v1/..%2e/secret', '/v1/%e2%80%a6/secret'],
  'dots before a cut': ['/v1/..%3f/secret', '/v1/..%23x', '/v1/..%253fx', '/v1/..%ef%bc%9fx'],
  'Unicode escapes': ['/v1/%u002e%u002e/secret', '/v1/%U002E./secret', '/v1/..%u002fsecret'],
  'Unicode escapes, encoded': [
    '/v1/%25u002e./secret',
    '/v1/%u0025u002e./secret',
    '/v1/%u00252e./x',
  ],
  'Unicode escapes of look-alikes': [
    '/v1/%uff0e%uff0e/secret',
    '/v1/..%u2215secret',
    '/v1/..%uff3cx',
  ],
  'overlong dots': ['/v1/%c0%ae%c0%ae/secret', '/v1/%e0%80%ae./secret', '/v1/%f0%80%80%ae./secret'],
  'overlong dots as UTF-8 once had them': ['/v1/%f8%80%80%80%ae./x', '/v1/%fc%80%80%80%80%ae./x'],
  'overlong slashes': ['/v1/..%c0%afsecret', '/v1/..%e0%80%afsecret', '/v1/..%f0%80%80%afsecret'],
  'overlong backslashes': [
    '/v1/..%c1%9csecret',
    '/v1/..%c1%1csecret',
    '/v1/..%e0%81%9csecret',
    '/v1/..%c1%dcx',
  ],
  'overlong percent signs': ['/v1/%c0%a52e./secret', '/v1/%e0%80%a52e./secret', '/v1/..%c0%a52fx'],
  'overlong look-alikes': [
    '/v1/%f0%8f%bc%8e./secret',
    '/v1/..%f0%8f%bc%8fx',
    '/v1/%f0%8f%bc%852e./x',
  ],
  'overlong sequences with other tails': [
    '/v1/..%c0%2fsecret',
    '/v1/%c0%2e./secret',
    '/v1/..%c0%efx',
    '/v1/%e0%80%2e./x',
    '/v1/%e9%c0%ae./x',
    '/v1/%f0%c0%ae%c0%ae/secret',
  ],
  'overlong sequences with plain tails': [
    '/v1/%c0n%c0n/secret',
    '/v1/%c0%6e%c0n/secret',
    '/v1/..%c0osecret',
    '/v1/%c0e2e./secret',
    '/v1/%e0@n./secret',
  ],
  'overlong, encoded': ['/v1/%25c0%25ae./secret', '/v1/%c0%25ae./secret', '/v1/%25c%30%25a%65./x'],
  'fullwidth forms': ['/v1/．．/secret', '/v1/..／secret', '/v1/..＼secret', '/v1/．%2e/secret'],
  'fullwidth percent signs': ['/v1/％2e％2e/secret', '/v1/..％２ｆsecret', '/v1/﹪2e./secret'],
  'fullwidth marks': ['/v1/..；/secret', '/v1/..＃x', '/v1/..？x', '/v1/..\u037e/secret'],
  'leaders and other dots': [
    '/v1/\u2024\u2024/secret',
    '/v1/\u2025/secret',
    '/v1/\ufe52\ufe52/secret',
  ],
  'full stops of other scripts': ['/v1/。。/secret', '/v1/｡｡/secret'],
  'slashes of mathematics': ['/v1/..\u2215secret', '/v1/..\u2044secret', '/v1/..\u2216secret'],
  'currencies that are backslashes': ['/v1/..¥secret', '/v1/..₩secret'],
  'characters that are ignored': [
    '/v1/.\u200b./secret',
    '/v1/.\u00ad./x',
    '/v1/.\ufeff./x',
    '/v1/.\u2060./x',
  ],
  'more characters that are ignored': [
    '/v1/.\u200d./x',
    '/v1/.\ufe0f./x',
    '/v1/.\u202e./x',
    '/v1/%u200b../x',
  ],
  noncharacters: [
    '/v1/.%ef%bf%bf./secret',
    '/v1/.\ufdd0./x',
    '/v1/.%f0%9f%bf%be./x',
    '/v1/.%uffff./x',
  ],
  'bytes that are dropped': [
    '/v1/.%ff./secret',
    '/v1/.%c0./secret',
    '/v1/.%e9./secret',
    '/v1/..%fe/x',
  ],
  'C0 controls': [
    '/v1/a%00.json',
    '/v1/a%0d%0ab',
    '/v1/%2500',
    '/v1/..%09/x',
    '/v1/%1f',
    '/v1/%u0000',
  ],
  DEL: ['/v1/%7f', '/v1/..%7f/secret', '/v1/%257f'],
  NEL: [
    '/v1/..%c2%85/secret',
    '/v1/a%c2%85b',
    '/v1/%85',
    '/v1/..%85/secret',
    '/v1/%u0085',
    '/v1/%25c2%2585',
  ],
  'C1 controls': [
    '/v1/%c2%80',
    '/v1/%c2%9f',
    '/v1/%9b',
    '/v1/%80',
    '/v1/%e0%82%85',
    '/v1/caf%e9%9c',
  ],
  'separators of lines': ['/v1/\u2028', '/v1/..\u2029/secret', '/v1/%u2028', '/v1/%25e2%2580%25a8'],
  'a path that only begins with two slashes': ['//v1/a', '//secret', '/\\v1/a'],
  'encoding without end': [`/v1/%${'25'.repeat(9)}2e`, `/v1/%${'25'.repeat(200)}41`],
};

/** What is no attack, under the same rule. */
const honest = [
  '/v1/',
  '/v1/a/b?c=d',
  '/v1/a%20b',
  '/v1/100%25',
  '/v1/100%',
  '/v1/%zz',
  '/v1/%u12',
  '/v1/group%2fproject',
  '/v1/group%2Fsub%2Fproject/files/src%2Fmain%20file.rb/raw',
  '/v1//a',
  '/v1/a;b=c/.well-known/x..y',
  '/v1/..a/a../.a./b',
  '/v1/what%3f/a%23b',
  '/v1/:batch(1)/{x}/*+$!@',
  '/v1/Zürich',
  '/v1/%E6%9D%B1',
  '/v1/東京／大阪',
  '/v1/なぜ？／50％引き。',
  '/v1/Ελλάδα/Россия/مصر/ישראל/भारत',
  '/v1/می‌خواهم',
  '/v1/👨‍👩‍👧/🏳️‍🌈',
  '/v1/cafe%CC%81',
  '/v1/naïve/½/①/ﬁ',
  '/v1/wait…',
  '/v1/¥100',
  '/v1/caf%E9',
  '/v1/Z%FCrich/%D6l/%C0%20la/%C0%C9%C8/%E0%C9%C0/%F0%C0%C0%C0',
  '/v1/%u6771',
  '/v1/%C0nna',
];

describe('the readings of a path', () => {
  for (const [what, paths] of Object.entries(hidden))
    it(`refuse ${what}`, () => {
      for (const path of paths) expect(isAllowed(['/v1/*'], path), path).to.equal(false);
    });

  it('leave honest paths alone', () => {
    for (const path of honest) expect(isAllowed(['/v1/*'], path), path).to.equal(true);
  });

  it('are one for a path that needs none, also in a rule’s own words', () => {
    for (const path of ['/v1/me', '/v1/Z%C3%BCrich', '/v1/a-b_c~d.e/!$&*+,=:@'])
      expect(pathReadings(path)).to.deep.equal([path]);
    expect(isAllowed(['/städte/:name'], '/städte/Zürich')).to.equal(true);
    expect(isAllowed(['/städte/:name'], '/st%C3%A4dte/Z%C3%BCrich')).to.equal(true);
    expect(isAllowed(['/städte/:name'], '/stadte/Zürich')).to.equal(false);
  });

  /** A rule, a path that has one reading outside it, and one that has none. */
  const within: [what: string, rule: string, refused: string[], allowed: string][] = [
    [
      'slashes',
      '/users/:id',
      ['/users/1%2fx', '/users/1%252fx', '/users/1%5cx', '/users/1%c0%afx'],
      '/users/1%20x',
    ],
    [
      'look-alikes of slashes',
      '/users/:id',
      ['/users/1／x', '/users/1\u2215x', '/users/1%u2216x', '/users/1\u2100x', '/users/½'],
      '/users/1-x',
    ],
    [
      'parameters',
      '/files/*.png',
      ['/files/secret;.png', '/files/secret;a=b.png'],
      '/files/secret/a.png',
    ],
    [
      'encoded parameters',
      '/files/*.png',
      ['/files/secret%3b.png', '/files/secret%253b.png'],
      '/files/a%20b.png',
    ],
    [
      'parameters with a slash',
      '/files/*.png',
      ['/files/secret;%2f.png', '/files/secret%3b%2f.png'],
      '/files/a.png',
    ],
    [
      'parameters up to the end of the path',
      '/files/*.png',
      ['/files/secret;/a.png', '/files/secret%3b/a.png', '/files/secret;jsessionid=1/a.png'],
      '/files/a.png',
    ],
    ['parameters, also those that a rule names', '/files/a;v=1', ['/files/a;v=1'], ''],
    ['what follows parameters that a rule names', '/a{;v=:v/b}?', ['/a;v=1/b', '/a%3bv=1/b'], '/a'],
    [
      'a query',
      '/files/*.png',
      ['/files/secret%3f.png', '/files/secret%253fa.png'],
      '/files/a.png?b',
    ],
    [
      'a fragment',
      '/files/*.png',
      ['/files/secret%23.png', '/files/secret%2523a.png'],
      '/files/a.png#b',
    ],
    [
      'a query by other codes',
      '/files/*.png',
      ['/files/a%u003f.png', '/files/a%c0%bf.png', '/files/a？.png'],
      '/files/b.png',
    ],
    [
      'empty segments',
      '/a/:x/b',
      ['/a//b', '/a/%2fb', '/a/;x/b', '/a/%ff/b', '/a/\u200b/b'],
      '/a/c/b',
    ],
    [
      'empty segments that a wildcard takes',
      '/a/*/b',
      ['/a//b', '/a/%2fb', '/a/;x/b', '/a/%ff/b'],
      '/a/c/d/b',
    ],
    ['two slashes', '/a/:x', ['/a/b//', '/a//b'], '/a/b'],
  ];
  for (const [what, rule, refused, allowed] of within)
    it(`have to be allowed, each of them: ${what}`, () => {
      for (const path of refused) expect(isAllowed([rule], path), path).to.equal(false);
      if (allowed) expect(isAllowed([rule], allowed), allowed).to.equal(true);
    });

  it('have to be allowed by one rule', () => {
    expect(isAllowed(['/a/:x', '/a/:x/:y'], '/a/1%2f2')).to.equal(false);
    expect(isAllowed(['/a/:x', '/a/:x/:y', '/a/*'], '/a/1%2f2')).to.equal(true);
  });

  it('are not looked for without end', () => {
    const start = performance.now();
    const parts = '%25%3f%3b%2f%20%u0041%c0%ae%e2%80%8b';
    for (const path of [`/v1/%${'25'.repeat(200_000)}2e`, `/v1/${parts.repeat(10_000)}`])
      expect(isAllowed(['/v1/*'], path)).to.equal(false);
    expect(performance.now() - start).to.be.below(25_000);
  });
});

/**
 * Servers as simple as they can be written, over a path in bytes (a character each), and none of
 * the code that is tested. Each gives the path that it serves.
 */
const toBytes = (text: string): string => {
  let bytes = '';
  for (const byte of new TextEncoder().encode(text)) bytes += String.fromCharCode(byte);
  return bytes;
};
const toText = (bytes: string): string =>
  new TextDecoder().decode(Uint8Array.from(bytes, (character) => character.charCodeAt(0)));
const decodeBytes = (path: string): string =>
  path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
const resolve = (path: string): string => {
  const left: string[] = [];
  for (const segment of path.split('/').slice(1)) {
    if (segment === '..') left.pop();
    else if (segment !== '.') left.push(segment);
  }
  return `/${left.join('/')}`;
};
const eachSegment = (path: string, change: (segment: string) => string): string =>
  path.split('/').map(change).join('/');
const iisUnicode = (path: string): string =>
  path.replace(/%u([0-9a-f]{4})/gi, (_, hex) =>
    toBytes(String.fromCharCode(Number.parseInt(hex, 16))),
  );
/** A decoder of UTF-8 that believes every lead byte. */
const oldUtf8 = (bytes: string): string => {
  let text = '';
  for (let at = 0; at < bytes.length; at++) {
    const lead = bytes.charCodeAt(at);
    const tails =
      lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf8 ? 3 : lead < 0xfc ? 4 : 5;
    let point = tails ? lead & (0x3f >> tails) : lead;
    for (let tail = 1; tail <= tails; tail++)
      point = point * 64 + ((bytes.charCodeAt(at + tail) || 0) & 0x3f);
    text += point < 0x80 ? String.fromCharCode(point) : bytes.slice(at, at + tails + 1);
    at += tails;
  }
  return text;
};

type Server = (path: string) => string;
const servers: Record<string, Server> = {
  apache: (path) => resolve(decodeBytes(path).replace(/\/+/g, '/')),
  'apache with NoDecode': (path) => resolve(decodeBytes(path.replace(/%2f/gi, '%252f'))),
  nginx: (path) => resolve(decodeBytes(path).replace(/\/{2,}/g, '/')),
  tomcat: (path) => resolve(decodeBytes(path.replace(/;[^/]*/g, '')).replace(/\\/g, '/')),
  mod_jk: (path) => resolve(decodeBytes(path.replace(/;.*/s, ''))),
  jetty: (path) =>
    resolve(
      decodeBytes(path)
        .replace(/;[^/]*/g, '')
        .replace(/\/+/g, '/'),
    ),
  iis: (path) => resolve(decodeBytes(iisUnicode(path)).replace(/\\/g, '/')),
  'iis 5': (path) => resolve(oldUtf8(decodeBytes(decodeBytes(path))).replace(/\\/g, '/')),
  'old java': (path) => resolve(oldUtf8(decodeBytes(path))),
  twice: (path) => resolve(decodeBytes(decodeBytes(path))),
  proxy: (path) => resolve(decodeBytes(path).split(/[?#]/)[0] ?? ''),
  nfkc: (path) => resolve(toBytes(toText(decodeBytes(path)).normalize('NFKC'))),
  trimming: (path) =>
    resolve(
      eachSegment(decodeBytes(path), (part) =>
        toBytes(toText(part).replace(/^[\s\x85]+|[\s\x85]+$/g, '')),
      ),
    ),
  ignoring: (path) =>
    resolve(toBytes(toText(decodeBytes(path)).replace(/\u200b|\ufeff|\ufffd/g, ''))),
  none: resolve,
};

/** Numbers below `limit`, the same for the same seed. */
function createRandom(seed: number): (limit: number) => number {
  let state = seed >>> 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % limit;
  };
}

const hex = (code: number, digits = 2): string => code.toString(16).padStart(digits, '0');
const percent = (bytes: number[]): string => bytes.map((byte) => `%${hex(byte)}`).join('');
const fullwidth = (code: number): string => String.fromCharCode(code + 0xfee0);
const codes: ((code: number) => string)[] = [
  (code) => String.fromCharCode(code),
  (code) => percent([code]),
  (code) => percent([code]).toUpperCase(),
  (code) => `%u${hex(code, 4)}`,
  (code) => `%u${hex(code + 0xfee0, 4)}`,
  (code) => percent([0xc0 | (code >> 6), 0x80 | (code & 0x3f)]),
  (code) => percent([0xe0, 0x80 | (code >> 6), 0x80 | (code & 0x3f)]),
  (code) => percent([0xf0, 0x80, 0x80 | (code >> 6), 0x80 | (code & 0x3f)]),
  fullwidth,
  (code) => percent([...new TextEncoder().encode(fullwidth(code))]),
];
const noise = [
  '',
  '',
  '',
  '',
  '%20',
  '%c2%85',
  '%e2%80%8b',
  '%ff',
  ';x',
  '%3bx',
  '/',
  '%2f',
  '\\',
  '%00',
  '+',
  '%3f',
];

/** `text` with some of what is special in it encoded, some of it again, and noise between. */
function disguise(text: string, random: (limit: number) => number): string {
  const encode = (character: string): string => {
    const code = codes[random(codes.length)] as (typeof codes)[number];
    return code(character.charCodeAt(0));
  };
  let result = '';
  for (const character of text) {
    const isSpecial = /[./;?#\\]/.test(character);
    let part = isSpecial && random(3) ? encode(character) : character;
    for (let layer = random(3); layer > 0 && random(2); layer--)
      part = part.replaceAll('%', () => encode('%'));
    result += part + (isSpecial && random(4) === 0 ? noise[random(noise.length)] : '');
  }
  return result;
}

describe('paths that are disguised at random', () => {
  const rules = ['/v1/*', '/files/:name.png'];
  const isWithin = (path: string): boolean => /^\/v1\/|^\/files\/[^/]+\.png$/s.test(path);
  const targets = [
    ...[
      '/v1/../secret',
      '/v1/a/../../secret',
      '/v1/./..\\secret',
      '/v1/..;/secret',
      '/v1/x;/../../secret',
    ],
    ...[
      '/files/secret?.png',
      '/files/secret#.png',
      '/files/secret;.png',
      '/files/secret;/.png',
      '/files/a/b.png',
    ],
    ...['/v1/a.b', '/v1/a/b.c', '/v1/a;b.c', '/v1/what?', '/files/a.b.png', '/files/a;b/c.png'],
  ];

  const names = Object.keys(servers) as (keyof typeof servers)[];
  /** The first server, or the first two in a row, that give `path` another meaning. */
  const findOutside = (path: string): string | undefined => {
    const firsts = new Map(names.map((name) => [(servers[name] as Server)(path), name]));
    for (const [served, first] of firsts) {
      const second = names.find((name) => !isWithin((servers[name] as Server)(served)));
      if (second) return `${first}, ${second}`;
    }
    return undefined;
  };

  const PARTS = 5;
  for (let part = 1; part <= PARTS; part++)
    it(`are refused where a server, or one behind another, reads them as another: ${part} of ${PARTS}`, () => {
      const seed = env.seed + part;
      const random = createRandom(seed);
      const count = { allowed: 0, outside: 0 };
      for (let i = 0; i < 400; i++) {
        const target = targets[random(targets.length)] as string;
        const { pathname } = new URL(`${FRAME}/${disguise(target.slice(1), random)}`);
        const outside = findOutside(pathname);
        if (outside) count.outside += 1;
        if (!isAllowed(rules, pathname)) continue;
        count.allowed += 1;
        expect(outside, `seed ${seed}: ${pathname} gets past the rules`).to.equal(undefined);
      }
      expect(count.allowed, 'paths that were allowed').to.be.above(5);
      expect(count.outside, 'paths that were attacks').to.be.above(50);
    });
});
