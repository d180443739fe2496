import { expect } from '@esm-bundle/chai';
import {
  type ConnectOptions,
  connect,
  type Hadoken,
  type HadokenError,
} from '../../src/parent/index.ts';
import { attackerUrl, openAttacker, shakeByHand } from '../support/attacker.ts';
import { env, frameUrl } from '../support/env.ts';

type Failure = { error: HadokenError; ms: number; lines: string[]; hadoken: Hadoken };

/** Connects in vain, twice. Resolves with why, how long that took, and what the console would have shown. */
async function fail(url: string, options: ConnectOptions = {}): Promise<Failure> {
  const lines: string[] = [];
  const line = (...args: unknown[]): void => void lines.push(args.join(' '));
  const log = { error: line, warn: line, info() {}, debug() {} };
  const start = performance.now();
  const hadoken = connect(url, {
    timeout: 1_500,
    reconnectionAttempts: 1,
    reconnectionDelay: 10,
    log,
    ...options,
  });
  const error = await hadoken.ready.then(
    () => expect.fail('it connected'),
    (reason: HadokenError) => reason,
  );
  return { error, ms: performance.now() - start, lines, hadoken };
}

const withHeader = (url: string, header: string): string =>
  `${url}?header=${encodeURIComponent(header)}`;

type Case = { what: string; url: string; code: string; says: RegExp; timeout?: number };
const cases: Case[] = [
  {
    what: 'the frame is not there',
    url: frameUrl('default').replace('frame.html', 'none.html'),
    code: 'FRAME_TIMEOUT',
    says: /404/,
  },
  {
    what: 'its server fails',
    url: `${env.push}/api/status/500`,
    code: 'FRAME_TIMEOUT',
    says: /frame\.js/,
  },
  {
    what: 'it is something else',
    url: `${env.push}/api/echo`,
    code: 'FRAME_TIMEOUT',
    says: /frame\.js/,
  },
  {
    what: 'it is another page',
    url: `${env.push}/pages/blank.html`,
    code: 'FRAME_TIMEOUT',
    says: /frame\.js/,
  },
  {
    what: 'its server can’t be reached',
    url: 'http://push.hadoken.localhost:1/frame.html',
    code: 'FRAME_TIMEOUT',
    says: /:1\/frame\.html/,
  },
  {
    what: 'X-Frame-Options keeps it out',
    url: withHeader(frameUrl(), 'x-frame-options:DENY'),
    code: 'FRAME_TIMEOUT',
    says: /X-Frame-Options/,
  },
  {
    what: 'frame-ancestors keeps it out',
    url: withHeader(frameUrl(), "content-security-policy:frame-ancestors 'none'"),
    code: 'FRAME_TIMEOUT',
    says: /frame-ancestors/,
  },
  {
    what: 'its own CSP blocks its script',
    url: withHeader(frameUrl(), "content-security-policy:script-src 'none'"),
    code: 'FRAME_TIMEOUT',
    says: /frame\.js/,
  },
  {
    what: 'host.js is missing',
    url: frameUrl('none'),
    code: 'HOST_FAILED',
    says: /hosts\/none\/host\.js could not be loaded. Put it beside frame\.js/,
    timeout: 9_000,
  },
  {
    what: 'host.js throws',
    url: frameUrl('throws'),
    code: 'HOST_FAILED',
    says: /hosts\/throws\/(host\.js|frame\.html) threw/,
  },
  {
    what: 'host.js does not serve',
    url: frameUrl('silent'),
    code: 'HOST_FAILED',
    says: /hosts\/silent\/(host\.js|frame\.html) did not call hadokenFrame\.serve\(\)/,
  },
  {
    what: 'host.js names no origins',
    url: frameUrl('no-origins'),
    code: 'HOST_FAILED',
    says: /hosts\/no-origins\/(host\.js|frame\.html) threw/,
  },
  {
    what: 'host.js names any origin',
    url: frameUrl('any-origin'),
    code: 'HOST_FAILED',
    says: /hosts\/any-origin\/(host\.js|frame\.html) threw/,
  },
  {
    what: 'host.js has a rule that can’t be read',
    url: frameUrl('bad-rule'),
    code: 'HOST_FAILED',
    says: /hosts\/bad-rule\/(host\.js|frame\.html) threw/,
  },
  {
    what: 'the config of host.js throws',
    url: frameUrl('config-throws'),
    code: 'HOST_FAILED',
    says: /config in host\.js failed\. Why is on the console of the frame/,
  },
  {
    what: 'the config of host.js does not answer',
    url: frameUrl('config-silent'),
    code: 'FRAME_TIMEOUT',
    // The frame needs some of it, on a machine under load.
    timeout: 9_000,
    says: /is there, and has not let this page in within 9000 ms.*config/,
  },
  {
    what: 'the config of host.js does not clone',
    url: frameUrl('config-not-clonable'),
    code: 'HOST_FAILED',
    says: /config in host\.js failed\. Why is on the console of the frame/,
  },
  {
    what: 'the config of host.js fails with what can’t be made a text',
    url: frameUrl('config-hostile'),
    code: 'HOST_FAILED',
    says: /config in host\.js failed\. Why is on the console of the frame/,
  },
  {
    what: 'the frame is of a later release',
    url: frameUrl('newer'),
    code: 'VERSION_MISMATCH',
    says: /3–4/,
  },
];

