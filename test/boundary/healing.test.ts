import { expect } from '@esm-bundle/chai';
import {
  type ConnectOptions,
  connect,
  type Hadoken,
  type HadokenError,
  type Remote,
} from '../../src/parent/index.ts';
import { attackerUrl, openAttacker } from '../support/attacker.ts';
import { env, frameUrl, requestLog, uniqueId, until, wait } from '../support/env.ts';

type Mortal = {
  life(): number;
  die(): void;
  dieLoudly(): void;
  stumble(): void;
  hang(ms: number): void;
  never(): void;
};

const url = frameUrl('mortal');
const frameOf = (): HTMLIFrameElement => hiddenFrames(`[src^="${url}"]`)[0] as HTMLIFrameElement;
let hadoken: Hadoken;
let mortal: Remote<Mortal>;
let events: string[];

async function open(options: ConnectOptions = {}): Promise<number> {
  hadoken = connect(url, { heartbeat: 60_000, reconnectionDelay: 20, log: 'silent', ...options });
  events = [];
  for (const event of [
    'connect',
    'disconnect',
    'reconnecting',
    'reconnect_failed',
    'error',
  ] as const)
    hadoken.on(event, () => events.push(event));
  hadoken.on('statechange', (state) => events.push(`state: ${state}`));
  mortal = hadoken.service<Mortal>('mortal');
  return mortal.life();
}

/** In another life than `before`, and with nothing told twice. */
async function expectHealed(before: number): Promise<void> {
  await until(() => events.filter((event) => event === 'connect').length === 2, 20_000);
  expect(await mortal.life()).not.to.equal(before);
  expect(hadoken.state).to.equal('connected');
  expect(hadoken.error).to.equal(undefined);
  expect(hiddenFrames(`[src^="${url}"]`)).to.have.length(1);
  expect(events).to.deep.equal([
    'state: connected',
    'connect',
    'state: reconnecting',
    'disconnect',
    'reconnecting',
    'state: connected',
    'connect',
  ]);
}

describe('a frame that is lost is made again', function () {
  this.timeout(30_000);
  afterEach(() => hadoken.close());

  // With a heartbeat of a minute: the first of these do not wait for one.
  it('when it is loaded anew', async () => {
    const before = await open();
    const frame = frameOf();
    frame.src = frame.src.replace('#', '?again#');
    await expectHealed(before);
  });

  it('when it is navigated away', async () => {
    const before = await open();
    frameOf().src = `${env.other}/pages/blank.html`;
    await expectHealed(before);
  });

  it('when its worker threw and is no more: the gate tells', async () => {
    const before = await open();
    await mortal.dieLoudly();
    await expectHealed(before);
  });

  it('when it is removed', async () => {
    const before = await open();
    frameOf().remove();
    await expectHealed(before);
  });

  it('when its worker is no more, and nobody tells', async () => {
    const before = await open({ heartbeat: 5_000 });
    await mortal.die();
    await expectHealed(before);
  });

  it('when it answers nothing for longer than the heartbeat', async () => {
    const before = await open({ heartbeat: 4_000 });
    await mortal.hang(15_000);
    await expectHealed(before);
  });
});

