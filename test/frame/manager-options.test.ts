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

  it('are no longer than a timer takes, for the next page may share it', () => {
    const names = ['timeout', 'reconnectionDelay', 'reconnectionDelayMax'] as const;
    for (const name of names)
      for (const [given, kept] of [
        [2 ** 31, 2 ** 31 - 1],
        [1e300, 2 ** 31 - 1],
        [2 ** 31 - 1, 2 ** 31 - 1],
        [5, 5],
      ])
        expect(readManagerOptions(JSON.stringify({ [name]: given })).settings[name]).to.equal(kept);
    const { reconnectionDelayMax } = readManagerOptions('{"reconnectionDelayMax":null}').settings;
    expect(reconnectionDelayMax).to.equal(2 ** 31 - 1);
    const attempts = readManagerOptions('{"reconnectionAttempts":1e300}').settings;
    expect(attempts.reconnectionAttempts).to.equal(1e300);
  });

  it('may not be negative or no number, where the types say it is an amount', () => {
    for (const [name, value] of [
      ['reconnectionDelay', -1],
      ['reconnectionAttempts', '3'],
      ['randomizationFactor', {}],
      ['timeout', true],
      ['randomizationFactor', 1.5],
      ['randomizationFactor', 4e6],
    ] as const)
      expect(() => readManagerOptions(JSON.stringify({ [name]: value })), name)
        .to.throw(`${name} is`)
        .with.property('code', 'INVALID_ARGUMENT');
  });
});
