import { expect } from '@esm-bundle/chai';
import { createPolicy } from '../../src/frame/rules/policy.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { bareHost, rejection } from '../support/bare-host.ts';
import { env } from '../support/env.ts';

describe('a keepalive body', () => {
  it('is at most 64 KiB, also as a stream', async () => {
    let arrived = 0;
    const { fetch } = bareHost({}, async (request) => {
      expect(request.keepalive).to.equal(true);
      arrived = (await request.arrayBuffer()).byteLength;
      return new Response();
    });
    const body = new Blob([new Uint8Array(1_000_000)]).stream();
    const told = await fetch('/a', {
      method: 'POST',
      body,
      keepalive: true,
      duplex: 'half',
    } as never).catch((error) => error);
    expect(arrived).to.equal(0);
    expect(told).to.be.instanceOf(TypeError);
  });
});

describe('a URL of a scheme that has another in it', () => {
  for (const scheme of ['filesystem', 'view-source', 'jar', 'feed', 'blob', 'wyciwyg'])
    it(`is not on the frame's origin: ${scheme}`, () => {
      for (const rules of [true, [{ path: '/*' }]])
        for (const rest of [`${env.push}/temporary/a`, `${env.push}/a!/b`]) {
          const url = `${scheme}:${rest}`;
          const ask = { url, method: 'GET', headers: [], origin: env.app };
          expect(() => createPolicy(rules, env.push)(ask), url).to.throw(HadokenError);
        }
    });
});

describe('a header that a hook takes away in a Request of its own', () => {
  const sentBy = async (
    onRequest: (request: Request) => Request,
    headers: Record<string, string>,
  ) => {
    let sent: Record<string, string> = {};
    const { fetch } = bareHost({ onRequest }, (request) => {
      sent = Object.fromEntries(request.headers);
      return new Response();
    });
    await fetch('/a', { headers });
    return sent;
  };
  for (const [how, copy] of [
    ['new Request(request)', (request: Request) => new Request(request)],
    ['request.clone()', (request: Request) => request.clone()],
  ] as const) {
    it(`goes in every spelling: ${how}, page has both`, async () => {
      const sent = await sentBy(
        (request) => {
          const own = copy(request);
          own.headers.delete('x-admin');
          return own;
        },
        { 'x-admin': '1', x_admin: '1' },
      );
      expect(sent).not.to.have.any.keys('x-admin', 'x_admin');
    });
    it(`set in a spelling without hyphens, the page's other goes: ${how}`, async () => {
      const sent = await sentBy(
        (request) => {
          const own = copy(request);
          own.headers.set('x_token', 'hook');
          return own;
        },
        { 'x-token': 'page' },
      );
      expect(Object.entries(sent).filter(([name]) => /^x.token$/.test(name))).to.deep.equal([
        ['x_token', 'hook'],
      ]);
    });
  }
});

describe('an error that is no refusal', () => {
  it('rejects', async () => {
    const { fetch } = bareHost({ fetch: [{ path: '/b/*' }] });
    for (const path of [
      '/a:b(c)*{d}+?e',
      '/a/%5C:x',
      '/((',
      '/a%',
      '/%zz',
      `/${'a'.repeat(100_000)}`,
    ])
      expect((await rejection(fetch(path))).code, path.slice(0, 50)).to.equal('POLICY_REFUSED');
  });
});