describe('a frame that lives is left alone', function () {
  this.timeout(30_000);
  afterEach(() => hadoken.close());

  async function expectSameLife(before: number): Promise<void> {
    expect(await mortal.life()).to.equal(before);
    expect(events).to.deep.equal(['state: connected', 'connect']);
  }

  it('while it hangs for less than the heartbeat', async () => {
    const before = await open({ heartbeat: 20_000 });
    await mortal.hang(1_000);
    await expectSameLife(before);
  });

  it('when its worker threw and goes on', async () => {
    const before = await open();
    await mortal.stumble();
    await wait(3_000);
    await expectSameLife(before);
  });

  it('when the page did nothing for longer than the heartbeat, as one that was frozen', async () => {
    const before = await open({ heartbeat: 2_000 });
    for (let i = 0; i < 2; i++) {
      for (const end = performance.now() + 4_000; performance.now() < end; );
      await wait(300);
    }
    await expectSameLife(before);
  });

  it('when the clock jumps, as after an hour’s sleep', async () => {
    const before = await open({ heartbeat: 8_000 });
    const { now } = Date;
    const performanceNow = performance.now;
    try {
      Date.now = () => now() + 3_600_000;
      performance.now = () => performanceNow.call(performance) + 3_600_000;
      await wait(3_000);
      await expectSameLife(before);
    } finally {
      Date.now = now;
      performance.now = performanceNow;
    }
  });

  it('when <body> is replaced: it is not in there', async () => {
    const before = await open();
    const { body } = document;
    document.body.replaceWith(document.createElement('body'));
    await wait(100);
    await expectSameLife(before);
    document.body.replaceWith(body);
  });
});

describe('a page that loses everything', function () {
  this.timeout(30_000);
  for (const [what, lose] of [
    [
      'its root element',
      () => document.documentElement.replaceWith(document.createElement('html')),
    ],
    [
      'its root element, for a while',
      () => {
        const root = document.documentElement;
        root.remove();
        setTimeout(() => document.append(root), 1_500);
      },
    ],
    [
      'its document, by document.open()',
      () => {
        document.open();
        document.write('<p>another page');
        document.close();
      },
    ],
  ] as const) {
    it(`is connected again: ${what}`, async () => {
      const page = await openAttacker(attackerUrl(env.shop));
      const states = await page.run<string[]>(
        async (script: string, frame: string, attack: () => void) => {
          const tag = document.createElement('script');
          tag.dataset.manual = '';
          tag.src = script;
          await new Promise((resolve) => {
            tag.onload = resolve;
            document.head.append(tag);
          });
          const { hadoken: exported } = globalThis as unknown as {
            hadoken: { connect: typeof connect };
          };
          const client = exported.connect(frame, {
            heartbeat: 60_000,
            reconnectionDelay: 20,
            log: 'silent',
          });
          const seen: string[] = [];
          client.on('statechange', (state) => seen.push(state));
          await client.ready;
          attack();
          await new Promise((resolve) => client.once('connect', () => resolve(undefined)));
          await client.fetch('/api/echo');
          return seen;
        },
        `${env.push}/hadoken/hadoken.js`,
        url,
        lose,
      );
      expect(states).to.deep.equal(['connected', 'reconnecting', 'connected']);
      page.close();
    });
  }
});

describe('calls under way when the frame is lost', function () {
  this.timeout(30_000);
  afterEach(() => hadoken.close());
  const codeOf = (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      (value) => value,
      ({ code }: HadokenError) => code,
    );

  it('settle: GET is sent again once, POST and services reject with FRAME_LOST', async () => {
    await open();
    const [get, post] = [uniqueId(), uniqueId()];
    const status = ({ status: value }: Response): number => value;
    const calls = [
      codeOf(hadoken.fetch(`/api/slow?ms=4000&id=${get}`).then(status)),
      codeOf(hadoken.fetch(`/api/hang?id=${post}`, { method: 'POST', body: 'x' }).then(status)),
      codeOf(mortal.never()),
    ];
    await until(async () => (await requestLog(get)).length && (await requestLog(post)).length);
    frameOf().src = `${env.other}/pages/blank.html`;
    expect(await Promise.all(calls)).to.deep.equal([200, 'FRAME_LOST', 'FRAME_LOST']);
    expect(await requestLog(get)).to.have.length(2);
    expect(await requestLog(post)).to.have.length(1);
  });

  it('and those made while it is away wait, in order', async () => {
    await open();
    frameOf().src = `${env.other}/pages/blank.html`;
    await until(() => hadoken.state === 'reconnecting');
    const order: number[] = [];
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => mortal.life().then(() => order.push(i))),
    );
    expect(order).to.deep.equal(Array.from({ length: 20 }, (_, i) => i));
    expect(events.at(-1)).to.equal('connect');
  });

  it('reject with CLOSED when the page closes, at once', async () => {
    await open();
    const call = codeOf(mortal.never());
    const fetched = codeOf(hadoken.fetch('/api/slow?ms=5000'));
    await mortal.life();
    hadoken.close();
    expect(await Promise.all([call, fetched])).to.deep.equal(['CLOSED', 'CLOSED']);
    expect(events.slice(-2)).to.deep.equal(['state: closed', 'disconnect']);
    expect(!!frameOf()).to.equal(false);
  });
});

