import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, type HadokenError } from '../../src/parent/index.ts';
import { env, frameUrl, until } from '../support/env.ts';

/** Holds the time that an offline browser gives a frame: a loaded machine takes longer. Gives what ends it. */
function holdTimer(): () => void {
  const { setTimeout: own } = globalThis;
  const held: (() => void)[] = [];
  globalThis.setTimeout = ((run: () => void, ms?: number, ...args: unknown[]) =>
    ms === 1_000 ? held.push(run) : own(run, ms, ...args)) as typeof setTimeout;
  return () => {
    globalThis.setTimeout = own;
    for (const run of held.splice(0)) run();
  };
}

describe('a page whose browser says that it is offline', () => {
  let hadoken: Hadoken;
  let end = (): void => {};
  /** A server that takes the request for the frame and does not answer, as a captive portal may. */
  const silent = `${env.push}/api/hang`;
  // No element: a report can't be sent that has one in it, and the file would never end.
  const hasFrame = (): boolean => hiddenFrames(`[src^="${silent}"]`).length > 0;

  // A frame that does not load holds up the page's own `pageshow`, which wakes a connection that waits.
  before(async () => {
    if (document.readyState !== 'complete')
      await new Promise((resolve) => addEventListener('pageshow', resolve));
  });

  beforeEach(() => {
    Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => false });
  });
  afterEach(() => {
    end();
    Reflect.deleteProperty(navigator, 'onLine');
    hadoken.close();
  });

  it('is told so, long before the timeout, and tries again when it says `online`', async () => {
    const slow = { timeout: 600_000, reconnectionDelay: 300_000, log: 'silent' } as const;
    hadoken = connect(silent, slow);
    const error = await new Promise<HadokenError>((resolve) => hadoken.once('error', resolve));
    expect(error.code).to.equal('FRAME_TIMEOUT');
    expect(error.message).to.contain(silent).and.contain('offline');
    await until(() => hadoken.state === 'reconnecting');
    expect(hasFrame()).to.equal(false);
    Reflect.deleteProperty(navigator, 'onLine');
    dispatchEvent(new Event('online'));
    expect(hasFrame(), 'the next attempt').to.equal(true);
  });

  it('has a frame that answers all the same', async () => {
    end = holdTimer();
    hadoken = connect(frameUrl());
    let errors = 0;
    hadoken.on('error', () => errors++);
    await hadoken.ready;
    end();
    expect((await hadoken.fetch('/api/echo')).status).to.equal(200);
    expect([hadoken.state, errors]).to.deep.equal(['connected', 0]);
  });

  it('has one that is there and takes its time', async () => {
    const hello = new Promise<void>((resolve) =>
      addEventListener('message', ({ data }) => data?.hadoken === 'HELLO' && setTimeout(resolve)),
    );
    end = holdTimer();
    hadoken = connect(frameUrl('worker-silent'), { timeout: 20_000, log: 'silent' });
    const errors: HadokenError[] = [];
    hadoken.on('error', (error) => errors.push(error));
    await hello;
    end();
    expect(
      errors.map(({ message }) => message).filter((text) => /offline/.test(text)),
    ).to.deep.equal([]);
  });
});
