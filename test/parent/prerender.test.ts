import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, HadokenError } from '../../src/parent/index.ts';
import { env, frameUrl, wait } from '../support/env.ts';

const own = Object.getOwnPropertyDescriptor(Document.prototype, 'prerendering');
/** As Chromium has it; what it does itself is in test/node/prerender.test.mjs. */
function prerender(): void {
  Object.defineProperty(Document.prototype, 'prerendering', {
    configurable: true,
    get: () => true,
  });
}
function restore(): void {
  Reflect.deleteProperty(Document.prototype, 'prerendering');
  if (own) Object.defineProperty(Document.prototype, 'prerendering', own);
}
function activate(): void {
  restore();
  document.dispatchEvent(new Event('prerenderingchange'));
}

describe('a page that is prerendered', () => {
  let hadoken: Hadoken;
  beforeEach(prerender);
  afterEach(() => {
    restore();
    hadoken.close();
  });
  const codeOf = (call: Promise<unknown>): Promise<string> =>
    call.then(String, (error) => (error instanceof HadokenError ? error.code : error.name));

  it('has no frame and no deadline until it is activated, and then at once', async () => {
    hadoken = connect(frameUrl('everything'), { timeout: 500, log: 'silent' });
    const events: string[] = [];
    hadoken.on('statechange', (state) => events.push(state));
    hadoken.on('error', () => events.push('error'));
    const outcomes: string[] = [];
    const calls = [
      hadoken.fetch('/api/echo'),
      hadoken.fetch('/api/echo', { timeout: 600, method: 'POST', body: 'x' }),
    ].map((call) =>
      codeOf(call.then(({ status }) => status)).then((outcome) => outcomes.push(outcome)),
    );
    const socket = new hadoken.WebSocket('/streams/ws/echo');
    const opened = new Promise((resolve) => {
      socket.onopen = () => resolve('open');
      socket.onclose = () => resolve('close');
    });
    await wait(1_500);
    expect([events, outcomes, hiddenFrames().length]).to.deep.equal([[], [], 0]);
    expect(hadoken.state).to.equal('connecting');
    activate();
    expect(hiddenFrames()).to.have.length(1);
    // The deadlines begin now, and are short for a machine that is busy.
    await Promise.all(calls);
    for (const outcome of outcomes) expect(outcome).to.match(/^(200|FRAME_TIMEOUT|TimeoutError)$/);
    await opened;
  });

  it('refuses at once what is no timeout', async () => {
    hadoken = connect(frameUrl('everything'));
    for (const timeout of [-1, Number.NaN, '5s' as unknown as number])
      expect(await codeOf(hadoken.fetch('/api/echo', { timeout }))).to.equal('TypeError');
  });

  it('loses nothing of what it asked for', async () => {
    hadoken = connect(frameUrl('everything'), { timeout: 20_000 });
    const { signal } = new AbortController();
    const calls = [
      hadoken.fetch('/api/echo', { timeout: 20_000, signal }).then(({ status }) => status),
      new Promise((resolve) => {
        new hadoken.WebSocket('/streams/ws/echo').onopen = () => resolve('open');
      }),
      hadoken.ready.then(({ state }) => state),
    ];
    await wait(50);
    activate();
    expect(await Promise.all(calls)).to.deep.equal([200, 'open', 'connected']);
  });

  it('has its deadlines from its activation on', async () => {
    hadoken = connect(`${env.push}/api/hang`, { timeout: 500, log: 'silent' });
    const late = codeOf(hadoken.fetch('/api/echo'));
    const short = codeOf(hadoken.fetch('/api/echo', { timeout: 100 }));
    activate();
    expect(await Promise.all([late, short])).to.deep.equal(['FRAME_TIMEOUT', 'TimeoutError']);
  });

  it('heeds signals and close() meanwhile, and then is not connected', async () => {
    hadoken = connect(frameUrl('everything'), { timeout: 500, log: 'silent' });
    const control = new AbortController();
    const aborted = codeOf(hadoken.fetch('/api/echo', { signal: control.signal }));
    const closed = codeOf(hadoken.fetch('/api/echo', { timeout: 500 }));
    control.abort();
    expect(await aborted).to.equal('AbortError');
    hadoken.close();
    expect(await closed).to.equal('CLOSED');
    activate();
    expect(hiddenFrames()).to.have.length(0);
  });
});
