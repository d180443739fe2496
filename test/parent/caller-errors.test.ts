import { expect } from '@esm-bundle/chai';
import { answerTo } from '../../src/parent/caller.ts';
import { HadokenError } from '../../src/rpc/errors.ts';
import { bareHost, rejection } from '../support/bare-host.ts';

describe('the stack of a caller', () => {
  for (const name of ["$'", '$&', '$$'])
    it(`begins with the error's name and message, of a path with ${name}`, async () => {
      const { fetch } = bareHost({ fetch: [] });
      const error = await rejection(fetch(`/a${name}b`));
      expect(error.message).to.contain(`/a${name}b`);
      const header = `${error.name}: ${error.message}\n`;
      // Chromium's begins so. The others' are frames alone.
      const isFirst = new Error('a').stack?.startsWith('Error: a');
      expect(error.stack?.startsWith(header)).to.equal(isFirst);
    });

  it('is not many times as long as the message of a fallen frame', () => {
    const message = "$'".repeat(100_000);
    const error = answerTo(new Error(), new HadokenError('HOST_FAILED', message)) as Error;
    expect(error.stack?.length).to.be.lessThan(message.length + 10_000);
  });

  it('does not take the error away, whatever its message is', () => {
    const message = "$'".repeat(3_000_000);
    const error = answerTo(new Error(), new HadokenError('HOST_FAILED', message)) as Error;
    expect(error).to.include({ code: 'HOST_FAILED' });
  });

  for (const [what, own] of [
    ['', new Error('mine')],
    [' that is frozen', Object.freeze(new Error('mine'))],
  ] as const)
    it(`leaves the page's own error${what}, of a body, as it is`, async () => {
      const { stack } = own;
      const { fetch } = bareHost({}, async (request) => {
        await request.text();
        return new Response();
      });
      const body = new ReadableStream({ pull: (controller) => controller.error(own) });
      const told = await rejection(fetch('/a', { method: 'POST', body, duplex: 'half' } as never));
      expect(`${told}`).to.equal(`${own}`);
      expect(told).to.equal(own);
      expect(told.stack).to.equal(stack);
    });
});
