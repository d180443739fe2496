import { expect } from '@esm-bundle/chai';
import { createConfinement, isConfinedBy } from '../../src/frame/ajax/uploads/csp.ts';
import { until } from '../support/env.ts';

const ORIGIN = 'https://push.example.com';

const confined = [
  "connect-src 'self'",
  "CONNECT-SRC 'SELF'",
  "  connect-src\t'self'  ",
  "connect-src 'none'",
  'connect-src',
  "default-src 'self'",
  "default-src 'none'",
  "default-src *; connect-src 'self'",
  "script-src *; connect-src 'self'; img-src *",
  'connect-src https://push.example.com',
  'connect-src https://push.example.com/',
  'connect-src https://push.example.com:443/api/',
  'connect-src HTTPS://PUSH.EXAMPLE.COM',
  "connect-src 'self' wss://push.example.com",
  "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self' wss://push.example.com; frame-ancestors *",
  // More than one policy: all of them have to let a request through.
  "default-src *, connect-src 'self'",
  "connect-src 'self', connect-src *",
  "script-src 'self',connect-src 'self'",
  // Of a directive that is there twice, the first counts.
  "connect-src 'self'; connect-src *",
  ";;connect-src 'self';",
];

const loose = [
  null,
  '',
  ',',
  ';',
  "script-src 'self'",
  "frame-ancestors 'self'",
  'connect-src *',
  "connect-src 'self' *",
  "connect-src 'self' https:",
  "connect-src 'self' https://*.example.com",
  "connect-src 'self' *.example.com",
  "connect-src 'self' push.example.com",
  "connect-src 'self' https://storage.example.com",
  "connect-src 'self' https://push.example.com.evil.test",
  "connect-src 'self' https://push.example.com@evil.test",
  "connect-src 'self' https://push.example.com:8443",
  "connect-src 'self' https://push.example.com:*",
  "connect-src 'self' http://push.example.com",
  "connect-src 'self' wss://push.example.com:8443",
  "connect-src 'self' ws://push.example.com",
  "connect-src 'self' data:",
  "connect-src 'self' blob:",
  "connect-src 'self' 'report-sample'",
  'connect-src self',
  "connect-src 'none' https://evil.test",
  "default-src 'self'; connect-src *",
  "connect-src *; connect-src 'self'",
  "connect-src *, default-src *; script-src 'self'",
  "connect-source 'self'",
  "x-connect-src 'self'",
  "connect-src:'self'",
];

describe('a Content-Security-Policy', () => {
  for (const header of confined)
    it(`keeps requests at home: ${header}`, () => {
      expect(isConfinedBy(header, ORIGIN)).to.equal(true);
    });

  for (const header of loose)
    it(`does not: ${header}`, () => {
      expect(isConfinedBy(header, ORIGIN)).to.equal(false);
    });

  it('is compared with the whole origin, its scheme and its port', () => {
    const header = 'connect-src http://push.localhost:8080 ws://push.localhost:8080';
    expect(isConfinedBy(header, 'http://push.localhost:8080')).to.equal(true);
    for (const origin of [
      'https://push.localhost:8080',
      'http://push.localhost',
      'http://push.localhost:80',
    ])
      expect(isConfinedBy(header, origin), origin).to.equal(false);
  });
});

describe('whether a scope is confined', () => {
  const answer = (header: string | undefined, status = 200): Response =>
    new Response('script', {
      status,
      headers: header ? { 'content-security-policy': header } : {},
    });

  it('is read once, from the cache, when it is asked for', async () => {
    const asked: [string, RequestInit | undefined][] = [];
    const isConfined = createConfinement(`${ORIGIN}/frame.js`, ORIGIN, async (url, init) => {
      asked.push([String(url), init]);
      return answer("connect-src 'self'");
    });
    expect(asked).to.deep.equal([]);
    expect(await Promise.all([isConfined(), isConfined()])).to.deep.equal([true, true]);
    expect(await isConfined()).to.equal(true);
    expect(asked).to.deep.equal([
      [`${ORIGIN}/frame.js`, { cache: 'force-cache', mode: 'same-origin' }],
    ]);
  });

  it('is not known without the header, or where there is no such file', async () => {
    for (const response of [answer(undefined), answer("connect-src 'self'", 404)])
      expect(await createConfinement('/frame.js', ORIGIN, async () => response)()).to.equal(false);
    const reporting = new Response('', {
      headers: { 'content-security-policy-report-only': "connect-src 'self'" },
    });
    expect(await createConfinement('/frame.js', ORIGIN, async () => reporting)()).to.equal(false);
  });

  it('is asked again after a failure', async () => {
    let failures = 0;
    const isConfined = createConfinement('/frame.js', ORIGIN, async () => {
      if (failures > 0) return answer("connect-src 'self'");
      failures += 1;
      throw new TypeError('Failed to fetch');
    });
    expect(await isConfined()).to.equal(false);
    await until(isConfined);
  });
});
