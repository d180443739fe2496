import { expect } from '@esm-bundle/chai';
import { connect, type Hadoken, HadokenError } from '../../src/parent/index.ts';
import { rejection } from '../support/bare-host.ts';
import { env, frameUrl } from '../support/env.ts';
import { next } from '../support/streams.ts';

type Failure = Error & { method?: string; url?: string; code?: string };

describe('an error', () => {
  let hadoken: Hadoken;
  beforeEach(async () => {
    hadoken = connect(frameUrl('rules'), { log: 'silent' });
    await hadoken.ready;
  });
  afterEach(() => hadoken.close());

  /** By what fails. */
  const calls: Record<string, () => Promise<Failure>> = {
    'a fetch that is refused': () => rejection(hadoken.fetch('/nothing/of/the/kind')),
    'a fetch that is closed': () => {
      const asked = rejection(hadoken.fetch('/api/hang'));
      hadoken.close();
      return asked;
    },
    'a method of a service that is missing': () =>
      rejection(hadoken.service<{ a(): void }>('none').a()),
    'an EventSource that is refused': async () =>
      (await next<ErrorEvent>(new hadoken.EventSource('/nothing'), 'error')).error,
    'a WebSocket that is refused': async () =>
      (await next<ErrorEvent>(new hadoken.WebSocket('/nothing'), 'error')).error,
    'a namespace that is refused': () =>
      new Promise((resolve) => hadoken.io('/none').on('connect_error', resolve)),
    'a manager that is refused': () =>
      new Promise((resolve) => new hadoken.Manager('https://elsewhere.test').on('error', resolve)),
  };
  for (const [what, call] of Object.entries(calls))
    it(`has its message and the frames of who asked: ${what}`, async () => {
      // Not the last thing of its function: WebKit has no frame of what a tail call left.
      async function whoAsked(): Promise<Failure> {
        const error = await call();
        return error;
      }
      const error = await whoAsked();
      expect(error).to.be.instanceOf(HadokenError);
      expect(error.stack).to.match(/\bwhoAsked\b/);
      // Chromium's begins so. The others' are frames alone.
      const header = `HadokenError: ${error.message}\n`;
      expect(error.stack?.startsWith(header)).to.equal(
        new Error('a').stack?.startsWith('Error: a'),
      );
      expect(Object.keys(error)).not.to.include('stack');
    });

  it('is one for each call, though it has one cause: the frames are those of its own', async () => {
    async function first(): Promise<Failure> {
      const error = await rejection(hadoken.fetch('/api/hang'));
      return error;
    }
    async function second(): Promise<Failure> {
      const error = await rejection(hadoken.fetch('/api/hang'));
      return error;
    }
    const both = [first(), second()];
    hadoken.close();
    const [one, other] = (await Promise.all(both)) as [Failure, Failure];
    expect([one.code, other.code]).to.deep.equal(['CLOSED', 'CLOSED']);
    expect(one.stack)
      .to.match(/\bfirst\b/)
      .and.not.match(/\bsecond\b/);
    expect(other.stack)
      .to.match(/\bsecond\b/)
      .and.not.match(/\bfirst\b/);
  });

  it('of a request has its method and URL', async () => {
    const url = `${env.push}/nothing?a=1`;
    const refused: Failure = await rejection(hadoken.fetch('/nothing?a=1', { method: 'put' }));
    expect(refused).to.include({ code: 'POLICY_REFUSED', method: 'PUT', url });
    const asked = rejection(hadoken.fetch('/api/hang', { method: 'DELETE' }));
    hadoken.close();
    const closed = { code: 'CLOSED', method: 'DELETE', url: `${env.push}/api/hang` };
    expect(await asked).to.include(closed);
  });

  it('of the network has them too', async () => {
    const everything = connect(frameUrl('everything'), { log: 'silent' });
    const url = 'http://nowhere.invalid/';
    const path = `/api/redirect?to=${encodeURIComponent(url)}`;
    const error: Failure = await rejection(everything.fetch(path));
    everything.close();
    expect(error).to.be.instanceOf(TypeError).and.not.instanceOf(HadokenError);
    expect(error).to.include({ method: 'GET', url: env.push + path });
  });

  it("that is the caller's own is left as it is", async () => {
    const mine = Object.freeze(new RangeError('mine'));
    const { stack } = mine;
    const signal = AbortSignal.abort(mine);
    const { a } = hadoken.service<{ a(): void }>('none', { signal });
    for (const error of [
      await rejection(hadoken.fetch('/api/hang', { signal })),
      await rejection(hadoken.fetch(new Request('/api/hang', { signal }))),
      await rejection(a()),
    ]) {
      expect(error).to.equal(mine);
      expect(error.stack).to.equal(stack);
    }
  });

  describe('on a page that makes stacks of its own', () => {
    type V8 = { stackTraceLimit?: number; prepareStackTrace?: unknown };
    const errors = Error as V8;
    const { stackTraceLimit } = errors;
    afterEach(() => {
      if (stackTraceLimit !== undefined) errors.stackTraceLimit = stackTraceLimit;
      delete errors.prepareStackTrace;
    });
    const changes: Record<string, () => void> = {
      'none at all': () => {
        errors.stackTraceLimit = 0;
      },
      lists: () => {
        errors.prepareStackTrace = (_: Error, frames: unknown[]) => frames;
      },
      'what throws': () => {
        errors.prepareStackTrace = () => {
          throw new Error('no stack');
        };
      },
    };
    for (const [what, change] of Object.entries(changes))
      it(`is told all the same: ${what}`, async () => {
        change();
        const error = await rejection(hadoken.fetch('/nothing'));
        expect(error).to.include({ code: 'POLICY_REFUSED', method: 'GET' });
      });
  });
});
