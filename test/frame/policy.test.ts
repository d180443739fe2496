import { expect } from '@esm-bundle/chai';
import type { FetchRule } from '../../src/frame/options.ts';
import { createPolicy } from '../../src/frame/policy.ts';
import type { HadokenError } from '../../src/rpc/errors.ts';

const FRAME = 'https://api.example.com';
const PAGE = 'https://app.example.com';

type Ask = { path?: string; method?: string; headers?: string[]; origin?: string };

/** 'allowed', or the code it is refused with. */
function judge(rules: boolean | FetchRule[] | undefined, ask: Ask): string {
  const { path = '/', method = 'GET', headers = [], origin = PAGE } = ask;
  const policy = createPolicy(rules, FRAME);
  try {
    policy({
      url: path.startsWith('/') ? FRAME + path : path,
      method,
      headers: headers.map((name) => [name, '1']),
      origin,
    });
    return 'allowed';
  } catch (error) {
    return (error as HadokenError).code;
  }
}

const allows = (rules: boolean | FetchRule[] | undefined, ask: Ask): void =>
  void expect(judge(rules, ask), JSON.stringify(ask)).to.equal('allowed');
const refuses = (rules: boolean | FetchRule[] | undefined, ask: Ask): void =>
  void expect(judge(rules, ask), JSON.stringify(ask)).to.equal('POLICY_REFUSED');

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
    for (const path of ['/', '/v1', '/v10/a', '/V1/a', '/x/v1/a', '/users/', '/users/7/8', '/files/a.gif'])
      refuses(rules, { path });
    allows([{ path: '*' }], { path: '/any/thing' });
  });

  const tricks = {
    'dots that lead out': ['/v1/../secret', '/v1/a/../../secret', '/v1/./../secret'],
    'encoded dots': ['/v1/%2e%2e/secret', '/v1/.%2E/secret', '/v1/%2e./secret'],
    'dots encoded twice': ['/v1/%252e%252e/secret', '/v1/%25252e./secret'],
    'encoded slashes before dots': ['/v1/..%2fsecret', '/v1/a%2f..%2f..%2fsecret', '/v1/..%252fsecret'],
    backslashes: ['/v1\\..\\secret', '/v1/..%5csecret', '/v1/..%255csecret'],
    'dots with what servers strip': [
      '/v1/..;/secret',
      '/v1/..;a=b/secret',
      '/v1/..%3b/secret',
      '/v1/..%20/secret',
    ],
    'more dots': ['/v1/.../secret', '/v1/..%2e/secret'],
    'control characters': ['/v1/a%00.json', '/v1/a%0d%0ab', '/v1/%2500'],
    'a path that only begins with two slashes': ['//v1/a', '//secret'],
    'encoding without end': [`/v1/%${'25'.repeat(9)}2e`],
  };
  for (const [what, paths] of Object.entries(tricks))
    it(`refuses ${what}`, () => {
      for (const path of paths) refuses([{ path: '/v1/*' }], { path });
    });

  it('lets every reading of a path be allowed by one rule', () => {
    allows([{ path: '/v1/*' }], { path: '/v1/group%2fproject' });
    allows([{ path: '/v1/*' }], { path: '/v1//a' });
    allows([{ path: '/v1/*' }], { path: '/v1/a;b=c/.well-known/x..y' });
    refuses([{ path: '/users/:id' }], { path: '/users/1%2fsecret' });
    refuses([{ path: '/users/:id' }], { path: '/users/1%252fsecret' });
    refuses([{ path: '/users/:id' }], { path: '/users/1%5csecret' });
    refuses([{ path: '/a/:x' }, { path: '/a/:x/:y' }], { path: '/a/1%2f2' });
  });

  it('allows the methods it names, in any case, and no other', () => {
    const rules = [{ path: '/a', methods: ['GET', 'post'] }, { path: '/b' }];
    for (const method of ['GET', 'POST', 'post']) allows(rules, { path: '/a', method });
    for (const method of ['HEAD', 'PUT', 'DELETE', 'G ET', '']) refuses(rules, { path: '/a', method });
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
    allows(rules, { path: '/a', headers: ['x-one', 'Accept', 'content-type', 'accept-language', 'Range'] });
    for (const name of ['x-two', 'authorization', 'x-one-more', 'x-http-method-override'])
      refuses(rules, { path: '/a', headers: [name] });
    refuses([{ path: '/a', headers: [] }], { path: '/a', headers: ['x-one'] });
    allows([{ path: '/a' }], { path: '/a', headers: ['authorization', 'x-two'] });
  });

  it('lets no header change the method behind its back', () => {
    const names = ['X-HTTP-Method-Override', 'x-http-method', 'x-method-override'];
    for (const name of names) {
      refuses([{ path: '/a', methods: ['POST'] }], { path: '/a', method: 'POST', headers: [name] });
      allows([{ path: '/a', methods: ['POST'], headers: [name] }], {
        path: '/a',
        method: 'POST',
        headers: [name],
      });
      allows([{ path: '/a' }], { path: '/a', method: 'POST', headers: [name] });
    }
  });

  it('is for the pages it names', () => {
    const rules = [{ path: '/a', origins: ['https://app.example.com', 'https://*.shop.example.com'] }];
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

  it('answers with the rule, for what it says of credentials', () => {
    const rule = { path: '/public/*', credentials: 'omit' as const };
    const policy = createPolicy([{ path: '/v1/*' }, rule], FRAME);
    const asked = { method: 'GET', headers: [], origin: PAGE };
    expect(policy({ ...asked, url: `${FRAME}/public/a` })).to.equal(rule);
    expect(policy({ ...asked, url: `${FRAME}/v1/a` }).credentials).to.equal(undefined);
  });

  it('says what to do about a refusal', () => {
    const policy = createPolicy([{ path: '/a', methods: ['GET'], headers: [] }], FRAME);
    const message = (url: string, method: string, headers: [string, string][]): string => {
      try {
        policy({ url: FRAME + url, method, headers, origin: PAGE });
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message('/b', 'GET', [])).to.match(/^GET \/b .*Add \{ path: '\/b' \} to fetch in host\.js/);
    expect(message('/a', 'PUT', [])).to.match(/^PUT \/a.*Add 'PUT' to that path's methods/);
    expect(message('/a', 'GET', [['X-A', '1']])).to.match(/^GET \/a.*x-a.*Add 'x-a' to that path's headers/);
  });

  it('refuses rules that can’t be read, when the host starts', () => {
    for (const path of ['v1/*', '', 'https://api.example.com/v1', '/(', undefined as unknown as string])
      expect(() => createPolicy([{ path }], FRAME), path)
        .to.throw(TypeError, 'fetch has a rule')
        .with.property('code', 'INVALID_ARGUMENT');
    expect(() => createPolicy([{ path: '/', origins: ['*'] }], FRAME)).to.throw(TypeError);
  });
});
