import { expect } from '@esm-bundle/chai';
import { isSameHeader } from '../../src/frame/rules/header-rules.ts';
import { allows, type Rules, refuses } from '../support/rules.ts';

/** Spellings that CGI, WSGI and PHP make the same variable of. */
const spellings = (name: string): string[] => [
  name.toLowerCase(),
  name.toUpperCase(),
  name.replaceAll('-', '_'),
  name.replace('-', '_'),
  name.replaceAll('-', '.'),
  name.toLowerCase().replaceAll('-', '~'),
];

describe('the names of headers', () => {
  it('are the same where CGI makes them the same', () => {
    for (const name of spellings('Hadoken-Origin'))
      expect(isSameHeader(name, 'Hadoken-Origin'), name).to.equal(true);
    for (const name of [
      'hadokenorigin',
      'x-hadoken-origin',
      'hadoken-origin-',
      'hadoken--origin',
      '',
    ])
      expect(isSameHeader(name, 'Hadoken-Origin'), name).to.equal(false);
  });

  it('are compared so with a rule’s', () => {
    const rules = [{ path: '/a', headers: ['X-One-Two', 'x_three'] }];
    for (const name of [...spellings('x-one-two'), ...spellings('x-three')])
      allows(rules, { path: '/a', headers: [name] });
    for (const name of ['x-one', 'x-onetwo', 'x-one-two-', 'x__three'])
      refuses(rules, { path: '/a', headers: [name] });
  });
});

describe('headers that change the method', () => {
  for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])
    it(`do not cross where a rule names methods, in any spelling: ${name}`, () => {
      for (const spelling of spellings(name)) {
        const ask = { path: '/a', method: 'POST', headers: [spelling] };
        refuses([{ path: '/a', methods: ['POST'] }], ask);
        refuses([{ path: '/a', methods: ['POST'], headers: ['x-one'] }], ask);
        allows([{ path: '/a', methods: ['POST'], headers: [name] }], ask);
        allows([{ path: '/a', methods: ['POST'], headers: [spelling] }], ask);
        allows([{ path: '/a' }], ask);
        allows(true, ask);
      }
    });

  it('never name a method that no script may use, as the platform has it', () => {
    for (const value of ['TRACE', 'track', ' Connect ', 'GET, trace'])
      for (const name of spellings('x-http-method-override'))
        for (const rules of [true, [{ path: '/', headers: [name] }]])
          refuses(rules, { headers: [[name, value]] });
    for (const value of ['DELETE', 'GETTRACE', 'TRACER', ''])
      allows(true, { headers: [['x_http_method_override', value]] });
  });
});

