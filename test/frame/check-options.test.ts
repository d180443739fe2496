import { expect } from '@esm-bundle/chai';
import type { Effects } from '../../src/frame/effects.ts';
import { createHost } from '../../src/frame/host.ts';
import type { ServeOptions } from '../../src/frame/options.ts';
import { checkOptions } from '../../src/frame/rules/check-options.ts';
import { service } from '../../src/frame/services/service.ts';
import { HadokenError } from '../../src/rpc/errors.ts';

const origins = ['https://app.test'];
const effects = { origin: 'https://api.test', log() {} } as unknown as Effects;

const refusal = (options: unknown): HadokenError | undefined => {
  try {
    createHost(options as ServeOptions, effects);
  } catch (error) {
    return error as HadokenError;
  }
  return undefined;
};

describe('the options of serve()', () => {
  const right: { [Name in keyof ServeOptions]?: ServeOptions[Name] | undefined }[] = [
    {},
    { fetch: true, io: true, eventSource: true, webSocket: true },
    { fetch: false, io: false, eventSource: false, webSocket: false },
    { fetch: undefined, io: undefined, limits: undefined, auth: undefined, services: undefined },
    {
      fetch: [
        { path: '/a', methods: ['GET'], headers: ['x-a'], credentials: 'omit', redirect: 'error' },
      ],
    },
    { fetch: [{ path: '/a', cache: 'private', origins }], eventSource: [{ path: '/b', origins }] },
    {
      io: {
        url: 'https://io.test',
        path: '/io/',
        transports: ['polling'],
        namespaces: { '/': true },
      },
    },
    { io: { transports: ['polling'], extraHeaders: { 'x-a': 'b' } } },
    { io: { parser: 'default' } },
    { io: { parser: 'msgpack' } },
    { io: { transportOptions: { polling: { extraHeaders: { 'x-a': 'b' } }, websocket: {} } } },
    { io: { namespaces: { '/a': { emit: ['b'] }, '/c': { on: ['d'] }, '/e': {}, '/f': false } } },
    { io: { namespaces: { '/': [{ origins, on: ['a'] }, false], '/room-*': true } } },
    { io: { namespaces: { '*': true } } },
    { io: { shared: true }, eventSource: [{ path: '/a', shared: true }] },
    { io: { shared: { retain: ['b'], linger: 0 }, namespaces: { '/a': { on: ['b'] } } } },
    { io: { shared: { retain: ['b'] }, namespaces: { '/a': [{ on: ['c'] }, true] } } },
    { limits: { requests: 1, sockets: 0, bodyBytes: Infinity } },
    { services: {}, config: { any: 'thing' }, auth: () => ({}), onRequest() {}, onResponse() {} },
    { vault: { refresh() {}, attach() {}, persist: true }, cookies: ['XSRF-TOKEN'] },
  ];
  for (const options of right)
    it(`are taken: ${JSON.stringify(options)}`, () => {
      expect(refusal({ origins, ...options })).to.equal(undefined);
    });

  const wrong: [name: string, options: object][] = [
    ['fetchs', { fetchs: true }],
    ['onrequest', { onrequest() {} }],
    ['limit', { limit: { requests: 1 } }],
    ['method', { fetch: [{ path: '/a', method: 'GET' }] }],
    ['Methods', { fetch: [{ path: '/a', Methods: ['GET'] }] }],
    ['header', { fetch: [{ path: '/a', header: [] }] }],
    ['origin', { fetch: [{ path: '/a' }, { path: '/b', origin: ['https://app.test'] }] }],
    ['credentials', { webSocket: [{ path: '/a', credentials: 'omit' }] }],
    ['methods', { eventSource: [{ path: '/a', methods: ['GET'] }] }],
    ['__proto__', JSON.parse('{"fetch": [{"path": "/a", "__proto__": {}}]}')],
    ['parser', { io: { parser: 'msgpak' } }],
    ['parser', { io: { parser: {} } }],
    ['extraHeaders', { io: { extraHeaders: { 'x-a': 'b' } } }],
    ['extraHeaders', { io: { transports: ['polling', 'websocket'], extraHeaders: {} } }],
    ['extraHeaders', { io: { transports: ['polling'], extraHeaders: { 'x-a': 1 } } }],
    ['extraHeaders', { io: { transportOptions: { websocket: { extraHeaders: { a: 'b' } } } } }],
    ['transportOptions', { io: { transportOptions: { poling: {} } } }],
    ['transportOptions', { io: { transportOptions: { polling: true } } }],
    ['namespace', { io: { namespace: { '/a': true } } }],
    ['shared', { fetch: [{ path: '/a', shared: true }] }],
    ['retains', { io: { shared: { retains: ['a'] } } }],
    ['shared', { io: { shared: 'yes' } }],
    ['shared', { io: { shared: ['a'] } }],
    ['retain', { io: { shared: { retain: 'a' } } }],
    ['retain', { io: { shared: { retain: ['a'] }, namespaces: { '/': { on: ['b'] } } } }],
    ['retain', { io: { shared: { retain: ['a'] }, namespaces: { '/': [{ on: ['b'] }, false] } } }],
    ['retain', { io: { shared: { retain: ['a'] }, namespaces: {} } }],
    ['retain', { io: { shared: { retain: ['connect'] } } }],
    ['linger', { io: { shared: { linger: -1 } } }],
    ['linger', { io: { shared: { linger: Infinity } } }],
    ['linger', { io: { shared: { linger: Number.NaN } } }],
    ["can't be shared", { webSocket: [{ path: '/a', shared: true }] }],
    ["can't be shared", { webSocket: [{ path: '/a', shared: false }] }],
    ['shared', { eventSource: [{ path: '/a', shared: 'yes' }] }],
    ['/a', { io: { namespaces: { '/a': [] } } }],
    ['/a', { io: { namespaces: { '/a': [[true]] } } }],
    ['origins', { io: { namespaces: { '/a': { origins: 'https://app.test' } } } }],
    ['origins', { io: { namespaces: { '/a': { origins: ['app.test'] } } } }],
    ['emits', { io: { namespaces: { '/a': { emits: ['a'] } } } }],
    ['emit', { io: { namespaces: { '/a': { emit: 'chat' } } } }],
    ['on', { io: { namespaces: { '/a': { on: [1] } } } }],
    ['/a', { io: { namespaces: { '/a': 'yes' } } }],
    ['/a', { io: { namespaces: { '/a': null } } }],
    ['/a', { io: { namespaces: { '/a': ['chat'] } } }],
    ['namespaces', { io: { namespaces: ['/a'] } }],
    ["begin it with /, as in '/chat'", { io: { namespaces: { '/': true, chat: true } } }],
    ["begin it with /, as in '/room-*'", { io: { namespaces: { 'room-*': false } } }],
    ["begin it with /, as in '/*/a'", { io: { namespaces: { '*/a': true } } }],
    ['begin it with /', { io: { namespaces: { '': true } } }],
    ['transports', { io: { transports: 'websocket' } }],
    ['transports', { io: { transports: ['WebSocket'] } }],
    ['transports', { io: { transports: [] } }],
    ['path', { io: { path: 7 } }],
    ['path', { io: { path: ['/a/'] } }],
    ['path', { io: { path: 'push.io' } }],
    ['url', { io: { url: new URL('https://io.test') } }],
    ['url', { io: { url: 'io.test' } }],
    ['url', { io: { url: 'https://io.test/chat' } }],
    ['url', { io: { url: 'https://user@io.test' } }],
    ['url', { io: { url: 'ftp://io.test' } }],
    ['io', { io: 'yes' }],
    ['io', { io: ['/a'] }],
    ['limits', { limits: 10 }],
    ['requests', { limits: { requests: '10' } }],
    ['requests', { limits: { requests: Number.NaN } }],
    ['sockets', { limits: { sockets: -1 } }],
    ['bodybytes', { limits: { bodybytes: 10 } }],
    ['onRequest', { onRequest: 'function' }],
    ['onResponse', { onResponse: {} }],
    ['auth', { auth: { token: 'secret' } }],
    ['refresh', { vault: {} }],
    ['refresh', { vault: { refresh: 'a' } }],
    ['refesh', { vault: { refresh() {}, refesh: 1 } }],
    ['persist', { vault: { refresh() {}, persist: 1 } }],
    ['attach', { vault: { refresh() {}, attach: true } }],
    ['vault', { vault: true }],
    ['cookies', { cookies: 'XSRF' }],
    ['cookies', { cookies: [1] }],
    ['services', { services: [] }],
    ['services', { services: { math: 7 } }],
    ['services', { services: { math: null } }],
    ['math, which is no object of methods', { services: { math() {} } }],
    ['math, which is no object of methods', { services: { math: 'x' } }],
    ['math, which is no object of methods', { services: { math: [() => 1] } }],
    ['math has no methods', { services: { math: service(() => 1) } }],
  ];
  const misspelt: [meant: string | undefined, options: object][] = [
    ['services', { service: {} }],
    ['onRequest', { onrequest() {} }],
    ['methods', { fetch: [{ path: '/a', method: 'GET' }] }],
    ['path', { fetch: [{ paths: '/a' }] }],
    ['namespaces', { io: { namespace: {} } }],
    ['retain', { io: { shared: { retains: [] } } }],
    ['refresh', { vault: { refesh() {} } }],
    ['bodyBytes', { limits: { bodybytes: 1 } }],
    [undefined, { headers: {} }],
    [undefined, { log: 'debug' }],
    [undefined, { io: { namespaces: { '/a': { to: [] } } } }],
    [undefined, { fetch: [{ path: '/a', timeout: 1 }] }],
  ];
  for (const [meant, options] of misspelt)
    it(`are refused with the nearest name there is, ${meant}: ${JSON.stringify(options)}`, () => {
      const [, asked] =
        /: did you mean (\w+)\? Known are /.exec(refusal({ origins, ...options })?.message ?? '') ??
        [];
      expect(asked).to.equal(meant);
    });

  for (const [name, options] of wrong)
    it(`are refused for ${name}: ${JSON.stringify(options)}`, () => {
      const error = refusal({ origins, ...options });
      expect(error).to.be.instanceOf(HadokenError);
      expect(error?.code).to.equal('INVALID_ARGUMENT');
      expect(error?.message).to.match(/^serve\(\): /);
      expect(error?.message).to.contain(name);
    });

  it('are refused for an unknown one with those that there are', () => {
    for (const [options, said] of [
      [{ timeout: 1 }, 'its options can\'t be read: unknown option "timeout". Known are origins, '],
      [{ limits: { request: 1 } }, '"request": did you mean requests? Known are requests, sockets'],
    ] as const)
      expect(refusal({ origins, ...options })?.message).to.contain(said);
  });

  const entry = ['app.test'];
  for (const [where, options] of [
    ['origins', { origins: entry }],
    ['origins of the fetch rule for "/a"', { fetch: [{ path: '/a', origins: entry }] }],
    ['origins of io.namespaces["/a"]', { io: { namespaces: { '/a': { origins: entry } } } }],
    [
      'origins of the rule of the service a',
      { services: { a: service({ read() {} }, { origins: entry }) } },
    ],
  ] as const)
    it(`say where an origin is that can’t be read: ${where}`, () => {
      const message = refusal({ origins, ...options })?.message;
      expect(message).to.contain(`serve(): ${where} has "app.test", which is no origin.`);
    });

  it('are refused where there are none', () => {
    for (const options of [undefined, null, 'text', [], 7])
      expect(() => checkOptions(options as never)).to.throw(HadokenError, 'Name origins');
  });
});
