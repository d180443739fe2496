import type { IoRules } from '../../src/frame/options/socket-io.ts';
import type { PolicyOptions } from '../../src/frame/rules/policy.ts';
import { allows, FRAME, refuses } from '../support/rules.ts';

const options = ['fetch', 'eventSource', 'webSocket'] as const;
const everyIo: (boolean | IoRules | undefined)[] = [
  undefined,
  false,
  true,
  {},
  { namespaces: { '/': true } },
  { path: '/push.io/' },
  { url: 'https://other.example.com', path: '/v1' },
];

/** Ways to a server at /socket.io/, below any rule but one that names it. */
const ways = {
  plain: ['/socket.io/', '/socket.io/?EIO=4&transport=polling', '/socket.io', '/socket.io/a/b'],
  'by its beginning': [
    '/socket.iox',
    '/socket.io%2f',
    '/socket.io;a',
    '/socket.io%3fx',
    '/socket.io.js',
  ],
  'in another case': ['/SOCKET.IO/', '/Socket.io/', '/%53ocket.io/'],
  encoded: [
    '/socket%2eio/',
    '/%73ocket.io/',
    '/socket%252eio/',
    '/sock%u0065t.io/',
    '/socket%c0%aeio/',
  ],
  'by dots': ['/v1/../socket.io/', '/v1/%2e%2e/socket.io/', '/./socket.io/'],
  'by slashes': ['//socket.io/', '/%2fsocket.io/', '/%5csocket.io/', '/\\socket.io/'],
  'by parameters': ['/;x/socket.io/', '/%3bx/socket.io/', '/socket.io;x/a'],
  'by bytes that are dropped, and others that are not': [
    '/%c0%73ocket%c0%aeio/',
    '/..;/%c0%73ocket%c0%aeio',
  ],
  'by look-alikes': [
    '/socket．io/',
    '/ｓocket.io/',
    '／socket.io/',
    '/soc\u212aet.io/',
    '/ſocket.io/',
  ],
  'by what is ignored': ['/socket\u200b.io/', '/%ffsocket.io/', '/\u00adsocket.io/'],
  'by what hides': [
    '/v1/..;/socket.io/',
    '/v1/..%2fsocket.io/',
    '/v1/%252e%252e/SOCKET%2eio/',
    '/%00/socket.io',
  ],
  'by what hides it well': [
    '/..;/%2573ocket.io',
    '/..;/%c0%73ocket.io',
    '/..;/sock%c0%aeet.io',
    '/..;/socket%c0%aeio',
    '/%c2%85/socket．io',
    `/%${'25'.repeat(200)}2fsocket.io`,
  ],
};

describe('Socket.IO’s path', () => {
  for (const [what, paths] of Object.entries(ways))
    it(`is out of reach where everything is allowed, ${what}`, () => {
      for (const option of options)
        for (const io of everyIo) for (const path of paths) refuses(true, { path }, { option, io });
    });

  it('is out of reach for rules that do not name it', () => {
    for (const rule of ['*', '/*', '/:path*', '/:a/', '/{socket.io}/*', '/s*', '/socket*', '/(.*)'])
      for (const path of [...ways.plain, ...ways['in another case'], ...ways.encoded])
        refuses([{ path: rule }], { path });
  });

  it('is reached where a rule names it literally', () => {
    for (const option of options) {
      for (const rule of ['/socket.io/*', '/socket.io*', '/socket.io/'])
        allows(
          [{ path: '/*' }, { path: rule }],
          { path: '/socket.io/?EIO=4' },
          { option, io: false },
        );
      allows([{ path: '/socket.io/*' }], { path: '/socket.io/a' }, { option });
      allows([{ path: '/socket\\.io/*' }], { path: '/socket.io/a' }, { option });
      refuses([{ path: '/socket.io/*' }], { path: '//socket.io/a' }, { option });
      refuses([{ path: '/socket.io/' }, { path: '/*' }], { path: '/socket.io/a' }, { option });
    }
  });

  it('is that of io as well, on the frame’s own origin', () => {
    const at = (io: IoRules): PolicyOptions => ({ io });
    const reach = (path: string, io: IoRules): void => {
      refuses(true, { path }, at(io));
      refuses([{ path: '/*' }], { path }, at(io));
    };
    for (const path of [
      '/push.io/',
      '/push.io',
      '/PUSH.io/x',
      '/push%2eio/',
      '//push.io/',
      '/push.iox',
    ])
      for (const given of ['/push.io/', '/push.io', 'push.io', '/Push.IO/', '/push%2eio/'])
        reach(path, { path: given });
    for (const path of [
      '/api/v2/io/',
      '/api//v2/io',
      '/api/v2;a/io/x',
      '/x/..;/api/x/..%2fv2/io',
      '/API/V2/IO',
    ])
      for (const url of [FRAME, `${FRAME}/`, FRAME.replace('http', 'ws')])
        reach(path, { path: '/api/v2/io/', url });
    reach('/Ströme/', { path: '/ströme/' });
    reach('/socket.io/', { path: '/push.io/' });
    allows([{ path: '/push.io/*' }], { path: '/push.io/x' }, at({ path: '/push.io/' }));
    refuses([{ path: '/push.io/*' }], { path: '/push.io/x' }, at({ path: '/push.io/x/' }));
    allows(
      true,
      { path: '/push.io/' },
      at({ path: '/push.io/', url: 'https://other.example.com' }),
    );
    allows(true, { path: '/push.io/' });
  });

  it('is the whole server where io has its root', () => {
    refuses(true, { path: '/v1/a' }, { io: { path: '/' } });
    allows([{ path: '/v1/*' }], { path: '/v1/a' }, { io: { path: '/' } });
    refuses([{ path: '*' }], { path: '/socket.io/' }, { io: { path: '/' } });
  });

  it('is no path that only has its name in it, nor one that hides something else', () => {
    const paths = [
      '/v1/socket.io/',
      '/a/socket.io',
      '/socket',
      '/socketio/',
      '/socket.i/o',
      '/v1/?a=/socket.io/',
    ];
    const hiding = [
      '/v1/..;/a',
      '/v1/..%2fa',
      '/a%00',
      '/v1/.../a',
      '/%c2%85',
      `/%${'25'.repeat(200)}2e`,
    ];
    for (const path of [...paths, ...hiding]) allows(true, { path });
    for (const path of paths) allows([{ path: '/*' }], { path });
  });
});