describe('a wait for the next attempt', function () {
  this.timeout(20_000);
  afterEach(() => hadoken.close());

  for (const [what, end] of [
    ['the network comes back', () => dispatchEvent(new Event('online'))],
    [
      'the page is shown again',
      () => dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true })),
    ],
    ['reconnect() is called', () => hadoken.reconnect()],
  ] as const) {
    it(`is over when ${what}`, async () => {
      const before = await open({ reconnectionDelay: 300_000, reconnectionDelayMax: 300_000 });
      frameOf().src = `${env.other}/pages/blank.html`;
      await until(() => hadoken.state === 'reconnecting');
      await wait(200);
      expect(hadoken.state).to.equal('reconnecting');
      end();
      await expectHealed(before);
    });
  }

  it('is never begun without attempts: the state is failed, until reconnect()', async () => {
    const before = await open({ reconnectionAttempts: 0 });
    frameOf().src = `${env.other}/pages/blank.html`;
    await until(() => hadoken.state === 'failed');
    expect(await hadoken.fetch('/api/echo').catch(({ code }) => code)).to.equal('FRAME_LOST');
    expect(events).to.include('reconnect_failed').and.not.include('reconnecting');
    hadoken.reconnect();
    expect(hadoken.state).to.equal('reconnecting');
    expect(await mortal.life()).not.to.equal(before);
    expect(hadoken.state).to.equal('connected');
  });

  it('grows, jittered, up to its limit, and `reconnect_failed` is the last word', async () => {
    const delays: number[] = [];
    hadoken = connect(`${env.push}/pages/blank.html`, {
      timeout: 50,
      reconnectionAttempts: 5,
      reconnectionDelay: 40,
      reconnectionDelayMax: 160,
      log: 'silent',
    });
    hadoken.on('reconnecting', (attempt, delay) => delays.push(attempt, delay));
    const error = await new Promise((resolve) => hadoken.once('reconnect_failed', resolve));
    expect(error).to.include({ code: 'FRAME_TIMEOUT' });
    expect(delays.filter((_, at) => at % 2 === 0)).to.deep.equal([1, 2, 3, 4, 5]);
    const usual = [40, 80, 160, 160, 160];
    for (const [at, delay] of delays.filter((_, i) => i % 2).entries())
      expect(delay).to.be.within(
        (usual[at] as number) * 0.75 - 1,
        (usual[at] as number) * 1.25 + 1,
      );
    expect(hadoken.state).to.equal('failed');
  });

  it('can be closed or cut short by any listener, without a second frame', async () => {
    for (const event of ['statechange', 'disconnect', 'reconnecting'] as const) {
      await open();
      hadoken.on(event, () => hadoken.state === 'reconnecting' && hadoken.reconnect());
      frameOf().src = `${env.other}/pages/blank.html`;
      await until(() => events.filter((name) => name === 'connect').length === 2);
      await wait(100);
      expect(hiddenFrames(`[src^="${url}"]`)).to.have.length(1);
      hadoken.close();

      await open();
      hadoken.on(event, () => hadoken.state === 'reconnecting' && hadoken.close());
      frameOf().src = `${env.other}/pages/blank.html`;
      await until(() => hadoken.state === 'closed');
      await wait(100);
      expect(!!frameOf()).to.equal(false);
    }
  });
});