describe('a failure has a name', () => {
  // Those that wait for their time wait together.
  const waiting = new Map<string, Promise<Failure>>();
  before(() => {
    for (const { what, url, code, timeout = 1_500 } of cases)
      if (code === 'FRAME_TIMEOUT') waiting.set(what, fail(url, { timeout }));
  });
  for (const {
    what,
    url,
    code,
    says,
    timeout = code === 'FRAME_TIMEOUT' ? 1_500 : 9_000,
  } of cases) {
    it(`when ${what}: ${code}`, async () => {
      const { error, ms, lines, hadoken } = await (waiting.get(what) ?? fail(url, { timeout }));
      expect(error).to.be.instanceOf(TypeError);
      expect(error).to.include({ name: 'HadokenError', code });
      expect(error.message).to.match(says);
      expect(lines, 'one line on the console').to.have.length(1);
      expect(lines[0]).to.contain(code).and.contain(error.message);
      expect(hadoken.state).to.equal('failed');
      expect(hadoken.error).to.equal(error);
      // Two attempts and what lies between; the rest is for a machine under load.
      expect(ms).to.be.lessThan(2 * timeout + 20_000);
      const call = await hadoken.fetch('/api/echo').catch((reason) => reason);
      const { message } = error;
      expect(call, 'calls are refused at once').to.include({ code, message, method: 'GET' });
      expect(hiddenFrames(`[src^="${url}"]`), 'its frame is gone').to.deep.equal([]);
      hadoken.close();
    });
  }

  const framed = async (page: {
    headers: string[];
    url: string;
    timeout?: number;
  }): Promise<{ code: string; message: string; ms: number }> => {
    const attacker = await openAttacker(attackerUrl(env.app, page.headers));
    const found = await attacker.run<{ code: string; message: string; ms: number }>(
      async (script: string, url: string, timeout: number) => {
        const tag = document.createElement('script');
        tag.dataset.manual = '';
        tag.src = script;
        await new Promise((resolve, reject) => {
          tag.onload = resolve;
          tag.onerror = reject;
          document.head.append(tag);
        });
        const { hadoken } = globalThis as unknown as { hadoken: { connect: typeof connect } };
        const start = performance.now();
        const client = hadoken.connect(url, {
          timeout,
          reconnectionAttempts: 0,
          log: 'silent',
        });
        const outcome = await client.ready.then(
          () => ({ code: 'connected', message: '' }),
          ({ code, message }) => ({ code, message }),
        );
        return { ...outcome, ms: performance.now() - start };
      },
      `${env.push}/hosts/coep/hadoken.js`,
      page.url,
      page.timeout ?? 9_000,
    );
    attacker.close();
    return found;
  };
  const scripts = `script-src ${env.push} 'unsafe-inline' 'unsafe-eval'`;

  for (const policy of [
    "frame-src 'none'",
    "child-src 'none'",
    "default-src 'none'",
    `frame-src ${env.shop}`,
  ]) {
    it(`when the page’s own CSP has ${policy.replace(/:\d+/, '')}: FRAME_BLOCKED, at once`, async () => {
      const headers = [`content-security-policy:${policy}; ${scripts}`];
      const { code, message, ms } = await framed({ headers, url: frameUrl() });
      expect(code).to.equal('FRAME_BLOCKED');
      expect(message).to.contain(`Add ${frameUrl()} to frame-src`);
      expect(ms).to.be.lessThan(8_000);
    });
  }

  it('and there is none when the page’s CSP names the frame', async () => {
    const headers = [
      `content-security-policy:default-src 'none'; frame-src ${env.push}; ${scripts}`,
    ];
    expect(await framed({ headers, url: frameUrl() })).to.include({ code: 'connected' });
  });

  it('when a page with COEP has a frame without: FRAME_TIMEOUT; with COEP and CORP it connects', async () => {
    const headers = ['cross-origin-embedder-policy:require-corp'];
    const without = await framed({ headers, url: frameUrl(), timeout: 2_000 });
    expect(without.code).to.equal('FRAME_TIMEOUT');
    expect(without.message).to.contain('COEP');
    expect(await framed({ headers, url: frameUrl('coep') })).to.include({ code: 'connected' });
  });

  for (const [what, versions] of [
    ['old', [1, 1]],
    ['new', [3, 5]],
  ] as const) {
    it(`when the page is too ${what} for the frame: VERSION_MISMATCH, and what to do`, async () => {
      const { answer, frame } = await shakeByHand(frameUrl(), { offer: { versions } });
      expect(answer).to.include({ hadoken: 'REFUSE', code: 'VERSION_MISMATCH' });
      expect(answer?.message).to.contain('same release');
      frame.remove();
    });
  }

  it('and none when page and frame share one version of several', async () => {
    const { answer, frame } = await shakeByHand(frameUrl(), { offer: { versions: [0, 7] } });
    expect(answer).to.include({ hadoken: 'ACCEPT', version: 2 });
    frame.remove();
  });
});

