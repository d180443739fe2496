import { expect } from '@esm-bundle/chai';
import type { FetchRule } from '../../src/frame/options/rules.ts';
import { createPolicy } from '../../src/frame/rules/policy.ts';
import { allows, FRAME, judge, PAGE, refuses } from '../support/rules.ts';

describe('the policy', () => {
  it('refuses everything where nothing is said', () => {
    for (const rules of [undefined, false, []]) refuses(rules, { path: '/v1/me' });
    allows(true, { path: '/v1/me' });
  });

  it('keeps to the frame’s own origin, whatever is allowed', () => {
    for (const path of [
      'https://evil.example/',
      'https://api.example.com.evil.example/',
      'https://api.example.com./',
      'https://api.example.com:444/',
      'http://api.example.com/',
      'https://user@api.example.com/',
      'https://:pw@api.example.com/',
      'data:text/plain,x',
      'blob:https://api.example.com/1',
      'file:///etc/passwd',
      'x',
    ])
      refuses(true, { path });
    allows(true, { path: 'https://API.example.com:443/' });
  });

  it('answers with the URL that it has judged, parsed once', () => {
    const asked = { method: 'GET', headers: [], origin: PAGE };
    for (const rules of [true, [{ path: '/v1/*' }]]) {
      const policy = createPolicy(rules, FRAME);
      for (const url of [
        'https:api.example.com/x/../v1/a',
        'https:/api.example.com/v1/a',
        'https:\\\\api.example.com\\v1\\a',
        ' https://API.example.com:443/v1/./a\n',
        'ht\ttps://api.example.com/%2e/v1\t/a',
      ])
        expect(policy({ ...asked, url }).url, url).to.equal(`${FRAME}/v1/a`);
      for (const url of [
        'https:x',
        'https:/x',
        '/v1/a',
        '\\\\api.example.com\\v1\\a',
        'wss:/v1/a',
        '//x',
      ])
        expect(() => policy({ ...asked, url }), url).to.throw(TypeError);
    }
  });

  it('matches paths as URLPattern does', () => {
    const rules = [{ path: '/v1/*' }, { path: '/users/:id' }, { path: '/files/:name.(png|jpg)' }];
    for (const path of [
      '/v1/',
      '/v1/a/b?c=d',
      '/users/7',
      '/users/grün',
      '/files/a.png',
      '/v1/a%20b',
      '/v1/100%25',
    ])
      allows(rules, { path });
    for (const path of [
      '/',
      '/v1',
      '/v10/a',
      '/V1/a',
      '/x/v1/a',
      '/users/',
      '/users/7/8',
      '/files/a.gif',
    ])
      refuses(rules, { path });
    allows([{ path: '*' }], { path: '/any/thing' });
  });

  it('allows the methods it names, in any case, and no other', () => {
    const rules = [{ path: '/a', methods: ['GET', 'post'] }, { path: '/b' }];
    for (const method of ['GET', 'POST', 'post']) allows(rules, { path: '/a', method });
    for (const method of ['HEAD', 'PUT', 'DELETE', 'G ET', ''])
      refuses(rules, { path: '/a', method });
    allows(rules, { path: '/b', method: 'DELETE' });
    refuses([{ path: '/a', methods: [] }], { path: '/a' });
  });

  it('lets one rule allow all, not several together', () => {
    const rules = [
      { path: '/a', methods: ['GET'], headers: ['x-a'] },
      { path: '/a', methods: ['POST'] },
    ];
    allows(rules, { path: '/a', headers: ['x-a'] });
    refuses(rules, { path: '/a', headers: ['x-b'] });
    allows(rules, { path: '/a', method: 'POST', headers: ['x-b'] });
    refuses(rules, { path: '/a', method: 'PUT' });
  });

  it('lets the headers cross that it names, and those that need no leave', () => {
    const rules = [{ path: '/a', headers: ['X-One'] }];
    allows(rules, {
      path: '/a',
      headers: ['x-one', 'Accept', 'content-type', 'accept-language', 'Range'],
    });
    for (const name of ['x-two', 'authorization', 'x-one-more', 'x-http-method-override'])
      refuses(rules, { path: '/a', headers: [name] });
    refuses([{ path: '/a', headers: [] }], { path: '/a', headers: ['x-one'] });
    allows([{ path: '/a' }], { path: '/a', headers: ['authorization', 'x-two'] });
  });

  it('is for the pages it names', () => {
    const rules = [
      { path: '/a', origins: ['https://app.example.com', 'https://*.shop.example.com'] },
    ];
    for (const origin of ['https://app.example.com', 'https://one.shop.example.com'])
      allows(rules, { path: '/a', origin });
    for (const origin of [
      'https://b.example.com',
      'https://shop.example.com',
      'http://app.example.com',
      'null',
    ])
      refuses(rules, { path: '/a', origin });
  });

  it('is for the pages it names, of streams as well', () => {
    const rules = [{ path: '/a', origins: ['https://app.example.com'] }];
    for (const option of ['eventSource', 'webSocket'] as const) {
      allows(rules, { path: '/a' }, { option });
      refuses(rules, { path: '/a', origin: 'https://b.example.com' }, { option });
    }
  });

  it('judges the final URL of a redirect with the headers that the page sent', () => {
    const rules = [{ path: '/a' }, { path: '/b', headers: ['x-one'] }];
    allows(rules, { path: '/a', headers: ['x-two'] });
    refuses(rules, { path: '/b', headers: ['x-two'] });
    allows(rules, { path: '/b', headers: ['x-one'] });
  });

  it('refuses rules that can’t be read, when the host starts', () => {
    const invalid = (rules: unknown, option: 'fetch' | 'webSocket' = 'fetch') =>
      expect(() => createPolicy(rules as FetchRule[], FRAME, { option }), JSON.stringify(rules))
        .to.throw(TypeError, `serve(): ${option} `)
        .with.property('code', 'INVALID_ARGUMENT');
    for (const path of ['v1/*', '', 'https://api.example.com/v1', '/(', undefined, 7, null])
      invalid([{ path }]);
    for (const rule of [null, '/v1/*', 7, undefined]) invalid([rule]);
    for (const rules of ['/v1/*', { path: '/v1/*' }, 'true', 1, null]) invalid(rules, 'webSocket');
    for (const name of ['methods', 'headers', 'origins'])
      for (const list of ['GET', ['GET', 7], [null], { 0: 'GET' }, null, true])
        invalid([{ path: '/', [name]: list }]);
    for (const name of ['credentials', 'redirect', 'cache'])
      for (const choice of ['', 'none', 'Omit', 'no-store', 'manual', true, null, ['omit']])
        invalid([{ path: '/' }, { path: '/', [name]: choice }]);
    expect(() => createPolicy([{ path: '/', origins: ['*'] }], FRAME)).to.throw(TypeError);
  });

  it('takes every value that a rule may have', () => {
    for (const credentials of ['omit', 'same-origin', 'include'] as const)
      for (const redirect of ['follow', 'error'] as const)
        for (const cache of ['shared', 'private'] as const)
          allows([{ path: '/', methods: [], credentials, redirect, cache }, { path: '/' }], {});
  });
});

