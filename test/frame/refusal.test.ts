import { expect } from '@esm-bundle/chai';
import type { FetchRule } from '../../src/frame/options/rules.ts';
import type { PolicyOptions } from '../../src/frame/rules/policy.ts';
import { type Ask, allows, judge, PAGE, type Rules, refuses } from '../support/rules.ts';

function messageOf(rules: Rules, ask: Ask, options?: PolicyOptions): string {
  refuses(rules, ask, options);
  return (judge(rules, ask, options) as unknown as Error).message;
}

/** The rule that `message` tells to add, read as host.js would. */
function suggestedRule(message: string): FetchRule {
  const [text] = /\{ path: .* \}/.exec(message) ?? [];
  expect(text, message).to.be.a('string');
  return new Function(`return ${text}`)();
}

/** What it tells to add to members of the rule that is there. */
function suggestedMembers(message: string): Partial<FetchRule> {
  const added: Partial<FetchRule> = {};
  for (const [, values, member] of message.matchAll(
    /('[^']*'(?:, '[^']*')*) to that path's (\w+)/g,
  ))
    added[member as 'methods'] = new Function(`return [${values}]`)();
  expect(added, message).to.not.deep.equal({});
  return added;
}

describe('a refusal by the rules', () => {
  it('says what to do about it', () => {
    const rules = [{ path: '/a', methods: ['GET'], headers: [] }];
    expect(messageOf(rules, { path: '/b' })).to.match(
      /^GET \/b .*Add \{ path: '\/b', methods: \['GET'\] \} to fetch in host\.js/,
    );
    expect(messageOf(rules, { path: '/a', method: 'PUT' })).to.match(
      /^PUT \/a.*Add 'PUT' to that path's methods/,
    );
    expect(messageOf(rules, { path: '/a', headers: ['X-A'] })).to.match(
      /^GET \/a.*x-a.*Add 'x-a' to that path's headers/,
    );
    for (const option of ['eventSource', 'webSocket'] as const)
      expect(messageOf(false, { path: '/b' }, { option })).to.contain(`to ${option} in host.js`);
  });

  it('names the header that is missing to the rule that it tells to change', () => {
    const rules = [
      { path: '/a', headers: ['x-a'] },
      { path: '/a', headers: ['x-b'] },
    ];
    const message = messageOf(rules, { path: '/a', headers: ['x-a', 'x-b'] });
    expect(message).to.match(/the header x-b may not cross\. Add 'x-b' to that path's headers/);
  });

  for (const rule of [
    { path: '/a', methods: ['GET,POST'] },
    { path: '/a', methods: [''] },
    { path: '/a', methods: ['GET '] },
    { path: '/a', headers: ['x-a: 1'] },
    { path: '/a', headers: ['x-a, x-b'] },
    { path: '/a', headers: ['Zürich'] },
  ])
    it(`is not waited for where a rule can never match: ${JSON.stringify(rule)}`, () => {
      expect(() => judge([rule], { path: '/a' }))
        .to.throw(/its (methods|headers) has ".*"\. Use one name for each/)
        .with.property('code', 'INVALID_ARGUMENT');
    });

  const paths = [
    '/b',
    '/v1/Zürich',
    '/v1/%E6%9D%B1',
    '/v1/caf%E9',
    '/v1/a%2fb',
    '/v1/a%252fb',
    '/v1/a;b=c/d',
    '/v1/a%3fb',
    '/v1//a',
    '//v1/a',
    '/a%2fb',
    '/v1/:id',
    '/v1/a:batch(1)*+?x',
    '/v1/{a}',
    "/v1/it's",
    '/v1/[a]|^`"<>~!$&,=@',
    '/v1/a%5cb',
    '/v1/½',
    '/v1/:x(a)/b%2f*c',
    '/socket.io/?EIO=4',
    '/socket.io/a:b',
    '/socket.io/a%2fb',
    '/',
  ];
  it('names a rule that allows the path', () => {
    for (const path of paths)
      for (const headers of [[], ['x-forwarded-for', 'X-A', 'accept'], ['X_HTTP_Method']]) {
        const ask = { path, headers, method: 'POST' };
        const rules = [{ path: '/nothing' }];
        const rule = suggestedRule(messageOf(rules, ask));
        allows([...rules, rule], ask);
        refuses([...rules, rule], { ...ask, method: 'DELETE' });
      }
  });

  it('names no wider rule than the path needs', () => {
    for (const [path, rule] of [
      ['/v1/a', '/v1/a'],
      ['/v1/a%20b', '/v1/a%20b'],
      ['/v1/a%2fb', '/v1/*'],
      ['/v1/x/a;b', '/v1/x/*'],
      ['/v1/x/a;b/c', '/v1/x/*'],
      ['/v1/a:b', '/v1/a\\:b'],
    ] as const)
      expect(suggestedRule(messageOf(false, { path })).path).to.equal(rule);
    expect(messageOf(false, { path: '/a%2fb' }))
      .to.contain('Ask for the plain path')
      .and.contain("'/*'");
  });

  it('says so where no rule can allow it', () => {
    for (const path of ['/v1/..%2fa', '/v1/%00', '/v1/..;/a', '//socket.io/'])
      for (const rules of [false, [{ path: '/v1/*' }, { path: '*' }]])
        expect(messageOf(rules, { path })).to.contain('no rule can allow').and.not.contain('Add');
    expect(messageOf(true, { path: '/..;/socket.io/' })).to.contain('no rule can allow');
    expect(messageOf([{ path: '/*' }], { headers: ['Sec_Fetch_Site'] }))
      .to.contain('Sec_Fetch_Site')
      .and.not.contain('Add');
  });

  it('names what the rule for the path lacks, all of it', () => {
    const other = 'https://b.example.com';
    const rules: FetchRule[] = [
      { path: '/a', origins: [other] },
      { path: '/a', methods: ['GET'] },
      { path: '/a', headers: ['x-a'] },
      { path: '/a', methods: ['GET'], headers: [] },
      { path: '/a', methods: [], headers: ['x-b'], origins: [other] },
      { path: '/a', methods: ['POST'] },
    ];
    const asks: Ask[] = [
      {},
      { method: 'PUT' },
      { headers: ['x-b', 'X-C', 'accept'] },
      { method: 'POST', headers: ['x-b'] },
      { headers: ['X-Forwarded-For', 'x-b'] },
      { method: 'POST', headers: ['X-HTTP-Method', 'x-b'] },
    ];
    let refused = 0;
    for (const rule of rules)
      for (const ask of asks.map((asked) => ({ ...asked, path: '/a' }))) {
        if ('url' in judge([rule], ask)) continue;
        refused += 1;
        const added = suggestedMembers(messageOf([rule], ask));
        const mended: FetchRule = { ...rule };
        for (const member of ['methods', 'headers', 'origins'] as const) {
          const values = [...(rule[member] ?? []), ...(added[member] ?? [])];
          if (rule[member] || added[member]) mended[member] = values;
        }
        allows([mended], ask);
      }
    expect(refused).to.be.above(20);
  });

  it('says so where the path is for other pages only, and does not name them', () => {
    const rules = [{ path: '/a', origins: ['https://secret.example.com'] }];
    const message = messageOf(rules, { path: '/a' });
    expect(message).to.contain('other pages').and.contain(`'${PAGE}' to that path's origins`);
    expect(message).to.not.contain('secret');
  });

  it('speaks of the rule that comes nearest', () => {
    const rules = [
      { path: '/a', origins: ['https://b.example.com'] },
      { path: '/*', methods: ['GET', 'PUT'], headers: [] },
      { path: '/a', methods: ['GET'] },
    ];
    const ask = { path: '/a', method: 'PUT', headers: ['x-a'] };
    expect(messageOf(rules, ask))
      .to.contain("Add 'x-a' to that path's headers")
      .and.not.contain("'PUT'");
  });

  it('says what of true does not reach, and names a rule that does', () => {
    // A WebSocket has no headers of the page's.
    for (const ask of [
      { path: '/socket.io/' },
      { path: '/v1/a', headers: ['X_Forwarded_Host', 'x-a'] },
      { path: '/socket.io/', headers: ['X-Real-IP'] },
    ])
      for (const option of ask.headers ? (['fetch'] as const) : (['fetch', 'webSocket'] as const)) {
        const message = messageOf(true, ask, { option });
        expect(message).to.contain(`${option}: true`).and.contain(`list of rules to ${option}`);
        allows([suggestedRule(message)], ask, { option });
      }
  });
});
