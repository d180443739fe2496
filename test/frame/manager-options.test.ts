import { expect } from '@esm-bundle/chai';
import { readManagerOptions, readQuery } from '../../src/frame/push/manager-options.ts';
import type { ManagerOptions } from '../../src/parent/index.ts';

/** These are heeded by the page itself. */
type OfThePage = 'autoConnect' | 'forceNew' | 'multiplex';

describe('the options of a Manager that cross', () => {
  it('are those that the types promise', () => {
    const given: Required<Omit<ManagerOptions, OfThePage>> = {
      reconnection: false,
      reconnectionAttempts: 3,
      reconnectionDelay: 4,
      reconnectionDelayMax: 5,
      randomizationFactor: 0.25,
      timeout: 6,
      query: { a: 'b' },
      upgrade: false,
      rememberUpgrade: true,
      withCredentials: true,
      protocols: ['v1'],
      timestampRequests: true,
      timestampParam: 'stamp',
      requestTimeout: 7,
    };
    const { options, settings } = readManagerOptions(JSON.stringify(given));
    expect({ ...options, ...settings }).to.deep.equal(given);
  });

  it('are none that the types leave out', () => {
    const given = {
      path: '/other.io/',
      transports: ['polling'],
      extraHeaders: { a: 'b' },
      transportOptions: { polling: { extraHeaders: { a: 'b' } } },
      host: 'other.example',
      hostname: 'other.example',
      port: '1',
      secure: false,
      agent: true,
      forceBase64: true,
      tryAllTransports: false,
      addTrailingSlash: false,
    };
    expect(readManagerOptions(JSON.stringify(given)).options).to.deep.equal({});
  });

  it('name no session, whatever they are', () => {
    for (const timestampParam of ['sid', ['sid'], [['EIO']], 'transport', '__proto__', {}, null])
      expect(readManagerOptions(JSON.stringify({ timestampParam })).options).to.deep.equal({});
    const given = JSON.parse('{ "__proto__": { "sid": "a" }, "sid": "b", "kept": "c" }');
    expect(Object.assign({}, readQuery(given)).sid).to.equal(undefined);
    expect(readQuery(given)).to.deep.equal({ kept: 'c' });
    expect(readQuery('__proto__=a&sid=b&kept=c')).to.deep.equal({ kept: 'c' });
  });

  it('may not be negative or no number, where the types say it is an amount', () => {
    for (const [name, value] of [
      ['reconnectionDelay', -1],
      ['reconnectionAttempts', '3'],
      ['randomizationFactor', {}],
      ['timeout', true],
    ] as const)
      expect(() => readManagerOptions(JSON.stringify({ [name]: value })), name)
        .to.throw(`${name} is`)
        .with.property('code', 'INVALID_ARGUMENT');
  });
});