describe('how an allowed request is sent', () => {
  const how = (rules: FetchRule[], path: string, ask = {}): object => {
    const judged = judge(rules, { path, ...ask });
    const { url: _, ...rest } = judged as { url: string };
    if ('code' in judged) throw judged;
    return rest;
  };

  it('is said by its rule, and is else the page’s choice', () => {
    for (const said of [
      { credentials: 'omit' },
      { redirect: 'error' },
      { cache: 'private' },
      { credentials: 'include', redirect: 'error', cache: 'private' },
    ] as const) {
      const rules = [{ path: '/v1/*' }, { path: '/public/*', ...said }];
      expect(how(rules, '/public/a')).to.deep.equal(said);
      expect(how(rules, '/v1/a')).to.deep.equal({});
    }
    expect(how([{ path: '/*', redirect: 'follow', cache: 'shared' }], '/a')).to.deep.equal({});
  });

  it('is with the strictest credentials of all rules for the path, in any order', () => {
    const order = ['omit', 'same-origin', undefined, 'include'] as const;
    const ruleOf = (path: string, credentials: RequestCredentials | undefined): FetchRule =>
      credentials ? { path, credentials } : { path };
    for (const [at, strict] of order.entries())
      for (const loose of order.slice(at + 1)) {
        const rules = [ruleOf('/v1/*', loose), ruleOf('/v1/public/*', strict)];
        for (const list of [rules, rules.toReversed()])
          expect(how(list, '/v1/public/x'), `${strict}, ${loose}`).to.deep.equal({
            ...(strict && { credentials: strict }),
            cache: 'private',
          });
      }
  });

  const strict = { credentials: 'omit', redirect: 'error', cache: 'private' } as const;
  const spellings = {
    'encoded letters': [
      '/v1/%70ublic/x',
      '/v1/p%75blic/x',
      '/v1/%2570ublic/x',
      '/v1/%u0070ublic/x',
    ],
    'encoded slashes': [
      '/v1/public%2fx',
      '/v1/public%252fx',
      '/v1%5cpublic/x',
      '/v1%c0%afpublic/x',
    ],
    'empty segments': ['/v1//public/x', '/v1/%2fpublic//x', '/v1/public//x'],
    parameters: ['/v1/public;a/x', '/v1/public;a=b;c/x', '/v1/public%3bx/x', '/v1;x/public/x'],
    'what is cut': ['/v1/public/x%3fy', '/v1/public/%23', '/v1/public/x%253fy'],
    'another case': ['/v1/PUBLIC/x', '/v1/Public/x', '/v1/%50ublic/x'],
    'dots and blanks at the end': [
      '/v1/public./x',
      '/v1/public%20/x',
      '/v1/public.%20./x',
      '/v1/PUBLIC../x',
    ],
    'look-alikes': [
      '/v1/ｐublic/x',
      '/v1/pub\u217c\u2170c/x',
      '/v1/public／x',
      '/v1/public\u2215x',
    ],
    'characters that are ignored': ['/v1/pub\u200blic/x', '/v1/\u00adpublic/x', '/v1/public%ff/x'],
  };
  for (const [what, paths] of Object.entries(spellings))
    it(`is not to be changed by spelling: ${what}`, () => {
      const rules: FetchRule[] = [{ path: '/v1*' }, { path: '/v1/public/*', ...strict }];
      for (const path of paths) expect(how(rules, path), path).to.deep.equal(strict);
      for (const path of ['/v1/publi/x', '/v1/publicx/x', '/v1/x/public/x', '/v1/pub%20lic/x'])
        expect(how(rules, path), path).to.deep.equal({});
    });

  it('heeds no case in a rule either, beyond ASCII, in its groups and its expressions', () => {
    for (const [path, asked] of [
      ['/v1/Public/*', '/v1/pUBLIC/x'],
      ['/v1/ÖFFENTLICH/*', '/v1/öffentlich/x'],
      ['/v1/öffentlich/*', '/v1/%C3%96FFENTLICH/x'],
      ['/v1/(PUBLIC|OPEN)/*', '/v1/open/x'],
      ['/v1/:Name(\\D+)/:ID(\\d+)', '/v1/PUBLIC/7'],
      ['/v1/:name/:NAME/PUBLIC', '/v1/a/b/Public'],
      ['/v1/Pub{lic}?/*', '/v1/pUB/x'],
    ] as const)
      expect(how([{ path: '/v1/*' }, { path, ...strict }], asked), path).to.deep.equal(strict);
    expect(
      how([{ path: '/v1/*' }, { path: '/v1/:n(\\D+)/X', ...strict }], '/v1/7/x'),
    ).to.deep.equal({});
  });

  it('is said by rules for this page and this method, whatever headers they are for', () => {
    const said = (also: Partial<FetchRule>): object =>
      how([{ path: '/a' }, { path: '/*', redirect: 'error', ...also }], '/a', { headers: ['x-a'] });
    expect(said({ headers: [] })).to.deep.equal({ redirect: 'error' });
    expect(said({ methods: ['get'] })).to.deep.equal({ redirect: 'error' });
    expect(said({ methods: ['POST'] })).to.deep.equal({});
    expect(said({ origins: ['https://app.example.com'] })).to.deep.equal({ redirect: 'error' });
    expect(said({ origins: ['https://b.example.com'] })).to.deep.equal({});
  });

  it('is without the cache where rules for the path differ in credentials, whomever they are for', () => {
    const rules = (also: Partial<FetchRule>): FetchRule[] => [
      { path: '/a/*' },
      { path: '/A/b', credentials: 'omit', ...also },
    ];
    for (const also of [
      { origins: ['https://b.example.com'] },
      { methods: ['HEAD'] },
      { methods: [] },
    ])
      for (const path of ['/a/b', '/a/%62', '/a/b.', '/a/b;c'])
        expect(how(rules(also), path), path).to.deep.equal({ cache: 'private' });
    expect(how(rules({}), '/a/c')).to.deep.equal({});
    expect(
      how(
        [
          { path: '/a', credentials: 'omit' },
          { path: '/*', credentials: 'omit' },
        ],
        '/a',
      ),
    ).to.deep.equal({
      credentials: 'omit',
    });
  });
});

describe('where the page is trusted', () => {
  const trusted = { isTrusted: true } as const;

  it('all of the frame’s origin is allowed, and no other', () => {
    for (const path of ['/', '/socket.io/', '/a/%2e%2e%2fb', '/a;b'])
      allows(false, { path, method: 'DELETE', headers: ['x-forwarded-for', 'cookie'] }, trusted);
    for (const path of [
      'https://b.example.com/',
      'http://api.example.com/',
      'https://a@api.example.com/',
    ])
      refuses(true, { path }, trusted);
  });

  it('nobody else is: what no rule allows is refused', () => {
    refuses(false, { path: '/' });
    refuses(undefined, { path: '/socket.io/' }, {});
  });
});
