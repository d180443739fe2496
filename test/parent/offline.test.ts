import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, type HadokenError } from '../../src/parent/index.ts';
import { env, frameUrl, until } from '../support/env.ts';

describe('a page whose browser says that it is offline', () => {
  let hadoken: Hadoken;
  /** A server that takes the request for the frame and does not answer, as a captive portal may. */
  const silent = `${env.push}/api/hang`;
  const frameOf = (): Element | undefined => hiddenFrames(`[src^="${silent}"]`)[0];

  beforeEach(() => {
    Object.defineProperty(navigator, 'onLine', { configurable: true, get: () => false });
  });
  afterEach(() => {
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
    expect(frameOf()).to.equal(undefined);
    Reflect.deleteProperty(navigator, 'onLine');
    dispatchEvent(new Event('online'));
    expect(frameOf(), 'the next attempt').not.to.equal(undefined);
  });

  it('has a frame that answers all the same', async () => {
    hadoken = connect(frameUrl());
    let errors = 0;
    hadoken.on('error', () => errors++);
    await hadoken.ready;
    expect((await hadoken.fetch('/api/slow?ms=1500')).status).to.equal(200);
    expect([hadoken.state, errors]).to.deep.equal(['connected', 0]);
  });

  it('has one that is there and takes its time', async () => {
    hadoken = connect(frameUrl('worker-silent'), { timeout: 20_000, log: 'silent' });
    const errors: HadokenError[] = [];
    hadoken.on('error', (error) => errors.push(error));
    await Promise.race([hadoken.ready, new Promise((resolve) => setTimeout(resolve, 2_500))]);
    expect(
      errors.map(({ message }) => message).filter((text) => /offline/.test(text)),
    ).to.deep.equal([]);
  });
});