describe('the host runs in the frame’s window where its worker can’t', () => {
  for (const [what, url] of [
    [
      'the frame’s CSP refuses workers',
      withHeader(frameUrl('border'), "content-security-policy:worker-src 'none'"),
    ],
    ['host.js throws in a worker', frameUrl('worker-throws')],
    ['host.js does not serve in a worker', frameUrl('worker-silent')],
  ] as const) {
    it(`as ${what}`, async () => {
      const hadoken = connect(url);
      expect(await hadoken.service<{ where(): string }>('probe').where()).to.equal('window');
      hadoken.close();
    });
  }

  it('and in a worker where it can', async () => {
    const hadoken = connect(frameUrl('border'));
    expect(await hadoken.service<{ where(): string }>('probe').where()).to.equal('worker');
    hadoken.close();
  });

  for (const host of ['twice', 'module-twice'])
    it(`a second serve() is refused, and the first stands: ${host}`, async () => {
      const hadoken = connect(frameUrl(host), { log: 'silent', reconnectionAttempts: 0 });
      await hadoken.ready;
      // By then a REFUSE or a BYE of the second would be there.
      await hadoken.fetch('/api/echo').catch(() => {});
      expect(hadoken.state).to.equal('connected');
      hadoken.close();
    });
});

describe('calls that wait for a frame', () => {
  const url = `${env.push}/pages/blank.html`;

  it('reject after `timeout` ms with the code of the last attempt', async () => {
    const hadoken = connect(url, { timeout: 700, reconnectionDelay: 10, log: 'silent' });
    const start = performance.now();
    const errors = await Promise.all([
      hadoken.fetch('/api/echo').catch(({ code }) => code),
      hadoken
        .service<{ f(): void }>('x')
        .f()
        .catch(({ code }) => code),
    ]);
    expect(errors).to.deep.equal(['FRAME_TIMEOUT', 'FRAME_TIMEOUT']);
    expect(performance.now() - start).to.be.within(650, 20_000);
    expect(hadoken.state).to.equal('reconnecting');
    hadoken.close();
  });

  it('reject at close() with CLOSED, as does `ready`; and nothing is left', async () => {
    const hadoken = connect(url, { log: 'silent' });
    const settled = Promise.allSettled([hadoken.ready, hadoken.fetch('/api/echo')]);
    hadoken.close();
    hadoken.close();
    for (const outcome of await settled)
      expect(outcome).to.have.nested.property('reason.code', 'CLOSED');
    expect(hadoken.state).to.equal('closed');
    expect(await hadoken.fetch('/api/echo').catch(({ code }) => code)).to.equal('CLOSED');
    hadoken.reconnect();
    expect(hadoken.state).to.equal('closed');
    expect(hiddenFrames(`[src^="${url}"]`)).to.deep.equal([]);
  });
});