/** https://fetch.spec.whatwg.org/#forbidden-request-header */
const forbidden = [
  ...[
    'Accept-Charset',
    'Accept-Encoding',
    'Access-Control-Request-Headers',
    'Content-Length',
    'Cookie',
  ],
  ...[
    'Access-Control-Request-Method',
    'Connection',
    'Cookie2',
    'Date',
    'DNT',
    'Expect',
    'Host',
    'Keep-Alive',
  ],
  ...['Origin', 'Referer', 'Set-Cookie', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade', 'Via'],
  ...['Proxy-Authorization', 'Proxy-X', 'Sec-Fetch-Site', 'Sec-WebSocket-Key', 'Sec-X'],
];

describe('headers that no script may set', () => {
  it('are refused in every spelling, whatever a rule says', () => {
    for (const name of forbidden)
      for (const spelling of spellings(name)) {
        const everywhere: Rules[] = [
          true,
          [{ path: '/a' }],
          [{ path: '/a', headers: [name, spelling] }],
        ];
        for (const rules of everywhere) refuses(rules, { path: '/a', headers: [spelling] });
      }
  });

  it('are those that the platform drops', () => {
    for (const name of forbidden) {
      const { headers } = new Request('https://a.test', {
        headers: { [name]: '1', 'x-kept': '1' },
      });
      expect([...headers], name).to.deep.equal([['x-kept', '1']]);
    }
  });

  it('are no others', () => {
    for (const name of [
      'authorization',
      'User-Agent',
      'cookies',
      'x-cookie',
      'hosts',
      'secret',
      'x-sec-a',
      'proxied',
    ])
      allows(true, { headers: [name] });
  });
});

/** What proxies, CDNs and login services set. */
const trusted = [
  ...[
    'X-Original-URL',
    'X-Original-URI',
    'X-Original-Host',
    'X-Original-Method',
    'X-Rewrite-URL',
    'X-Host',
  ],
  ...[
    'X-Forwarded-For',
    'X-Forwarded-Host',
    'X-Forwarded-Proto',
    'X-Forwarded-Prefix',
    'X-Forwarded-Port',
  ],
  ...[
    'X-Forwarded-User',
    'X-Forwarded',
    'X-Forward-For',
    'Forwarded',
    'Forwarded-For',
    'X-Real-IP',
    'X-Real-Host',
  ],
  ...[
    'X-Client-IP',
    'Client-IP',
    'True-Client-IP',
    'CF-Connecting-IP',
    'CF-Connecting-IPv6',
    'CF-IPCountry',
  ],
  ...[
    'CF-Access-Jwt-Assertion',
    'X-Cluster-Client-IP',
    'Fastly-Client-IP',
    'Fastly-SSL',
    'X-ProxyUser-Ip',
  ],
  ...[
    'X-Remote-IP',
    'X-Remote-Addr',
    'X-Remote-User',
    'X-Remote-Group',
    'Remote-User',
    'Remote-Addr',
  ],
  ...[
    'X-Envoy-External-Address',
    'X-Envoy-Original-Path',
    'X-Middleware-Subrequest',
    'X-Middleware-Rewrite',
  ],
  ...[
    'Proxy',
    'X-ARR-SSL',
    'X-ARR-ClientCert',
    'X-Amzn-Oidc-Data',
    'X-Amzn-Mtls-Clientcert',
    'X-Azure-ClientIP',
  ],
  ...[
    'X-MS-Client-Principal',
    'X-MS-Client-Principal-Name',
    'X-Goog-Authenticated-User-Email',
    'X-Appengine-User-IP',
  ],
  ...[
    'Script-Name',
    'Path-Info',
    'X-Script-Name',
    'X-Scheme',
    'X-Accel-Mapping',
    'X-Sendfile-Type',
    'Client-Cert',
  ],
  ...[
    'X-SSL-Client-Verify',
    'SSL-Client-Cert',
    'X-Auth-Request-User',
    'X-WebAuth-User',
    'X-Consumer-Username',
  ],
  ...[
    'X-Originating-IP',
    'X-HTTP-Host-Override',
    'WL-Proxy-Client-IP',
    'Front-End-Https',
    'X-Override-URL',
    'X-HTTP-DestinationURL',
    'Destination',
    'Cluster-Client-IP',
    'X-Custom-IP-Authorization',
    'X-Nf-Client-Connection-Ip',
  ],
];

describe('headers that servers take for their proxy’s', () => {
  it('do not cross, in any spelling, unless a rule names them', () => {
    for (const name of trusted)
      for (const spelling of spellings(name)) {
        const ask = { path: '/a', headers: [spelling] };
        refuses(true, ask);
        refuses([{ path: '/a' }], ask);
        refuses([{ path: '/a', headers: ['x-one'] }], ask);
        allows([{ path: '/a', headers: [name] }], ask);
      }
  });

  it('are not allowed by another rule for the path, nor by another header', () => {
    const rules = [{ path: '/*' }, { path: '/a', headers: ['x-forwarded-for'] }];
    allows(rules, { path: '/a', headers: ['x-forwarded-for'] });
    refuses(rules, { path: '/b', headers: ['x-forwarded-for'] });
    refuses(rules, { path: '/a', headers: ['x-forwarded-host'] });
    refuses(rules, { path: '/a', headers: ['x-forwarded-for', 'x-two'] });
  });

  it('are none that pages send', () => {
    const honest = [
      ...[
        'Authorization',
        'X-Requested-With',
        'X-CSRF-Token',
        'X-XSRF-TOKEN',
        'X-Request-ID',
        'X-Correlation-ID',
      ],
      ...[
        'X-Api-Key',
        'X-Auth-Token',
        'X-Client-Version',
        'If-None-Match',
        'Idempotency-Key',
        'Last-Event-ID',
      ],
      ...[
        'traceparent',
        'tracestate',
        'baggage',
        'sentry-trace',
        'newrelic',
        'x-datadog-trace-id',
        'X-B3-TraceId',
      ],
      ...[
        'X-Amzn-Trace-Id',
        'x-amz-acl',
        'x-amz-date',
        'x-ms-version',
        'x-ms-blob-type',
        'X-Goog-Upload-Command',
      ],
      ...[
        'X-Goog-Api-Key',
        'x-goog-meta-a',
        'X-Upload-Length',
        'Upload-Offset',
        'Tus-Resumable',
        'X-File-Name',
      ],
      ...[
        'HX-Request',
        'Turbo-Frame',
        'X-Inertia',
        'X-Livewire',
        'apollo-require-preflight',
        'X-Apollo-Tracing',
      ],
      ...[
        'cf-turnstile-response',
        'X-Recaptcha-Token',
        'X-Timezone',
        'X-Platform',
        'Accept-Version',
        'Prefer',
      ],
      ...[
        'grpc-timeout',
        'x-grpc-web',
        'x-user-agent',
        'X-Socket-ID',
        'X-Pusher-Key',
        'apikey',
        'x-client-info',
      ],
    ];
    for (const name of honest) allows(true, { headers: [name] });
  });
});
